"""A frame or an array to names and numbers, before anything is known of its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GENE_COLUMN = "gene"


def arrays_of(
    matrix: Any, genes: Sequence[str] | None, samples: Sequence[str] | None
) -> tuple[list[str], list[str], Floats]:
    """Return names of rows, names of columns and the values, genes x samples.

    Parameters
    ----------
    matrix
        A dataframe with a column "gene" (polars, pandas, any that narwhals reads), or a matrix of numbers
        together with `genes` and `samples`.
    genes, samples
        Names of rows and columns, for a matrix.

    Raises
    ------
    UnreadableInput
        Where names and numbers do not fit, a column is not numeric, or a sample is named twice.
    """
    if genes is None and samples is None:
        rows, columns, values = _frame(matrix)
    else:
        values = _numbers(matrix)
        rows, columns = [str(gene) for gene in genes or ()], [str(sample) for sample in samples or ()]
        if values.shape != (len(rows), len(columns)):
            raise UnreadableInput(
                "The matrix does not fit its names.",
                where=f"shape {values.shape}, {len(rows)} genes, {len(columns)} samples",
                remedy="Genes are rows and samples are columns; name each.",
            )
    if not values.size:
        raise UnreadableInput("The expression matrix is empty.", where=f"shape {values.shape}")
    if len(set(columns)) < len(columns):
        twice = next(name for i, name in enumerate(columns) if name in columns[:i])
        raise UnreadableInput(
            f"Sample {twice!r} is named twice.", remedy="Name each sample once; average replicates first."
        )
    return rows, columns, values


def _frame(matrix: Any) -> tuple[list[str], list[str], Floats]:
    import narwhals as nw

    try:
        frame = nw.from_native(matrix, eager_only=True)
    except TypeError:
        raise UnreadableInput(
            "Expression must be a dataframe with a column 'gene', or a matrix with names of genes and samples.",
            where=type(matrix).__name__,
        ) from None
    if GENE_COLUMN not in frame.columns:
        raise UnreadableInput(
            "The expression table has no column 'gene'.",
            where=f"columns: {', '.join(map(str, frame.columns[:6]))}",
            remedy="Name the column that holds the gene symbols 'gene'; samples are the other columns.",
        )
    columns = [c for c in frame.columns if c != GENE_COLUMN and not c.startswith("_")]
    text = [c for c in columns if not frame[c].dtype.is_numeric()]
    if text:
        raise UnreadableInput(
            "An expression table holds numbers only, beside its column 'gene'.",
            where=f"columns that are not numbers: {', '.join(text[:5])}",
            remedy="Leave out columns of annotation, and write missing values as empty cells.",
        )
    genes = frame[GENE_COLUMN].to_list()
    values = (
        np.column_stack([frame[c].cast(nw.Float64).to_numpy() for c in columns])
        if columns
        else np.empty((len(genes), 0))
    )
    return ["" if g is None else str(g) for g in genes], columns, values.astype(np.float64)


def _numbers(matrix: Any) -> Floats:
    try:
        values = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnreadableInput("Expression must be a matrix of numbers.", cause=str(error)) from None
    if values.ndim != 2:
        raise UnreadableInput(
            "Expression must be a matrix of two dimensions.", where=f"{values.ndim} dimensions"
        )
    return values
