"""PLAGE: the first singular vector of the standardised genes of a set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import COHORT, scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.gene_sets import GeneSets
from coley.biology.scoring.reference import moments
from coley.biology.scoring.sums import weighted_sums
from coley.model.errors import MissingData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

TOMFOHR = (
    "Tomfohr J, Lu J, Kepler TB. Pathway level analysis of gene expression using singular value decomposition. "
    "BMC Bioinformatics 2005;6:225."
)
BALANCED = 1e-8  # share of the loadings that must not cancel, for the mean to tell the sign


@scoring(
    "plage",
    title="Pathway level analysis of gene expression (PLAGE)",
    summary="The activity of a set: the first right singular vector of its standardised genes.",
    needs="log expression of a cohort, or a frozen reference with loadings of the same sets",
    limits="The sign is not part of the decomposition: here it is that of the mean of the genes. Loadings are found in "
    "the cohort, so that they differ between cohorts.",
    references=(TOMFOHR,),
    scale="log",
    weights="none",
    cohort_needs=COHORT,
)
def plage(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return activities, of unit sum of squares over the samples of the cohort or the reference.

    The sign is chosen so that the activity goes with the mean z-score of the set; where the loadings cancel,
    the mean tells no sign, and the score is NaN. Genes that are constant are left out.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite.
    sets
        Without negative weights; every gene counts the same.
    reference
        Frozen with the same sets: samples are projected on its loadings.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.
    NotEstimable
        Where there are fewer than 10 samples and no reference.
    MissingData
        Where the reference has no loadings for a set with these genes.

    References
    ----------
    Tomfohr et al 2005.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = np.array([[0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1.0, 3, 2, 5, 4, 6, 8, 7, 9, 9]])
    >>> plage(X, gene_sets(["s"], [[0, 1]]))[0, [0, -1]].round(3)
    array([-0.508,  0.461])
    """
    matrix = examined(X, sets, reference, signed=False, needs=COHORT)
    if reference is None:
        loaded = loadings_of(matrix, sets)
        used, place = np.unique(sets.indices, return_inverse=True)
        mean = moments(matrix, used)[0][place]
    else:
        loaded = _matched(reference, sets)
        mean = reference.mean[sets.indices]
    scores = weighted_sums(matrix, loaded, loaded.weights, shift=mean)
    scores[loaded.sizes == 0] = np.nan
    return scores


def loadings_of(matrix: Floats, sets: GeneSets) -> GeneSets:
    """Return the sets with weights that turn centred expression into activities; NaN where no sign is told."""
    weights = np.zeros(len(sets.indices))
    for k in range(len(sets)):
        rows = sets.rows(k)
        mean, sd = moments(matrix, rows)
        varies = sd > 0
        here = np.full(len(rows), np.nan)
        if varies.any():
            z = (matrix[rows[varies]] - mean[varies, None]) / sd[varies, None]
            first, size = _first(z)
            total = first.sum()
            if abs(total) > BALANCED * np.abs(first).sum():
                here = np.zeros(len(rows))
                here[varies] = np.sign(total) * first / size / sd[varies]
        weights[sets.starts[k] : sets.starts[k + 1]] = here
    return replace(sets, weights=weights)


def _first(z: Floats) -> tuple[Floats, float]:
    """Return the first left singular vector and the first singular value."""
    if len(z) > z.shape[1]:
        left, sizes, _ = np.linalg.svd(z, full_matrices=False)
        return left[:, 0], float(sizes[0])
    # fewer genes than samples: the product of genes with genes is the smaller problem, and its largest
    # eigenvalue, which is all that is wanted, loses nothing by the squaring
    values, vectors = np.linalg.eigh(z @ z.T)
    return vectors[:, -1], float(np.sqrt(values[-1]))


def _matched(reference: Reference, sets: GeneSets) -> GeneSets:
    """Return `sets` with the loadings of the reference."""
    known = reference.loadings
    position = {} if known is None else {name: k for k, name in enumerate(known.names)}
    weights = np.zeros(len(sets.indices))
    for k, name in enumerate(sets.names):
        rows = sets.rows(k)
        if known is None or name not in position or set(known.rows(position[name])) != set(rows):
            raise MissingData(
                f"The reference has no loadings for gene set {name!r} with these genes.",
                cause="PLAGE finds its loadings in a cohort, set by set.",
                remedy="Freeze the reference with the same sets: `freeze(X, genes, sets=sets)`.",
            )
        at = position[name]
        theirs, values = known.rows(at), known.weights[known.starts[at] : known.starts[at + 1]]
        order, wanted = np.argsort(theirs), np.argsort(rows)
        placed = np.empty(len(rows))
        placed[wanted] = values[order]
        weights[sets.starts[k] : sets.starts[k + 1]] = placed
    return replace(sets, weights=weights)
