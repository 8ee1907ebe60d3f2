"""A table as its file has it to a table of the data dictionary: names, units, codes, kinds, missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.errors import UnreadableInput
from coley.model.study import WHERE_COLUMN
from coley.read.columns import ColumnMap, Match, as_word, candidates, named
from coley.read.covariates import infer_types
from coley.read.facts import limits
from coley.read.findings import Place
from coley.read.kinds import naming
from coley.read.values import Parsed, parse_column
from coley.read.words import blank_out, spellings, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from coley.model.answer import Check
    from coley.model.dictionary import Table
    from coley.read.raw import RawTable

__all__ = ["ColumnMap", "canonical", "check_patients"]

RESPONDERS = ("CR", "PR")  # the objective response of RECIST 1.1
INSTEAD = {"responder": "response"}  # a column called "response" that holds yes and no says who responded
OWN_NAME = "_original"  # ending of a further column whose name the dictionary needs for another


def canonical(
    raw: RawTable,
    table: str,
    columns: Mapping[str, ColumnMap | str] | None = None,
    *,
    missing: Iterable[str] = (),
    guess: bool = True,
    keep: bool = True,
    ignore: Iterable[str] = (),
    panel_megabases: float | None = None,
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Turn a raw table into a table of the data dictionary.

    Parameters
    ----------
    raw
        What `read_raw` returned.
    table
        Name of the table in the dictionary.
    columns
        Name in the dictionary to where its values come from.
    missing
        Spellings of missing beside the usual ones.
    guess
        Whether columns that `columns` does not name are recognised by their names; those without which
        the table is unusable always are.
    keep
        Whether further columns are kept as covariates.
    ignore
        Columns of the file that are left out.
    panel_megabases
        Assayed megabases, which turn a number of mutations into a density.

    Returns
    -------
    The table, with the column `_where` ("file:line") last, and what there is to say about it. Missing is
    null. Values that cannot be understood, infinite values and times below zero become missing, and a
    finding of level "warn" names their lines.

    Raises
    ------
    UnreadableInput
        Where a required column is absent, or a patient has no id or the id of another.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.read.raw import RawTable
    >>> cells = pl.DataFrame({"PtID": ["0040"], "PFS_days": ["61"], "BOR": ["Partial Response"]})
    >>> frame, notes = canonical(RawTable(cells, "small.csv", 2), "patients")
    >>> frame.row(0, named=True)["pfs_months"] * 30.4375, frame["response"][0], frame["_where"][0]
    (61.0, 'PR', 'small.csv:2')
    """
    import polars as pl

    known = dictionary_table(table)
    given = {
        name: ColumnMap(column=value) if isinstance(value, str) else value
        for name, value in (columns or {}).items()
    }
    raw = replace(raw, frame=raw.frame.drop(WHERE_COLUMN, *ignore, strict=False))
    blank = spellings(missing)
    parsed = {
        name: (match, _read(raw, known, match, blank, panel_megabases))
        for name, match in named(given, known, raw.frame.columns, raw.file).items()
    }
    notes = list(raw.notes)
    wanted = known.columns if guess else known.required  # the keys bear their own names more often than not
    guessed, failed = _guess(raw, known, parsed, blank, panel_megabases, wanted=wanted)
    parsed |= guessed
    notes += _recognised(raw, known, guessed, failed)
    taken = {match.map.column for match, _ in parsed.values()}
    for _, column in parsed.values():
        notes += column.notes
    _check_required(raw, known, parsed)
    order = [name for name in known.columns if name in parsed]
    order += [name for name in parsed if name not in known.columns]
    frame = pl.DataFrame([parsed[name][1].values.alias(name) for name in order])
    frame, derived = _derive_responder(frame, raw, known)
    if keep:
        others, kept = _further(raw, known, frame.columns, taken, blank)
        frame, derived = frame.hstack(others.get_columns()), (*derived, *kept)
    frame = frame.with_columns(raw.where().alias(WHERE_COLUMN))
    frame, dropped = _check_keys(frame, raw, known)
    return frame, (*notes, *derived, *dropped)


def check_patients(frame: pl.DataFrame) -> None:
    """Make sure that every patient has an id and no two have the same.

    Raises
    ------
    UnreadableInput
        Where this is not so, with the lines.
    """
    ids = frame["patient_id"]
    if ids.is_empty():
        raise UnreadableInput(
            "The table of patients has no rows.",
            where="the file of patients",
            cause="An export that stopped after the header, or a filter that left nobody.",
            remedy="Supply one row per patient.",
        )
    doublet = "One row per sample, visit or lesion; two files joined below each other; or a true doublet."
    if "cohort" in frame.columns and not frame.select("cohort", "patient_id").is_duplicated().any():
        doublet = "Each cohort numbers its patients anew; read them one by one (where = { column = ... })."
    for bad, what, cause in (
        (ids.is_null(), "without a patient_id", "An empty cell, or a spelling of missing, in the id column."),
        (ids.is_duplicated() & ids.is_not_null(), "that share a patient_id with another row", doublet),
    ):
        if bad.any():
            rows = frame.filter(bad)
            values = rows["patient_id"].drop_nulls().unique(maintain_order=True).to_list()
            ids_in_words = f"; ids {naming(map(repr, values))}" if values else ""
            raise UnreadableInput(
                f"The table of patients has {rows.height} rows {what}.",
                where=f"{naming(rows[WHERE_COLUMN])}{ids_in_words}",
                cause=cause,
                remedy="Give each patient one row and one id; map the right column to patient_id.",
            )


def _read(
    raw: RawTable, known: Table, match: Match, blank: frozenset[str], panel_megabases: float | None
) -> Parsed:
    import polars as pl

    given = match.map
    if given.column is None:
        assert given.value is not None  # held by ColumnMap
        texts = pl.Series([as_word(given.value)], dtype=pl.String).new_from_index(0, raw.frame.height)
        place = Place(raw, match.name)
    else:
        further = blank | spellings(given.missing, usual=False)
        texts = words(raw.frame[given.column], further, column=match.name)
        place = Place(raw, given.column)
    column = known.columns.get(match.name)
    if column is None:  # a covariate with a name of the user's own
        coded = texts.replace(given.coding)
        values = infer_types(coded.alias(match.name).to_frame())[match.name]
        return Parsed(values, texts.is_null() & texts.is_not_null())
    return parse_column(
        texts, column, place, unit=given.unit, coding=given.coding, panel_megabases=panel_megabases
    )


def _guess(
    raw: RawTable,
    known: Table,
    parsed: Mapping[str, tuple[Match, Parsed]],
    blank: frozenset[str],
    panel_megabases: float | None,
    *,
    wanted: Iterable[str],
) -> tuple[dict[str, tuple[Match, Parsed]], list[tuple[Match, Parsed]]]:
    """Recognise columns by name; one of which no value can be understood is not what its name says."""
    taken = {match.map.column for match, _ in parsed.values()}
    options = candidates(known, raw.frame.columns)
    guessed: dict[str, tuple[Match, Parsed]] = {}
    failed: list[tuple[Match, Parsed]] = []
    for name in wanted:
        matches = options.get(name, [])
        if name in INSTEAD and INSTEAD[name] not in {**parsed, **guessed}:
            matches = [*matches, *(replace(match, name=name) for match in options.get(INSTEAD[name], []))]
        for match in matches:
            if name in parsed or match.map.column in taken:
                continue
            column = _read(raw, known, match, blank, panel_megabases)
            if column.lost.any() and column.values.null_count() == len(column.values):
                failed.append((match, column))
                continue
            guessed[name] = (match, column)
            taken.add(match.map.column)
            break
    return guessed, [(match, column) for match, column in failed if match.map.column not in taken]


def _recognised(
    raw: RawTable,
    known: Table,
    guessed: Mapping[str, tuple[Match, Parsed]],
    failed: list[tuple[Match, Parsed]],
) -> list[Check]:
    place = Place(raw, "")
    notes = []
    if guessed:
        pairs = ", ".join(
            name if name == match.map.column else f"{match.map.column} as {name}"
            for name, (match, _) in guessed.items()
        )
        notes.append(
            place.check("columns_recognised", "pass", f"{known.name}: recognised by their names: {pairs}.")
        )
    for match, column in failed:
        where = column.notes[-1].where if column.notes else None
        notes.append(
            place.check(
                "column_not_understood",
                "warn",
                f"{match.map.column} bears the name of {known.name}.{match.name}, but none of its values is "
                "understood; it is kept as a covariate.",
                remedy=f"Say in study.toml what its values mean: [tables.{known.name}.columns] "
                f"{match.name} = {{ column = {str(match.map.column)!r}, codes = {{ ... }} }}",
                where=where,
            )
        )
    return notes


def _check_required(raw: RawTable, known: Table, made: Mapping[str, object]) -> None:
    absent = [name for name in known.required if name not in made]
    if not absent:
        return
    raise UnreadableInput(
        f"{raw.file} has no column that can be {' or '.join(absent)} of table {known.name}.",
        where=f"{raw.file}; its columns: {naming(raw.frame.columns)}",
        remedy=f"Name the column in study.toml: [tables.{known.name}.columns] {absent[0]} = 'its name'.",
    )


def _derive_responder(
    frame: pl.DataFrame, raw: RawTable, known: Table
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Say who responded from the best response; a response is never made up from a responder."""
    if "responder" not in known.columns or "response" not in frame.columns or "responder" in frame.columns:
        return frame, ()
    responder = frame["response"].is_in(list(RESPONDERS)).alias("responder")
    place = frame.columns.index("response") + 1
    note = Place(raw, "response").check(
        "responder_derived", "pass", "responder was derived from response: CR and PR yes; SD, PD and NE no."
    )
    return frame.insert_column(place, responder), (note,)


def _further(
    raw: RawTable, known: Table, used: list[str], taken: set[str | None], blank: frozenset[str]
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the columns that nothing was read from, typed, under names that nothing else bears."""
    import polars.selectors as cs

    others = raw.frame.select(name for name in raw.frame.columns if name not in taken)
    most = limits()["covariates"]
    if known.name != "expression" and others.width > most:
        message = f"{raw.file} has {others.width:,} further columns; only the first {most:,} were kept."
        remedy = (
            "A matrix of genes belongs into the table expression; or leave the columns out (keep, ignore)."
        )
        notes: tuple[Check, ...] = (Place(raw, "").check("too_many_columns", "warn", message, remedy=remedy),)
        others = others.select(others.columns[:most])
    else:
        notes = ()
    names = set(used)
    renamed: dict[str, str] = {}
    for name in others.columns:
        if name in names or name in known.columns:
            renamed[name] = f"{name}{OWN_NAME}"
    texts = blank_out(others, blank)
    others = infer_types(texts)
    infinite = [
        name
        for name in texts.select(cs.string()).columns
        if others[name].null_count() > texts[name].null_count()
    ]
    if infinite:
        message = f"Infinite values of {naming(infinite)} became missing."
        notes += (Place(raw, naming(infinite)).check("infinite_value", "warn", message),)
    return others.rename(renamed), notes


def _check_keys(frame: pl.DataFrame, raw: RawTable, known: Table) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Refuse patients without an id; elsewhere leave out, and report, the rows that lack a key."""
    import polars as pl

    if known.name == "patients":
        check_patients(frame)
        return frame, ()
    keys = [name for name in known.required if known.columns[name].role == "key"]
    whole = frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in keys)).to_series()
    if whole.all():
        return frame, ()
    note = Place(raw, ", ".join(keys)).check(
        "key_missing",
        "warn",
        f"{(~whole).sum()} rows of {known.name} lack {' or '.join(keys)}, and were left out.",
        remedy="Fill in what identifies the row.",
        where=Place(raw, ", ".join(keys)).rows(~whole, frame[keys[-1]]),
    )
    return frame.filter(whole), (note,)
