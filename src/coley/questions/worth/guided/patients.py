"""The study's patients as guided treatment needs them: marker, arm or response, and times in months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.biology.published import PUBLISHED, apply
from coley.economics.analysis.survival import PER_YEAR
from coley.model.errors import InvalidSetting, MissingData
from coley.model.study import WHERE_COLUMN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.economics.model_file.treatment import Strategy
    from coley.model.answer import Check
    from coley.model.study import Study

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEARNED_FROM = ("all", "part")  # overlap of a cohort with the training set of a published score


@dataclass(frozen=True, eq=False)
class Patients:
    """Patients whose marker is known.

    Attributes
    ----------
    marker
        (n,).
    treated, response
        (n,) the arm, and whether a patient responded (False in everybody where the model does not ask).
    pfs, alive
        Months and events, each (n,).
    unknown
        Patients left out because something of this is missing.
    untreated
        Marker, and months and deaths, of patients who were not treated; None where the model names none.
    notes, checks
        What was left out on purpose, and what a published score says of its inputs.
    """

    marker: Floats
    treated: Flags
    response: Flags
    pfs: tuple[Floats, Flags]
    alive: tuple[Floats, Flags]
    unknown: int
    untreated: tuple[Floats, tuple[Floats, Flags]] | None
    notes: tuple[str, ...]
    checks: tuple[Check, ...]


def patients_of(study: Study, one: Guided, strategies: dict[str, Strategy]) -> Patients:
    """Return patients of both arms, or of the treated strategy alone where response tells who gains.

    Raises
    ------
    InvalidSetting
        Where a curve does not come from the study's own patients.
    MissingData
        Where the marker or another column is missing, or nobody has all of them.
    """
    arms = {True: one.treated} if one.response else {True: one.treated, False: one.otherwise}
    scores, notes, checks = _marked(study, one)
    frames = [
        _rows(study, one, strategies[name], scores).with_columns(treated=pl.lit(treated))
        for treated, name in arms.items()
    ]
    every = pl.concat(frames)
    known = every.drop_nulls()
    if known.is_empty():
        raise MissingData(
            f"No patient of {study.name} has a value of {one.marker}"
            + (f" and of {one.response.column}." if one.response else ".")
        )
    columns = {name: known[name].to_numpy() for name in known.columns}
    return Patients(
        columns["marker"],
        columns["treated"],
        columns["response"],
        (columns["pfs"], columns["pfs_event"]),
        (columns["os"], columns["os_event"]),
        every.height - known.height,
        _untreated(study, one, strategies[one.treated], scores),
        notes,
        checks,
    )


def _marked(study: Study, one: Guided) -> tuple[pl.DataFrame, tuple[str, ...], tuple[Check, ...]]:
    """Return the patients with their marker; of a published score without those that it was fitted to."""
    patients = study.patients
    if one.marker in patients.columns or one.marker not in PUBLISHED:
        table = study.table("patients", one.marker)
        marker = pl.col(one.marker).cast(pl.Float64, strict=False)
        return table.with_columns(_marker=marker), (), ()
    model = PUBLISHED[one.marker]
    notes = [f"{model.title} is computed as published, and nothing of it is fitted here. {model.limits}"]
    checks: tuple[Check, ...] = ()
    if "cohort" in patients.columns:
        learned = [
            cohort
            for cohort in patients["cohort"].unique(maintain_order=True).drop_nulls().to_list()
            if (known := model.overlap(cohort)) is not None and known.overlap in LEARNED_FROM
        ]
        if learned:
            notes.append(f"Left out, for {model.title} was fitted to them: {', '.join(learned)}.")
            patients = patients.filter(~pl.col("cohort").is_in(learned).fill_null(value=False))
    found = apply(model, patients)
    checks = found.checks
    scores = found.table.select("patient_id", pl.col("value").alias("_marker"))
    return patients.join(scores, on="patient_id", how="left", maintain_order="left"), tuple(notes), checks


def _untreated(
    study: Study, one: Guided, strategy: Strategy, patients: pl.DataFrame
) -> tuple[Floats, tuple[Floats, Flags]] | None:
    alive = strategy.os.data
    if one.response is None or not one.response.untreated or alive is None:
        return None
    study.table("patients", *one.response.untreated)
    rows = patients
    for column, value in one.response.untreated.items():
        rows = rows.filter(pl.col(column).cast(pl.String) == str(value))
    known = rows.select(
        pl.col("_marker").alias("marker"),
        (pl.col(alive.time).cast(pl.Float64) / PER_YEAR[alive.time_unit] * PER_YEAR["months"]).alias("os"),
        pl.col(alive.event).cast(pl.Boolean).alias("os_event"),
    ).drop_nulls()
    if known.is_empty():
        chosen = ", ".join(f"{column} = {value}" for column, value in one.response.untreated.items())
        raise MissingData(f"No patient of {study.name} was untreated with a known {one.marker} ({chosen}).")
    columns = {name: known[name].to_numpy() for name in known.columns}
    return columns["marker"], (columns["os"], columns["os_event"])


def _rows(study: Study, one: Guided, strategy: Strategy, patients: pl.DataFrame) -> pl.DataFrame:
    pfs, alive = strategy.pfs.data, strategy.os.data
    if pfs is None or alive is None or pfs.file or alive.file or pfs.where != alive.where:
        raise InvalidSetting(
            f"Guided treatment by {one.marker} needs curves from the study's own patients.",
            remedy="Give data without a file, and with the same where, for pfs and os of the treated strategy"
            + ("." if one.response else " and of the other one; or say by which response patients gain."),
        )
    asked = [pfs.time, pfs.event, alive.time, alive.event, *pfs.where]
    study.table("patients", *asked, *([one.response.column] if one.response else []))
    rows = patients.drop(WHERE_COLUMN, strict=False)
    for column, value in pfs.where.items():
        rows = rows.filter(pl.col(column).cast(pl.String) == str(value))
    per_month = PER_YEAR["months"]
    response = (
        pl.col(one.response.column).cast(pl.Boolean, strict=False) if one.response else pl.lit(value=False)
    )
    return rows.select(
        pl.col("_marker").alias("marker"),
        response.alias("response"),
        (pl.col(pfs.time).cast(pl.Float64) / PER_YEAR[pfs.time_unit] * per_month).alias("pfs"),
        pl.col(pfs.event).cast(pl.Boolean).alias("pfs_event"),
        (pl.col(alive.time).cast(pl.Float64) / PER_YEAR[alive.time_unit] * per_month).alias("os"),
        pl.col(alive.event).cast(pl.Boolean).alias("os_event"),
    )
