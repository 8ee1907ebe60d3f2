"""One table of a study from the files that a manifest names for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from coley.model.answer import Check, Where
from coley.model.dictionary import table as dictionary_table
from coley.model.errors import UnreadableInput, nearest
from coley.model.registry import Registry
from coley.model.study import WHERE_COLUMN
from coley.read.columns import as_word
from coley.read.kinds import naming
from coley.read.mapping import canonical, check_patients
from coley.read.raw import RawTable, read_raw
from coley.read.words import spellings, words

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from coley.read.manifest import Manifest, TableSpec

# Tables with files of a make of their own (matrices, MAF) register a reader here.
# They are given what was read before, so that a matrix can be matched with the patients.
TableReader = Callable[
    ["Path", "TableSpec", "Manifest", "Mapping[str, pl.DataFrame]"], "tuple[pl.DataFrame, tuple[Check, ...]]"
]
TABLE_READERS: Registry[TableReader] = Registry("table reader")


def read_table(
    path: Path, table: str, spec: TableSpec, *, manifest: Manifest, before: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the rows of a table that one file gives, and what there is to say about them."""
    if table in TABLE_READERS:
        return TABLE_READERS[table](path, spec, manifest, before)
    raw = read_raw(
        path, sheet=spec.sheet, delimiter=spec.delimiter, comment=spec.comment, encoding=spec.encoding
    )
    missing = (*manifest.missing, *spec.missing)
    return canonical(
        filter_rows(raw, spec.where, missing=missing),
        table,
        spec.columns,
        missing=missing,
        guess=spec.guesses,
        keep=spec.keep == "all",
        ignore=spec.ignore,
        panel_megabases=manifest.panel_megabases,
    )


def filter_rows(raw: RawTable, where: Mapping[str, Any], *, missing: tuple[str, ...] = ()) -> RawTable:
    """Return the rows in which each named column holds the value, or one of the values, given for it.

    Raises
    ------
    UnreadableInput
        For a column that the file does not have, and where no row is left.
    """
    for column, wanted in where.items():
        if column not in raw.frame.columns:
            close = nearest(column, raw.frame.columns)
            raise UnreadableInput(
                f"{raw.file} has no column {column!r}, by which its rows are to be chosen.",
                where=f"where = {{ {column} = ... }}",
                remedy=f"Did you mean {close!r}?" if close else "Name one of its columns.",
            )
        values = [as_word(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        texts = words(raw.frame[column], spellings(missing), column=column)
        mask = texts.is_in(values).fill_null(value=False)
        if not mask.any():
            raise UnreadableInput(
                f"No row of {raw.file} has {column} = {' or '.join(values)}.",
                where=f"values of {column}: {naming(map(str, texts.unique().sort().to_list()))}",
                remedy="Choose by a value that occurs.",
            )
        raw = raw.filter(mask)
    return raw


def combine(
    first: pl.DataFrame, second: pl.DataFrame, *, table: str, how: str | None, file: str
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Put the rows of a further file below those before it, or its columns beside them by key.

    Raises
    ------
    UnreadableInput
        Where `how` does not say which, a key occurs twice in the file to be joined, or a patient twice in the
        stacked rows.
    """
    import polars as pl

    if how == "stack":
        stacked = pl.concat([first, second], how="diagonal_relaxed")
        stacked = stacked.select(*(c for c in stacked.columns if c != WHERE_COLUMN), WHERE_COLUMN)
        if table == "patients":
            check_patients(stacked)
        return stacked, ()
    if how == "join":
        return _join(first, second, table=table, file=file)
    raise UnreadableInput(
        f"Table {table} comes from several files, and study.toml does not say how they meet.",
        where=f"[[tables.{table}]] file = {file!r}",
        remedy='Add combine = "join" (further columns, by key) or combine = "stack" (further rows).',
    )


def _join(
    first: pl.DataFrame, second: pl.DataFrame, *, table: str, file: str
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    known = dictionary_table(table)
    keys = [name for name in known.role("key") if name in first.columns and name in second.columns]
    if not keys:
        raise UnreadableInput(
            f"{file} shares no key with the files before it, and rows are never joined by their position.",
            where=f"keys of {table}: {', '.join(known.role('key'))}",
        )
    twice = second.filter(second.select(keys).is_duplicated())
    if twice.height:
        values = twice.select(keys).unique(maintain_order=True).rows()
        shown = naming(" ".join(map(str, value)) for value in values)
        raise UnreadableInput(
            f"{file} cannot be joined: {len(values)} keys occur in more than one row.",
            where=f"{naming(twice[WHERE_COLUMN])}; {', '.join(keys)} {shown}",
            remedy="Keep one row per key (where = ...), or put it into a table of its own.",
        )
    notes: list[Check] = []
    shared = [name for name in second.columns if name in first.columns and name not in (*keys, WHERE_COLUMN)]
    if shared:
        notes.append(
            Check(
                "column_in_two_files",
                "warn",
                f"{file} repeats columns of the files before it, whose values were kept: {naming(shared)}.",
                remedy='Map only the columns that are wanted (keep = "mapped"), or leave some out (ignore).',
                where=Where(file, (), naming(shared)),
            )
        )
    strangers = second.join(first, on=keys, how="anti")
    if strangers.height:
        notes.append(
            Check(
                "join_unmatched",
                "warn",
                f"{strangers.height} of {second.height} rows of {file} belong to no row of {table}.",
                remedy="Check the spelling of the ids in both files.",
                where=Where(file, (), ", ".join(keys), tuple(map(str, strangers[keys[0]].head(10)))),
            )
        )
    joined = first.join(second.drop(WHERE_COLUMN, *shared), on=keys, how="left", maintain_order="left")
    return joined.select(*(c for c in joined.columns if c != WHERE_COLUMN), WHERE_COLUMN), tuple(notes)
