"""Rules on pairs of genes: how many hold in a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.gene_sets import ABSENT

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

AUSLANDER = (
    "Auslander N, Zhang G, Lee JS, et al. Robust prediction of response to immune checkpoint blockade therapy in "
    "metastatic melanoma. Nat Med 2018;24:1545-1549."
)


@scoring(
    "gene_pairs",
    title="Gene-pair rules",
    summary="Counts the rules 'this gene is expressed above that gene' that hold in a sample.",
    needs="expression in which genes can be compared with each other (TPM or its log)",
    limits="Counts of reads, not corrected for the length of genes, order genes otherwise.",
    references=(AUSLANDER,),
    scale="rank",
    weights="none",
)
def gene_pairs(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return the number of rules that hold.

    Equal expression does not make a rule hold: "above" is strict. A set with a gene that was not measured
    (-1), or without rules, scores NaN, since a count out of fewer rules is another score.

    Parameters
    ----------
    X
        Genes x samples, finite.
    sets
        Of `pair_rules`.
    reference
        Taken as by every method, and not needed: a score depends on its sample alone.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.

    References
    ----------
    Auslander et al 2018 (IMPRES is of this form).

    Examples
    --------
    >>> from coley.biology.scoring import pair_rules
    >>> gene_pairs([[2.0, 1.0], [1.0, 1.0], [0.0, 3.0]], pair_rules(["r"], [[[0, 1], [0, 2]]]))
    array([[2., 0.]])
    """
    matrix = examined(X, sets, reference, pairs=True)
    out = np.full((len(sets), matrix.shape[1]), np.nan)
    for k in range(len(sets)):
        rows = sets.rows(k)
        if len(rows) and (rows != ABSENT).all():
            out[k] = (matrix[rows[::2]] > matrix[rows[1::2]]).sum(axis=0)
    return out
