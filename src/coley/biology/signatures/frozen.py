"""A frozen reference: made of a cohort, and compared with the expression that is scored against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring import Reference, freeze, gene_sets
from coley.biology.signatures.members import members_of
from coley.biology.signatures.registry import signatures
from coley.biology.signatures.scales import Matrix
from coley.model.answer import Check
from coley.model.errors import MissingData, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.biology.expression import Expression

# log2 between the expression and the reference, in the middle over genes: another way to quantify moves all genes by
# about half a unit, another unit (CPM for TPM) by several.
FAR = 1.0
EXPRESSED = 1.0  # log2(x + 1) in the reference; below, genes are mostly absent in both
SHARED = 0.9  # of the reference's genes; ranks among fewer are ranks among others


def reference(expression: Expression) -> Reference:
    """Freeze a cohort as a reference for scoring others, one patient at a time if need be.

    It holds the values of each gene, sorted, and the loadings of the signatures that are principal
    components. `coley.biology.scoring.reference_file` writes and reads it as a file.

    Parameters
    ----------
    expression
        Of `prepare`, in the unit in which later samples will be, and of at least 10 samples.

    Raises
    ------
    NotEstimable
        Where there are fewer than 10 samples, or values are z scores.
    """
    if expression.family == "z":
        raise NotEstimable("z scores cannot be a reference: their cohort is gone.", remedy="Supply TPM.")
    place = {gene: i for i, gene in enumerate(expression.genes)}
    components = [(s.name, members_of(s, place)) for s in signatures().values() if s.method == "plage"]
    usable = [(name, m.rows) for name, m in components if m.found]
    sets = gene_sets([name for name, _ in usable], [rows for _, rows in usable]) if usable else None
    return freeze(expression.values, expression.genes, sets=sets)


def matrix_of(expression: Expression, frozen: Reference | None) -> tuple[Matrix, NDArray[np.int64]]:
    """Return the matrix to be scored, and the rows of the expression that it is made of.

    Raises
    ------
    MissingData
        Where the reference shares no gene with the expression.
    """
    if frozen is None:
        kept = np.arange(len(expression.genes))
        return Matrix(expression.values, {g: i for i, g in enumerate(expression.genes)}, None), kept
    known = set(frozen.genes)
    kept = np.array([i for i, gene in enumerate(expression.genes) if gene in known], dtype=np.int64)
    if not len(kept):
        raise MissingData(
            "The reference and the expression share no gene.", remedy="Repair the names of both."
        )
    genes = [expression.genes[i] for i in kept]
    values = np.ascontiguousarray(expression.values[kept])
    return Matrix(values, {g: i for i, g in enumerate(genes)}, frozen.restrict(genes)), kept


def against(matrix: Matrix, frozen: Reference | None) -> tuple[Check, ...]:
    """Return what speaks against judging this expression by this reference."""
    if frozen is None or matrix.reference is None:
        return ()
    notes = []
    share = len(matrix.place) / len(frozen.genes)
    if share < SHARED:
        notes.append(
            Check(
                "reference_genes",
                "warn",
                f"{share:.0%} of the genes of the reference were measured; ranks are among these only.",
                remedy="Take a reference with the genes of this assay.",
            )
        )
    expressed = matrix.reference.mean > EXPRESSED
    if expressed.any():
        distance = float(np.median(matrix.values[expressed].mean(axis=1) - matrix.reference.mean[expressed]))
        if abs(distance) > FAR:
            notes.append(
                Check(
                    "reference_scale",
                    "fail",
                    f"Genes lie {distance:+.1f} on the log2 scale from the reference, in the middle.",
                    cause="Another unit, or another way to quantify; then every relative score is wrong by it.",
                    remedy="Prepare both in the same way.",
                )
            )
    return tuple(notes)
