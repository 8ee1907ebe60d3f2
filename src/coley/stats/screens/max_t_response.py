"""Max-T for a yes or no outcome: rank sums or means of all columns, under permutations of the patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.design import OWN_VARIANCE
from coley.stats.screens.columns import BLOCK, columns, strata_codes, two_classes
from coley.stats.screens.max_t import LIMITS, MaxT, adjusted, complete_columns, ranking_of
from coley.stats.screens.permutations import PHIPSON_SMYTH, ROUNDING, WESTFALL_YOUNG, permutations
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

VAN_ELTEREN = (
    "van Elteren PH. On the combination of independent two-sample tests of Wilcoxon. "
    "Bull Inst Int Stat 1960;37:351-361."
)
STATISTICS = ("rank", "mean")


@method(
    "max_t_response",
    title="Westfall-Young max-T for response",
    summary="Adjusts tests of many columns against a yes or no outcome, keeping the correlation between them.",
    needs="a yes or no outcome and any number of complete columns; optionally strata",
    limits=LIMITS,
    references=(WESTFALL_YOUNG, PHIPSON_SMYTH, VAN_ELTEREN),
)
def max_t_response(
    X: ArrayLike,
    positive: ArrayLike,
    *,
    statistic: str = "rank",
    strata: ArrayLike | None = None,
    samples: int = 1000,
    seed: int = 1,
    names: Sequence[str] | None = None,
) -> MaxT:
    """Test every column for association with a yes or no outcome, and adjust for the number of columns.

    Parameters
    ----------
    X
        Patients x columns.
    positive
        1 for those with the outcome, 0 for those without.
    statistic
        "rank" (Wilcoxon's; van Elteren's with strata) or "mean" (difference of means: with the pooled t,
        of which it is a monotone function, every p would be the same).
    strata
        Patients are compared, and exchanged, within these.
    samples, seed
        Random permutations, and their seed; all are enumerated where no more than 100,000 are distinct.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold infinite or impossible values.
    InvalidSetting
        For an unknown statistic.
    NotEstimable
        Where all patients, or none, are positive, or there is no column to test.

    References
    ----------
    Westfall and Young 1993, chapter 2: single-step and free step-down; van Elteren 1960.

    Examples
    --------
    >>> genes = [[1, 5], [2, 2], [3, 7], [4, 1], [5, 8], [6, 3], [7, 4], [8, 6]]
    >>> found = max_t_response(genes, [0, 0, 0, 0, 1, 1, 1, 1], names=["apart", "mixed"])
    >>> found.p_step_down.round(3), found.exact  # 4 of the 70 ways to choose 4 of 8 part either column
    (array([0.057, 0.486]), True)
    """
    from coley.stats.screens.rank_kernel import midranks

    if statistic not in STATISTICS:
        raise InvalidSetting(f"There is no statistic {statistic!r}.", remedy=f"Choose one of {STATISTICS}.")
    matrix = columns(X, np.size(positive), names=names)
    yes = two_classes(positive)
    within = strata_codes(strata, len(yes))
    dealt = permutations(yes, strata=within, samples=samples, seed=seed)
    label = yes.astype(float)
    size = np.bincount(within)
    share = np.bincount(within, label) / size
    label -= share[within]
    # Variance of the sum of values of the positive: of their squares in each stratum, this multiple.
    spread = (share * (1 - share) * size / np.maximum(size - 1, 1))[within]

    complete = complete_columns(matrix)
    z = np.full(len(matrix), np.nan)

    def standardised(part: Integers) -> Floats:
        values = matrix.block(part)
        if statistic == "rank":
            for one in range(len(size)):
                values[:, within == one] = midranks(values[:, within == one]) / (size[one] + 1)
        mean = np.array([np.bincount(within, row) for row in values]) / size
        centred = values - mean[:, within]
        squares = (centred * centred) @ spread
        varies = squares > (OWN_VARIANCE * np.abs(values).max(axis=1)) ** 2
        return np.where(varies[:, None], centred / np.sqrt(np.where(varies, squares, 1.0))[:, None], np.nan)

    def observe(part: slice) -> None:
        chosen = np.arange(part.start, part.stop)[complete[part]]
        z[chosen] = standardised(chosen) @ label

    in_blocks(observe, len(matrix), size=BLOCK)
    ranking = ranking_of(z)
    reached, largest = np.zeros(len(ranking), dtype=np.intp), np.zeros(len(dealt))
    labels = label[dealt.order].T
    for start in reversed(range(0, len(ranking), BLOCK)):
        part = slice(start, start + BLOCK)
        squared = np.square(standardised(ranking[part]) @ labels)
        squared[-1] = np.maximum(squared[-1], largest)
        maxima = np.maximum.accumulate(squared[::-1], axis=0)[::-1]
        threshold = z[ranking[part]] ** 2 * (1 - ROUNDING)
        reached[part], largest = (maxima >= threshold[:, None]).sum(axis=1), maxima[0]
    return adjusted(matrix.names, z, complete, dealt, reached, largest)
