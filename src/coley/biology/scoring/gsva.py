"""Gene set variation analysis."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.biology.scoring.catalogue import COHORT, scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.reference import moments
from coley.model.errors import InvalidSetting
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

HANZELMANN = (
    "Hänzelmann S, Castelo R, Guinney J. GSVA: gene set variation analysis for microarray and RNA-seq data. "
    "BMC Bioinformatics 2013;14:7."
)
BANDWIDTH = 0.25  # standard deviations of the gene, as in Hanzelmann 2013
GENES = 256  # worked on together by one thread
SAMPLES = 32


@scoring(
    "gsva",
    title="Gene set variation analysis (GSVA)",
    summary="Ranks the genes of a sample by where each stands in its own distribution, and walks down the ranking.",
    needs="log expression of a cohort, or a frozen reference; all genes that were measured",
    limits="Without a reference, every score moves with the cohort: a score of one file does not compare with one of "
    "another.",
    references=(HANZELMANN,),
    scale="log",
    weights="none",
    cohort_needs=COHORT,
)
def gsva(
    X: ArrayLike,
    sets: GeneSets,
    *,
    reference: Reference | None = None,
    tau: float = 1.0,
    difference: bool = True,
) -> Floats:
    """Return enrichment scores between -1 and 1.

    The distribution of each gene is estimated with a Gaussian kernel of a quarter of its standard deviation,
    to 1e-12 (other programs look the kernel up in a table of steps of 0.001, and rank genes a little
    differently for it). Genes that are constant in the cohort, or the reference, take no part. Genes that tie
    within a sample are one step of the walk: their mean weight each, and no deviation is read within the group.
    A set of none or all of the genes scores NaN.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite; every gene that was measured, not those of the sets alone.
    sets
        Without negative weights; every gene counts the same.
    reference
        Whose values are the distribution of each gene; the cohort's own where None.
    tau
        Exponent of the weight of a gene, its distance from the middle of the ranking.
    difference
        The largest deviation above less the largest below; where False, the larger of the two.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit; a setting out of its range.
    NotEstimable
        Where there are fewer than 10 samples and no reference.

    References
    ----------
    Hanzelmann et al 2013.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = np.random.default_rng(1).normal(size=(50, 20))
    >>> X[:10, 0] += 3
    >>> gsva(X, gene_sets(["raised in the first"], [range(10)]))[0, :2].round(2)
    array([ 0.98, -0.21])
    """
    matrix = examined(X, sets, reference, signed=False, needs=COHORT)
    if not (np.isfinite(tau) and tau >= 0):
        raise InvalidSetting("The exponent tau must be at least 0.", where=f"{tau}")
    if reference is None:
        known, sd = matrix, moments(matrix, np.arange(len(matrix)))[1]
    else:
        known, sd = reference.values, reference.sd
    varies = np.flatnonzero(sd > 0)
    standing = _standing(matrix, known, sd, varies)
    return _walked(standing, sets, varies, genes=len(matrix), tau=tau, difference=difference)


def _standing(matrix: Floats, known: Floats, sd: Floats, varies: NDArray[np.int64]) -> Floats:
    """Return, for genes that vary x samples, a number that orders as the kernel distribution does."""
    from coley.biology.scoring import gsva_kernels

    out = np.empty((len(varies), matrix.shape[1]))

    def work(block: slice) -> None:
        rows = varies[block]
        values = matrix[rows]
        reference = values if known is matrix else known[rows]
        gsva_kernels.kernel_order(values, reference, BANDWIDTH * sd[rows], _table(), out[block])

    in_blocks(work, len(varies), size=GENES)
    return out


def _walked(
    standing: Floats,
    sets: GeneSets,
    varies: NDArray[np.int64],
    *,
    genes: int,
    tau: float,
    difference: bool,
) -> Floats:
    from coley.biology.scoring import gsva_kernels

    place = np.full(genes, -1, dtype=np.int64)
    place[varies] = np.arange(len(varies))
    members, owners = place[sets.indices], np.repeat(np.arange(len(sets), dtype=np.int32), sets.sizes)
    members, owners = members[members >= 0], owners[place[sets.indices] >= 0]
    order = np.argsort(members, kind="stable")
    gene_starts = np.searchsorted(members[order], np.arange(len(varies) + 1))
    sizes = np.bincount(owners, minlength=len(sets)).astype(np.float64)
    steps = np.abs(np.arange(len(varies)) - len(varies) / 2) ** tau
    scores = np.empty((len(sets), standing.shape[1]))

    def work(block: slice) -> None:
        values = standing[:, block].T.copy()
        out = np.empty((len(sets), len(values)))
        gsva_kernels.walk(values, gene_starts, owners[order], sizes, steps, difference, out)
        scores[:, block] = out

    in_blocks(work, standing.shape[1], size=SAMPLES)
    return scores


@cache
def _table() -> Any:
    from coley.biology.scoring import gsva_kernels

    return gsva_kernels.translations()
