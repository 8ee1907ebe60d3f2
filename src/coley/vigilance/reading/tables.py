"""Tables of one row a report, drug and event, under whatever names; or one row for so many reports."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import facts
from coley.vigilance.reading.cast import assemble, headers_of
from coley.vigilance.reading.formats import ANY_TABLE, FORMATS, Format, Job, Plan, Unit
from coley.vigilance.reading.log import FileLog, Note
from coley.vigilance.reading.rows import LINE, Rows, concat, header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from coley.vigilance.reading.formats import Claim, Write
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

COUNTS = ("n11", "n", "count", "freq", "frequency", "reports")
_MOST = 50_000_000  # reports that rows with counts may stand for, held in memory
_ROLES = {"role", "role_cod"}
_RELATIONS = ("reports", "drugs", "reactions")


def roles_of(names: Sequence[str]) -> dict[str, str]:
    """Return which header gives the report, drug, event, count and date; those that are absent are left out.

    Examples
    --------
    >>> roles_of(["caseid", "drug", "ae"])
    {'report': 'caseid', 'drug': 'drug', 'event': 'ae'}
    """
    wanted = {
        role: next(w.headers for w in facts.wanted("table", relation) if w.column.name == column)
        for role, relation, column in (
            ("report", "reports", "report_id"),
            ("drug", "drugs", "name"),
            ("event", "reactions", "term"),
            ("date", "reports", "received_date"),
        )
    }
    wanted["count"] = COUNTS
    found = {role: next((h for h in headers if h in names), "") for role, headers in wanted.items()}
    return {role: name for role, name in found.items() if name}


def claim(entry: Entry, head: bytes) -> str:
    """Return "pairs" for a table that names drug and event, by its header."""
    roles = roles_of(header_of(entry, head).names)
    return "pairs" if {"drug", "event"} <= set(roles) and {"report", "count", "date"} & set(roles) else ""


def plan(claims: Sequence[Claim], limits: Limits) -> Plan:
    """Return each table as a unit; several tables are several databases, whose reports must not be mixed."""
    first = claims[0]
    job = Job(first.entry, partial(_read, first, limits))
    unit = Unit(first.entry.name, (job,), partial(_review, first))
    notes = [
        Note("problem", one.entry.name, f"Of several tables of reports only {first.entry.name} was read, as "
             "their numbers of reports may overlap.", "", "Join the tables, or read each by itself.")
        for one in claims[1:]
    ]  # fmt: skip
    return Plan((unit,), tuple(notes))


def _read(one: Claim, limits: Limits, write: Write, passed: Callable[[int], None]) -> FileLog:
    import polars as pl

    header = header_of(one.entry, one.head)
    roles = roles_of(header.names)
    if "count" in roles and "report" not in roles and "date" not in roles:
        raise UnreadableInput(
            "This is a table of counts, not of reports.",
            where=one.entry.name,
            cause=f"It gives drug, event and {roles['count']}, and neither a report nor a date.",
            remedy="Read it as a contingency table.",
        )
    source = Rows(one.entry, header, limits)
    wanted = {*_ROLES, *roles.values()}.union(*(headers_of("table", name) for name in _RELATIONS))
    frame = concat(source.batches(wanted, passed))
    if frame is None:
        raise UnreadableInput("The table has no row.", where=one.entry.name)
    drug, event = roles["drug"], roles["event"]
    named = frame[drug].is_not_null() & frame[event].is_not_null()
    source.drop("no drug or no event", frame.filter(~named)[LINE].to_list())
    frame = _numbered(frame.filter(named), roles, source)
    key = pl.col("report_id")
    write(
        "reports",
        assemble(frame.unique(key, keep="first", maintain_order=True), "table", "reports", source.altered),
    )
    if not _ROLES & set(frame.columns):
        frame = frame.with_columns(pl.lit("SS").alias("role"))
    role = sorted(_ROLES & set(frame.columns))
    drugs = frame.select(LINE, key, drug, *role).unique(["report_id", drug, *role], maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).over("report_id").cast(pl.String).alias("drug_seq")
    write("drugs", assemble(drugs.with_columns(number), "table", "drugs", source.altered))
    events = frame.select(LINE, key, event).unique(["report_id", event], maintain_order=True)
    write("reactions", assemble(events, "table", "reactions", source.altered))
    return source.log("table", "reports")


def _numbered(frame: pl.DataFrame, roles: dict[str, str], source: Rows) -> pl.DataFrame:
    """Return the rows with a whole number for each report, under report_id, and no other name for it."""
    import polars as pl

    if "report" in roles:
        key = roles["report"]
        others = [
            n for n in headers_of("table", "reactions") if n in frame.columns and n not in roles.values()
        ]
        frame = frame.with_columns(pl.col(key).str.strip_suffix(".0")).drop(set(others))
        source.drop("no report in the key", frame.filter(pl.col(key).is_null())[LINE].to_list())
        frame = frame.drop_nulls(key)
        if not frame[key].str.contains(r"^\d{1,18}$").all():  # named otherwise than by numbers
            order = pl.col(key).rank("dense").cast(pl.Int64).cast(pl.String)
            frame = frame.with_columns(order.alias(key))
            source.altered.add("reports are not named by numbers, numbered here", [], count=frame.height)
        return frame.rename({key: "report_id"})
    if "count" in roles:
        times = pl.col(roles["count"]).str.strip_suffix(".0")
        good = frame[roles["count"]].str.contains(r"^\d{1,9}(\.0)?$").fill_null(value=False)
        source.drop("no whole number in the count", frame.filter(~good)[LINE].to_list())
        frame = frame.filter(good).with_columns(times.cast(pl.Int64).alias(roles["count"]))
        total = int(frame[roles["count"]].sum())
        if total > _MOST:
            raise UnreadableInput(
                f"The counts stand for {total:,} reports; at most {_MOST:,} are held.",
                where=source.entry.name,
                remedy="Read the sums by drug and event as a contingency table.",
            )
        frame = frame.select(pl.all().repeat_by(roles["count"]).explode(empty_as_null=False)).drop(
            roles["count"]
        )
    return frame.with_columns(pl.int_range(1, pl.len() + 1).cast(pl.String).alias("report_id"))


def _review(one: Claim, logs: Sequence[FileLog]) -> list[Note]:
    names = header_of(one.entry, one.head).names
    where = one.entry.name
    notes = []
    if "report" not in roles_of(names):
        notes.append(
            Note(
                "note",
                where,
                "The table names no report: each row counts as reports of its own, with one drug and one event.",
                "",
                "Drugs and events that were reported together cannot be told from it.",
            )
        )
    if not _ROLES & set(names):
        notes.append(
            Note("note", where, "The table tells no role of a drug: every drug counts as suspect (SS).")
        )
    return notes


FORMATS.add(ANY_TABLE, Format("a table of one row a report, drug and event", claim, plan))
