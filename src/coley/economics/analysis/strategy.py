"""What a strategy costs and yields, as rewards and charges on its course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.regimens import falls_again, placed, regimen_of, retreatment_of
from coley.economics.course.partitioned import Partition
from coley.economics.course.rewards import Charges, Reward
from coley.economics.course.three_state import ThreeState
from coley.economics.doses import schedule
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.course.courses import Course
    from coley.economics.doses import Calendar
    from coley.economics.model_file.schema import Model

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7
ALIVE = ("progression_free", "progressed")
ADMINISTRATION = "administration"
RETREATMENT = "re-treatment"  # before the categories of what is given again


def rewards_of(
    model: Model,
    name: str,
    numbers: Mapping[str, Floats],
    *,
    times_years: Floats,
    treated: Floats,
    age_multiplier: Floats | None,
    course: Course | None = None,
) -> list[Reward | Charges]:
    """Return what is counted on the course of one strategy.

    Parameters
    ----------
    model, name
        The model and the strategy.
    numbers
        Place in the model file to its draws, (D,).
    times_years, treated
        The model's grid (T,), and the share still on treatment at its times, (1 or D, T).
    age_multiplier
        (T,) by which utilities fall with age; None to leave them.
    course
        On which they are counted: whoever is treated again is treated at progression.
    """
    strategy = model.strategies[name]

    counted: list[Reward | Charges] = [
        Reward(
            "qalys",
            "effect",
            by_state={state: numbers[f"utilities.{state}"] for state in ALIVE},
            multiplier=age_multiplier,
        ),
        Reward("care", "cost", by_state={state: care_per_year(name, state, numbers) for state in ALIVE}),
        Reward("end of life", "cost", on_entry={"dead": numbers["costs.at_death"]}),
        Reward("at the start", "cost", at_start=numbers[f"strategies.{name}.once_at_start"]),
    ]
    if strategy.adverse_events:
        cost, loss = adverse_events(name, strategy.adverse_events, numbers)
        counted += [
            Reward("adverse events", "cost", at_start=cost),
            Reward("lost to adverse events", "effect", at_start=-loss),
        ]
    if strategy.drugs:
        with placed(f"strategies.{name}.drugs"):
            calendar = schedule(regimen_of(model, name, numbers), model.horizon_years)
        counted += _charges(calendar, times_years=times_years, treated=treated)
    if strategy.retreatment is not None:
        counted += _again(model, name, numbers, times_years=times_years, course=course)
    return counted


def adverse_events(name: str, events: Iterable[str], numbers: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return what adverse events of a strategy cost and how many QALYs they take per patient, (1 or D,) each."""
    places = [f"strategies.{name}.adverse_events.{event}" for event in events]
    chance = {place: numbers[f"{place}.probability"] for place in places}
    cost = sum((chance[place] * numbers[f"{place}.cost"] for place in places), np.zeros(1))
    loss = sum(
        (
            chance[place] * numbers[f"{place}.disutility"] * numbers[f"{place}.weeks"] / WEEKS_PER_YEAR
            for place in places
        ),
        np.zeros(1),
    )
    return cost, loss


def care_per_year(name: str, state: str, numbers: Mapping[str, Floats]) -> Floats:
    """Return what a year in a state costs under a strategy, (D,): its own cost, or that of the model."""
    own = f"strategies.{name}.{state}_per_month"
    return 12 * numbers[own if own in numbers else f"costs.{state}_per_month"]


def _charges(calendar: Calendar, *, times_years: Floats, treated: Floats) -> list[Reward | Charges]:
    """Charge the calendar of a regimen to those still treated: each drug, and giving them."""
    on = at_times(times_years, treated, calendar.times_years)
    names = np.array(calendar.drugs)
    charges: list[Reward | Charges] = [
        Charges(
            name,
            "cost",
            times_years=calendar.times_years[names == name],
            amounts=calendar.acquisition[:, names == name],
            on_treatment=on[:, names == name],
        )
        for name in dict.fromkeys(calendar.drugs)
    ]
    if calendar.administration.any():
        charges.append(
            Charges(
                ADMINISTRATION,
                "cost",
                times_years=calendar.times_years,
                amounts=calendar.administration,
                on_treatment=on,
            )
        )
    return charges


def _again(
    model: Model,
    name: str,
    numbers: Mapping[str, Floats],
    *,
    times_years: Floats,
    course: Course | None,
) -> list[Reward | Charges]:
    """Charge a re-treatment to those who progress after the planned end: whole, at the mean time of its doses.

    Discounting within a course of months is all but linear, so that its middle stands for it: a course of a year at
    3.5 % is charged 0.005 % too little.
    """
    again = model.strategies[name].retreatment
    if again is None or course is None:
        raise InvalidSetting(f"Who progresses under {name} must be known to treat them again.")
    treated, progressed = treated_again(model, name, numbers, times_years=times_years, course=course)
    with placed(f"strategies.{name}.retreatment.drugs"):
        calendar = schedule(retreatment_of(model, name, numbers), model.horizon_years)
    given = progressed + again.delay_weeks / WEEKS_PER_YEAR + calendar.times_years.mean()
    kept = falls_again(model, name, numbers, times_years=given)
    spent = {
        f"{RETREATMENT}: {drug}": calendar.acquisition[:, np.array(calendar.drugs) == drug].sum(axis=1)[
            :, None
        ]
        * left
        for drug, left in kept.items()
    }
    visits = calendar.administration.sum(axis=1)[:, None]
    spent[f"{RETREATMENT}: {ADMINISTRATION}"] = np.broadcast_to(visits, (len(visits), len(given)))
    return [
        Charges(category, "cost", times_years=given, amounts=amounts, on_treatment=treated)
        for category, amounts in spent.items()
        if amounts.any()
    ]


def treated_again(
    model: Model, name: str, numbers: Mapping[str, Floats], *, times_years: Floats, course: Course
) -> tuple[Floats, Floats]:
    """Return the share of all patients treated again by cycle of progression, (D, T - 1), and when it is, (T - 1,).

    Raises
    ------
    InvalidSetting
        Where the strategy has no re-treatment.
    """
    strategy = model.strategies[name]
    again = strategy.retreatment
    if again is None:
        raise InvalidSetting(f"Nobody is treated again under {name}.")
    begins = again.from_years if again.from_years is not None else strategy.stop_years or 0.0
    length = np.diff(times_years)
    later = np.clip((times_years[1:] - begins) / length, 0, 1)
    share = numbers[f"strategies.{name}.retreatment.share"][:, None]
    if isinstance(course, Partition):
        share = share * (1 - numbers[f"strategies.{name}.retreatment.deaths_first"][:, None])
    return np.clip(share * progressions(course) * later, 0, 1), times_years[1:] - length * later / 2


def progressions(course: Course) -> Floats:
    """Return the share that progresses in each cycle, (D, T - 1).

    Curves do not tell progression from death before it: read off them, every end of progression-free survival counts.
    """
    if isinstance(course, ThreeState):
        return course.progressions.T
    free = course.at(0, np.arange(len(course.grid)))
    return np.maximum(free[:, :-1] - free[:, 1:], 0.0)


def at_times(grid: Floats, values: Floats, times: Floats) -> Floats:
    """Return shares (D, T) on a grid at times between, linearly."""
    before = np.clip(np.searchsorted(grid, times, side="right") - 1, 0, len(grid) - 2)
    part = (times - grid[before]) / (grid[before + 1] - grid[before])
    between = (1 - part) * values[:, before] + part * values[:, before + 1]
    return np.asarray(np.clip(between, 0, 1), dtype=np.float64)
