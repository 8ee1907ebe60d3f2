"""ADSL or DM, with what ADTTE, ADRS and DS say of each subject, to the table of patients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.read.cdisc.datasets import SUBJECT
from coley.read.cdisc.facts import variables
from coley.read.columns import ColumnMap
from coley.read.findings import Place
from coley.read.kinds import naming
from coley.read.mapping import canonical
from coley.read.raw import RawTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.cdisc.datasets import Datasets, Part
    from coley.read.cdisc.survival import Survival

POPULATIONS = ("SAFFL", "ITTFL", "FASFL", "EFFFL", "PPROTFL", "RANDFL", "ENRLFL")  # ADaMIG: Y or N
SCREEN_FAILURE = ("screen failure", "scrnfail")  # ARM and ARMCD of SDTMIG before and since 3.3
_ARMS = ("ARM", "ACTARM", "TRT01P", "ARMCD", "ACTARMCD", "ARMNRS")


def subjects(data: Datasets) -> tuple[RawTable, tuple[Check, ...]]:
    """Return one row per subject: ADSL, else DM, else the subjects that the other data sets name."""
    import polars as pl

    name, parts = data.get("ADSL", "DM")
    notes: list[Check] = []
    if name:
        raw = parts[0].raw
        if len(parts) > 1:
            frame = pl.concat([part.raw.frame for part in parts], how="diagonal")
            lines = [part.raw.line(row) for part in parts for row in range(part.raw.frame.height)]
            raw = RawTable(frame, naming(part.raw.file for part in parts), lines[0], lines=lines)
        raw, notes = _without_screen_failures(raw)
        return raw, (*notes, *_populations(raw))
    every = [part for several in data.parts.values() for part in several]
    most = max(every, key=lambda part: part.raw.frame[SUBJECT].n_unique())
    order = [most, *(part for part in every if part is not most)]
    ids = pl.concat([part.raw.frame[SUBJECT] for part in order])
    lines = [part.raw.line(row) for part in order for row in range(part.raw.frame.height)]
    first = ids.is_first_distinct()
    file = most.raw.file if most.raw.frame[SUBJECT].n_unique() == first.sum() else f"{len(every)} data sets"
    raw = RawTable(ids.to_frame(), file, 1, lines=lines).filter(first)
    frame = raw.frame
    message = (
        f"Neither ADSL nor DM is here: the {frame.height} patients are those whom the other data sets name, and "
        "nothing else is known of them."
    )
    return raw, (Place(raw, SUBJECT).check("no_subject_data", "warn", message, remedy="Supply ADSL or DM."),)


def patients(
    raw: RawTable,
    *,
    survival: Survival,
    responses: pl.DataFrame | None,
    disposition: pl.DataFrame | None,
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the table of patients.

    Parameters
    ----------
    raw
        One row per subject.
    survival
        Times and events.
    responses, disposition
        One row per subject (USUBJID and further columns), where there are any.
    """
    frame = raw.frame
    columns = chosen(frame, "patients")
    columns |= _age(frame, columns)
    for further in (survival.frame, responses, disposition):
        if further is not None and further.width > 1:
            frame = frame.join(further, on=SUBJECT, how="left", maintain_order="left")
    for endpoint, unit in survival.units.items():
        columns[f"{endpoint}_months"] = ColumnMap(column=f"{endpoint}_months", unit=unit)
        columns[f"{endpoint}_event"] = ColumnMap(column=f"{endpoint}_event")
    if responses is not None:
        columns["response"] = ColumnMap(column="response")
    return canonical(replace(raw, frame=frame), "patients", columns, guess=False)


def chosen(frame: pl.DataFrame, table: str) -> dict[str, ColumnMap | str]:
    """Return where each column of a table comes from: the first of its variables that is there and holds a value."""
    found: dict[str, ColumnMap | str] = {}
    for column, names in variables(table).items():
        present = [name for name in names if name in frame.columns]
        held = [name for name in present if frame[name].null_count() < frame.height]
        if present:
            found[column] = ColumnMap(column=(held or present)[0])
    return found


def disposition(parts: Sequence[Part]) -> pl.DataFrame | None:
    """Return how and when each subject left the study (USUBJID, disposition, disposition_day), from DS."""
    import polars as pl

    if not parts:
        return None
    rows = pl.concat([part.raw.frame for part in parts], how="diagonal")
    if "DSCAT" in rows.columns:
        rows = rows.filter(pl.col("DSCAT").str.to_uppercase() == "DISPOSITION EVENT")
    sort = [name for name in ("DSSEQ",) if name in rows.columns]
    last = rows.sort(SUBJECT, *sort, maintain_order=True).unique(SUBJECT, keep="last", maintain_order=True)
    day = pl.lit(None, pl.Float64)
    if "DSSTDY" in last.columns:
        days = pl.col("DSSTDY").cast(pl.Float64, strict=False)
        day = days - (days > 0).cast(pl.Float64)
    return last.select(SUBJECT, pl.col("DSDECOD").alias("disposition"), day.alias("disposition_day"))


def _age(frame: pl.DataFrame, columns: Mapping[str, ColumnMap | str]) -> dict[str, ColumnMap | str]:
    if "age_years" not in columns or "AGEU" not in frame.columns:
        return {}
    said = frame["AGEU"].drop_nulls().str.to_lowercase().unique()
    return {"age_years": ColumnMap(column="AGE", unit=said[0])} if len(said) == 1 else {}


def _without_screen_failures(raw: RawTable) -> tuple[RawTable, list[Check]]:
    import polars as pl

    arms = [name for name in _ARMS if name in raw.frame.columns]
    if not arms:
        return raw, []
    failed = (
        raw.frame.select(
            pl.any_horizontal(pl.col(name).str.to_lowercase().is_in(list(SCREEN_FAILURE)) for name in arms)
        )
        .to_series()
        .fill_null(value=False)
    )
    if not failed.any():
        return raw, []
    message = (
        f"{failed.sum()} of {raw.frame.height} subjects failed screening and were left out: they were neither "
        "randomised nor treated."
    )
    return raw.filter(~failed), [Place(raw, arms[0]).check("screen_failures", "pass", message)]


def _populations(raw: RawTable) -> tuple[Check, ...]:
    flags = [name for name in POPULATIONS if name in raw.frame.columns]
    if not flags:
        return ()
    counts = ", ".join(f"{name} {(raw.frame[name] == 'Y').sum()}" for name in flags)
    message = (
        f"All {raw.frame.height} subjects were kept; in the populations are {counts}. The flags are columns of "
        "patients."
    )
    return (Place(raw, ", ".join(flags)).check("populations", "pass", message),)
