"""Reports as the R package DiAna writes them: cleaned tables, of which several make one relation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import facts
from coley.vigilance.reading.cast import assemble, headers_of
from coley.vigilance.reading.formats import FORMATS, Format, Job, Plan, Unit
from coley.vigilance.reading.log import FileLog, Note
from coley.vigilance.reading.rows import Rows, concat, header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from coley.vigilance.reading.formats import Claim, Write
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

_KEY, _DRUG = "primaryid", "drug_seq"
_NEEDED = ("reports", "drugs", "reactions")
# Tables that add columns to a relation: their role, the keys they share with it.
_MORE = {
    "reports": ((("reports_more",), (_KEY,)),),
    "drugs": ((("drugs_names", "drugs_more", "drugs_doses"), (_KEY, _DRUG)),),
}


def claim(entry: Entry, head: bytes) -> str:
    """Return which table of DiAna a file is, by its header; FAERS itself names caseid in every table."""
    header = header_of(entry, head)
    names = set(header.names)
    if header.delimiter != "," or _KEY not in names or ("caseid" in names and "quarter" not in names):
        return ""
    return next((t.relation for t in facts.tables("diana") if any(mark <= names for mark in t.marks)), "")


def plan(claims: Sequence[Claim], limits: Limits) -> Plan:
    """Return the tables of each folder as one unit."""
    folders: dict[str, dict[str, Claim]] = {}
    for one in claims:
        folders.setdefault(one.entry.folder, {})[one.role] = one
    units, notes = [], []
    for name, tables in sorted(folders.items()):
        missing = [
            t.file for t in facts.tables("diana") if t.relation in _NEEDED and t.relation not in tables
        ]
        if missing:
            notes.append(
                Note("problem", name, f"There is no table {' and no '.join(missing)}; it was not read.")
            )
            continue
        jobs = [Job(one.entry, partial(_read, role, tables, limits)) for role, one in sorted(tables.items())]
        units.append(Unit(name, tuple(jobs), _review))
    return Plan(tuple(units), tuple(notes))


def _read(
    role: str, tables: dict[str, Claim], limits: Limits, write: Write, passed: Callable[[int], None]
) -> FileLog:
    import polars as pl

    frame, source = _frame(role, tables, limits, passed)
    relation = role.split("_")[0]
    if role == relation:
        if role == "drugs":
            frame = _one_row_a_drug(frame)
        for names, keys in _MORE.get(role, ()):
            for name in names:
                if name in tables:
                    more, _ = _frame(name, tables, limits, lambda _: None)
                    more = more.select(
                        *keys, *(c for c in more.columns if c not in frame.columns and c not in keys)
                    )
                    more = more.unique(keys, keep="first", maintain_order=True)
                    frame = frame.join(more, on=list(keys), how="left", maintain_order="left")
        if "quarter" in frame.columns:  # 04Q1
            frame = frame.with_columns(pl.concat_str(pl.lit("20"), pl.col("quarter")).alias("quarter"))
        write(relation, assemble(frame, "diana", relation, source.altered))
    elif role == "reports_more" and "rpsr_cod" in frame.columns:
        write("sources", assemble(frame, "diana", "sources", source.altered))
    return source.log("diana", relation)


def _frame(
    role: str, tables: dict[str, Claim], limits: Limits, passed: Callable[[int], None]
) -> tuple[pl.DataFrame, Rows]:
    import polars as pl

    one = tables[role]
    source = Rows(one.entry, header_of(one.entry, one.head), limits)
    wanted = headers_of("diana", role.split("_")[0]) | headers_of("diana", "sources")
    frame = concat(source.batches(wanted, passed))
    if frame is None:
        raise UnreadableInput("The table has no row.", where=one.entry.name)
    key = pl.col(_KEY).str.strip_suffix(".0")
    frame = frame.with_columns(key)
    good = frame[_KEY].str.contains(r"^\d{1,18}$").fill_null(value=False)
    source.drop("no number in the key", frame.filter(~good)["line_number"].to_list())
    return frame.filter(good), source


def _one_row_a_drug(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each drug; the substances of a combination stand in one cell, as in prod_ai."""
    import polars as pl

    substances = pl.col("substance").drop_nulls().str.join("\\")
    rest = pl.exclude(_KEY, _DRUG, "substance").first()
    joined = frame.group_by(_KEY, _DRUG, maintain_order=True).agg(rest, substances)
    return joined.with_columns(pl.when(pl.col("substance") != "").then(pl.col("substance")))


def _review(logs: Sequence[FileLog]) -> list[Note]:
    return [
        Note(
            "note", log.name, "The tables are cleaned already: drugs stand under DiAna's own standard names."
        )
        for log in logs
        if log.relation == "drugs" and "Drug." in log.name
    ]


FORMATS.add("diana", Format("tables of the R package DiAna", claim, plan))
