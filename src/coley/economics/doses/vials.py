"""The cheapest combination of vials that covers a dose, for all doses at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, gcd
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LATTICE = 1000  # parts of a mg that contents of vials are told apart by
MOST_STEPS = 200_000  # of the lattice; more means that a dose or a vial is in the wrong unit
SAME = 1e-9  # relative difference of doses or costs below which they are the same: 3 x 80.0 is 240

MARTELLO = (
    "Martello S, Toth P. Knapsack Problems: Algorithms and Computer Implementations. Wiley 1990, chapter 3."
)


@dataclass(frozen=True, eq=False)
class Cover:
    """The cheapest combination of vials for every dose up to the last of `upper_mg`.

    Attributes
    ----------
    vial_mg
        (V,) content of each size of vial.
    upper_mg
        (J,) doses above `upper_mg[j - 1]` and up to `upper_mg[j]` are covered by combination j; the first
        is the dose of 0 mg.
    counts
        (J, V) vials of each size.
    total_mg, cost
        (J,) mg in the vials and what they cost.
    """

    vial_mg: Floats
    upper_mg: Floats
    counts: Floats
    total_mg: Floats
    cost: Floats

    def which(self, mg: ArrayLike) -> NDArray[np.intp]:
        """Return the position of the combination that covers each dose.

        Raises
        ------
        InvalidSetting
            Where a dose is missing, negative or beyond the last step.
        """
        doses = np.asarray(mg, dtype=np.float64)
        at = np.searchsorted(self.upper_mg, doses * (1 - SAME), side="left")
        if not np.isfinite(doses).all() or (doses < 0).any() or (at >= len(self.upper_mg)).any():
            raise InvalidSetting(f"Doses must lie from 0 to {self.upper_mg[-1]:g} mg to be covered by vials.")
        return at


@method(
    "cheapest_vials",
    title="Cheapest combination of vials",
    summary="Covers a dose from whole vials at least cost, by dynamic programming over their contents.",
    needs="content and price of each size of vial, and the largest dose",
    limits="Ties go to the combination that wastes least, then to the fewest vials; a pharmacy that does not "
    "stock every size pays more.",
    references=(MARTELLO,),
)
def cheapest_vials(vial_mg: ArrayLike, price: ArrayLike, *, largest_mg: float) -> Cover:
    """Return the cheapest combinations of vials for all doses up to the largest.

    Parameters
    ----------
    vial_mg
        (V,) mg in each size of vial.
    price
        (V,) price of one vial of each size.
    largest_mg
        Largest dose to be covered, in mg.

    Raises
    ------
    InvalidSetting
        Where a vial is empty, a price negative, or the dose beyond all proportion to the vials.

    References
    ----------
    Martello and Toth 1990, chapter 3 (the unbounded knapsack problem, here in its covering form).

    Examples
    --------
    >>> cover = cheapest_vials([40, 100, 240], [439, 1097, 2633], largest_mg=480)
    >>> j = cover.which(219)
    >>> cover.counts[j], float(cover.cost[j])
    (array([3., 1., 0.]), 2414.0)
    """
    mg = draws_of(vial_mg, "The content of a vial", low=1 / LATTICE, unit="mg")
    cost = draws_of(price, "The price of a vial")
    (largest,) = draws_of(largest_mg, "The largest dose", unit="mg")
    if len(mg) != len(cost):
        raise InvalidSetting(f"{len(mg)} sizes of vials cannot have {len(cost)} prices.")
    return _covered(tuple(mg.tolist()), tuple(cost.tolist()), float(largest))


@lru_cache(maxsize=256)
def _covered(vial_mg: tuple[float, ...], price: tuple[float, ...], largest_mg: float) -> Cover:
    sizes = [max(round(mg * LATTICE), 1) for mg in vial_mg]
    unit = gcd(*sizes)
    sizes = [size // unit for size in sizes]
    need = ceil(largest_mg * LATTICE / unit * (1 - SAME))
    top = need + max(sizes)
    if top > MOST_STEPS:
        raise InvalidSetting(
            f"A dose of {largest_mg:g} mg cannot be made up from vials of "
            f"{', '.join(f'{mg:g}' for mg in vial_mg)} mg.",
            cause=f"It would take {largest_mg / max(vial_mg):,.0f} of the largest, or their contents have no "
            "common measure.",
            remedy="Look at the units of the dose and of the vials.",
        )
    exact = _exactly(sizes, price, top)

    # From the top down: the best of all totals that cover the dose, by cost and then by the least waste.
    best: list[int] = [top] * (top + 1)
    keep = top
    for total in range(top, -1, -1):
        if exact[total][0] < exact[keep][0] or _same(exact[total][0], exact[keep][0]):
            keep = total
        best[total] = keep
    upper = [dose for dose in range(need) if best[dose] != best[dose + 1]] + [need]
    totals = [best[dose] for dose in upper]
    counts = np.array([_counts(exact, sizes, total) for total in totals], dtype=np.float64)
    scale = unit / LATTICE
    return Cover(
        np.array(vial_mg),
        np.array(upper, dtype=np.float64) * scale,
        counts,
        np.array(totals, dtype=np.float64) * scale,
        counts @ np.array(price),
    )


def _same(one: float, two: float) -> bool:
    return one == two or abs(one - two) <= SAME * max(one, two) < np.inf


def _exactly(sizes: Sequence[int], price: Sequence[float], top: int) -> list[tuple[float, int, int]]:
    """Return, for every total, least cost, vials and last vial of the combinations that make exactly that."""
    exact: list[tuple[float, int, int]] = [(0.0, 0, -1)] + [(np.inf, 0, -1)] * top
    for total in range(1, top + 1):
        for v, size in enumerate(sizes):
            if size <= total and exact[total - size][0] < np.inf:
                cost, vials = exact[total - size][0] + price[v], exact[total - size][1] + 1
                now = exact[total]
                if (cost < now[0] and not _same(cost, now[0])) or (_same(cost, now[0]) and vials < now[1]):
                    exact[total] = (cost, vials, v)
    return exact


def _counts(exact: Sequence[tuple[float, int, int]], sizes: Sequence[int], total: int) -> list[int]:
    counts = [0] * len(sizes)
    while total:
        v = exact[total][2]
        counts[v] += 1
        total -= sizes[v]
    return counts
