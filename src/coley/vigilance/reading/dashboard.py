"""Exports of the FAERS Public Dashboard: one row a case, several values in a cell."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.vigilance.reading.cast import assemble
from coley.vigilance.reading.formats import FORMATS, Format, Job, Plan, Unit
from coley.vigilance.reading.log import FileLog, Note
from coley.vigilance.reading.rows import LINE, Rows, header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from coley.vigilance.reading.formats import Claim, Write
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

_MARKS = {"case_id", "suspect_product_active_ingredients", "reactions"}
_NAMES, _INGREDIENTS = "suspect_product_names", "suspect_product_active_ingredients"
_OTHERS = "concomitant_product_names"
_WANTED = {
    *_MARKS, _NAMES, _OTHERS, "reason_for_use", "outcomes", "sex", "event_date", "latest_fda_received_date",
    "case_priority", "patient_age", "patient_weight", "sender", "reporter_type", "report_source",
    "initial_fda_received_date", "country_where_event_occurred", "manufacturer_control_number",
    "literature_reference",
}  # fmt: skip
_MISSING = ["-", "Not Specified"]  # what the dashboard writes into an empty cell


def claim(entry: Entry, head: bytes) -> str:
    """Return "cases" for an export, by its header."""
    return "cases" if set(header_of(entry, head).names) >= _MARKS else ""


def plan(claims: Sequence[Claim], limits: Limits) -> Plan:
    """Return each export as a unit."""
    units = [
        Unit(one.entry.name, (Job(one.entry, partial(_read, one.entry, one.head, limits)),), _review)
        for one in claims
    ]
    return Plan(tuple(units))


def _read(entry: Entry, head: bytes, limits: Limits, write: Write, passed: Callable[[int], None]) -> FileLog:
    import polars as pl

    source = Rows(entry, header_of(entry, head), limits)
    for batch in source.batches(_WANTED, passed):
        cells = pl.col(pl.String)
        frame = batch.with_columns(pl.when(~cells.is_in(_MISSING)).then(cells))
        keyless = frame.filter(~frame["case_id"].str.contains(r"^\d{1,18}$").fill_null(value=False))
        source.drop("no number in the key", keyless[LINE].to_list())
        frame = frame.filter(~pl.col(LINE).is_in(keyless[LINE].implode()))
        write("reports", assemble(_measured(frame), "dashboard", "reports", source.altered))
        write("drugs", assemble(_drugs(frame), "dashboard", "drugs", source.altered))
        for relation, name in (
            ("reactions", "reactions"),
            ("outcomes", "outcomes"),
            ("indications", "reason_for_use"),
        ):
            write(relation, assemble(_each(frame, name), "dashboard", relation, source.altered))
        sources = frame.drop_nulls("report_source") if "report_source" in frame.columns else frame.clear()
        write("sources", assemble(sources, "dashboard", "sources", source.altered))
    return source.log("dashboard", "reports")


def _measured(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with "78 YR" as number and unit."""
    import polars as pl

    present = [name for name in ("patient_age", "patient_weight") if name in frame.columns]
    return frame.with_columns(
        pl.col(name).str.extract(pattern).alias(name + suffix)
        for name in present
        for suffix, pattern in (("", r"^(\S+)"), ("_unit", r"^\S+\s+(\S+)$"))
    )


def _each(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return one row for each value of a cell."""
    import polars as pl

    if name not in frame.columns:
        return frame.clear().select(LINE, "case_id", pl.lit("").alias(name))
    values = frame.select(LINE, "case_id", pl.col(name).str.split(";")).explode(name, empty_as_null=True)
    text = pl.col(name).str.strip_chars()
    return values.with_columns(text).filter(pl.col(name) != "").unique(["case_id", name], maintain_order=True)


def _drugs(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the products of each case.

    The export tells which ingredients were suspected and which products, but not which product holds which
    ingredient, unless there is one of each. So ingredients stand alone, and products only where there are none.
    """
    import polars as pl

    alone = ~pl.col(_INGREDIENTS).str.contains(";") & ~pl.col(_NAMES).str.contains(";")
    paired = frame.with_columns(pl.when(alone).then(pl.col(_NAMES)).alias("only"))
    known = (
        _each(paired, _INGREDIENTS)
        .rename({_INGREDIENTS: "ingredient"})
        .join(
            paired.select("case_id", pl.col("only").alias("name")),
            on="case_id",
            how="left",
            maintain_order="left",
        )
    )
    unknown = _each(frame.filter(pl.col(_INGREDIENTS).is_null()), _NAMES).rename({_NAMES: "name"})
    others = _each(frame, _OTHERS).rename({_OTHERS: "name"})
    parts = [
        part.with_columns(pl.lit(role).alias("role"))
        for part, role in ((known, "SS"), (unknown, "SS"), (others, "C"))
    ]
    stacked = pl.concat(parts, how="diagonal").sort(LINE, maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).over("case_id").cast(pl.String)
    return stacked.with_columns(number.alias("drug_seq"))


def _review(logs: Sequence[FileLog]) -> list[Note]:
    return [
        Note(
            "note",
            log.name,
            "The export does not tell the primary suspect: suspect products are SS, concomitant ones C. Indications "
            "belong to no single drug, and there are no dates of therapy.",
        )
        for log in logs
    ]


FORMATS.add("dashboard", Format("export of the FAERS Public Dashboard (CSV or XLSX)", claim, plan))
