"""Which side of a matrix are genes and which are samples; decided by ids and names, and always reported."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.read.kinds import naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from coley.read.expression.matrix import Matrix

ENSEMBL = "ENSG"
_SIDES = {"rows": "columns", "columns": "rows"}


def genes_by_samples(matrix: Matrix, before: Mapping[str, pl.DataFrame]) -> tuple[Matrix, tuple[Check, ...]]:
    """Return the matrix with genes in rows and samples in columns.

    Parameters
    ----------
    matrix
        Of either orientation.
    before
        The tables of the study that name its samples and patients, as far as they are known.

    Raises
    ------
    UnreadableInput
        Where neither ids nor names tell genes from samples.
    """
    ids = known_ids(before)
    matched = {side: _share(getattr(matrix, side), ids) for side in _SIDES}
    genes = {side: _genes(getattr(matrix, side)) for side in _SIDES}
    if matrix.genes_in:
        side, why = matrix.genes_in, "the format has them there"
    elif matched["rows"] != matched["columns"]:
        samples = max(_SIDES, key=lambda side: matched[side])
        side, why = (
            _SIDES[samples],
            f"{matched[samples]} names of its {samples} are ids of samples or patients",
        )
    elif genes["rows"] != genes["columns"]:
        side = max(_SIDES, key=lambda side: genes[side])
        why = f"{genes[side]} names of its {side} are well-known genes"
    else:
        raise UnreadableInput(
            f"Nothing tells whether the rows or the columns of {matrix.file} are genes.",
            where=f"{matrix.file}: rows {naming(matrix.rows[:3])}; columns {naming(matrix.columns[:3])}",
            cause="Neither are ids of this study's samples or patients, and neither are human gene symbols.",
            remedy="Name genes by HGNC symbols, or call the column of genes 'gene' and the samples as in the study.",
        )
    notes = [
        Check(
            "expression_orientation",
            "pass",
            f"{matrix.file}: its {side} were taken as genes and its {_SIDES[side]} as samples, because {why}.",
            where=Where(matrix.file),
        )
    ]
    if side == "columns":
        matrix = replace(
            matrix,
            values=matrix.values.T,
            rows=matrix.columns,
            columns=matrix.rows,
            lines=(1,) * len(matrix.columns),
        )
    return matrix, (*notes, *_unmatched(matrix, ids))


def known_ids(before: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    """Return the ids of the samples and patients of a study."""
    found: set[str] = set()
    for table, column in (("samples", "sample_id"), ("patients", "patient_id"), ("samples", "patient_id")):
        if table in before and column in before[table].columns:
            found |= set(before[table][column].drop_nulls().to_list())
    return frozenset(found)


@cache
def landmark_genes() -> frozenset[str]:
    """Return genes that nearly every human expression matrix holds."""
    text = files("coley.read").joinpath("resources", "landmark_genes.csv").read_text(encoding="utf-8")
    return frozenset(row["gene"] for row in csv.DictReader(text.splitlines()))


def _share(names: Sequence[str], ids: frozenset[str]) -> int:
    return sum(name in ids for name in names)


def _genes(names: Sequence[str]) -> int:
    known = landmark_genes()
    found = sum(name in known or name.startswith(ENSEMBL) for name in names)
    if found:
        return found
    from coley.biology.genes import gene_table

    return sum(name in gene_table() for name in names)  # a matrix of none but little-known genes


def _unmatched(matrix: Matrix, ids: frozenset[str]) -> tuple[Check, ...]:
    """Say which samples cannot be linked to a patient."""
    strange = [name for name in matrix.columns if name not in ids]
    if not ids or not strange:
        return ()
    return (
        Check(
            "samples_unknown",
            "warn",
            f"{len(strange)} of {len(matrix.columns)} samples of {matrix.file} are no sample_id or patient_id of this "
            f"study: {naming(strange)}.",
            remedy="Supply a table of samples (sample_id, patient_id), or rename the columns.",
            where=Where(matrix.file, (), "", tuple(strange[:10])),
        ),
    )
