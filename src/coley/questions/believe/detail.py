"""Each marker seen closely in each cohort: discrimination with its errors, survival at a horizon, functional form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_p
from coley.questions.believe.across import TITLES
from coley.questions.believe.associations import RESPONSE, Association
from coley.questions.believe.finite import finite
from coley.stats.judging.concordance import uno_c
from coley.stats.judging.functional_form import (
    FunctionalForm,
    functional_form_cox,
    functional_form_logistic,
)
from coley.stats.judging.intervals import logit_interval
from coley.stats.judging.precision_recall import average_precision
from coley.stats.judging.roc import roc_curve
from coley.stats.judging.time_dependent_auc import time_dependent_auc

if TYPE_CHECKING:
    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings
    from coley.stats.values import Interval

LEAST_PATIENTS, LEAST_OF_EITHER = 40, 10  # for a curve, and for measures whose errors are asymptotic
MOST_PAIRS = (
    400  # of marker and cohort: beyond it a reader wants the pooled result, and hours are wasted on the rest
)
MOST_ESTIMATES = 120  # areas under the curve that stand among the numbers; all are in the table
MOST_CURVES = 4


def detail_part(
    cohorts: Cohorts, markers: Sequence[Marker], found: Sequence[Association], settings: BelieveSettings
) -> Part:
    """Return areas under the curve, and the closer look at every pair of marker and cohort that can carry one."""
    import polars as pl

    named = {marker.name: marker for marker in markers}
    part = Part(estimates=_areas(found, named, settings))
    usable = [a for a in found if a.n >= LEAST_PATIENTS and a.estimated and _rarer(a) >= LEAST_OF_EITHER]
    pairs = list(dict.fromkeys((a.marker, a.cohort) for a in usable))
    if len(pairs) > MOST_PAIRS:
        known = {m.name for m in markers if not m.of_expression}
        usable = [a for a in usable if a.marker in known]
        part += Part(
            caveats=(
                f"The closer look (precision and recall, concordance, functional form) was taken at {len(known)} "
                "clinical, genomic and named markers; for scores of expression the associations are given.",
            )
        )
    rows: list[dict[str, object]] = []
    curves: list[tuple[Association, FunctionalForm]] = []
    for a in usable:
        marker = named[a.marker]
        made, form = _close(cohorts, marker, a, settings)
        rows += made
        if form is not None:
            curves.append((a, form))
    if rows:
        part += Part(tables={"marker_detail": pl.DataFrame(rows, infer_schema_length=None)})
    return part + _curves_part(curves, named) + _roc_part(cohorts, usable, named, settings)


def _rarer(a: Association) -> int:
    """Return how many there are of the rarer outcome; a time to an event needs the event alone."""
    return min(a.events, a.n - a.events) if a.endpoint == RESPONSE else a.events


def _areas(
    found: Sequence[Association], named: dict[str, Marker], settings: BelieveSettings
) -> tuple[Estimate, ...]:
    own = [a for a in found if a.endpoint == RESPONSE and np.isfinite(a.auc)]
    if len(own) > MOST_ESTIMATES:
        return ()
    made = []
    for a in own:
        area = logit_interval(a.auc, a.auc_se, level=settings.level)
        made.append(
            Estimate(
                "auc",
                area.value,
                area.low,
                area.high,
                n=a.n,
                events=a.events,
                unit="",
                method="auc_delong",
                level=settings.level,
                endpoint=RESPONSE,
                group=f"{named[a.marker].label}, {a.cohort}",
                note="in sample: the marker was made from this cohort" if a.in_sample else "",
            )
        )
    return tuple(made)


def _close(
    cohorts: Cohorts, marker: Marker, a: Association, settings: BelieveSettings
) -> tuple[list[dict[str, object]], FunctionalForm | None]:
    """Return measures of one marker in one cohort, and its curve where it is not binary."""
    treated = cohorts.treated(a.cohort) & marker.known
    rows: list[dict[str, object]] = []

    def add(quantity: str, interval: Interval, note: str = "") -> None:
        rows.append(
            {
                "marker": a.marker,
                "cohort": a.cohort,
                "endpoint": a.endpoint,
                "quantity": quantity,
                "value": finite(interval.value),
                "low": finite(interval.low),
                "high": finite(interval.high),
                "n": a.n,
                "events": a.events,
                "note": note,
            }
        )

    form: FunctionalForm | None = None
    try:
        if a.endpoint == RESPONSE:
            use = treated & np.isfinite(cohorts.responder)
            x, y = marker.values[use], cohorts.responder[use]
            side = marker.direction or 1
            precision = average_precision(side * x, y, level=settings.level)
            add("average_precision", precision.interval, f"share of responders {precision.prevalence:.3f}")
            if not marker.binary:
                form = functional_form_logistic(y, x, level=settings.level)
        else:
            outcome = cohorts.outcome(a.endpoint)
            assert outcome is not None
            use = treated & outcome.known
            x, time, event = marker.values[use], outcome.time[use], outcome.event[use]
            side = -(marker.direction or -1)
            words = "higher values as protective" if side < 0 else "higher values as risk"
            add("uno_c", uno_c(side * x, time, event, level=settings.level).interval, words)
            at = time_dependent_auc(side * x, time, event, at=[settings.horizon_months], level=settings.level)
            add(
                f"auc_at_{settings.horizon_months:g}_months",
                _first(at, settings.level),
                at.reason[0] or words,
            )
            if not marker.binary:
                form = functional_form_cox(time, event, x, level=settings.level)
    except NotEstimable as error:
        rows.append(
            {
                "marker": a.marker,
                "cohort": a.cohort,
                "endpoint": a.endpoint,
                "quantity": "not estimable",
                "n": a.n,
                "events": a.events,
                "note": error.what,
            }
        )
    if form is not None:
        rows.append(
            {
                "marker": a.marker,
                "cohort": a.cohort,
                "endpoint": a.endpoint,
                "quantity": "nonlinearity_p",
                "value": finite(form.nonlinearity_test.p),
                "n": a.n,
                "events": a.events,
                "note": "likelihood ratio of a restricted cubic spline against a straight line",
            }
        )
    return rows, form


def _first(at: object, level: float) -> Interval:
    from coley.stats.values import Interval

    return Interval(float(at.value[0]), float(at.low[0]), float(at.high[0]), level)  # type: ignore[attr-defined]


def _curves_part(curves: Sequence[tuple[Association, FunctionalForm]], named: dict[str, Marker]) -> Part:
    """Return the functional form of the first markers, each in its largest cohort and on its first endpoint."""
    import polars as pl

    part = Part()
    for name in list(dict.fromkeys(a.marker for a, _ in curves if named[a.marker].kind != "signature"))[
        :MOST_CURVES
    ]:
        a, form = max(
            (pair for pair in curves if pair[0].marker == name), key=lambda pair: (pair[0].n, pair[0].events)
        )
        ratio = (
            "odds ratio of response"
            if a.endpoint == RESPONSE
            else f"hazard ratio, {TITLES[a.endpoint].lower()}"
        )
        table = pl.DataFrame(
            {
                "x": form.x,
                "value": np.exp(form.log_ratio),
                "low": np.exp(form.low),
                "high": np.exp(form.high),
            }
        )
        figure = Figure(
            "line_band",
            f"form_{name}",
            title=f"{named[name].label}: {ratio} along the marker, {a.cohort}",
            caption=f"Against the median patient; restricted cubic spline, n = {a.n}, {a.events} "
            f"{'responders' if a.endpoint == RESPONSE else 'events'}. "
            + (
                "A straight line fits worse"
                if form.nonlinearity_test.p < 0.05
                else "A straight line fits as well"
            )
            + f" (p {format_p(form.nonlinearity_test.p)}).",
            options={
                "scale": "log",
                "reference": 1,
                **named[name].axis,
                "y_title": ratio.capitalize(),
            },
        )
        part += Part(tables={f"form_{name}": table}, figures=(figure,))
    return part


def _roc_part(
    cohorts: Cohorts, found: Sequence[Association], named: dict[str, Marker], settings: BelieveSettings
) -> Part:
    """Return the curves of the first markers in the largest cohort that has some of them and response."""
    import polars as pl

    own = [a for a in found if a.endpoint == RESPONSE and not a.in_sample and not named[a.marker].binary]
    own = [a for a in own if not named[a.marker].of_expression] or sorted(own, key=lambda a: a.p)
    if not own:
        return Part()
    # Published models are what such curves are asked of; a cohort that one was made from cannot show it.
    own.sort(key=lambda a: named[a.marker].kind != "model")
    first = own[0].marker
    cohort = max((a for a in own if a.marker == first), key=lambda a: a.n).cohort
    drawn = [a for a in own if a.cohort == cohort][:MOST_CURVES]
    tables = []
    for a in drawn:
        marker = named[a.marker]
        use = cohorts.treated(cohort) & marker.known & np.isfinite(cohorts.responder)
        side = marker.direction or 1
        curve = roc_curve(side * marker.values[use], cohorts.responder[use])
        area = logit_interval(a.auc if side > 0 else 1 - a.auc, a.auc_se, level=settings.level)
        tables.append(
            pl.DataFrame({"x": 1 - curve.specificity, "value": curve.sensitivity}).with_columns(
                group=pl.lit(marker.label),
                auc=pl.lit(area.value),
                auc_low=pl.lit(area.low),
                auc_high=pl.lit(area.high),
            )
        )
    reversed_ = [named[a.marker].label for a in drawn if named[a.marker].direction < 0]
    figure = Figure(
        "roc",
        "roc",
        title=f"Who responds: sensitivity against one less specificity, {cohort}",
        caption=f"Each marker in the patients who have it (n = {max(a.n for a in drawn)} at most), higher values "
        "called responders"
        + (f"; lower values for {', '.join(reversed_)}" if reversed_ else "")
        + ". Area under the curve with DeLong's interval.",
    )
    return Part(
        tables={"roc": pl.concat(tables).with_columns(pl.col(pl.Float64).fill_nan(None))}, figures=(figure,)
    )
