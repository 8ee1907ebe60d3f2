"""CDISC data sets (ADaM and SDTM; SAS transport, SAS data set, CSV) to a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.model.study import About, Study
from coley.read.cdisc import records
from coley.read.cdisc.datasets import Datasets, candidates, dataset_of, load
from coley.read.cdisc.days import dates, first_doses
from coley.read.cdisc.response import best_responses
from coley.read.cdisc.subjects import disposition, patients, subjects
from coley.read.cdisc.survival import Survival, survival
from coley.read.cdisc.tumours import lesions
from coley.read.format import Format
from coley.read.kinds import stem_of
from coley.read.sources import sources

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from coley.read.raw import RawTable

# Each table comes from the first of these that is there: the analysis data before the collected data.
TABLES = {
    "adverse_events": ("ADAE", "AE"),
    "labs": ("ADLB", "LB"),
    "doses": ("EX",),
    "lesions": ("TR", "ADTR"),
}
SUBJECT_DATA = ("ADSL", "DM", "ADTTE", "ADRS", "RS", "DS")


def sniff(path: Path) -> bool:
    """Say whether the file, or any file of the folder, has the variables of a CDISC data set."""
    return any(dataset_of(file) not in ("", "SUPP") for file in candidates(path))


def read(path: Path) -> Study:
    """Return the study in a folder of CDISC data sets, or in one of them.

    Raises
    ------
    UnreadableInput
        Where a data set cannot be read, or holds a row without a subject.
    """
    data = load(path)
    if not data.parts:
        raise UnreadableInput(f"{path.name} holds no CDISC data set that is read.", where=str(path))
    raw, notes = subjects(data)
    doses = first_doses(raw.frame)
    times = survival(data.get("ADTTE")[1])
    responses, found = best_responses(data.get("ADRS")[1], data.get("RS")[1])
    left = disposition(data.get("DS")[1])
    frame, more = patients(raw, survival=times, responses=responses, disposition=left)
    frames = {"patients": frame}
    notes = (*data.notes, *notes, *times.notes, *found, *more)
    used = {name for name in SUBJECT_DATA if name in data.parts} - ({"DM"} if "ADSL" in data.parts else set())
    for table, names in TABLES.items():
        name, parts = data.get(*names)
        if not name:
            continue
        if table == "lesions":
            rows, more = lesions(parts, data.get("TU")[1], name, doses=doses)
            used.add("TU")
        else:
            rows, more = records.rows(parts, table, name, doses=doses, known=raw.frame.columns)
        used.add(name)
        notes += more
        if rows.width:
            frames[table] = rows
    notes += _unused(data, used)
    notes += _endpoints(times, path)
    opened = [
        (part.path, _table_of(name))
        for name, several in data.parts.items()
        if name in used
        for part in several
    ]
    folder = path.parent if path.is_file() else path
    name = stem_of(path) if path.is_file() else path.resolve().name
    return Study(name, frames, _about(raw, times), sources(opened, folder), notes)


def _table_of(dataset: str) -> str:
    return next(
        (table for table, names in TABLES.items() if dataset in names),
        "lesions" if dataset == "TU" else "patients",
    )


def _unused(data: Datasets, used: set[str]) -> tuple[Check, ...]:
    rest = sorted(set(data.parts) - used)
    if not rest:
        return ()
    message = f"{', '.join(rest)} hold the collected data of what the analysis data hold, and were left out."
    return (Check("collected_data_left_out", "pass", message),)


def _endpoints(times: Survival, path: Path) -> tuple[Check, ...]:
    if times.units:
        return ()
    return (
        Check(
            "no_survival_endpoint",
            "warn",
            "This study holds no survival endpoint: neither OS nor PFS is in an ADTTE that could be read.",
            remedy="Supply ADTTE with PARAMCD OS or PFS.",
            where=Where(path.name),
        ),
    )


def _about(raw: RawTable, times: Survival) -> About:
    """Return what the data sets say about the study: its name, its origin of time, whether it was randomised."""
    frame = raw.frame
    studies: list[str] = (
        frame["STUDYID"].drop_nulls().unique().to_list() if "STUDYID" in frame.columns else []
    )
    title = studies[0] if len(studies) == 1 else ""
    randomised = None
    if "RANDDT" in frame.columns and frame["RANDDT"].is_not_null().any():
        arm = next((name for name in ("TRT01P", "ARM") if name in frame.columns), "")
        randomised = True if arm and frame[arm].n_unique() > 1 else None
    return About(title=title, time_origin=_origin(frame, times.starts), randomised=randomised)


def _origin(frame: pl.DataFrame, starts: pl.DataFrame) -> str:
    """Return what STARTDT of ADTTE is, where it is the same day for every subject."""
    if not starts.height:
        return ""
    for variable, origin in (("RANDDT", "randomisation"), ("TRTSDT", "first dose")):
        if variable in frame.columns:
            both = frame.select("USUBJID", variable).join(starts, on="USUBJID")
            day = dates(both[variable])
            if both.height and day.is_not_null().all() and (day == both["start"]).all():
                return origin
    return ""


CDISC = Format(
    name="cdisc",
    title="CDISC data sets (ADaM, SDTM)",
    looks_for="CDISC data sets by their variables (ADSL, ADTTE, ADRS, ADAE, ADLB; DM, AE, EX, DS, LB, TU, TR, RS)",
    sniff=sniff,
    read=read,
)
