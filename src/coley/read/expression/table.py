"""A matrix with genes in rows to the table of expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.model.study import WHERE_COLUMN
from coley.read.kinds import naming

if TYPE_CHECKING:
    import polars as pl

    from coley.read.expression.matrix import Matrix


def expression_table(matrix: Matrix) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the column `gene`, one column per sample, and `_where`.

    Where several rows have the same gene, that with the highest mean is kept, and the others are reported.

    Raises
    ------
    UnreadableInput
        Where two samples have the same name, or a sample is called gene.
    """
    import polars as pl

    samples = list(matrix.columns)
    reserved = [name for name in ("gene", WHERE_COLUMN) if name in samples]
    twice = (
        sorted({name for name in samples if samples.count(name) > 1})
        if len(set(samples)) < len(samples)
        else []
    )
    if reserved or twice:
        raise UnreadableInput(
            f"{matrix.file} has samples that cannot be told apart: {naming(twice or reserved)}.",
            where=matrix.file,
            remedy="Give each sample a name of its own.",
        )
    frame = pl.DataFrame(matrix.values, schema=dict.fromkeys(samples, pl.Float64), orient="row").fill_nan(
        None
    )
    where = [f"{matrix.file}:{line}" for line in matrix.lines]
    frame = frame.insert_column(0, pl.Series("gene", matrix.rows, dtype=pl.String))
    frame = frame.with_columns(pl.Series(WHERE_COLUMN, where, dtype=pl.String))
    repeated = frame["gene"].is_duplicated()
    if not repeated.any():
        return frame, ()
    with np.errstate(invalid="ignore"):
        held = np.isfinite(matrix.values)
        means = np.where(held, matrix.values, 0.0).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
    order = frame.select("gene").with_columns(mean=pl.Series(means)).with_row_index("row")
    kept = order.sort("mean", "row", descending=[True, False]).unique("gene", keep="first")["row"].sort()
    names = frame["gene"].filter(repeated).unique(maintain_order=True)
    note = Check(
        "genes_repeated",
        "warn",
        f"{len(names)} genes of {matrix.file} have several rows; of each, that with the highest mean was kept: "
        f"{naming(names)}.",
        cause="Transcripts or probes of one gene, or symbols that a spreadsheet turned into the same date.",
        where=Where(matrix.file, tuple(matrix.lines[i] for i in repeated.arg_true().head(10)), "gene"),
    )
    return frame[kept.to_list()], (note,)
