"""Columns that know the outcome: made from it, or made to match it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.read.doctor.chance import ranks_of
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import data_columns, flag, found, patients_word, place, table
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from coley.model.study import Study

    Floats = npt.NDArray[np.float64]

OUTCOMES = ("responder", "response", "pfs_event", "os_event")
TIMES = ("pfs_months", "os_months")


def candidates(frame: pl.DataFrame) -> list[str]:
    """Return baseline columns and covariates that hold numbers or flags."""
    import polars as pl

    known = dictionary_table("patients")
    barred = {*known.role("outcome", "key", "design")}
    return [
        c
        for c in data_columns(frame)
        if c not in barred and (frame.schema[c].is_numeric() or frame.schema[c] == pl.Boolean)
    ]


@examination(
    "mirrors_outcome",
    title="Columns that know the outcome",
    looks_for="covariates that separate the outcomes almost without fault",
    needs=(Need("patients", any_of=(*OUTCOMES, *TIMES)),),
)
def mirrors_outcome(study: Study) -> Findings:
    """Find covariates from which response, event or time could be read off."""
    frame = table(study, "patients")
    checks: Findings = []
    for column in candidates(frame):
        told = _tells(frame, column)
        if told is None:
            continue
        what, area, n = told
        checks.append(
            found(
                "mirrors_outcome",
                "warn",
                f"{column} separates {what} in {area:.1%} of pairs ({patients_word(n)}); no baseline "
                "measurement does.",
                cause="It was made from the outcome, recorded after it, or is a score fitted to it.",
                remedy=f"Leave {column} out of everything that is to be foretold.",
                where=place(frame.filter(frame[column].is_not_null()), column),
            )
        )
    return checks


def _tells(frame: pl.DataFrame, column: str) -> tuple[str, float, int] | None:
    """Return the outcome that a column mirrors, with the share of pairs and the number of patients."""
    import polars as pl

    value = pl.col(column).cast(pl.Float64)
    for outcome in OUTCOMES:
        if outcome not in frame.columns:
            continue
        label = pl.col("response").is_in(["CR", "PR"]) if outcome == "response" else flag(outcome)
        known = frame.select(value.alias("x"), label.alias("y")).drop_nulls()
        area = _area(known["x"].to_numpy(), known["y"].to_numpy())
        if area is not None and area > limit("mirror.area"):
            return outcome, area, known.height
    if frame[column].n_unique() <= 3:  # two classes and missing: a time may have been cut into them
        for time in TIMES:
            if time in frame.columns:
                known = frame.select(pl.col(time).cast(pl.Float64).alias("x"), value.alias("y")).drop_nulls()
                area = _area(known["x"].to_numpy(), known["y"].to_numpy() > known["y"].min())
                if area is not None and area > limit("mirror.area"):
                    return time, area, known.height
    return None


def _area(x: Floats, y: npt.NDArray[np.bool_]) -> float | None:
    """Return the area under the curve of x for y, whichever direction; None with too few on either side."""
    ones = int(y.sum())
    zeros = len(y) - ones
    if min(ones, zeros) < limit("mirror.n"):
        return None
    area = (float(ranks_of(x)[y].sum()) - ones * (ones + 1) / 2) / (ones * zeros)
    return max(area, 1 - area)
