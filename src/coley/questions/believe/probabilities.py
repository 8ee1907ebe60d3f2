"""Published probabilities against what happened: calibration, Brier score, decision curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_interval
from coley.questions.believe.associations import RESPONSE
from coley.questions.believe.markers.published import PROBABILITY
from coley.stats.judging.calibration import Calibration, calibration
from coley.stats.judging.decision_curve import DecisionCurve, decision_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings

    Floats = NDArray[np.float64]

LEAST_PATIENTS, LEAST_OF_EITHER = 50, 10  # for a slope whose interval says anything
THRESHOLDS = np.linspace(0.05, 0.6, 23)  # chances of response at which one could hesitate to treat


def probability_part(cohorts: Cohorts, markers: Sequence[Marker], settings: BelieveSettings) -> Part:
    """Return how far published probabilities can be taken at their word, cohort by cohort."""
    import polars as pl

    part = Part()
    rows: list[dict[str, object]] = []
    for marker in markers:
        if marker.unit != PROBABILITY:
            continue
        judged: list[tuple[str, Floats, Floats, Calibration]] = []
        for cohort in cohorts.names:
            use = cohorts.treated(cohort) & marker.known & np.isfinite(cohorts.responder)
            p, y = marker.values[use], cohorts.responder[use]
            if cohort in marker.in_sample or len(y) < LEAST_PATIENTS:
                continue
            if min(y.sum(), len(y) - y.sum()) < LEAST_OF_EITHER:
                continue
            try:
                found = calibration(p, y, level=settings.level)
            except NotEstimable:
                continue
            judged.append((cohort, p, y, found))
            rows.append(_row(marker, cohort, found))
            part += Part(estimates=_estimates(marker, cohort, found, settings))
        if judged:
            part += _check(marker, judged)
            part += _figures(marker, max(judged, key=lambda one: len(one[1])), settings)
    if rows:
        part += Part(tables={"calibration": pl.DataFrame(rows, infer_schema_length=None)})
    return part


def _row(marker: Marker, cohort: str, found: Calibration) -> dict[str, object]:
    score = found.score
    return {
        "marker": marker.name,
        "cohort": cohort,
        "n": found.n,
        "responders": score.positives,
        "observed_rate": found.observed,
        "expected_rate": found.expected,
        "observed_expected": found.observed_expected.value,
        "observed_expected_low": found.observed_expected.low,
        "observed_expected_high": found.observed_expected.high,
        "slope": found.slope.value,
        "slope_low": found.slope.low,
        "slope_high": found.slope.high,
        "brier": score.brier.value,
        "brier_of_a_constant": score.constant,
        "scaled_brier": score.scaled.value,
        "scaled_brier_low": score.scaled.low,
        "scaled_brier_high": score.scaled.high,
    }


def _estimates(
    marker: Marker, cohort: str, found: Calibration, settings: BelieveSettings
) -> tuple[Estimate, ...]:
    common = {
        "n": found.n,
        "events": found.score.positives,
        "level": settings.level,
        "endpoint": RESPONSE,
        "group": f"{marker.label}, {cohort}",
    }

    def estimate(name: str, unit: str, method: str, interval: object, note: str) -> Estimate:
        return Estimate(
            name,
            interval.value,  # type: ignore[attr-defined]
            interval.low,  # type: ignore[attr-defined]
            interval.high,  # type: ignore[attr-defined]
            unit=unit,
            method=method,
            note=note,
            **common,  # type: ignore[arg-type]
        )

    return (
        estimate(
            "observed_over_expected", "ratio", "calibration", found.observed_expected,
            "responders over the sum of published probabilities; 1 where they mean what they say",
        ),
        estimate("calibration_slope", "slope", "calibration", found.slope, "1 where the spread of risk is right"),
        estimate(
            "scaled_brier", "share", "brier_score", found.score.scaled,
            "error saved over giving everybody the rate of the cohort; below 0 a constant does better",
        ),
    )  # fmt: skip


def _check(marker: Marker, judged: Sequence[tuple[str, Floats, Floats, Calibration]]) -> Part:
    worse = [cohort for cohort, _, _, found in judged if found.score.scaled.value < 0]
    off = [
        cohort
        for cohort, _, _, found in judged
        if found.observed_expected.high < 1 or found.observed_expected.low > 1
    ]
    if not worse and not off:
        return Part(
            checks=(
                Check(
                    "published_probabilities",
                    "pass",
                    f"{marker.label}: probabilities agree with what was observed.",
                ),
            )
        )
    return Part(
        checks=(
            Check(
                "published_probabilities",
                "warn",
                f"{marker.label}: its probabilities are off in {len(off)} of {len(judged)} cohorts, and worse than the "
                f"cohort's own rate for everybody in {len(worse)}"
                + (f" ({', '.join(worse[:4])})." if worse else "."),
                cause="Fitted with balanced classes, or in patients with another rate of response.",
                remedy="Use it to rank patients; recalibrate it at your site before reading it as a chance.",
            ),
        )
    )


def _figures(
    marker: Marker, judged: tuple[str, Floats, Floats, Calibration], settings: BelieveSettings
) -> Part:
    """Return calibration and decision curve in the largest cohort that the model was not made from."""
    import polars as pl

    cohort, p, y, found = judged
    part = Part()
    if found.curve is not None:
        curve = found.curve
        name = f"calibration_{marker.name}"
        table = pl.DataFrame(
            {"x": curve.predicted, "value": curve.observed, "low": curve.low, "high": curve.high}
        )
        slope = format_interval(found.slope.value, found.slope.low, found.slope.high, unit="ratio")
        ratio = found.observed_expected
        figure = Figure(
            "calibration",
            name,
            title=f"{marker.label}: published probability against observed response, {cohort}",
            caption=f"n = {found.n}, {found.score.positives} responders; observed over expected "
            f"{format_interval(ratio.value, ratio.low, ratio.high, unit='ratio')}, slope {slope}. "
            "Bars below count the patients who were given each probability.",
            options={
                "x_title": "Published probability of response",
                "y_title": "Observed share of responders",
                "name": cohort,
                "predictions_table": f"{name}_predictions",
            },
        )
        tables = {name: table, f"{name}_predictions": pl.DataFrame({"x": p})}
        part += Part(tables=tables, figures=(figure,))
    return part + _decision(
        marker, cohort, decision_curve({marker.label: p}, y, THRESHOLDS, level=settings.level)
    )


def _decision(marker: Marker, cohort: str, found: DecisionCurve) -> Part:
    import polars as pl

    name = f"decision_{marker.name}"
    table = pl.concat(
        pl.DataFrame(
            {
                "group": label,
                "x": found.threshold,
                "value": found.net_benefit[i],
                "low": found.low[i],
                "high": found.high[i],
            }
        )
        for i, label in enumerate(found.names)
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    figure = Figure(
        "decision_curve",
        name,
        title=f"{marker.label}: net benefit of treating by it, {cohort}",
        caption=f"n = {found.n}, {found.positives} responders. Net benefit is responders treated less non-responders "
        "treated at the odds of the threshold, per patient; a model is worth using where it lies above both treating "
        "everybody and treating nobody.",
        options={"x_title": "Chance of response from which one would treat"},
    )
    return Part(tables={name: table}, figures=(figure,))
