"""irAEs of simulated patients: how often each comes, what follows, and what it costs and takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.individuals import BASE_PATIENTS, Lived, Lives
from coley.economics.simulation.nested import without_noise
from coley.model.answer import Estimate
from coley.questions.worth.worked import interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from coley.economics.simulation.iraes import Irae
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

PER = 100.0  # patients to whom events are told
METHOD = "treated_patient_simulation"
Follows = Callable[[Lived, "Irae"], "Floats"]
# What follows an event, as a share of its events that is known in each draw, so that luck is that of the events alone.
FOLLOWS: dict[str, Follows] = {
    "grade_3_or_more": lambda _, irae: _floats(irae.high),
    "admissions": lambda _, irae: _floats(irae.high) * _floats(irae.admitted),
    "days_in_hospital": lambda lived, irae: (
        _floats(irae.high) * _floats(irae.admitted) * lived.days[irae.name]
    ),
    "stops": lambda _, irae: (
        (1 - _floats(irae.high)) * _floats(irae.stops_low) + _floats(irae.high) * _floats(irae.stops_high)
    ),
    "lasting": lambda _, irae: _floats(irae.persists),
    "deaths": lambda lived, irae: _floats(irae.high) * lived.fatal[irae.name],
}


def _floats(number: ArrayLike) -> Floats:
    return np.asarray(number, dtype=np.float64)


def spread(worked: Worked, draws: Floats, se: Floats | float) -> tuple[float, float]:
    """Return the limits that hold the level of the draws once the luck of their patients is taken off."""
    return interval(without_noise(draws, se), worked.settings.level)


def estimate(
    worked: Worked, name: str, group: str, value: tuple[float, float, float], *, unit: str, note: str = ""
) -> Estimate:
    """Return a number of the simulation with its limits."""
    return Estimate(
        name,
        *value,
        n=BASE_PATIENTS,
        unit=unit,
        method=METHOD,
        level=worked.settings.level,
        group=group,
        note=note,
    )


class Events:
    """Events of one strategy: means per patient in the base case, and in each draw without the luck of its patients."""

    def __init__(self, lives: Lives, name: str) -> None:
        self.few, self.many, self.n = lives.base[name], lives.drawn[name], lives.patients
        any_grade = {irae: of["any_grade"] for irae, of in self.many.with_iraes.iraes.items()}
        self._any = {irae: without_noise(often, luck(often, self.n)) for irae, often in any_grade.items()}

    @property
    def iraes(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.few.iraes)

    def base(self, irae: str, kind: str) -> float:
        """Return a mean per patient in the base case."""
        found = self.few.with_iraes.iraes[irae]
        if kind == "days_in_hospital":
            return float((found["admissions"] * self.few.days[irae])[0])
        if kind == "deaths":
            return float(self.few.deaths[irae][0])
        return float(found[kind][0])

    def draws(self, irae: str, kind: str) -> Floats:
        """Return means per patient, (D,): events, and what follows them as a share of the events of each draw."""
        if kind in FOLLOWS:
            of = FOLLOWS[kind]
            ratio = self.base(irae, "any_grade") * of(self.few, self.few.iraes[irae]).mean()
            scale = self.base(irae, kind) / ratio if ratio > 0 else 0.0
            return np.asarray(self._any[irae] * of(self.many, self.many.iraes[irae]) * scale)
        if kind == "any_grade":
            return self._any[irae]
        # Costs and losses of one patient are nearly those of one event, so that luck is that of the number of events.
        found = self.many.with_iraes.iraes[irae]
        often = np.maximum(found["any_grade"], 1 / self.n)
        return without_noise(found[kind], found[kind] / often * luck(often, self.n))

    def told(self, worked: Worked, irae: str, kind: str, *, per: float = PER) -> tuple[float, float, float]:
        """Return a mean per patient, or per so many, with its limits."""
        return _about(self.base(irae, kind), self.draws(irae, kind), worked, per=per)

    def over_all(self, worked: Worked, kind: str, *, per: float = PER) -> tuple[float, float, float]:
        """Return the same of all irAEs together."""
        draws = np.sum([self.draws(irae, kind) for irae in self.iraes], axis=0)
        return _about(sum(self.base(irae, kind) for irae in self.iraes), draws, worked, per=per)


def _about(value: float, draws: Floats, worked: Worked, *, per: float) -> tuple[float, float, float]:
    """Return a value with the limits of its draws; where nothing of it is uncertain, luck alone sets them apart."""
    low, high = interval(draws, worked.settings.level)
    return per * value, per * min(low, value), per * max(high, value)


def luck(share: Floats, n: int) -> Floats:
    """Return the Monte Carlo error of a share of patients, nearly also of a number of events of which few have two."""
    return np.asarray(np.sqrt(share * (1 - np.minimum(share, 1.0)) / n))


def events_of(worked: Worked, lives: Lives, name: str) -> tuple[list[Estimate], pl.DataFrame, pl.DataFrame]:
    """Return, of one strategy, the estimates, and the events of each irAE for the picture and for the table."""
    label, events = worked.label(name), Events(lives, name)
    pictured = [
        {
            "label": irae.replace("_", " "),
            "section": f"{label}: {section}",
            **dict(zip(("value", "low", "high"), events.told(worked, irae, kind), strict=True)),
            "n": BASE_PATIENTS,
        }
        for kind, section in (("any_grade", "any grade"), ("grade_3_or_more", "grade 3 and above"))
        for irae in events.iraes
    ]
    table = [
        {
            "strategy": label,
            "irae": irae.replace("_", " "),
            **_with_limits("any_grade", events.told(worked, irae, "any_grade")),
            **_with_limits("grade_3_or_more", events.told(worked, irae, "grade_3_or_more")),
            **{kind: PER * events.base(irae, kind) for kind in list(FOLLOWS)[1:]},
            "recurrences": PER * events.base(irae, "recurrences"),
            **_with_limits("cost_per_patient", events.told(worked, irae, "cost", per=1.0)),
            **_with_limits("qalys_lost_per_patient", events.told(worked, irae, "loss", per=1.0)),
        }
        for irae in events.iraes
    ]
    estimates = [
        estimate(worked, told, label, value, unit=unit, note=note)
        for told, unit, value, note in _sums(worked, lives, name, events=events)
    ]
    return estimates, pl.DataFrame(pictured), pl.DataFrame(table)


def _with_limits(name: str, value: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), value, strict=True))


def _sums(
    worked: Worked, lives: Lives, name: str, *, events: Events
) -> Iterator[tuple[str, str, tuple[float, float, float], str]]:
    """Give name, unit, value with limits, and note of what all irAEs of a strategy do together."""
    spec, currency = worked.model.individuals, worked.model.currency
    added = spec is not None and spec.deaths == "added"
    per = "per 100 patients"
    for told, kind, note in (
        ("irae_events", "any_grade", "of any grade; one patient may have several"),
        ("irae_events_of_grade_3_and_above", "grade_3_or_more", ""),
        ("irae_admissions", "admissions", ""),
        ("irae_days_in_hospital", "days_in_hospital", ""),
        ("irae_stops", "stops", "treatment ended for good, or until a rechallenge"),
        ("irae_deaths", "deaths", "on top of the curves" if added else "within the curves already"),
    ):
        yield told, per, events.over_all(worked, kind), note
    few, many = lives.base[name], lives.drawn[name]
    again, often = few.with_iraes.counts["rechallenged"], many.with_iraes.counts["rechallenged"]
    if again[0] > 0:
        low, high = spread(worked, often, luck(often, lives.patients))
        yield "irae_rechallenges", per, (PER * float(again[0]), PER * low, PER * high), ""
    each = "per patient, discounted"
    yield "irae_care", currency, events.over_all(worked, "cost", per=1.0), each
    yield "irae_qalys_lost", "QALYs", events.over_all(worked, "loss", per=1.0), each
    base, drawn = (
        one.without.cost_by_category["drug"] - one.with_iraes.cost_by_category["drug"] for one in (few, many)
    )
    # What stops save is nearly all by which the costs of one patient differ.
    change = many.with_iraes.by_patient[:, :, 0] - many.without.by_patient[:, :, 0]
    low, high = spread(worked, drawn, change.std(axis=1, ddof=1) / np.sqrt(lives.patients))
    yield "irae_drugs_not_given", currency, (float(base[0]), low, high), each
