"""A matrix of numbers as its file has it: names of its rows and columns, and which side the file says are genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Where
from coley.model.dictionary import normalise
from coley.model.dictionary import table as dictionary_table
from coley.model.errors import UnreadableInput
from coley.read.facts import limits
from coley.read.findings import Place
from coley.read.kinds import naming, suffix_of
from coley.read.raw import RawTable, read_raw
from coley.read.words import spellings, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

_FURTHER_NAMES = (
    "entrez",
    "description",
    "geneid",
    "chr",
    "length",
    "biotype",
    "ensembl",
)  # beside the symbol


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A matrix of numbers.

    Attributes
    ----------
    values
        (n_rows, n_columns), NaN where missing.
    rows, columns
        Their names.
    lines
        Line of each row in the file.
    genes_in
        "rows" or "columns" where the format fixes it; "" where it must be found out.
    """

    file: str
    values: NDArray[np.float64]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[int, ...]
    genes_in: str = ""
    notes: tuple[Check, ...] = ()


def read_matrix(
    path: Path,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    comment: str | None = None,
    encoding: str = "",
    missing: Iterable[str] = (),
    ignore: Iterable[str] = (),
    gene: str | None = None,
) -> Matrix:
    """Read a matrix from text, a workbook, Parquet, GCT or h5ad.

    Parameters
    ----------
    path
        The file.
    sheet, delimiter, comment, encoding, missing
        As for `read_raw`.
    ignore
        Columns to leave out.
    gene
        Column with the names of the rows; found where not given.

    Raises
    ------
    UnreadableInput
        For a file that is no matrix of numbers.
    """
    if suffix_of(path) == ".gct":
        from coley.read.expression.gct import read_gct

        return read_gct(path)
    if suffix_of(path) == ".h5ad":
        from coley.read.expression.h5ad import read_h5ad

        return read_h5ad(path)
    raw = read_raw(path, sheet=sheet, delimiter=delimiter, comment=comment, encoding=encoding)
    return matrix_of(raw, missing=missing, ignore=ignore, gene=gene)


def matrix_of(
    raw: RawTable, *, missing: Iterable[str] = (), ignore: Iterable[str] = (), gene: str | None = None
) -> Matrix:
    """Return the matrix in a table: one column of names, and columns of numbers.

    Raises
    ------
    UnreadableInput
        Where no column holds names, a row has none, or a column holds no numbers.
    """
    frame = raw.frame.drop(ignore, strict=False)
    label = _label(frame, raw.file, gene)
    blank = spellings(missing)
    names = words(
        frame[label], blank - {"na", "none", "nan"}, column=label
    )  # symbols, not spellings of missing
    rest = frame.drop(label)
    further = [name for name in rest.columns if _is_further(name, rest[name])]
    rest = rest.drop(further)
    notes = list(raw.notes)
    if further:
        message = f"{raw.file}: columns that are no samples were left out: {naming(further)}."
        notes.append(Place(raw, naming(further)).check("further_columns", "pass", message))
    if names.is_null().any():
        lost = names.is_null()
        message = f"{lost.sum()} rows of {raw.file} have no name in column {label}, and were left out."
        place = Place(raw, label)
        notes.append(place.check("gene_missing", "warn", message, where=place.rows(lost, names)))
        rest, raw = rest.filter(~lost), raw.filter(~lost)
        names = names.drop_nulls()
    values = _numbers(rest, blank, raw, notes)
    lines = tuple(raw.line(row) for row in range(raw.frame.height))
    return Matrix(raw.file, values, tuple(names), tuple(rest.columns), lines, "", tuple(notes))


def _label(frame: pl.DataFrame, file: str, gene: str | None) -> str:
    """Return the column that names the rows: one with a name for genes, else the first one."""
    if gene is not None:
        if gene not in frame.columns:
            raise UnreadableInput(
                f"{file} has no column {gene!r}.", where=f"its columns: {naming(frame.columns)}"
            )
        return gene
    if not frame.width or not frame.height:
        raise UnreadableInput(f"{file} holds no matrix.", where=file, remedy="Supply genes and samples.")
    synonyms = list(dictionary_table("expression").columns["gene"].synonyms)
    called = {normalise(name): name for name in reversed(frame.columns[:5])}
    return next((called[name] for name in synonyms if name in called), frame.columns[0])


def _is_further(name: str, column: pl.Series) -> bool:
    import polars as pl

    plain = normalise(name)
    if any(plain.startswith(word) for word in _FURTHER_NAMES):
        return True
    return column.dtype == pl.Null


def _numbers(
    frame: pl.DataFrame, blank: frozenset[str], raw: RawTable, notes: list[Check]
) -> NDArray[np.float64]:
    import polars as pl

    if not frame.width:
        raise UnreadableInput(f"{raw.file} has no columns of numbers.", where=raw.file)
    text = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    numbers = frame.with_columns(pl.all().cast(pl.Float64, strict=False))
    lost = {
        name: frame[name].filter(numbers[name].is_null() & frame[name].is_not_null())
        for name in text
        if numbers[name].null_count() > frame[name].null_count()
    }
    strange = {
        name: left
        for name, cells in lost.items()
        if len(left := cells.filter(~cells.str.to_lowercase().is_in(sorted(blank))))
    }
    empty = [name for name in strange if numbers[name].null_count() == frame.height]
    if empty:
        raise UnreadableInput(
            f"{raw.file} is no matrix of numbers: {len(empty)} of its {frame.width} columns hold none.",
            where=f"{raw.file}, columns {naming(empty)}; values {naming(map(repr, strange[empty[0]].head(3)))}",
            remedy="Leave them out (ignore), or name the column of genes (columns = { gene = ... }).",
        )
    if strange:
        n = sum(len(cells) for cells in strange.values())
        message = f"{n} cells of {raw.file} are no numbers, and became missing (columns {naming(strange)})."
        values = tuple(str(cell) for cells in strange.values() for cell in cells.head(1))[:10]
        notes.append(
            Check("not_a_number", "warn", message, where=Where(raw.file, (), naming(strange), values))
        )
    array = numbers.to_numpy().astype(np.float64)
    if np.isinf(array).any():
        message = f"{np.isinf(array).sum()} cells of {raw.file} are infinite, and became missing."
        notes.append(
            Check("infinite_value", "warn", message, cause="The logarithm of zero.", where=Where(raw.file))
        )
        array = np.where(np.isinf(array), np.nan, array)
    return array


def check_size(n: int, file: str) -> None:
    """Make sure that a matrix of n cells fits into the memory.

    Raises
    ------
    UnreadableInput
        Where it does not.
    """
    if n > limits()["cells"] * 4:  # numbers take a quarter of the memory that text takes
        raise UnreadableInput(
            f"{file} is too large: {n:,} cells.",
            where=file,
            cause="Coley keeps a study in memory.",
            remedy="Keep the genes that are needed.",
        )
