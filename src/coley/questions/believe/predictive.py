"""Prognostic or predictive: does the effect of treatment differ by the marker, and was treatment randomised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_interval
from coley.questions.believe.across import TITLES
from coley.questions.believe.associations import RESPONSE, endpoints, known_outcome
from coley.questions.believe.cohorts import known_only_for_the_dead
from coley.stats.interaction.power import detectable_in
from coley.stats.interaction.relative import Interaction as Fit
from coley.stats.interaction.relative import treatment_by_marker, treatment_by_marker_response
from coley.stats.multiplicity import holm

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings

    Rows = NDArray[np.bool_]

LEAST_EVENTS = 20  # in each arm: with fewer a ratio of hazard ratios of 4 goes unseen
MOST_NAMED = 3
MOST_IN_SECTION = 12  # of the forest: markers of one endpoint that a reader can compare
NO_CONTROL = (
    "Prognostic or predictive: without a control arm it cannot be told whether a marker says who benefits from the "
    "treatment or who fares well on any."
)


@dataclass(frozen=True, eq=False)
class Contrast:
    """Treated and control patients that are compared.

    Attributes
    ----------
    name
        In words.
    rows
        (n,) bool: patients of either arm.
    randomised
        Whether they were randomised between the two.
    strata
        (n,) labels of strata; None where randomisation makes them needless.
    """

    name: str
    rows: Rows
    randomised: bool
    strata: NDArray[np.object_] | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """How the effect of treatment changes with one marker.

    Attributes
    ----------
    ratio, low, high, p, p_adjusted
        Ratio of hazard (or odds) ratios, treated to control, per step of the marker; p corrected by Holm over the
        markers and endpoints of the contrast.
    prognostic, treated
        The marker's own ratio among the controls and among the treated, in words.
    power
        What could have been found, in words.
    """

    marker: str
    endpoint: str
    comparison: str
    randomised: bool
    ratio: float
    low: float
    high: float
    p: float
    p_adjusted: float | None
    n: int
    events: int
    prognostic: str
    treated: str
    power: str


def contrasts(cohorts: Cohorts) -> tuple[Contrast, ...]:
    """Return what can be compared: within a cohort that has both arms, else cohorts with cohorts."""
    found = []
    for name in cohorts.names:
        rows = cohorts.rows(name)
        if (rows & cohorts.control).any() and (rows & ~cohorts.control).any():
            randomised = name in cohorts.randomised
            found.append(Contrast(name, rows, randomised, None if randomised else _strata(cohorts)))
    if not found and cohorts.control.any() and (~cohorts.control).any():
        treated = [name for name in cohorts.names if cohorts.treated(name).any()]
        control = [name for name in cohorts.names if name not in treated]
        words = f"{_several(treated)} against {_several(control)}"
        found.append(Contrast(words, ~cohorts.repeated, randomised=False, strata=_strata(cohorts)))
    return tuple(found)


def _several(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} cohorts"


def _strata(cohorts: Cohorts) -> NDArray[np.object_]:
    """Return cohort and cancer type of each patient: what differs between arms that nobody randomised."""
    if "cancer_type" not in cohorts.patients.columns:
        return cohorts.label
    types = cohorts.patients["cancer_type"].cast(str).fill_null("").to_list()
    return np.array([f"{c}|{t}" for c, t in zip(cohorts.label, types, strict=True)], dtype=object)


def predictive_part(
    cohorts: Cohorts, markers: Sequence[Marker], settings: BelieveSettings
) -> tuple[Part, tuple[Interaction, ...]]:
    """Return interactions with treatment, or the word that there is nothing to compare with."""
    compared = contrasts(cohorts)
    if not compared:
        return Part(cannot_tell=(NO_CONTROL,)), ()
    part, evidence = Part(), []
    for contrast in compared:
        fits = [
            (marker, endpoint, fit)
            for endpoint in endpoints(cohorts)
            for marker in markers
            if (fit := _fit(cohorts, marker, contrast, endpoint, settings)) is not None
        ]
        p = [_p(fit) for _, _, fit in fits]
        adjusted = holm(p).tolist() if fits else []
        made = [
            _interaction(marker, endpoint, contrast, fit, float(a))
            for (marker, endpoint, fit), a in zip(fits, adjusted, strict=True)
        ]
        evidence += made
        part += Part(estimates=tuple(_estimate(i, markers, settings, len(made)) for i in made))
        if not contrast.randomised:
            part += Part(
                caveats=(
                    f"{contrast.name}: treatment was not randomised; the interaction is stratified by cohort and "
                    "cancer type, and whatever else differs between the groups differs still.",
                )
            )
    if evidence:
        frame = _table(evidence)
        part += Part(tables={"interactions": frame})
        part += _forest(evidence, {m.name: m for m in markers}, settings)
    else:
        part += Part(cannot_tell=("Prognostic or predictive: no endpoint has 20 events in each arm.",))
    return part, tuple(evidence)


def compared(cohorts: Cohorts, marker: Marker, contrast: Contrast, endpoint: str) -> Rows:
    """Return which patients of a contrast count: marker and outcome known, in cohorts that may be evidence."""
    barred = {c for c in cohorts.names if known_only_for_the_dead(cohorts, c, endpoint)} | marker.in_sample
    known = marker.known & known_outcome(cohorts, endpoint)
    return contrast.rows & known & ~np.isin(cohorts.label, list(barred))


def _fit(
    cohorts: Cohorts, marker: Marker, contrast: Contrast, endpoint: str, settings: BelieveSettings
) -> Fit | None:
    """Fit one interaction; None where an arm cannot carry it."""
    rows = compared(cohorts, marker, contrast, endpoint)
    treated, x = ~cohorts.control[rows], marker.values[rows]
    if not treated.any() or treated.all() or min(np.ptp(x[treated]), np.ptp(x[~treated])) == 0:
        return None
    try:
        if endpoint == RESPONSE:
            y = cohorts.responder[rows]
            rarer = [min(y[arm].sum(), (1 - y[arm]).sum()) for arm in (treated, ~treated)]
            if min(rarer) < LEAST_EVENTS / 2 or not contrast.randomised:
                return None
            return treatment_by_marker_response(y, treated, x, level=settings.level)
        outcome = cohorts.outcome(endpoint)
        assert outcome is not None
        time, event = outcome.time[rows], outcome.event[rows]
        if min(event[treated].sum(), event[~treated].sum()) < LEAST_EVENTS:
            return None
        strata = contrast.strata[rows] if contrast.strata is not None else None
        return treatment_by_marker(time, event, treated, marker=x, strata=strata, level=settings.level)
    except NotEstimable:
        return None


def _p(fit: Fit) -> float:
    return fit.likelihood_ratio.p if np.isfinite(fit.likelihood_ratio.p) else fit.wald.p


def _interaction(marker: Marker, endpoint: str, contrast: Contrast, fit: Fit, adjusted: float) -> Interaction:
    return Interaction(
        marker=marker.name,
        endpoint=endpoint,
        comparison=contrast.name,
        randomised=contrast.randomised,
        ratio=fit.ratio.value,
        low=fit.ratio.low,
        high=fit.ratio.high,
        p=_p(fit),
        p_adjusted=adjusted,
        n=sum(fit.n),
        events=sum(fit.events),
        prognostic=format_interval(fit.others.value, fit.others.low, fit.others.high, unit="ratio"),
        treated=format_interval(fit.treated.value, fit.treated.low, fit.treated.high, unit="ratio"),
        power=_power(fit, endpoint),
    )


def _power(fit: Fit, endpoint: str) -> str:
    """Say what the study could have found, so that a null interaction is not read as absence."""
    if endpoint == RESPONSE:
        return ""
    could = detectable_in(fit)
    return f"a ratio of {could.ratio:.2f} or {could.inverse:.2f} could have been found with 80 % power"


def _estimate(i: Interaction, markers: Sequence[Marker], settings: BelieveSettings, family: int) -> Estimate:
    marker = next(m for m in markers if m.name == i.marker)
    kind = "randomised" if i.randomised else "not randomised"
    return Estimate(
        "ratio_of_odds_ratios" if i.endpoint == RESPONSE else "ratio_of_hazard_ratios",
        i.ratio,
        i.low,
        i.high,
        n=i.n,
        events=i.events,
        unit="ratio",
        method="treatment_by_marker_response" if i.endpoint == RESPONSE else "treatment_by_marker",
        level=settings.level,
        endpoint=i.endpoint,
        group=f"{marker.label}, treated against control, {i.comparison}",
        p=i.p,
        p_adjusted=i.p_adjusted,
        multiplicity=f"Holm over {family} interactions",
        note=f"{kind}; {marker.per}; among controls {i.prognostic}, among treated {i.treated}; {i.power}".rstrip(
            "; "
        ),
    )


def _table(evidence: Sequence[Interaction]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        [
            {
                "marker": i.marker,
                "endpoint": i.endpoint,
                "comparison": i.comparison,
                "randomised": i.randomised,
                "ratio_of_ratios": i.ratio,
                "low": i.low,
                "high": i.high,
                "p": i.p,
                "p_adjusted": i.p_adjusted,
                "n": i.n,
                "events": i.events,
                "among_controls": i.prognostic,
                "among_treated": i.treated,
                "power": i.power,
            }
            for i in evidence
        ]
    )


def _forest(evidence: Sequence[Interaction], named: dict[str, Marker], settings: BelieveSettings) -> Part:
    """Return the interactions as a forest: the surest of each endpoint and comparison."""
    import polars as pl

    several = len({i.comparison for i in evidence}) > 1
    sections: dict[str, list[Interaction]] = {}
    order = list(TITLES)
    for i in sorted(evidence, key=lambda i: (order.index(i.endpoint), not i.randomised, i.p)):
        words = (i.comparison if several else "", "" if i.randomised else "not randomised")
        apart = ", ".join(word for word in words if word)
        sections.setdefault(f"{TITLES[i.endpoint]}{f' ({apart})' if apart else ''}", []).append(i)
    rows = [
        {
            "section": section,
            "label": named[i.marker].label,
            "value": i.ratio,
            "low": i.low,
            "high": i.high,
            "n": i.n,
            "events": i.events,
            "p": i.p,
        }
        for section, own in sections.items()
        for i in own[:MOST_IN_SECTION]
    ]
    left_out = any(len(own) > MOST_IN_SECTION for own in sections.values())
    figure = Figure(
        "forest",
        "interaction_forest",
        title="Does the effect of treatment differ by the marker?",
        caption="Ratio of hazard ratios (of odds ratios for response), treated to control, per step of the marker. "
        "Below 1 for survival: the higher the marker, the more treatment lowers the hazard. p is not corrected here."
        + (
            f" The {MOST_IN_SECTION} surest of each; all {len(evidence)} are in the table."
            if left_out
            else ""
        ),
        options={"value_title": "Ratio of ratios (95 % CI)"},
    )
    return Part(tables={"interaction_forest": pl.DataFrame(rows)}, figures=(figure,))
