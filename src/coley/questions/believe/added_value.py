"""What a marker adds to what the clinic knows already, judged on patients that no model was fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.factors import FactorMatrix, factor_matrix, factors
from coley.model.answer import Estimate
from coley.model.errors import InvalidSetting, NotEstimable, nearest
from coley.model.part import Part
from coley.questions.believe.associations import RESPONSE, known_outcome
from coley.questions.believe.cohorts import known_only_for_the_dead
from coley.stats.judging.added_value import AddedValue, added_value, added_value_survival

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings

    Rows = NDArray[np.bool_]

# The biology that a marker is meant to add is no part of the clinic that it is compared with.
NOT_CLINICAL = frozenset({"tmb_per_mb", "pdl1_tps", "pdl1_cps", "msi", "hla_loh"})
LEAST_OF_EITHER = 20  # in a cohort: each fold of five must hold a few
EVENTS_PER_COLUMN = 10  # Peduzzi 1995, J Clin Epidemiol 48:1503
LEAST_KNOWN = 0.8  # of the patients of the clinical model: fewer are another population
MOST_COMPARISONS = 120  # of marker and cohort; scores of expression are left out beyond it


@dataclass(frozen=True, slots=True)
class Added:
    """The gain of one marker over the clinical model of one cohort."""

    marker: str
    cohort: str
    endpoint: str
    n: int
    events: int
    measure: str
    gain: float
    low: float
    high: float
    p: float


def added_part(
    cohorts: Cohorts, markers: Sequence[Marker], endpoint: str, settings: BelieveSettings
) -> tuple[Part, tuple[Added, ...]]:
    """Return what each marker adds in each cohort that can carry the comparison, and the same as evidence."""
    import polars as pl

    _check_clinical(cohorts, settings)
    chosen = _affordable(cohorts, markers)
    rows: list[dict[str, object]] = []
    evidence: list[Added] = []
    estimates: list[Estimate] = []
    for cohort in cohorts.names:
        inside = cohorts.treated(cohort) & known_outcome(cohorts, endpoint)
        if known_only_for_the_dead(cohorts, cohort, endpoint) or not _enough(cohorts, endpoint, inside):
            continue
        clinic = factor_matrix(
            cohorts.patients.filter(pl.Series(inside)), clinical_columns(cohorts, settings)
        )
        for marker in chosen:
            if cohort in marker.in_sample:
                continue
            made = _compare(cohorts, marker, clinic, inside, endpoint=endpoint, settings=settings)
            if made is None:
                continue
            found, factors_used = made
            measure = "AUC" if endpoint == RESPONSE else "C"
            change = found.discrimination.change
            evidence.append(
                Added(
                    marker.name, cohort, endpoint, found.n, found.events, measure, change.value, change.low,
                    change.high, found.likelihood_ratio.p,
                )
            )  # fmt: skip
            rows.append(_row(marker, cohort, endpoint, found, measure, factors_used))
            estimates.append(_estimate(marker, cohort, endpoint, found, settings, factors_used))
    part = Part(
        estimates=tuple(estimates),
        tables={"added_value": pl.DataFrame(rows, infer_schema_length=None)} if rows else {},
    )
    if not rows:
        part += Part(
            cannot_tell=(
                "What a marker adds to the clinic: no cohort has enough patients, outcomes and baseline factors.",
            )
        )
    return part, tuple(evidence)


def _affordable(cohorts: Cohorts, markers: Sequence[Marker]) -> list[Marker]:
    if len(markers) * len(cohorts.names) <= MOST_COMPARISONS:
        return list(markers)
    return [marker for marker in markers if not marker.of_expression]


def _enough(cohorts: Cohorts, endpoint: str, rows: Rows) -> bool:
    label = _label(cohorts, endpoint)[rows]
    return bool(min(label.sum(), len(label) - label.sum()) >= LEAST_OF_EITHER) if len(label) else False


def _label(cohorts: Cohorts, endpoint: str) -> Rows:
    if endpoint == RESPONSE:
        return np.nan_to_num(cohorts.responder) > 0
    outcome = cohorts.outcome(endpoint)
    return np.zeros(cohorts.n, dtype=bool) if outcome is None else outcome.event


def clinical_columns(cohorts: Cohorts, settings: BelieveSettings) -> tuple[str, ...]:
    """Return the columns of the clinical model against which markers are judged."""
    present = cohorts.patients.columns
    return settings.clinical or tuple(c for c in factors() if c in present and c not in NOT_CLINICAL)


def _compare(
    cohorts: Cohorts,
    marker: Marker,
    made: FactorMatrix,
    inside: Rows,
    *,
    endpoint: str,
    settings: BelieveSettings,
) -> tuple[AddedValue, str] | None:
    """Compare the clinical model with and without a marker; None where the cohort cannot carry it."""
    values = marker.values[inside]
    label = _label(cohorts, endpoint)[inside]
    complete = made.complete & np.isfinite(values)
    if not made.distinct_factors or complete.sum() < LEAST_KNOWN * made.complete.sum():
        return None
    rarer = int(min(label[complete].sum(), (~label[complete]).sum()))
    budget = (rarer if endpoint == RESPONSE else int(label[complete].sum())) // EVENTS_PER_COLUMN - 1
    columns: list[int] = []
    for factor in made.distinct_factors:
        if factor == marker.name:
            continue
        own = made.columns_of(factor)
        if len(columns) + len(own) <= budget and all(np.ptp(made.matrix[complete, j]) > 0 for j in own):
            columns += own
    if not columns or np.ptp(values[complete]) == 0:
        return None
    X = made.matrix[complete][:, columns]
    options = {
        "folds": settings.folds,
        "repeats": settings.repeats,
        "seed": settings.seed,
        "level": settings.level,
    }
    used = ", ".join(dict.fromkeys(made.labels[j] for j in columns))
    try:
        if endpoint == RESPONSE:
            return added_value(label[complete], X, values[complete], **options), used  # type: ignore[arg-type]
        outcome = cohorts.outcome(endpoint)
        assert outcome is not None
        time = outcome.time[inside][complete]
        return (
            added_value_survival(time, label[complete], X, marker=values[complete], **options),  # type: ignore[arg-type]
            used,
        )
    except (NotEstimable, InvalidSetting):
        return None  # too few in a fold, or a column that carries nothing there


def _row(
    marker: Marker, cohort: str, endpoint: str, found: AddedValue, measure: str, used: str
) -> dict[str, object]:
    shown = found.discrimination
    row: dict[str, object] = {
        "marker": marker.name,
        "cohort": cohort,
        "endpoint": endpoint,
        "n": found.n,
        "events": found.events,
        "clinical_model": used,
        "measure": measure,
        "clinical_alone": shown.without.value,
        "with_marker": shown.with_marker.value,
        "gain": shown.change.value,
        "gain_low": shown.change.low,
        "gain_high": shown.change.high,
        "likelihood_ratio_p": found.likelihood_ratio.p,
    }
    if found.brier is not None:
        row |= {
            "brier_alone": found.brier.without.value,
            "brier_change": found.brier.change.value,
            "brier_change_low": found.brier.change.low,
            "brier_change_high": found.brier.change.high,
        }
    return row


def _estimate(
    marker: Marker, cohort: str, endpoint: str, found: AddedValue, settings: BelieveSettings, used: str
) -> Estimate:
    change = found.discrimination.change
    name = "auc_gain_over_clinical_model" if endpoint == RESPONSE else "c_gain_over_clinical_model"
    return Estimate(
        name,
        change.value,
        change.low,
        change.high,
        n=found.n,
        events=found.events,
        unit="",
        method="added_value" if endpoint == RESPONSE else "added_value_survival",
        level=settings.level,
        endpoint=endpoint,
        group=f"{marker.label}, {cohort}",
        p=found.likelihood_ratio.p,
        note=f"over {used}; p of the likelihood-ratio test",
    )


def _check_clinical(cohorts: Cohorts, settings: BelieveSettings) -> None:
    for name in settings.clinical:
        if name not in cohorts.patients.columns:
            close = nearest(name, cohorts.patients.columns)
            raise InvalidSetting(
                f"Table patients has no column {name!r}.",
                where="setting 'clinical' of question 'believe'",
                remedy=f"Did you mean {close!r}?" if close else "Name columns of patients.",
            )
