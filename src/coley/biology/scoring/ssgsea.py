"""Single-sample gene set enrichment analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.ranked import over_ranks
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

BARBIE = (
    "Barbie DA, Tamayo P, Boehm JS, et al. Systematic RNA interference reveals that oncogenic KRAS-driven cancers "
    "require TBK1. Nature 2009;462:108-112."
)
WEIGHT = 0.25  # of the ranks, as in Barbie 2009


@scoring(
    "ssgsea",
    title="Single-sample gene set enrichment analysis (ssGSEA)",
    summary="Sums the difference between the weighted distribution of the ranks of a set and that of the other genes.",
    needs="expression of all genes that were measured, on any monotone scale",
    limits="Depends on which genes were measured, and on the size of the set; raw scores of two platforms do not "
    "compare.",
    references=(BARBIE,),
    scale="rank",
    weights="none",
)
def ssgsea(
    X: ArrayLike,
    sets: GeneSets,
    *,
    reference: Reference | None = None,
    weight: float = WEIGHT,
    score_range: float | None = None,
) -> Floats:
    """Return enrichment scores, in closed form.

    With r the ascending rank of a gene (from 1) among G, the running difference of set S of h genes sums to
    sum_S r^(1 + w) / sum_S r^w - (G (G + 1) / 2 - sum_S r) / (G - h). Tied genes share their mean rank: the
    mean of the score over all orders in which ties could have been broken, at these weights. A set of none
    or all of the genes scores NaN.

    Parameters
    ----------
    X
        Genes x samples, finite; every gene that was measured, not those of the sets alone.
    sets
        Without negative weights; every gene counts the same.
    reference
        Taken as by every method; it fixes which genes are ranked, and no number of it enters.
    weight
        Exponent of the ranks, from 0.
    score_range
        Divides the scores. Others divide by the range over all sets and samples, which makes a score
        relative to its file; here the divisor is a stated number, such as `np.ptp` of the scores of a reference.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit; a setting out of its range.

    References
    ----------
    Barbie et al 2009, signature projection method.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = [[9.0, 1.0], [8.0, 2.0], [1.0, 8.0], [0.0, 9.0]]
    >>> ssgsea(X, gene_sets(["s"], [[0, 1]])).round(4)
    array([[ 2.018 , -1.9568]])
    """
    matrix = examined(X, sets, reference, signed=False)
    if not (np.isfinite(weight) and weight >= 0):
        raise InvalidSetting("The weight of the ranks must be at least 0.", where=f"{weight}")
    if score_range is not None and not (np.isfinite(score_range) and score_range > 0):
        raise InvalidSetting("The range that divides the scores must be above 0.", where=f"{score_range}")
    from coley.biology.scoring import rank_kernels

    powers = np.power(0.5 * np.arange(2 * len(matrix) + 1), weight, dtype=np.float64)

    def score(low: NDArray[np.int32], high: NDArray[np.int32], out: Floats) -> None:
        rank_kernels.ssgsea(low, high, sets.indices, sets.starts, powers, out)

    scores = over_ranks(matrix, len(sets), score)
    return scores if score_range is None else scores / score_range
