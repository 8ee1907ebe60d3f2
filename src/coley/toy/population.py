"""Truths of the population that a design draws from, by Monte Carlo.

Every patient of one large cohort is sent down every arm, so that contrasts carry little noise. Survival,
restricted means, causes of death and immune-related events are those of patients who are never lost;
response rates and Cox coefficients, which depend on how long patients are seen, are those under the accrual,
cut-off and dropout of the design. The column `error` holds the Monte Carlo standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.baseline import Baseline, draw_baseline
from coley.toy.course import CAUSES, run_course
from coley.toy.design import Design
from coley.toy.lesions import draw_lesions
from coley.toy.observe import end_of_sight, observe
from coley.toy.recist import CR, NEVER, PR
from coley.toy.streams import Bools, Floats, Ints, Streams

if TYPE_CHECKING:
    import polars as pl

COHORT, CHUNKS = 6_000, 5  # patients in each part, and parts: 30,000 patients down every arm
SEED = 20_260_101  # apart from any seed that a study is likely to have
MILESTONES = (6.0, 12.0, 24.0, 36.0)
IRAE_MONTHS = (3.0, 6.0, 12.0)
RMST_MONTHS = 24.0
PERIODS = ((0.0, 3.0), (3.0, 6.0), (6.0, 12.0), (12.0, 24.0))


class Row(NamedTuple):
    """One truth: its arm, its time, its value, what it is measured in, and how it was found."""

    quantity: str
    arm: str
    months: float | None
    value: float
    unit: str
    method: str
    error: float | None


@dataclass(frozen=True, eq=False)
class _Arm:
    """Outcomes of the whole cohort in one arm, months and flags; the last three as a study would see them."""

    death: Floats
    cause: Ints
    pfs: Floats
    irae: Floats
    responded: Bools
    os_time: Floats
    os_event: Bools


@lru_cache(maxsize=8)
def population_truth(design: Design) -> pl.DataFrame:
    """Return the truths of the population of a design, one row each.

    Parameters
    ----------
    design
        The design; the result is kept for designs that were asked for before.
    """
    import polars as pl

    tmb, arms = _simulate(design)
    rows = [row for arm, out in zip(design.arms, arms, strict=True) for row in _of_arm(arm.name, out)]
    control = next((k for k, arm in enumerate(design.arms) if arm.name == design.control_arm), None)
    if control is not None:
        for k, arm in enumerate(design.arms):
            if k != control:
                rows += _contrast(arm.name, arms[k], arms[control], tmb)
                difference = arm.tmb_log_odds - design.arms[control].tmb_log_odds
                rows.append(
                    Row(
                        "tmb_interaction_log_odds_of_control",
                        arm.name,
                        None,
                        difference,
                        "log odds",
                        "closed form",
                        0.0,
                    )
                )
    for name in ("albumin", "nlr", "liver", "ecog", "burden"):
        value = getattr(design, f"{name}_log_hazard")
        rows.append(Row(f"conditional_log_hazard_{name}", "", None, value, "log hazard", "closed form", 0.0))
    return pl.DataFrame(rows, schema=list(Row._fields), orient="row")


def _simulate(design: Design) -> tuple[Floats, list[_Arm]]:
    """Return the TMB score of the cohort and its outcomes in every arm."""
    last_day = int(max(MILESTONES) * DAYS_PER_MONTH) + 7 * design.scan_weeks + 30
    parts: list[list[_Arm]] = [[] for _ in design.arms]
    scores = []
    for chunk in range(CHUNKS):
        streams = Streams(SEED + chunk)
        baseline: Baseline = draw_baseline(COHORT, design, streams)
        lesions = draw_lesions(baseline, streams)
        sight = end_of_sight(COHORT, design, streams)
        scores.append(baseline.tmb_score)
        for k, arm in enumerate(design.arms):
            course = run_course(baseline, lesions, arm, design=design, streams=streams, last_day=last_day)
            whole = observe(course, np.full(COHORT, NEVER, dtype=np.int64))
            seen = observe(course, sight)
            parts[k].append(
                _Arm(
                    death=course.death_day / DAYS_PER_MONTH,
                    cause=course.cause,
                    pfs=whole.pfs_day / DAYS_PER_MONTH,
                    irae=course.toxicity.first_day / DAYS_PER_MONTH,
                    responded=np.isin(seen.response, (CR, PR)),
                    os_time=seen.os_day / DAYS_PER_MONTH,
                    os_event=seen.os_event,
                )
            )
    joined = [
        _Arm(**{f.name: np.concatenate([getattr(part, f.name) for part in arm]) for f in fields(_Arm)})
        for arm in parts
    ]
    return np.concatenate(scores), joined


def _of_arm(name: str, out: _Arm) -> Iterator[Row]:
    how = f"Monte Carlo, {out.death.size:,} patients"

    def mean(quantity: str, months: float | None, values: Floats | Bools, unit: str = "probability") -> Row:
        error = float(np.std(values) / np.sqrt(values.size))
        return Row(quantity, name, months, float(np.mean(values)), unit, how, error)

    yield mean("response_rate", None, out.responded, "proportion")
    for months in MILESTONES:
        yield mean("os_survival", months, out.death > months)
        yield mean("pfs_survival", months, out.pfs > months)
    yield mean("os_rmst", RMST_MONTHS, np.minimum(out.death, RMST_MONTHS), "months")
    yield mean("pfs_rmst", RMST_MONTHS, np.minimum(out.pfs, RMST_MONTHS), "months")
    yield Row("os_median", name, None, float(np.median(out.death)), "months", how, None)
    yield Row("pfs_median", name, None, float(np.median(out.pfs)), "months", how, None)
    for months in IRAE_MONTHS:
        yield mean("irae_cumulative_incidence", months, out.irae <= months)
    for k, cause in enumerate(CAUSES):
        dead = (out.death <= RMST_MONTHS) & (out.cause == k)
        yield mean(f"death_cumulative_incidence {cause}", RMST_MONTHS, dead)


def _contrast(name: str, out: _Arm, control: _Arm, tmb: Floats) -> list[Row]:
    """Return the contrasts with control that an ideal Cox or logistic model would estimate at this design."""
    from coley.stats.logistic import logistic
    from coley.stats.survival.cox import cox

    n = tmb.size
    time, event = (
        np.concatenate([out.os_time, control.os_time]),
        np.concatenate([out.os_event, control.os_event]),
    )
    treated = np.repeat([1.0, 0.0], n)
    score = np.tile(tmb, 2)
    how = f"least false value, Monte Carlo, {n:,} patients in either arm"
    rows = []

    def add(quantity: str, months: float | None, value: float, unit: str, error: float) -> None:
        rows.append(Row(quantity, name, months, float(value), unit, how, float(error)))

    whole = cox(time, event, treated[:, None])
    add("os_log_hazard_ratio", None, whole.coefficients[0], "log hazard", whole.standard_errors[0])
    for start, stop in (*PERIODS, (PERIODS[-1][1], float(time.max()) + 1)):
        at_risk = time > start
        until = np.minimum(time, stop)[at_risk]
        happened = (event & (time <= stop))[at_risk]
        part = cox(until, happened, treated[at_risk][:, None])
        add(
            f"os_log_hazard_ratio from month {start:g}",
            None,
            part.coefficients[0],
            "log hazard",
            part.standard_errors[0],
        )
    X = np.stack([treated, score, treated * score], axis=1)
    both = cox(time, event, X)
    add("tmb_interaction_os_log_hazard", None, both.coefficients[2], "log hazard", both.standard_errors[2])
    responded = np.concatenate([out.responded, control.responded])
    fit = logistic(responded, X)
    error = float(np.sqrt(fit.covariance[3, 3]))
    add("tmb_interaction_response_log_odds", None, fit.coefficients[3], "log odds", error)
    return rows
