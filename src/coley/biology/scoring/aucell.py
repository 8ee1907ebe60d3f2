"""AUCell: how many genes of a set are among the most expressed, and how early."""

from __future__ import annotations

from math import ceil
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

AIBAR = (
    "Aibar S, Gonzalez-Blas CB, Moerman T, et al. SCENIC: single-cell regulatory network inference and clustering. "
    "Nat Methods 2017;14:1083-1086."
)
TOP = 0.05  # of the genes, as in Aibar 2017


@scoring(
    "aucell",
    title="AUCell",
    summary="The area under the curve that recovers the genes of a set among the most expressed of a sample.",
    needs="expression of all genes that were measured, on any monotone scale",
    limits="Sees the top of the ranking only: a set none of whose genes is there scores 0, whatever its genes do.",
    references=(AIBAR,),
    scale="rank",
    weights="none",
)
def aucell(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None, top: float = TOP) -> Floats:
    """Return areas from 0 to 1, as shares of the largest that a set of this size can have.

    Ties are not broken: the score is the mean over all orders of tied genes, which needs no random numbers
    and has a closed form, since each gene adds to the area by itself.

    Parameters
    ----------
    X
        Genes x samples, finite; every gene that was measured, not those of the sets alone.
    sets
        Without negative weights; every gene counts the same. An empty set scores NaN.
    reference
        Taken as by every method; it fixes which genes are ranked, and no number of it enters.
    top
        Share of the genes that is looked at, rounded up to a whole number of genes, at least two.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit; `top` not within (0, 1].

    References
    ----------
    Aibar et al 2017.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> aucell([[9.0, 0.0], [8.0, 1.0], [1.0, 8.0], [0.0, 9.0]], gene_sets(["s"], [[0, 1]]), top=0.75)
    array([[1., 0.]])
    """
    matrix = examined(X, sets, reference, signed=False)
    if not 0 < top <= 1:
        raise InvalidSetting(
            "The share of genes that is looked at must lie above 0 and be at most 1.", where=f"{top}"
        )
    from coley.biology.scoring import rank_kernels

    # the product of a share and a number of genes may miss a whole number by its rounding
    first = max(2, ceil(top * len(matrix) * (1 - 1e-12)))

    def score(low: NDArray[np.int32], high: NDArray[np.int32], out: Floats) -> None:
        rank_kernels.aucell(low, high, sets.indices, sets.starts, first, out)

    return over_ranks(matrix, len(sets), score)
