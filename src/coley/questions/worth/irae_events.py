"""irAEs of simulated patients: how often each comes, what follows, and what it costs and takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.individuals import BASE_PATIENTS, Lived, Lives
from coley.economics.simulation.nested import without_noise
from coley.model.answer import Estimate
from coley.questions.worth.worked import interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

PER = 100.0  # patients to whom events are told
METHOD = "treated_patient_simulation"


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


def events_of(worked: Worked, lives: Lives, name: str) -> tuple[list[Estimate], pl.DataFrame, pl.DataFrame]:
    """Return, of one strategy, the estimates, and the events of each irAE for the picture and for the table."""
    label = worked.label(name)
    base, drawn = lives.base[name], lives.drawn[name]
    n = lives.patients
    pictured, table = [], []
    for irae in base.iraes:
        kinds, many = base.with_iraes.iraes[irae], drawn.with_iraes.iraes[irae]
        words = irae.replace("_", " ")
        limits = {
            kind: spread(worked, many[kind], _luck(many[kind], n))
            for kind in ("any_grade", "grade_3_or_more")
        }
        for kind, section in (("any_grade", "any grade"), ("grade_3_or_more", "grade 3 and above")):
            low, high = limits[kind]
            pictured.append(
                {
                    "label": words,
                    "section": f"{label}: {section}",
                    "value": PER * float(kinds[kind][0]),
                    "low": PER * low,
                    "high": PER * high,
                    "n": BASE_PATIENTS,
                }
            )
        # Costs and losses of one patient are nearly those of an event, so that luck is that of the number of events.
        often = np.maximum(many["any_grade"], 1 / n)
        cost = spread(worked, many["cost"], many["cost"] / often * _luck(often, n))
        loss = spread(worked, many["loss"], many["loss"] / often * _luck(often, n))
        table.append(
            {
                "strategy": label,
                "irae": words,
                "any_grade": PER * float(kinds["any_grade"][0]),
                "any_grade_low": PER * limits["any_grade"][0],
                "any_grade_high": PER * limits["any_grade"][1],
                "grade_3_or_more": PER * float(kinds["grade_3_or_more"][0]),
                "admissions": PER * float(kinds["admissions"][0]),
                "days_in_hospital": PER * float((kinds["admissions"] * base.days[irae])[0]),
                "stops": PER * float(kinds["stops"][0]),
                "lasting": PER * float(kinds["lasting"][0]),
                "recurrences": PER * float(kinds["recurrences"][0]),
                "deaths": PER * float(base.deaths[irae][0]),
                "cost_per_patient": float(kinds["cost"][0]),
                "cost_per_patient_low": cost[0],
                "cost_per_patient_high": cost[1],
                "qalys_lost_per_patient": float(kinds["loss"][0]),
                "qalys_lost_per_patient_low": loss[0],
                "qalys_lost_per_patient_high": loss[1],
            }
        )
    estimates = [
        estimate(worked, told, label, (value, *limits), unit=unit, note=note)
        for told, unit, value, limits, note in _sums(worked, base, drawn, n=n)
    ]
    # Sections stay together: any grade first, then grade 3 and above.
    rows = sorted(pictured, key=lambda row: str(row["section"]) != f"{label}: any grade")
    return estimates, pl.DataFrame(rows), pl.DataFrame(table)


def _luck(share: Floats, n: int) -> Floats:
    """Return the Monte Carlo error of a share of patients, nearly also of a number of events of which few have two."""
    return np.asarray(np.sqrt(share * (1 - np.minimum(share, 1.0)) / n))


def _sums(
    worked: Worked, base: Lived, drawn: Lived, *, n: int
) -> Iterator[tuple[str, str, float, tuple[float, float], str]]:
    """Give name, unit, value, limits and note of what all irAEs of a strategy do together."""
    currency = worked.model.currency

    def over(lived: Lived, kind: str) -> Floats:
        return np.asarray(sum(of[kind] for of in lived.with_iraes.iraes.values()), dtype=np.float64)

    def luck(kind: str) -> Floats:
        return np.asarray(
            np.sqrt(sum(_luck(of[kind], n) ** 2 for of in drawn.with_iraes.iraes.values())), dtype=np.float64
        )

    def days(lived: Lived) -> Floats:
        each = [of["admissions"] * lived.days[irae] for irae, of in lived.with_iraes.iraes.items()]
        return np.asarray(sum(each), dtype=np.float64)

    per = "per 100 patients"
    for told, kind, note in (
        ("iraes", "any_grade", "of any grade; one patient may have several"),
        ("iraes_of_grade_3_and_above", "grade_3_or_more", ""),
        ("admissions_for_iraes", "admissions", ""),
        ("stops_for_iraes", "stops", "treatment ended for good, or until a rechallenge"),
    ):
        limits = spread(worked, over(drawn, kind), luck(kind))
        yield told, per, PER * float(over(base, kind)[0]), (PER * limits[0], PER * limits[1]), note
    each_day = days(drawn) / np.maximum(over(drawn, "admissions"), 1 / n)
    limits = spread(worked, days(drawn), each_day * luck("admissions"))
    yield (
        "days_in_hospital_for_iraes",
        per,
        PER * float(days(base)[0]),
        (PER * limits[0], PER * limits[1]),
        "",
    )
    again, many = base.with_iraes.counts["rechallenged"], drawn.with_iraes.counts["rechallenged"]
    if again[0] > 0:
        limits = spread(worked, many, _luck(many, n))
        yield "rechallenges", per, PER * float(again[0]), (PER * limits[0], PER * limits[1]), ""
    died, all_died = (np.asarray(sum(one.deaths.values()), dtype=np.float64) for one in (base, drawn))
    limits = spread(worked, all_died, _luck(all_died, n))
    added = worked.model.individuals is not None and worked.model.individuals.deaths == "added"
    note = "besides those within the curves" if added else "within the curves of survival already"
    yield "deaths_of_iraes", per, PER * float(died[0]), (PER * limits[0], PER * limits[1]), note
    care = [one.with_iraes.cost_by_category["iraes"] for one in (base, drawn)]
    often = np.maximum(over(drawn, "any_grade"), 1 / n)
    limits = spread(worked, care[1], care[1] / often * luck("any_grade"))
    yield "care_of_iraes", currency, float(care[0][0]), limits, "per patient, discounted"
    saved = [
        one.without.cost_by_category["drug"] - one.with_iraes.cost_by_category["drug"]
        for one in (base, drawn)
    ]
    stops = np.maximum(over(drawn, "stops"), 1 / n)
    limits = spread(worked, saved[1], np.abs(saved[1]) / stops * luck("stops"))
    yield "drugs_not_given_for_iraes", currency, float(saved[0][0]), limits, "per patient, discounted"
    lost = [-one.with_iraes.effect_by_category["iraes"] for one in (base, drawn)]
    limits = spread(worked, lost[1], lost[1] / often * luck("any_grade"))
    yield "qalys_lost_to_iraes", "QALYs", float(lost[0][0]), limits, "per patient, discounted"
