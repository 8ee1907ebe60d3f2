"""Survival curves on a grid: examined, and kept in order where they cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]

# Rounding of a table with eight decimals, and of sums of draws; a real fault is larger.
CRUMB = 1e-7
BLOCK = 65_536  # values looked at together: few enough to stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two curves of which the lower one lay above the upper one in places, where it was lowered to it.

    Attributes
    ----------
    lower, upper
        Names of the curves.
    draws, crossing
        Number of draws, and of those in which the curves crossed.
    mean_years, most_years
        Area by which the lower curve was lowered: mean over all draws, and the largest of them.
    """

    lower: str
    upper: str
    draws: int
    crossing: int
    mean_years: float
    most_years: float

    @property
    def share(self) -> float:
        """Share of the draws in which the curves crossed."""
        return self.crossing / self.draws

    def __str__(self) -> str:
        return (
            f"{self.lower} lay above {self.upper} in {self.crossing} of {self.draws} draws and was lowered to it, "
            f"by {self.mean_years:.3g} years on average and {self.most_years:.3g} at most."
        )


def survival_curve(values: ArrayLike, grid: Grid, *, name: str) -> Floats:
    """Examine a survival curve and return it as (D, T).

    Raises
    ------
    UnreadableInput
        Where it does not fit the grid, is missing, is not between 0 and 1, or rises.
    """
    curve = np.atleast_2d(np.asarray(values, dtype=float))
    if curve.ndim != 2 or curve.shape[1] != len(grid):
        raise UnreadableInput(
            f"The curve {name!r} must hold one value for each of {len(grid)} times.",
            where=f"shape {np.shape(values)}",
            remedy="Give it as (draws, times) on the times of the grid.",
        )
    in_blocks(
        lambda rows: _examine(curve[rows], grid, name, first=rows.start),
        len(curve),
        size=_draws_at_once(grid),
    )
    return curve


def _examine(curve: Floats, grid: Grid, name: str, *, first: int) -> None:
    low, high = float(curve.min()), float(curve.max())
    if not (low >= -CRUMB and high <= 1 + CRUMB):  # NaN fails both
        bad = ~((curve >= -CRUMB) & (curve <= 1 + CRUMB))
        raise UnreadableInput(
            f"The curve {name!r} must lie between 0 and 1.",
            where=_place(bad, curve, grid, first),
            cause="It is in per cent." if 1 + CRUMB < high <= 100 and low >= -CRUMB else "",
        )
    steps = curve[:, 1:] - curve[:, :-1]
    if steps.max(initial=0.0) > CRUMB:
        rises = np.pad(steps > CRUMB, ((0, 0), (1, 0)))
        raise UnreadableInput(
            f"The curve {name!r} rises, and a survival curve cannot.",
            where=_place(rises, curve, grid, first),
        )


def in_order(
    curves: Sequence[Floats], grid: Grid, *, names: Sequence[str]
) -> tuple[tuple[Floats, ...], tuple[Crossing, ...]]:
    """Lower each curve to the next one where it lies above it, and tell how often and by how much."""
    ordered = [curves[-1]]
    crossings: list[Crossing] = []
    for k in range(len(curves) - 2, -1, -1):
        kept, crossing = _lowered(curves[k], ordered[0], grid, names=(names[k], names[k + 1]))
        ordered.insert(0, kept)
        crossings = [crossing, *crossings] if crossing else crossings
    return tuple(ordered), tuple(crossings)


def _lowered(
    lower: Floats, upper: Floats, grid: Grid, *, names: tuple[str, str]
) -> tuple[Floats, Crossing | None]:
    """Return the lower curve where it lies below the upper one, which it is nearly always as it stands."""
    draws = max(len(lower), len(upper))
    low, high = (np.broadcast_to(curve, (draws, len(grid))) for curve in (lower, upper))
    weights = grid.over_states(np.ones(len(grid)))
    area, most = np.zeros((2, draws))
    kept: list[tuple[slice, Floats]] = []

    def lower_it(rows: slice) -> None:
        if not (low[rows] > high[rows]).any():
            return
        lowered = np.minimum(low[rows], high[rows])
        moved = low[rows] - lowered
        most[rows], area[rows] = moved.max(axis=1), moved @ weights
        kept.append((rows, lowered))

    in_blocks(lower_it, draws, size=_draws_at_once(grid))
    if not kept:
        return lower, None
    ordered = np.array(low)
    for rows, lowered in kept:
        ordered[rows] = lowered
    crosses = most > CRUMB
    if not crosses.any():
        return ordered, None
    area[~crosses] = 0.0
    return ordered, Crossing(*names, draws, int(crosses.sum()), float(area.mean()), float(area.max()))


def _draws_at_once(grid: Grid) -> int:
    return max(1, BLOCK // len(grid))


def _place(bad: NDArray[np.bool_], curve: Floats, grid: Grid, first: int) -> str:
    draw, at = np.argwhere(bad)[0]
    return f"draw {first + draw}, {grid.times_years[at]:g} years: {curve[draw, at]:g} ({int(bad.sum())} such values)"
