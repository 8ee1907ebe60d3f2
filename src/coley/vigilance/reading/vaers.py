"""VAERS: a year of vaccine reports in three tables, DATA, VAX and SYMPTOMS."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.vigilance.reading import facts
from coley.vigilance.reading.cast import assemble, headers_of
from coley.vigilance.reading.formats import FORMATS, Format, Job, Plan, Unit
from coley.vigilance.reading.log import FileLog, Note
from coley.vigilance.reading.rows import LINE, Rows, concat, header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from coley.vigilance.reading.formats import Claim, Write
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

_KEY = "vaers_id"
# Columns of DATA that say Y, and the outcome of FAERS that each amounts to.
_OUTCOMES = {
    "died": "DE", "l_threat": "LT", "hospital": "HO", "x_stay": "HO", "disable": "DS", "birth_defect": "CA",
}  # fmt: skip
_SYMPTOMS = tuple(f"symptom{number}" for number in range(1, 6))


def claim(entry: Entry, head: bytes) -> str:
    """Return the relation that a table of VAERS gives, by its header."""
    names = set(header_of(entry, head).names)
    if _KEY not in names:
        return ""
    return next((t.relation for t in facts.tables("vaers") if any(mark <= names for mark in t.marks)), "")


def plan(claims: Sequence[Claim], limits: Limits) -> Plan:
    """Return the years among the files: files whose names share what stands before DATA, VAX and SYMPTOMS."""
    years: dict[str, dict[str, Claim]] = {}
    notes = []
    for one in claims:
        name = f"{one.entry.folder}/{one.entry.stem.split('VAERS')[0]}"
        year = years.setdefault(name, {})
        if one.role in year:
            notes.append(
                Note("problem", one.entry.name, f"A second table of the same kind beside {year[one.role].entry.name}; "
                     "only that one was read.")
            )  # fmt: skip
            continue
        year[one.role] = one
    units = []
    for name, tables in sorted(years.items()):
        missing = [t.file for t in facts.tables("vaers") if t.relation not in tables]
        refused = limits.incomplete == "refuse"
        if missing:
            done = "was not read" if refused else "was read without"
            notes.append(
                Note("problem", name, f"This year of VAERS has no {' and no '.join(missing)}; it {done}.")
            )
            if refused:
                continue
        data = tables.get("reports")
        jobs = [
            Job(one.entry, partial(_READERS[role], one, data, limits)) for role, one in sorted(tables.items())
        ]
        units.append(Unit(name, tuple(jobs)))
    return Plan(tuple(units), tuple(notes))


def _read_data(
    one: Claim, _: Claim | None, limits: Limits, write: Write, passed: Callable[[int], None]
) -> FileLog:
    import polars as pl

    source = Rows(one.entry, header_of(one.entry, one.head), limits)
    for batch in source.batches(headers_of("vaers", "reports") | set(_OUTCOMES), passed):
        frame = _keyed(batch, source)
        write("reports", assemble(frame, "vaers", "reports", source.altered))
        said = [
            frame.filter(pl.col(name).str.to_uppercase() == "Y").select(
                LINE, _KEY, pl.lit(code).alias("outcome")
            )
            for name, code in _OUTCOMES.items()
            if name in frame.columns
        ]
        outcomes = pl.concat(said).unique([_KEY, "outcome"], maintain_order=True) if said else None
        if outcomes is not None:
            write("outcomes", assemble(outcomes, "vaers", "outcomes", source.altered))
    return source.log("vaers", "reports")


def _read_vaccines(
    one: Claim, data: Claim | None, limits: Limits, write: Write, passed: Callable[[int], None]
) -> FileLog:
    import polars as pl

    source = Rows(one.entry, header_of(one.entry, one.head), limits)
    days = _vaccinated(data, limits) if data is not None else None
    for batch in source.batches(headers_of("vaers", "drugs"), passed):
        frame = _keyed(batch, source).with_columns(pl.lit("PS").alias("role"))
        write("drugs", assemble(frame, "vaers", "drugs", source.altered))
        if days is not None:
            given = frame.join(days, on=_KEY, how="inner", maintain_order="left")
            write("therapies", assemble(given, "vaers", "therapies", source.altered))
    return source.log("vaers", "drugs")


def _read_symptoms(
    one: Claim, _: Claim | None, limits: Limits, write: Write, passed: Callable[[int], None]
) -> FileLog:
    import polars as pl

    source = Rows(one.entry, header_of(one.entry, one.head), limits)
    for batch in source.batches({_KEY, *_SYMPTOMS}, passed):
        frame = _keyed(batch, source)
        present = [name for name in _SYMPTOMS if name in frame.columns]
        long = frame.unpivot(present, index=[LINE, _KEY], value_name="symptom").drop_nulls("symptom")
        ordered = long.sort(LINE, maintain_order=True)
        write(
            "reactions",
            assemble(ordered.select(pl.exclude("variable")), "vaers", "reactions", source.altered),
        )
    return source.log("vaers", "reactions")


def _vaccinated(data: Claim, limits: Limits) -> pl.DataFrame | None:
    """Return the day of vaccination of each report, which DATA holds and VAX lacks."""
    source = Rows(data.entry, header_of(data.entry, data.head), limits)
    frame = concat(source.batches({_KEY, "vax_date"}))
    if frame is None or "vax_date" not in frame.columns:
        return None
    return frame.select(_KEY, "vax_date").drop_nulls().unique(_KEY, keep="first", maintain_order=True)


def _keyed(frame: pl.DataFrame, source: Rows) -> pl.DataFrame:
    good = frame[_KEY].str.contains(r"^\d{1,18}$").fill_null(value=False)
    source.drop("no number in the key", frame.filter(~good)[LINE].to_list())
    return frame.filter(good)


_READERS: dict[str, Callable[..., FileLog]] = {
    "reports": _read_data,
    "drugs": _read_vaccines,
    "reactions": _read_symptoms,
}

FORMATS.add("vaers", Format("VAERS (DATA, VAX and SYMPTOMS)", claim, plan))
