"""Outcomes dealt anew among patients: every distinct way where they are few, else a random sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

WESTFALL_YOUNG = (
    "Westfall PH, Young SS. Resampling-Based Multiple Testing: Examples and Methods for p-Value Adjustment. "
    "Wiley 1993."
)
PHIPSON_SMYTH = (
    "Phipson B, Smyth GK. Permutation p-values should never be zero: calculating exact p-values when "
    "permutations are randomly drawn. Stat Appl Genet Mol Biol 2010;9:39."
)
# So many distinct permutations are all enumerated: 10 against 9 patients, or 8 survival times without ties.
# The sample of permutations that would replace them is hardly cheaper, and leaves a Monte-Carlo error.
EXACT = 100_000
# A permuted statistic counts as reached where it falls short by rounding alone.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Permutations:
    """Ways to deal outcomes to patients.

    Attributes
    ----------
    order
        Permutations x patients: patient j is given the outcome of patient `order[b, j]`.
    exact
        Whether these are all distinct ways, that of the data among them; else a random sample.
    """

    order: Integers
    exact: bool

    def __len__(self) -> int:
        return len(self.order)

    def p(self, reached: ArrayLike) -> Floats:
        """Return p values from the numbers of permutations whose statistic reached the observed one.

        A sample is joined by the data themselves, so that no p is zero and none is too small.
        """
        counted = np.asarray(reached, dtype=float)
        return counted / len(self) if self.exact else (counted + 1) / (len(self) + 1)


def permutations(
    labels: ArrayLike, *, strata: ArrayLike | None = None, samples: int, seed: int
) -> Permutations:
    """Deal outcomes anew.

    Parameters
    ----------
    labels
        One per patient; patients with the same label have the same outcome, and exchanging them is no change.
    strata
        Outcomes are dealt within them; None for among all patients.
    samples
        Random permutations to draw where the distinct ones are more than 100,000.
    seed
        Of that sample.

    Raises
    ------
    InvalidSetting
        For fewer than one sample.

    References
    ----------
    Westfall and Young 1993; Phipson and Smyth 2010.

    Examples
    --------
    >>> all_ways = permutations([1, 0, 0], samples=99, seed=1)
    >>> np.array([1, 0, 0])[all_ways.order].tolist(), all_ways.exact
    ([[0, 0, 1], [0, 1, 0], [1, 0, 0]], True)
    """
    if samples < 1:
        raise InvalidSetting(
            f"{samples} permutations cannot tell anything.",
            remedy="1,000 are customary; 10,000 for small p values.",
        )
    code = np.unique(np.asarray(labels), return_inverse=True)[1]
    within = np.zeros(len(code)) if strata is None else np.asarray(strata)
    members = [np.flatnonzero(within == one) for one in np.unique(within)]
    ways = 1
    for inside in members:
        ways *= _distinct_ways(np.bincount(code[inside]))
        if ways > EXACT:
            return _sample(members, len(code), samples, seed)
    order = np.empty((ways, len(code)), dtype=np.intp)
    times = ways
    for inside in members:
        deals = _every_deal(code[inside])
        times //= len(deals)
        repeated = np.tile(np.repeat(deals, times, axis=0), (ways // (times * len(deals)), 1))
        order[:, inside] = inside[repeated]
    return Permutations(order, exact=True)


def _sample(members: list[Integers], n: int, samples: int, seed: int) -> Permutations:
    generator = np.random.default_rng(seed)
    order = np.empty((samples, n), dtype=np.intp)
    for inside in members:
        order[:, inside] = generator.permuted(np.tile(inside, (samples, 1)), axis=1)
    return Permutations(order, exact=False)


def _distinct_ways(counts: Integers) -> int:
    ways, placed = 1, 0
    for count in counts.tolist():
        placed += count
        ways *= comb(placed, count)
        if ways > EXACT:
            break
    return ways


def _every_deal(code: Integers) -> Integers:
    """Return every distinct deal of the labels, as positions in `code`: ways x patients."""
    left = np.bincount(code)[None, :]
    dealt = np.empty((1, 0), dtype=np.intp)
    for _ in code:  # one patient after another is given each label of which some are left
        row, label = np.nonzero(left)
        dealt, left = np.c_[dealt[row], label], left[row]
        left[np.arange(len(row)), label] -= 1
    order = np.empty_like(dealt)
    np.put_along_axis(
        order, np.argsort(dealt, axis=1, kind="stable"), np.argsort(code, kind="stable")[None], 1
    )
    return order
