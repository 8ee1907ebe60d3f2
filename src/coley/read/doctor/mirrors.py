"""Columns that know the outcome: made from it, or made to match it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
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


def _candidates(frame: pl.DataFrame) -> list[str]:
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
    for column in _candidates(frame):
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
    from scipy.stats import rankdata

    ones = int(y.sum())
    zeros = len(y) - ones
    if min(ones, zeros) < limit("mirror.n"):
        return None
    area = (float(rankdata(x)[y].sum()) - ones * (ones + 1) / 2) / (ones * zeros)
    return max(area, 1 - area)


@examination(
    "published_score",
    title="Scores among the measurements",
    looks_for="a column that is computed from the others by a logistic formula",
    needs=(Need("patients"),),
)
def published_score(study: Study) -> Findings:
    """Find probabilities whose log-odds are a weighted sum of the measurements (a published model)."""
    import numpy as np
    import polars as pl

    frame = table(study, "patients")
    candidates = _candidates(frame)
    checks: Findings = []
    for column in candidates:
        if column in dictionary_table("patients").columns or not frame.schema[column].is_float():
            continue
        rows = frame.filter(pl.col(column).is_not_null())
        used = [c for c in candidates if c != column and not rows[c].null_count() and rows[c].n_unique() > 1]
        varied = [c for c in used if rows[c].n_unique() > limit("score.distinct")]
        y = rows[column].cast(pl.Float64).to_numpy()
        if len(varied) < limit("score.inputs") or len(y) < limit("score.patients_per_input") * len(used):
            continue
        if np.any((y <= 0) | (y >= 1)) or len(np.unique(y)) < len(y) / 2:
            continue
        logit = np.log(y / (1 - y))
        design = _design(rows, used)
        weights = np.linalg.lstsq(design, logit, rcond=None)[0]
        fit = design @ weights
        explained = 1 - np.sum((logit - fit) ** 2) / np.sum((logit - logit.mean()) ** 2)
        if explained > limit("score.explained"):
            pull = np.abs(weights * design.std(axis=0))[1 : len(used) + 1]
            strong = [c for c, p in zip(used, pull, strict=True) if c in varied and p > pull.max() / 10]
            checks.append(
                found(
                    "published_score",
                    "warn",
                    f"{column} is a logistic score of {', '.join(strong)} and others "
                    f"(they explain {explained:.1%} of its log-odds, {patients_word(len(y))}).",
                    cause="A published prediction was stored beside the data.",
                    remedy="Judge it as a prediction; as a covariate beside its own parts it tells nothing.",
                    where=place(rows, column),
                )
            )
    return checks


def _design(rows: pl.DataFrame, used: list[str]) -> Floats:
    """Return the inputs with an intercept and one column for each common cancer type."""
    import numpy as np
    import polars as pl

    columns = [np.ones(rows.height), *(rows[c].cast(pl.Float64).to_numpy() for c in used)]
    if "cancer_type" in rows.columns:
        types = rows["cancer_type"].cast(pl.String).fill_null("").value_counts(sort=True, name="n")
        kinds = types["cancer_type"].head(int(limit("score.types"))).to_list()[1:]
        columns += [
            (rows["cancer_type"] == kind).fill_null(value=False).cast(pl.Float64).to_numpy() for kind in kinds
        ]
    return np.column_stack(columns)
