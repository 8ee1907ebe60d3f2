"""What an interaction is worth to patients: survival gained, changes of sign, and events fewer by the marker.

Without randomisation: what adjustment and weighting leave of the interaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.factors import factor_matrix
from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.part import Part
from coley.questions.believe.added_value import clinical_columns
from coley.questions.believe.predictive import Contrast, compared, contrasts
from coley.questions.outcomes import ENDPOINTS
from coley.stats.interaction.absolute import absolute_interaction
from coley.stats.interaction.adjusted import adjusted_contrast
from coley.stats.interaction.effect_curve import effect_curve
from coley.stats.interaction.predictiveness import predictiveness_by
from coley.stats.interaction.qualitative import crossing_point, gail_simon
from coley.stats.interaction.relative import Interaction, treatment_by_marker
from coley.stats.survival.cox import cox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Data = tuple[Floats, Bools, Bools, Floats]
    Rows = tuple[Floats, Bools, Bools, Floats, Bools]

LEAST_EVENTS = 20  # in each arm, as for the interaction itself
LEAST_IN_CELL = 10  # patients of each arm and class: the gain among fewer is an anecdote
FEW_MARKERS = (
    12  # markers that are looked at so closely; scores of expression are screened on the relative scale
)
CROSSING = {
    "supported": "it is supported",
    "not supported": "it is not supported",
    "cannot be told": "it cannot be told",
}
CURVES = 2  # figures of each kind: the first markers of the study


def benefit_part(cohorts: Cohorts, markers: Sequence[Marker], settings: BelieveSettings) -> Part:
    """Return the absolute scale, qualitative interaction and predictiveness of each contrast of treatments."""
    endpoint = next((e for e in ("os", "pfs") if cohorts.outcome(e) is not None), None)
    if endpoint is None:
        return Part()
    chosen = [m for m in markers if not m.of_expression][:FEW_MARKERS]
    part = Part()
    for contrast in contrasts(cohorts):
        each = _randomised if contrast.randomised else _adjusted
        part = _joined(part, each(cohorts, chosen, contrast, endpoint, settings), contrast)
    return part


def _joined(whole: Part, made: Part, contrast: Contrast) -> Part:
    """Add one of several contrasts: its rows below those of the others, its pictures under names of their own."""
    import polars as pl

    own = "".join(letter if letter.isalnum() else "_" for letter in contrast.name)
    renamed = {f.table: f"{f.table}_{own}" for f in made.figures if f.table in whole.tables}
    tables = dict(whole.tables)
    for name, table in made.tables.items():
        below = [tables[name]] if name in tables and name not in renamed else []
        tables[renamed.get(name, name)] = pl.concat([*below, table], how="diagonal_relaxed")
    figures = (replace(f, table=renamed.get(f.table, f.table)) for f in made.figures)
    return replace(
        whole + replace(made, tables={}, figures=()), tables=tables, figures=(*whole.figures, *figures)
    )


def _rows(cohorts: Cohorts, marker: Marker, contrast: Contrast, endpoint: str) -> Rows | None:
    """Return time, event, treated and marker of the patients compared, and which rows they are; None where too few."""
    outcome = cohorts.outcome(endpoint)
    assert outcome is not None
    use = compared(cohorts, marker, contrast, endpoint)
    treated, event = ~cohorts.control[use], outcome.event[use]
    if min(event[treated].sum(), event[~treated].sum()) < LEAST_EVENTS:
        return None
    x = marker.values[use]
    if min(np.ptp(x[treated]), np.ptp(x[~treated])) == 0:
        return None
    return outcome.time[use], event, treated, x, use


def _randomised(
    cohorts: Cohorts, markers: Sequence[Marker], contrast: Contrast, endpoint: str, settings: BelieveSettings
) -> Part:
    part, drawn = Part(), 0
    for marker in markers:
        rows = _rows(cohorts, marker, contrast, endpoint)
        if rows is None:
            continue
        time, event, treated, x, _ = rows
        try:
            if marker.binary:
                if (
                    min(((x > 0) == v)[treated == arm].sum() for v in (0, 1) for arm in (0, 1))
                    < LEAST_IN_CELL
                ):
                    continue
                part += _classes(marker, contrast, endpoint, settings, (time, event, treated, x))
            else:
                show = drawn < CURVES
                part += _continuous(
                    marker, contrast, endpoint, settings, (time, event, treated, x), show=show
                )
                drawn += show
        except NotEstimable as error:
            part += Part(cannot_tell=(f"{marker.label}, absolute benefit ({contrast.name}): {error.what}",))
    return part


def _classes(
    marker: Marker, contrast: Contrast, endpoint: str, settings: BelieveSettings, data: Data
) -> Part:
    """Return the survival gained in each of two classes, their difference, and the test of opposite effects."""
    time, event, treated, x = data
    at = settings.horizon_months
    found = absolute_interaction(
        time, event, treated, positive=x > 0, at=at, measure="milestone", level=settings.level
    )
    effects = [cox(time[x == v], event[x == v], treated[x == v].astype(float)[:, None]) for v in (0, 1)]
    test = gail_simon(
        [fit.coefficients[0] for fit in effects], [float(np.sqrt(fit.covariance[0, 0])) for fit in effects]
    )
    common = {
        "n": len(time),
        "events": int(event.sum()),
        "unit": "points",
        "method": "absolute_interaction",
        "level": settings.level,
        "endpoint": endpoint,
    }
    name = f"gain_in_survival_at_{at:g}_months"
    shown = (
        (name, found.positive, f"{marker.label}: yes", None),
        (name, found.negative, f"{marker.label}: no", None),
        (f"difference_of_{name}", found.difference, marker.label, found.p),
    )
    estimates = tuple(
        Estimate(
            quantity,
            interval.value,
            interval.low,
            interval.high,
            group=f"{group}, {contrast.name}",
            p=p,
            note="treated less control",
            **common,  # type: ignore[arg-type]
        )
        for quantity, interval, group, p in shown
    )
    return Part(estimates=estimates, checks=(_opposite(marker, contrast, endpoint, test.p),))


def _opposite(marker: Marker, contrast: Contrast, endpoint: str, p: float) -> Check:
    shown = p < 0.05
    return Check(
        f"qualitative_{marker.name}_{endpoint}",
        "warn" if shown else "pass",
        f"{marker.label}, {contrast.name}: that treatment helps one class and harms the other "
        f"({ENDPOINTS[endpoint].lower()}) is {'supported' if shown else 'not shown'} (Gail-Simon p {p:.2g}).",
        remedy="Look at each class by itself before treating all." if shown else "",
    )


def _continuous(
    marker: Marker,
    contrast: Contrast,
    endpoint: str,
    settings: BelieveSettings,
    data: Data,
    *,
    show: bool,
) -> Part:
    """Return whether the effect changes sign, and for the first markers curves of benefit and of risk."""
    time, event, treated, x = data
    fit = treatment_by_marker(time, event, treated, marker=x, level=settings.level)
    crossing = crossing_point(fit)
    part = Part(
        checks=(
            Check(
                f"qualitative_{marker.name}_{endpoint}",
                "warn" if crossing.verdict == "supported" else "pass",
                f"{marker.label}, {contrast.name}: that the effect of treatment changes sign along it "
                f"({ENDPOINTS[endpoint].lower()}) is {crossing.verdict}"
                + (
                    "."
                    if crossing.verdict == "cannot be told"
                    else " among the middle nine tenths of patients."
                ),
            ),
        )
    )
    return part + _curves(marker, contrast, endpoint, settings, data) if show else part


def _curves(marker: Marker, contrast: Contrast, endpoint: str, settings: BelieveSettings, data: Data) -> Part:
    import polars as pl

    time, event, treated, x = data
    at, title = settings.horizon_months, ENDPOINTS[endpoint].lower()
    options = {"bootstraps": settings.bootstraps, "seed": settings.seed, "level": settings.level}
    gain = effect_curve(time, event, treated, marker=x, at=at, **options)  # type: ignore[arg-type]
    risk = predictiveness_by(time, event, treated, marker=x, at=at, **options)  # type: ignore[arg-type]
    counted = f"n = {len(time)}, {int(event.sum())} events"
    tables = {
        f"benefit_{marker.name}": pl.DataFrame(
            {"x": gain.marker, "value": gain.value, "low": gain.low, "high": gain.high}
        ).with_columns(pl.col(pl.Float64).fill_nan(None)),
        f"predictiveness_{marker.name}": pl.concat(
            pl.DataFrame({"group": arm, "x": risk.percentile, "value": r.value, "low": r.low, "high": r.high})
            for arm, r in (("Treated", risk.treated), ("Control", risk.others))
        ),
    }
    figures = (
        Figure(
            "line_band",
            f"benefit_{marker.name}",
            title=f"{marker.label}: survival gained by treatment at {at:g} months, {contrast.name}",
            caption=f"Treated less control, {title}, from the Cox model with the interaction; pointwise bootstrap "
            f"intervals; {counted}.",
            options={
                **marker.axis,
                "y_title": "Survival gained",
                "reference": 0,
                "percent": True,
            },
        ),
        Figure(
            "line_band",
            f"predictiveness_{marker.name}",
            title=f"{marker.label}: risk by {at:g} months under each treatment, {contrast.name}",
            caption=f"Probability of an event ({title}) along the percentiles of the marker; where the curves part, "
            f"the marker tells who gains; {counted}.",
            options={
                "x_title": f"Percentile of {marker.label}",
                "y_title": f"Risk by {at:g} months",
                "percent": True,
                "control": "Control",
            },
        ),
    )
    common = {
        "n": risk.n,
        "unit": "points",
        "method": "predictiveness",
        "level": settings.level,
        "endpoint": endpoint,
        "group": f"{marker.label}, {contrast.name}",
    }
    estimates = tuple(
        Estimate(
            f"events_fewer_by_the_marker_than_treating_{rival}",
            found.value.value,
            found.value.low,
            found.value.high,
            note=f"share with an event by {at:g} months, corrected for the rule's having been found here; it treats "
            f"{risk.benefit:.0%}",
            **common,  # type: ignore[arg-type]
        )
        for rival, found in (("all", risk.against_all), ("none", risk.against_none))
    )
    return Part(estimates=estimates, tables=tables, figures=figures)


def _adjusted(
    cohorts: Cohorts, markers: Sequence[Marker], contrast: Contrast, endpoint: str, settings: BelieveSettings
) -> Part:
    """Return interactions against a control that nobody randomised: by two choices of strata, adjusted and weighted."""
    import polars as pl

    found: list[dict[str, object]] = []
    for marker in markers:
        rows = _rows(cohorts, marker, contrast, endpoint)
        if rows is None:
            continue
        try:
            ways = tuple(_ways(cohorts, marker, contrast, settings, rows))
        except NotEstimable:
            continue  # the table of interactions lacks it as well
        for how, one, adjusted_for, imbalance in ways:
            found.append(
                {
                    "marker": marker.name,
                    "comparison": contrast.name,
                    "endpoint": endpoint,
                    "how": how,
                    "ratio_of_hazard_ratios": one.ratio.value,
                    "low": one.ratio.low,
                    "high": one.ratio.high,
                    "n": sum(one.n),
                    "events": sum(one.events),
                    "adjusted_for": adjusted_for,
                    "largest_imbalance": imbalance,
                }
            )
    return Part(tables={"interactions_not_randomised": pl.DataFrame(found)}) if found else Part()


def _ways(
    cohorts: Cohorts, marker: Marker, contrast: Contrast, settings: BelieveSettings, rows: Rows
) -> Iterator[tuple[str, Interaction, str, float | None]]:
    """Yield how the interaction was estimated, the fit, what it was adjusted for, and the largest imbalance left."""
    import polars as pl

    time, event, treated, x, use = rows
    fine = contrast.strata[use] if contrast.strata is not None else None
    for words, strata in (
        ("stratified by cancer type and treatment", _by_cancer_type(cohorts, use)),
        ("stratified by cancer type and cohort", fine),
    ):
        yield (
            words,
            treatment_by_marker(time, event, treated, marker=x, strata=strata, level=settings.level),
            "",
            None,
        )
    made_of = (marker.name, *marker.from_clinic, "cancer_type")  # the last is in the strata
    names = [c for c in clinical_columns(cohorts, settings) if c not in made_of]
    clinic = factor_matrix(cohorts.patients.filter(pl.Series(use)), names)
    keep = clinic.complete
    if not clinic.distinct_factors or not (0 < treated[keep].sum() < keep.sum()):
        return
    try:
        made = adjusted_contrast(
            time[keep],
            event[keep],
            treated[keep],
            marker=x[keep],
            covariates=clinic.matrix[keep],
            names=clinic.levels,
            strata=fine[keep] if fine is not None else None,
            level=settings.level,
        )
    except (NotEstimable, InvalidSetting):
        return
    used = ", ".join(dict.fromkeys(clinic.labels))
    yield "adjusted", made.adjusted, used, float(np.abs(made.balance.before).max())
    yield "weighted", made.weighted, used, float(np.abs(made.balance.after).max())


def _by_cancer_type(cohorts: Cohorts, use: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return cancer type and treatment of each patient: the coarser strata, beside those of cohorts."""
    control = np.where(cohorts.control[use], "control", "treated").astype(object)
    if "cancer_type" not in cohorts.patients.columns:
        return control
    types = cohorts.patients["cancer_type"].cast(str).fill_null("").to_numpy()[use]
    return np.array([f"{t}|{c}" for t, c in zip(types, control, strict=True)], dtype=object)
