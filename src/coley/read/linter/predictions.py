"""A file or frame of predictions: which column is the patient, the fold, the label, and which are scores."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.dictionary import normalise
from coley.model.dictionary import table as dictionary_table
from coley.model.errors import UnreadableInput, nearest
from coley.model.study import WHERE_COLUMN
from coley.read.doctor.rows import ROW, TABLE, data_columns, found, place
from coley.read.facts import missing_spellings
from coley.read.kinds import naming
from coley.read.linter.facts import limit, rows, words

if TYPE_CHECKING:
    import polars as pl

KEYS = ("patient_id", "cohort", "fold", "split", "repeat", "method")


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions as their maker wrote them, with what each column is.

    Attributes
    ----------
    frame
        Numbers as float64, everything else as text; "_row" numbers the rows from 1 and "_where" holds file and
        line where there is a file.
    roles
        Role ("patient_id", "fold", "split", "repeat", "cohort", "method", "label") to name of the column.
    scores, calls
        Columns with predictions, and columns that cut them in two.
    file
        Name for messages.
    notes
        What was noticed while reading.
    """

    frame: pl.DataFrame
    roles: Mapping[str, str]
    scores: tuple[str, ...]
    calls: tuple[str, ...]
    file: str = ""
    notes: tuple[Check, ...] = ()


def read_predictions(path: str | Path, *, scores: Sequence[str] = ()) -> Predictions:
    """Read predictions from CSV, TSV, XLSX, Parquet or SAS.

    Parameters
    ----------
    path
        The file.
    scores
        Columns that are predictions; recognised by name and kind where not given.

    Raises
    ------
    UnreadableInput
        For a file that is not there, is no table, is too large, or holds no column of predictions.
    """
    from coley.read.raw import read_raw

    table = read_raw(Path(path))
    frame = table.frame.with_columns(table.where().alias(WHERE_COLUMN)) if table.frame.height else table.frame
    made = recognise(frame, file=table.file, scores=scores)
    return Predictions(
        made.frame, made.roles, made.scores, made.calls, made.file, (*table.notes, *made.notes)
    )


def recognise(frame: pl.DataFrame, *, file: str = "", scores: Sequence[str] = ()) -> Predictions:
    """Return predictions in a frame, each column with its role.

    Parameters
    ----------
    frame
        One row per prediction.
    file
        Name for messages.
    scores
        Columns that are predictions; recognised where not given.

    Raises
    ------
    UnreadableInput
        For a frame without rows or without a column of predictions, and for a score that it does not have.

    Examples
    --------
    >>> import polars as pl
    >>> given = pl.DataFrame({"id": ["a", "b"], "risk": ["0.2", "0.7"], "fold": ["1", "2"]})
    >>> made = recognise(given)
    >>> made.roles["patient_id"], made.roles["fold"], made.scores
    ('id', 'fold', ('risk',))
    """
    import polars as pl

    name = file or "the predictions"
    if not frame.height:
        raise UnreadableInput(f"{name} holds no row.", where=file, remedy="Supply one row per patient.")
    frame = without_our_names(frame)
    columns = data_columns(frame)
    for score in scores:
        if score not in columns:
            close = nearest(score, columns)
            raise UnreadableInput(
                f"{name} has no column {score!r}.",
                where=f"columns: {naming(columns)}",
                remedy=f"Did you mean {close!r}?" if close else "Name one of its columns.",
            )
    roles = _roles(columns, scores)
    frame = frame.with_row_index(ROW, offset=1).with_columns(pl.lit(name).alias(TABLE))
    typed, notes = with_numbers(frame, {*(roles[r] for r in (*KEYS, "label") if r in roles)})
    kinds, taken = typed.schema, set(roles.values())
    numeric = [c for c in columns if kinds[c].is_float() and c not in taken]
    calls = [c for c in numeric if c not in scores and _is_call(typed[c], c)]
    found_scores = list(scores) or _scores([c for c in numeric if c not in calls])
    if not found_scores and calls:
        found_scores, calls = calls, []
    held = [c for c in found_scores if kinds[c].is_numeric() and typed[c].is_not_null().any()]
    if not held:
        raise UnreadableInput(
            f"{name} holds no column of predictions.",
            where=f"columns: {naming(columns)}",
            cause="Predictions are numbers, with a decimal point, one per patient.",
            remedy="Name the column score, prediction or probability.",
        )
    return Predictions(typed, roles, tuple(held), tuple(calls), name, tuple(notes))


def without_our_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame without columns whose name begins with an underscore, which are Coley's own.

    Lists, bytes and objects are neither numbers nor words; their columns become empty.
    """
    import polars as pl

    kept = [c for c in frame.columns if not c.startswith("_") or c == WHERE_COLUMN]
    kinds = frame.schema
    strange = [c for c in kept if kinds[c].is_nested() or kinds[c] in (pl.Binary, pl.Object)]
    return frame.select(kept).with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in strange)


def is_probability(column: str) -> bool:
    """Say whether the name of a column claims that it holds probabilities.

    Examples
    --------
    >>> is_probability("prob_response"), is_probability("LORIS")
    (True, False)
    """
    return not set(_parts(column)).isdisjoint(words("roles")["probability"])


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[^a-z0-9]+|(?<=[a-z])(?=[A-Z])", name.lower()) if part]


def _roles(columns: Sequence[str], scores: Sequence[str]) -> dict[str, str]:
    """Return role to column; the first spelling in the table of roles that occurs wins."""
    by_name: dict[str, str] = {}
    for column in columns:
        if column not in scores:
            by_name.setdefault(normalise(column), column)
    known = dictionary_table("patients").columns
    more = {"patient_id": tuple(known["patient_id"].synonyms), "cohort": tuple(known["cohort"].synonyms)}
    roles: dict[str, str] = {}
    for row in rows("roles"):
        role = row["name"]
        if row["how"] != "whole" or role == "call":
            continue
        spellings = (*words("roles")[role], *more.get(role, ()))
        hit = next((by_name[s] for s in map(normalise, spellings) if s in by_name), None)
        if hit is not None and hit not in roles.values():
            roles[role] = hit
    return roles


def _scores(numeric: Sequence[str]) -> list[str]:
    """Return the columns that are not covariates of the dictionary; those where there is nothing else."""
    known = set(dictionary_table("patients").columns) | {
        s for c in dictionary_table("patients").columns.values() for s in c.synonyms
    }
    named = [c for c in numeric if not set(_parts(c)).isdisjoint(words("roles")["score"])]
    foreign = [c for c in numeric if normalise(c) not in known and c not in known]
    return list(dict.fromkeys([*named, *foreign])) or list(numeric)


def _is_call(values: pl.Series, column: str) -> bool:
    two = values.drop_nulls().n_unique() <= 2
    return two and (
        normalise(column) in set(map(normalise, words("roles")["call"]))
        or values.drop_nulls().is_in([0.0, 1.0]).all()
    )


def with_numbers(frame: pl.DataFrame, texts: Collection[str] = ()) -> tuple[pl.DataFrame, list[Check]]:
    """Return the frame with numbers as float64 and the rest as text, and what was no number.

    Parameters
    ----------
    frame
        Any columns.
    texts
        Columns that stay text whatever they hold: keys and labels.
    """
    import polars as pl

    made, notes = [], []
    for column in data_columns(frame):
        values = frame[column]
        if column in texts:
            made.append(_text(values))
            continue
        if values.dtype == pl.String:
            text = _text(values)
            numbers = text.cast(pl.Float64, strict=False)
            if numbers.is_null().all() or float(numbers.count()) < limit("text.share") * text.count():
                made.append(text)
                continue
            lost = text.is_not_null() & numbers.is_null()
        elif values.dtype.is_numeric() or values.dtype == pl.Boolean:
            numbers = values.cast(pl.Float64)
            lost = numbers.is_null() & numbers.is_not_null()
        else:
            made.append(values.cast(pl.String, strict=False))
            continue
        endless = (numbers.is_infinite() | numbers.is_nan()).fill_null(value=False)
        lost |= endless & (values.cast(pl.String).str.to_lowercase() != "nan")
        if lost.any():
            notes.append(
                found(
                    "not_a_number",
                    "warn",
                    f"{int(lost.sum())} values of {column} are no finite numbers; they count as missing.",
                    remedy="Leave missing predictions empty, and write numbers with a decimal point.",
                    where=place(frame.filter(lost), column),
                )
            )
        made.append(numbers.set(endless, None).alias(column))
    return frame.with_columns(made), notes


def _text(values: pl.Series) -> pl.Series:
    """Return words without blanks around them; spellings of missing become missing, 12.0 becomes 12."""
    import polars as pl

    if values.dtype.is_float() and bool((values.drop_nulls().drop_nans() % 1 == 0).all()):
        values = values.fill_nan(None).cast(pl.Int64, strict=False)
    text = values.cast(pl.String, strict=False).str.strip_chars()
    gone = [word for word, value_in in missing_spellings().items() if not value_in]
    return text.set(text.str.to_lowercase().is_in(gone).fill_null(value=False), None).alias(values.name)


def nowhere(file: str, column: str = "", values: Sequence[str] = ()) -> Where:
    """Return a place without lines."""
    return Where(file, (), column, tuple(values))
