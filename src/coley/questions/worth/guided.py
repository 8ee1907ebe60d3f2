"""Treatment guided by a marker: what it is worth on the patients of a randomised study, within their follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.survival import PER_YEAR
from coley.economics.policy.gains import pseudo_values, randomised_gains
from coley.economics.policy.marker_guided import marker_guided
from coley.economics.policy.score_guided import score_guided
from coley.model.answer import Estimate, Figure
from coley.model.errors import InvalidSetting, MissingData
from coley.model.part import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.economics.model_file.treatment import Strategy
    from coley.economics.policy.marker_guided import MarkerGuided
    from coley.economics.policy.score_guided import ScoreGuided
    from coley.model.study import Study
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval

    Floats = NDArray[np.float64]

MONTHS_PER_YEAR, WEEKS_PER_YEAR = PER_YEAR["months"], PER_YEAR["weeks"]


def guided_part(study: Study, worked: Worked) -> Part:
    """Return what guiding treatment by each marker of the model is worth.

    Raises
    ------
    MissingData
        Where the marker or an outcome is not among the patients.
    """
    part = Part()
    for one in worked.model.guided:
        if study.about.randomised is not True:
            said = f"What guiding treatment by {one.marker} is worth: the study is not known to be randomised, and "
            part += Part(
                cannot_tell=(f"{said}without that a marker of prognosis looks like one of benefit.",)
            )
            continue
        part += _marker(study, one, worked)
    return part


@dataclass(frozen=True, eq=False)
class _Patients:
    """Patients of both arms whose marker is known."""

    marker: Floats
    treated: NDArray[np.bool_]
    pfs: tuple[Floats, NDArray[np.bool_]]
    alive: tuple[Floats, NDArray[np.bool_]]
    unknown: int


def _marker(study: Study, one: Guided, worked: Worked) -> Part:
    who = _patients(study, one, worked)
    positive = None if one.cutoff is None else who.marker >= one.cutoff
    gains = randomised_gains(_net_benefit(who, positive, one, worked), who.treated, strata=positive)
    cost = one.test_cost.value
    if positive is not None:
        return _fixed(
            marker_guided(positive, gains, cost=cost, level=worked.settings.level), one, worked, who
        )
    found = score_guided(who.marker, gains, cost=cost, level=worked.settings.level, seed=worked.seed)
    return _chosen(found, one, worked, who)


def _patients(study: Study, one: Guided, worked: Worked) -> _Patients:
    specs = [worked.model.strategies[name] for name in (one.treated, one.otherwise)]
    if any(s.pfs.data is None or s.os.data is None or s.pfs.data.file or s.os.data.file for s in specs):
        raise InvalidSetting(
            f"Guided treatment by {one.marker} needs curves of both strategies from the study's own patients.",
            remedy="Give data without a file for pfs and os of both.",
        )
    frames = []
    for treated, strategy in zip((True, False), specs, strict=True):
        pfs, alive = strategy.pfs.data, strategy.os.data
        assert pfs is not None and alive is not None  # noqa: PT018  (refused above; this tells the type checker)
        rows = study.table("patients", one.marker, pfs.time, pfs.event, alive.time, alive.event, *pfs.where)
        for column, value in pfs.where.items():
            rows = rows.filter(pl.col(column).cast(pl.String) == str(value))
        months = MONTHS_PER_YEAR
        frames.append(
            rows.select(
                pl.col(one.marker).cast(pl.Float64, strict=False).alias("marker"),
                pl.lit(treated).alias("treated"),
                (pl.col(pfs.time) / PER_YEAR[pfs.time_unit] * months).alias("pfs"),
                pl.col(pfs.event).cast(pl.Boolean).alias("pfs_event"),
                (pl.col(alive.time) / PER_YEAR[alive.time_unit] * months).alias("os"),
                pl.col(alive.event).cast(pl.Boolean).alias("os_event"),
            )
        )
    every = pl.concat(frames)
    known = every.drop_nulls()
    if known.is_empty():
        raise MissingData(f"No patient of {study.name} has a value of {one.marker}.")
    columns = {name: known[name].to_numpy() for name in known.columns}
    return _Patients(
        columns["marker"],
        columns["treated"],
        (columns["pfs"], columns["pfs_event"]),
        (columns["os"], columns["os_event"]),
        every.height - known.height,
    )


def _net_benefit(who: _Patients, positive: NDArray[np.bool_] | None, one: Guided, worked: Worked) -> Floats:
    """Return each patient's net benefit within the horizon, from pseudo-values of the times in both states."""
    groups = who.treated.astype(np.int64)
    if positive is not None:
        groups = 2 * groups + positive
    pfs, alive = (
        pseudo_values(time, event, one.within_months, groups=groups) / MONTHS_PER_YEAR
        for time, event in (who.pfs, who.alive)
    )
    model, progressed = worked.model, alive - pfs
    care = np.empty((2, len(pfs)))
    for arm, name in enumerate((one.otherwise, one.treated)):
        strategy = model.strategies[name]
        free = strategy.progression_free_per_month or model.costs.progression_free_per_month
        after = strategy.progressed_per_month or model.costs.progressed_per_month
        care[arm] = MONTHS_PER_YEAR * (free.value * pfs + after.value * progressed)
        care[arm] += _drug_rate(name, one, worked) * pfs + _once(strategy, worked.threshold)
    qalys = model.utilities.progression_free.value * pfs + model.utilities.progressed.value * progressed
    return np.asarray(
        worked.threshold * qalys - care[who.treated.astype(int), np.arange(len(pfs))], dtype=np.float64
    )


def _once(strategy: Strategy, threshold: float) -> float:
    """Return what a patient costs at the start and by adverse events, their loss of QALYs among it."""
    events = sum(
        event.probability.value
        * (event.cost.value + threshold * event.disutility.value * event.weeks.value / WEEKS_PER_YEAR)
        for event in strategy.adverse_events.values()
    )
    return strategy.once_at_start.value + events


def _drug_rate(name: str, one: Guided, worked: Worked) -> float:
    """Return what drugs and giving them cost for a year free of progression, within the horizon, undiscounted."""
    cycles = worked.model.cycles_per_year
    years = max(round(one.within_months / MONTHS_PER_YEAR * cycles), 1) / cycles
    free = {"costs": 0.0, "effects": 0.0}
    words = {**worked.model.model_dump(), "horizon_years": years, "discount": free}
    part = prepare(
        type(worked.model).model_validate(words),
        worked.followed,
        table=worked.prepared.people.table,
        fitted=worked.prepared.fitted,
    )
    found = evaluate(part, base_case(part.model, part.fitted))
    drugs = (*worked.drugs(name), "administration")
    spent = sum(float(found.categories[name, drug][0]) for drug in drugs if (name, drug) in found.categories)
    return spent / float(found.state_years["progression_free"][0, found.strategies.index(name)])


def _fixed(found: MarkerGuided, one: Guided, worked: Worked, who: _Patients) -> Part:
    label = f"{one.marker} at or above {one.cutoff:g}"
    estimates = (
        _estimate(
            worked, one, "guided_vs_treat_all", label, found.over_all, found.n, _chance(found.beats_all)
        ),
        _estimate(
            worked, one, "guided_vs_treat_none", label, found.over_none, found.n, _chance(found.beats_none)
        ),
        _estimate(worked, one, "gain_among_positive", label, found.among_positive, found.positives),
        _estimate(worked, one, "gain_among_negative", label, found.among_negative, found.n - found.positives),
        _estimate(worked, one, "gain_positive_less_negative", label, found.difference, found.n),
    )
    return Part(estimates=estimates, caveats=(_caveat(one, worked, who),))


def _chosen(found: ScoreGuided, one: Guided, worked: Worked, who: _Patients) -> Part:
    cut = found.best
    where = (
        "all patients"
        if np.isneginf(cut.value)
        else "nobody"
        if np.isposinf(cut.value)
        else f"{cut.value:g} and above"
    )
    label = f"{one.marker}: best to treat {where}"
    note = f"cut-off chosen without the patients it is judged on; apparent {found.apparent:,.0f}"
    estimates = (
        _estimate(
            worked,
            one,
            "guided_vs_treat_all",
            label,
            found.over_all,
            found.n,
            f"{_chance(found.beats_all)}; {note}",
        ),
        _estimate(
            worked,
            one,
            "guided_vs_treat_none",
            label,
            found.over_none,
            found.n,
            f"{_chance(found.beats_none)}; {note}",
        ),
    )
    name = f"guided_by_{one.marker}"
    table = pl.DataFrame(
        {
            "x": found.cutoffs,
            "share_treated": found.treated,
            "value": found.net_benefit.value,
            "low": found.net_benefit.low,
            "high": found.net_benefit.high,
        }
    ).sort("x")
    figure = Figure(
        "line_band",
        name,
        f"Treating patients at or above a cut-off of {one.marker}",
        "Net benefit over treating nobody, after the cost of the test, on the patients themselves: the highest point "
        "flatters.",
        options={"x_title": one.marker, "y_title": f"Net benefit, {worked.model.currency}", "reference": 0},
    )
    return Part(
        estimates=estimates, tables={name: table}, figures=(figure,), caveats=(_caveat(one, worked, who),)
    )


def _chance(probability: float) -> str:
    return f"better with probability {probability:.2f}"


def _estimate(
    worked: Worked, one: Guided, name: str, label: str, found: Interval, n: int, note: str = ""
) -> Estimate:
    """Return money per patient; positive where guiding, or treating, is worth more."""
    return Estimate(
        name,
        found.value,
        found.low,
        found.high,
        n=n,
        unit=worked.model.currency,
        method="marker_guided" if one.cutoff is not None else "score_guided",
        level=found.level,
        endpoint="",
        group=label,
        note=note,
    )


def _caveat(one: Guided, worked: Worked, who: _Patients) -> str:
    return (
        f"Guided by {one.marker}: net benefit at {worked.threshold:,.0f} {worked.model.currency} per QALY within "
        f"{one.within_months:g} months, undiscounted, inputs at their estimates; {len(who.marker)} patients whose "
        f"marker is known, {who.unknown} without it left out. Costs of dying and what lies beyond the follow-up are "
        "not in it."
    )
