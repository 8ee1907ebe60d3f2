"""Singscore: the mean rank of a set, between its smallest and its largest possible value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.ranked import over_ranks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

FOROUTAN = (
    "Foroutan M, Bhuva DD, Lyu R, Horan K, Cursons J, Davis MJ. Single sample scoring of molecular phenotypes. "
    "BMC Bioinformatics 2018;19:404."
)


@scoring(
    "singscore",
    title="Singscore",
    summary="The mean rank of the genes of a set in a sample, scaled to its possible range and centred.",
    needs="expression of all genes that were measured, on any monotone scale",
    limits="Depends on which genes were measured; many absent genes (zeros) share the lowest rank.",
    references=(FOROUTAN,),
    scale="rank",
    weights="sign",
)
def singscore(
    X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None, centred: bool = True
) -> Floats:
    """Return scores from -0.5 to 0.5, or -1 to 1 for sets with genes of both signs.

    Genes with negative weights are ranked from the top, and their score is added to that of the others.
    Tied genes share the lowest rank of their group, as in the authors' package.

    Parameters
    ----------
    X
        Genes x samples, finite; every gene that was measured, not those of the sets alone.
    sets
        The signs of the weights say which genes should be high and which low; weights of 0 take no part.
    reference
        Taken as by every method; it fixes which genes are ranked, and no number of it enters.
    centred
        Where False, each part lies between 0 and 1.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.

    References
    ----------
    Foroutan et al 2018.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = [[9.0], [8.0], [5.0], [1.0], [0.0]]
    >>> singscore(X, gene_sets(["up", "both"], [[0, 1], [0, 4]], [None, [1, -1]]))
    array([[0.5],
           [1. ]])
    """
    matrix = examined(X, sets, reference)
    from coley.biology.scoring import rank_kernels

    genes = len(matrix)
    up, down = sets.weights > 0, sets.weights < 0
    middle = 0.5 if centred else 0.0

    def score(low: NDArray[np.int32], high: NDArray[np.int32], out: Floats) -> None:
        rank_kernels.singscore(low, sets.indices, sets.starts, up, out)
        other = np.empty_like(out)
        # from the top, the rank of a group of ties counts from its other end: genes + 1 - low, as the authors do
        rank_kernels.singscore(genes + 1 - low, sets.indices, sets.starts, down, other)
        out -= middle
        other -= middle
        both = ~np.isnan(out) & ~np.isnan(other)
        out[:] = np.where(both, out + other, np.where(np.isnan(out), other, out))

    return over_ranks(matrix, len(sets), score)
