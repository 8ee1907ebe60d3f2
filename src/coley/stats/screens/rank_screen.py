"""Mann-Whitney tests and areas under the curve of thousands of markers of a yes or no outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.multiplicity import BENJAMINI_HOCHBERG, benjamini_hochberg
from coley.stats.screens.columns import BLOCK, columns, two_classes
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

MANN_WHITNEY = (
    "Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically larger than the "
    "other. Ann Math Stat 1947;18:50-60."
)
DELONG = (
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver "
    "operating characteristic curves: a nonparametric approach. Biometrics 1988;44:837-845."
)
# Groups smaller than this, without ties, get the exact distribution: the rule of R's wilcox.test.
EXACT = 50


@dataclass(frozen=True, eq=False)
class RankScreen:
    """A comparison of each column by itself; arrays have one value a column, NaN where there is none.

    Attributes
    ----------
    names
        Of the columns.
    auc, se, low, high
        Chance that a positive patient has the larger value (ties count half), DeLong's standard error, and
        limits made on the logit scale; no limits where the two groups do not overlap, or one has one patient.
    z
        Standardised Mann-Whitney statistic, with the variance that ties leave it.
    p
        Two-sided: exact where there are no ties and fewer than 50 patients in each group, else normal with
        correction for continuity.
    q
        Benjamini-Hochberg adjusted p over all columns that could be tested.
    exact
        Whether p is exact.
    positives, others
        Patients whose value is known.
    level
        Coverage of the intervals.
    """

    names: tuple[str, ...]
    auc: Floats
    se: Floats
    low: Floats
    high: Floats
    z: Floats
    p: Floats
    q: Floats
    exact: NDArray[np.bool_]
    positives: Integers
    others: Integers
    level: float


@method(
    "rank_screen",
    title="Mann-Whitney tests and AUC of many columns",
    summary="Compares two groups by ranks in each of many columns, with areas under the curve and DeLong's errors.",
    needs="a yes or no outcome and any number of columns",
    limits="Each column by itself. Areas of columns picked for being large are too large by selection.",
    references=(MANN_WHITNEY, DELONG, BENJAMINI_HOCHBERG),
)
def rank_screen(
    X: ArrayLike, positive: ArrayLike, *, level: float = 0.95, names: Sequence[str] | None = None
) -> RankScreen:
    """Compare the positive with the others in each column.

    Patients whose value is missing are left out of that column alone.

    Parameters
    ----------
    X
        Patients x columns of numbers, NaN where missing.
    positive
        1 for those with the outcome, 0 for those without.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold infinite or impossible values.
    NotEstimable
        Where all patients, or none, are positive.

    References
    ----------
    Mann and Whitney 1947; DeLong et al. 1988.

    Examples
    --------
    >>> found = rank_screen([[1, 5], [2, 2], [3, 7], [4, 1], [5, 8], [6, 3]], [0, 0, 1, 0, 1, 1])
    >>> found.auc.round(3), found.p.round(3)
    (array([0.889, 0.889]), array([0.2, 0.2]))
    """
    from coley.stats.screens.rank_kernel import compare_columns

    quantile = z_of(level)
    yes = two_classes(positive)
    matrix = columns(X, len(yes), names=names)
    numbers = np.empty((len(matrix), 4))
    counts = np.empty((len(matrix), 2), dtype=np.intp)

    def compare(part: slice) -> None:
        block = matrix.block(part)
        compare_columns(block, np.argsort(block, axis=1), yes, numbers[part], counts[part])

    in_blocks(compare, len(matrix), size=BLOCK)
    U, ties, of_positives, of_others = numbers.T
    m, n = counts.T
    both = m + n
    with np.errstate(divide="ignore", invalid="ignore"):
        auc = U / (m * n)
        se = np.sqrt(of_positives / (m - 1) / m + of_others / (n - 1) / n)
        odds, half = auc / (1 - auc), quantile * se / (auc * (1 - auc))
        low, high = (odds * np.exp(k * half) / (1 + odds * np.exp(k * half)) for k in (-1, 1))
        sd = np.sqrt(m * n / 12 * (both + 1 - ties / (both * (both - 1))))
        away = U - m * n / 2
        z = np.where(sd > 0, away / sd, np.nan)
        p = normal_two_sided(np.maximum(np.abs(away) - 0.5, 0) / np.where(sd > 0, sd, np.nan))
    exact = (ties == 0) & (m < EXACT) & (n < EXACT)
    for j in np.flatnonzero(exact):
        lower = _lower_tail(int(m[j]), int(n[j]))
        least = int(min(U[j], m[j] * n[j] - U[j]))
        p[j] = min(1.0, 2 * lower[least])
    return RankScreen(matrix.names, auc, se, low, high, z, p, benjamini_hochberg(p), exact, m, n, level)


@lru_cache(maxsize=256)
def _lower_tail(m: int, n: int) -> Floats:
    """Return the chances of U at most 0, 1 ... m n, by Mann and Whitney's recursion on the largest value."""
    smaller: list[Floats] = [np.ones(1)] * (n + 1)  # with no positive patient
    for i in range(1, m + 1):
        row = [np.ones(1)]
        for j in range(1, n + 1):
            chance = np.zeros(i * j + 1)
            chance[j : j + len(smaller[j])] += smaller[j] * i / (i + j)  # the largest is positive: it beats j
            chance[: len(row[-1])] += row[-1] * j / (i + j)
            row.append(chance)
        smaller = row
    return np.cumsum(smaller[n])
