"""Cut-points: published ones as they are, and the best one of these data with what its choice costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_p
from coley.questions.believe.across import TITLES
from coley.questions.believe.associations import RESPONSE, known_outcome
from coley.questions.believe.cohorts import known_only_for_the_dead
from coley.questions.believe.finite import finite
from coley.stats.cutpoint.best import BestCutpoint, best_cutpoint
from coley.stats.cutpoint.fixed import FixedCutpoint, fixed_cutpoint
from coley.stats.cutpoint.outcomes import Response, Survival

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Cut, Marker
    from coley.questions.believe.settings import BelieveSettings
    from coley.stats.values import Interval

LEAST_PATIENTS, LEAST_OF_EITHER = 50, 10  # a search over cuts of fewer is a search among anecdotes
MOST_SEARCHES = 40  # of marker and cohort
MOST_FIGURES = 3  # the first markers of the study
SEARCHED = ("dna", "pd-l1", "model", "clinical", "gene")  # nobody treats by a cut of a score of expression


def cutpoint_part(
    cohorts: Cohorts, markers: Sequence[Marker], endpoint: str, settings: BelieveSettings
) -> Part:
    """Return cut-points of each marker in each cohort that can carry a search."""
    import polars as pl

    rows: list[dict[str, object]] = []
    estimates: list[Estimate] = []
    searches = 0
    found: dict[str, tuple[Marker, str, BestCutpoint]] = {}  # the largest search of each marker
    for marker in markers:
        if marker.binary or marker.kind not in SEARCHED:
            continue
        for cohort in (name for name in cohorts.names if name not in marker.in_sample):
            use = cohorts.treated(cohort) & marker.known & known_outcome(cohorts, endpoint)
            if known_only_for_the_dead(cohorts, cohort, endpoint) or not _enough(cohorts, endpoint, use):
                continue
            x, outcome = marker.values[use], _outcome(cohorts, endpoint, use)
            where = {"marker": marker.name, "cohort": cohort, "endpoint": endpoint}
            for cut in marker.cuts:
                fixed = _fixed(x, outcome, cut, settings)
                if fixed is not None:
                    rows.append({**where, **_fixed_row(cut, fixed)})
                    estimates.append(_fixed_estimate(marker, cohort, endpoint, cut, fixed, settings))
            if settings.cutpoints == "corrected" and searches < MOST_SEARCHES:
                searches += 1
                best = _best(x, outcome, settings)
                if best is not None:
                    rows.append({**where, **_best_row(marker, best)})
                    estimates.append(_best_estimate(marker, cohort, endpoint, best, settings))
                    if marker.name not in found or best.n > found[marker.name][2].n:
                        found[marker.name] = marker, cohort, best
    if not rows:
        return Part()
    return _figures(list(found.values())[:MOST_FIGURES], endpoint) + Part(
        estimates=tuple(estimates),
        checks=tuple(check for marker in markers for check in _transfer(marker)),
        tables={"cutpoints": pl.DataFrame(rows, infer_schema_length=None)},
        caveats=(
            "A cut-point throws information away: the association of the marker as it was measured comes first. The "
            "best cut-point of a cohort carries a p and an effect that pay for the search.",
        ),
    )


def _figures(found: Sequence[tuple[Marker, str, BestCutpoint]], endpoint: str) -> Part:
    """Draw how well every admissible cut parts the outcomes of each search."""
    import polars as pl

    part = Part()
    for marker, cohort, best in found:
        name = f"cutpoint_{marker.name}"
        z = np.abs(best.profile.z[0])
        table = pl.DataFrame({"x": best.values, "value": z}).filter(pl.col("value").is_finite())
        events = "responders" if endpoint == RESPONSE else "events"
        figure = Figure(
            "cutpoint",
            name,
            title=f"{marker.label}: how well each cut-point parts patients ({TITLES[endpoint].lower()}), {cohort}",
            caption=f"n = {best.n}, {best.events} {events}; cuts with at least a tenth of patients on either side. "
            f"p {format_p(best.p)}: how often the best cut of a marker that means nothing parts them as well. Shaded: "
            "where nineteen of twenty resamples put the best cut.",
            options={
                **marker.axis,
                "chosen": best.cut,
                "chosen_range": [finite(best.stability.low), finite(best.stability.high)],
                "published": {cut.words: cut.value for cut in marker.cuts},
            },
        )
        part += Part(tables={name: table}, figures=(figure,))
    return part


def _transfer(marker: Marker) -> tuple[Check, ...]:
    """Say whether a published cut-point of a burden means the same in every assay of the study."""
    from coley.biology.burden import transferable

    if marker.kind != "dna" or not marker.cuts or not marker.assays:
        return ()
    return tuple(
        replace(check, message=f"{marker.label}: {check.message}")
        for check in transferable(sorted(set(marker.assays.values())))
        if check.level != "pass"
    )


def _enough(cohorts: Cohorts, endpoint: str, use: NDArray[np.bool_]) -> bool:
    if endpoint == RESPONSE:
        label = cohorts.responder[use] > 0
    else:
        found = cohorts.outcome(endpoint)
        label = found.event[use] if found else np.zeros(0, dtype=bool)
    n, events = len(label), int(label.sum())
    rarer = (
        min(events, n - events) if endpoint == RESPONSE else events
    )  # everybody may die, and deaths be ordered
    return n >= LEAST_PATIENTS and rarer >= LEAST_OF_EITHER


def _outcome(cohorts: Cohorts, endpoint: str, use: NDArray[np.bool_]) -> Response | Survival:
    if endpoint == RESPONSE:
        return Response.of(cohorts.responder[use] > 0)
    found = cohorts.outcome(endpoint)
    assert found is not None  # _enough has seen it
    return Survival.of(found.time[use], found.event[use])


def _fixed(
    x: NDArray[np.float64], outcome: Response | Survival, cut: Cut, settings: BelieveSettings
) -> FixedCutpoint | None:
    try:
        return fixed_cutpoint(x, outcome, cut.value, level=settings.level)
    except NotEstimable:
        return None  # everybody is on one side


def _best(
    x: NDArray[np.float64], outcome: Response | Survival, settings: BelieveSettings
) -> BestCutpoint | None:
    try:
        return best_cutpoint(
            x,
            outcome,
            samples=settings.permutations,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
            level=settings.level,
        )
    except NotEstimable:
        return None  # too few values to choose from


def _fixed_row(cut: Cut, found: FixedCutpoint) -> dict[str, object]:
    return {"cut": cut.words, "kind": "published", **_row(found, found.effect), "source": cut.source}


def _best_row(marker: Marker, found: BestCutpoint) -> dict[str, object]:
    return {
        "cut": f"{_measured(marker, found.cut):.4g} {marker.unit}".rstrip(),
        "kind": "best of these data, corrected",
        **_row(found, found.shrunken),
        "naive_effect": _shown(found.effect_name, found.naive)[0],
        "cut_low": finite(_measured(marker, found.stability.low)),
        "cut_high": finite(_measured(marker, found.stability.high)),
        "stable_patients": found.stability.stable,
    }


def _row(found: FixedCutpoint | BestCutpoint, effect: Interval) -> dict[str, object]:
    value, low, high = _shown(found.effect_name, effect)
    return {
        "n": found.n,
        "events": found.events,
        "n_high": found.n_high,
        "events_high": found.events_high,
        "effect": _name(found.effect_name),
        "value": value,
        "low": low,
        "high": high,
        "p": found.p,
    }


def _fixed_estimate(
    marker: Marker, cohort: str, endpoint: str, cut: Cut, found: FixedCutpoint, settings: BelieveSettings
) -> Estimate:
    made = _estimate(found, found.effect, endpoint, settings)
    return replace(
        made,
        method="fixed_cutpoint",
        group=f"{marker.label} at least {cut.words} against below, {cohort}",
        note=f"published cut-point ({cut.source}); {found.n_high} of {found.n} at or above",
    )


def _best_estimate(
    marker: Marker, cohort: str, endpoint: str, found: BestCutpoint, settings: BelieveSettings
) -> Estimate:
    made = _estimate(found, found.shrunken, endpoint, settings)
    naive = _shown(found.effect_name, found.naive)[0]
    cut, low, high = (_measured(marker, at) for at in (found.cut, found.stability.low, found.stability.high))
    return replace(
        made,
        name=f"{made.name}_at_the_best_cut",
        group=f"{marker.label}, {cohort}",
        note=f"shrunken for the search (as it appears: {naive or 0:.2f}); p of the maximally selected statistic; cut "
        f"at {cut:.3g}, put by resamples between {low:.3g} and {high:.3g} {marker.unit}".rstrip(),
    )


def _estimate(
    found: FixedCutpoint | BestCutpoint, effect: Interval, endpoint: str, settings: BelieveSettings
) -> Estimate:
    value, low, high = _shown(found.effect_name, effect)
    return Estimate(
        _name(found.effect_name),
        value,
        low,
        high,
        n=found.n,
        events=found.events,
        unit="ratio" if _is_log(found.effect_name) else "points",
        method="best_cutpoint",
        level=settings.level,
        endpoint=endpoint,
        p=found.p,
    )


def _measured(marker: Marker, cut: float) -> float:
    return float(marker.measured(cut))


def _is_log(name: str) -> bool:
    return name.startswith("log ")


def _name(name: str) -> str:
    return name.removeprefix("log ").replace(" ", "_")


def _shown(name: str, effect: Interval) -> tuple[float | None, float | None, float | None]:
    """Return an effect with its limits as it is read: a log ratio as a ratio."""
    value, low, high = (
        finite(float(np.exp(v)) if _is_log(name) else v) for v in (effect.value, effect.low, effect.high)
    )
    return value, low, high
