"""Expression matrices: text, GCT and h5ad to the table `expression`, genes in rows and samples in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import normalise
from coley.model.dictionary import table as dictionary_table
from coley.model.study import About, Study
from coley.read.expression.matrix import Matrix, read_matrix
from coley.read.expression.orient import genes_by_samples
from coley.read.expression.table import expression_table
from coley.read.expression.units import guess_unit, unit_note
from coley.read.format import Format
from coley.read.header import header_of
from coley.read.kinds import head_of, kind_of, stem_of, suffix_of
from coley.read.maf import NEEDS, samples_of
from coley.read.plain import recognise
from coley.read.sources import sources
from coley.read.tables import TABLE_READERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from coley.model.answer import Check
    from coley.read.manifest import Manifest, TableSpec

AMBIGUOUS = "name"  # of genes in some matrices, and of people in many tables
LEAST_SAMPLES = 2  # a list of genes with one number each is no matrix

__all__ = ["EXPRESSION", "Matrix", "expression", "genes_by_samples", "guess_unit", "read_matrix"]


def sniff(path: Path) -> bool:
    """Say whether a file is GCT or h5ad, or text whose first column is called gene."""
    if not path.is_file():
        return False
    if suffix_of(path) in (".gct", ".h5ad"):
        return True
    if kind_of(head_of(path))[0] not in ("text", "gzip"):
        return False
    names = header_of(path)
    if len(names) <= LEAST_SAMPLES or {name.lower() for name in names} >= NEEDS:
        return False
    genes = set(dictionary_table("expression").columns["gene"].synonyms) - {AMBIGUOUS}
    return normalise(names[0]) in genes and recognise(names) == "expression"


def read(path: Path) -> Study:
    """Return the study in a lone matrix: its expression, and its samples.

    Raises
    ------
    UnreadableInput
        Where the file cannot be understood, or nothing tells genes from samples.
    """
    import polars as pl

    frame, notes, unit = expression(read_matrix(path), {}, unit="")
    names = [name for name in frame.columns if name not in ("gene", "_where")]
    samples = samples_of(pl.DataFrame({"sample_id": names}, schema={"sample_id": pl.String})).drop(
        "sequenced"
    )
    return Study(
        stem_of(path),
        {"expression": frame, "samples": samples},
        About(expression_unit=unit),
        sources([(path, "expression")], path.parent),
        notes,
    )


def expression(
    matrix: Matrix, before: Mapping[str, pl.DataFrame], *, unit: str
) -> tuple[pl.DataFrame, tuple[Check, ...], str]:
    """Return the table of expression, what there is to say about it, and its unit ("" where it cannot be told).

    Parameters
    ----------
    matrix
        As its file has it.
    before
        Tables with the ids of patients and samples, where they are known.
    unit
        What the manifest says; guessed where it says nothing.
    """
    matrix, notes = genes_by_samples(matrix, before)
    frame, found = expression_table(matrix)
    guess = guess_unit(frame)
    return frame, (*matrix.notes, *notes, *found, *unit_note(matrix.file, unit, guess)), unit or guess.unit


def _table(
    path: Path, spec: TableSpec, manifest: Manifest, before: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    gene = spec.columns["gene"].column if "gene" in spec.columns else None
    matrix = read_matrix(
        path,
        sheet=spec.sheet,
        delimiter=spec.delimiter,
        comment=spec.comment,
        encoding=spec.encoding,
        missing=(*manifest.missing, *spec.missing),
        ignore=spec.ignore,
        gene=gene,
    )
    frame, notes, _ = expression(matrix, before, unit=manifest.expression_unit)
    return frame, notes


TABLE_READERS.add("expression", _table)

EXPRESSION = Format(
    name="expression",
    title="An expression matrix",
    looks_for="an expression matrix (GCT, h5ad, or text whose first column is called gene)",
    sniff=sniff,
    read=read,
)
