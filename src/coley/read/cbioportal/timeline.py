"""Timelines to doses, laboratory results and adverse events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.read.columns import ColumnMap
from coley.read.findings import Place
from coley.read.kinds import naming
from coley.read.mapping import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.raw import RawTable

# EVENT_TYPE to the table, and where its columns come from.
EVENTS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "TREATMENT": ("doses", {"drug": ("AGENT", "SUBTYPE", "TREATMENT_TYPE")}),
    "LAB_TEST": ("labs", {"test": ("TEST",), "value": ("RESULT", "VALUE"), "unit": ("UNIT", "UNITS")}),
    "ADVERSE_EVENT": (
        "adverse_events",
        {"term": ("TERM", "EVENT", "TOXICITY", "SUBTYPE"), "grade": ("GRADE",)},
    ),
    "TOXICITY": ("adverse_events", {"term": ("TERM", "EVENT", "TOXICITY", "SUBTYPE"), "grade": ("GRADE",)}),
}
_IMMUNE = "IMMUN"  # in TREATMENT_TYPE, SUBTYPE or AGENT_CLASS: immunotherapy, immune checkpoint inhibitor
_CLASSES = ("TREATMENT_TYPE", "SUBTYPE", "AGENT_CLASS")


def timeline_tables(files: Sequence[RawTable]) -> tuple[dict[str, pl.DataFrame], tuple[Check, ...]]:
    """Return the tables that timelines give.

    Days of a timeline count from diagnosis. Where it tells when immunotherapy began, they are counted from there;
    otherwise they stay as they are, and this is said.
    """
    import polars as pl

    starts = _immunotherapy(files)
    frames: dict[str, list[pl.DataFrame]] = {}
    notes: list[Check] = []
    for raw in files:
        event = raw.frame["EVENT_TYPE"].str.to_uppercase().str.replace_all(" ", "_", literal=True)
        others = sorted(set(event.drop_nulls()) - set(EVENTS))
        if others:
            message = f"{raw.file}: events of other types were not read: {naming(others)}."
            notes.append(Place(raw, "EVENT_TYPE").check("events_not_read", "pass", message))
        for name, (table, sources) in EVENTS.items():
            mask = (event == name).fill_null(value=False)
            if not mask.any():
                continue
            rows = raw.filter(mask)
            columns: dict[str, ColumnMap | str] = {"patient_id": "PATIENT_ID"}
            for column, names in sources.items():
                held = next(
                    (n for n in names if n in rows.frame.columns and rows.frame[n].is_not_null().any()), ""
                )
                if held:
                    columns[column] = held
            needed = {"doses": "drug", "labs": "test", "adverse_events": "term"}[table]
            if needed not in columns:
                message = f"{raw.file}: {name} rows name no {needed} and were not read."
                notes.append(Place(raw, "EVENT_TYPE").check("events_without_name", "warn", message))
                continue
            rows, days = _with_days(rows, starts)
            first, last = ("start_day", "end_day") if table == "adverse_events" else ("day", "end_day")
            columns |= {first: "START_DATE", **({last: "STOP_DATE"} if table != "labs" else {})}
            frame, more = canonical(rows, table, columns, guess=False, keep=False)
            frames.setdefault(table, []).append(frame)
            notes += [*days, *more]
    return {table: pl.concat(parts, how="diagonal_relaxed") for table, parts in frames.items()}, tuple(notes)


def _immunotherapy(files: Sequence[RawTable]) -> pl.DataFrame:
    """Return the day of diagnosis-time on which each patient's immunotherapy began."""
    import polars as pl

    starts = [pl.DataFrame(schema={"PATIENT_ID": pl.String, "first": pl.Float64})]
    for raw in files:
        classes = [name for name in _CLASSES if name in raw.frame.columns]
        if not classes:
            continue
        immune = pl.any_horizontal(
            pl.col(n).str.to_uppercase().str.contains(_IMMUNE, literal=True) for n in classes
        )
        treated = pl.col("EVENT_TYPE").str.to_uppercase() == "TREATMENT"
        starts.append(
            raw.frame.filter((immune & treated).fill_null(value=False)).select(
                "PATIENT_ID", first=pl.col("START_DATE").cast(pl.Float64, strict=False)
            )
        )
    return pl.concat(starts).drop_nulls().group_by("PATIENT_ID").agg(pl.col("first").min())


def _with_days(rows: RawTable, starts: pl.DataFrame) -> tuple[RawTable, list[Check]]:
    import polars as pl

    place = Place(rows, "START_DATE")
    frame = rows.frame
    stop = (
        pl.col("STOP_DATE").cast(pl.Float64, strict=False) if "STOP_DATE" in frame.columns else pl.lit(None)
    )
    frame = frame.with_columns(
        pl.col("START_DATE").cast(pl.Float64, strict=False).alias("START_DATE"),
        stop.cast(pl.Float64, strict=False).alias("STOP_DATE"),
    )
    if not starts.height:
        message = (
            f"{rows.file}: days count from diagnosis, as in every timeline, and not from the first dose: no treatment "
            "is called immunotherapy."
        )
        return replace(rows, frame=frame), [place.check("days_from_diagnosis", "warn", message)]
    frame = frame.join(starts, on="PATIENT_ID", how="left", maintain_order="left")
    unknown = int(frame["first"].is_null().sum())
    frame = frame.with_columns(
        pl.col("START_DATE") - pl.col("first"), pl.col("STOP_DATE") - pl.col("first")
    ).drop("first")
    rest = f" {unknown} rows of patients without one have no day, and were left out." if unknown else ""
    message = f"{rows.file}: days from diagnosis were turned into days since the first immunotherapy.{rest}"
    return replace(rows, frame=frame), [
        place.check("days_from_immunotherapy", "warn" if unknown else "pass", message)
    ]
