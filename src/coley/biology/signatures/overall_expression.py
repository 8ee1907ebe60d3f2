"""Overall expression: a set against genes that are expressed as highly, so that quality and depth cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import COHORT, scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.sums import weighted_sums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring import GeneSets, Reference

    Floats = NDArray[np.float64]

JERBY = (
    "Jerby-Arnon L, Shah P, Cuoco MS, et al. A cancer cell program promotes T cell exclusion and resistance to "
    "checkpoint blockade. Cell 2018;175:984-997."
)
BINS = 50  # of genes by mean expression, as in Jerby-Arnon 2018


@scoring(
    "overall_expression",
    title="Overall expression",
    summary="The mean centred expression of a set, less what a random set of equally expressed genes would have.",
    needs="log expression of a cohort, or a frozen reference; all genes that were measured",
    limits="Relative to the cohort that gives the mean of each gene; with few genes the bins hold few to compare with.",
    references=(JERBY,),
    scale="log",
    weights="none",
    cohort_needs=COHORT,
)
def overall_expression(
    X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None, bins: int = BINS
) -> Floats:
    """Return overall expression; the mean over all random sets in closed form.

    Genes are centred and put into bins by their mean. The paper draws 1,000 random sets with as many genes of
    each bin as the set has; their mean tends to the mean of the bins, weighted by those numbers, and that is
    taken here. So no random numbers are needed.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite; every gene that was measured, not those of the sets alone.
    sets
        Without negative weights; every gene counts the same. An empty set scores NaN.
    reference
        Whose means centre and bin the genes; the cohort's own where None.
    bins
        Number of bins, of equally many genes.

    Raises
    ------
    UnreadableInput, InvalidSetting, NotEstimable
        As `examined` says: values that are not finite, sets that do not fit, too few samples.

    References
    ----------
    Jerby-Arnon et al 2018, STAR methods, "Computing the overall expression of gene signatures".

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = np.tile(np.arange(4.0)[:, None], 10)
    >>> X[3, 0] += 2
    >>> overall_expression(X, gene_sets(["s"], [[3]]), bins=2)[0, :2].round(2)
    array([ 0.9, -0.1])
    """
    matrix = examined(X, sets, reference, signed=False, needs=COHORT)
    mean = matrix.mean(axis=1) if reference is None else reference.mean
    bin_of = np.empty(len(mean), dtype=np.int64)
    bin_of[np.argsort(mean, kind="stable")] = np.arange(len(mean)) * min(bins, len(mean)) // len(mean)
    ones = np.ones(len(sets.indices))
    own = weighted_sums(matrix, sets, ones, shift=mean[sets.indices])
    sizes = np.bincount(bin_of)
    level = np.zeros((len(sizes), matrix.shape[1]))
    np.add.at(level, bin_of, matrix)
    level = (level - np.bincount(bin_of, weights=mean)[:, None]) / sizes[:, None]
    owner = np.repeat(np.arange(len(sets)), sets.sizes)
    share = np.zeros((len(sets), len(sizes)))
    np.add.at(share, (owner, bin_of[sets.indices]), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((own - share @ level) / sets.sizes[:, None])
