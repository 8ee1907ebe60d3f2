"""Rechallenge from a model: what resuming a drug gains and costs those who are alive when it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.analysis.living import Living, living
from coley.economics.analysis.regimens import placed, regimen_of
from coley.economics.analysis.strategy import WEEKS_PER_YEAR, at_times
from coley.economics.doses import schedule
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.analysis.survival import Projected

    Floats = NDArray[np.float64]


def rechallenged(prepared: Prepared, projected: Projected, inputs: Inputs, *, k: int) -> dict[str, Any]:
    """Return what `value_of_rechallenge` takes, from the k-th rechallenge of a model, each (D,).

    Gain by a hazard ratio, what remains without resuming, and what the drugs still cost are those of the strategy's
    patients who are alive, and for the drugs on treatment, when it is decided; discounted to that day. Who lives
    longer is cared for longer: that cost is added to the cost of resuming.

    Parameters
    ----------
    prepared
        The model.
    projected, inputs
        Its curves and its numbers, of the same draws.
    k
        Which rechallenge, from 0.

    Raises
    ------
    InvalidSetting
        Where it is decided beyond the horizon.
    MissingData
        Where nobody is alive, or on treatment, when it is decided; or a cost of resuming is given nowhere.
    """
    words, numbers = prepared.model.rechallenge[k], inputs.numbers
    here = f"rechallenge.{k + 1}"
    lives = living(prepared, projected, inputs, name=words.strategy)
    at = int(np.abs(lives.times_years[:-1] - words.after_years).argmin())
    with placed(here):
        if words.after_years >= prepared.model.horizon_years:
            raise InvalidSetting(
                f"{words.label} is decided in year {words.after_years:g}, beyond the horizon of "
                f"{prepared.model.horizon_years:g}."
            )
        left = prepared.model.horizon_years - words.after_years
        if words.gain_qalys is not None and words.gain_qalys.value > left:
            raise InvalidSetting(
                f"{words.label} is said to gain {words.gain_qalys.value:g} QALYs by resuming, and only {left:g} years "
                "are left within the horizon."
            )
        if not lives.alive[:, at].all():
            raise MissingData(
                f"Nobody treated with {words.strategy} is alive at {words.after_years:g} years."
            )
        remaining, care = _lived(lives, at, np.ones(inputs.draws))
        if words.hazard_ratio is not None:
            longer, more_care = _lived(lives, at, numbers[f"{here}.hazard_ratio"])
            gain, extra = longer - remaining, more_care - care
        else:
            gain, extra = numbers[f"{here}.gain_qalys"], np.zeros(1)
        course = (
            numbers[f"{here}.course_cost"]
            if words.course_cost is not None
            else _still_to_come(prepared, lives, inputs, strategy=words.strategy, at=at)
        )
    lost = numbers[f"{here}.event_disutility"] * numbers[f"{here}.event_weeks"] / WEEKS_PER_YEAR
    return {
        "recurrence": numbers[f"{here}.recurrence"],
        "gain": gain,
        "drug": course + extra,
        "event_cost": numbers[f"{here}.event_cost"],
        "event_loss": lost,
        "fatal": numbers[f"{here}.fatal"],
        "remaining": remaining if words.remaining_qalys is None else numbers[f"{here}.remaining_qalys"],
        "kept": numbers.get(f"{here}.kept", np.ones(1)),
    }


def _lived(lives: Living, at: int, ratio: Floats) -> tuple[Floats, Floats]:
    """Return QALYs and cost of care from a time on, of those then alive, their hazard multiplied; (D,) each."""
    worth = lives.of_the_living
    alive = (lives.alive[:, at:] / lives.alive[:, [at]]) ** ratio[:, None]
    times = lives.times_years[at:]

    def added(values: Floats, factors: Floats) -> Floats:
        return np.asarray(np.trapezoid(alive * values[:, at:] * factors[at:] / factors[at], times, axis=1))

    return added(worth["quality"], lives.discount), added(worth["care"], lives.discount_costs)


def _still_to_come(prepared: Prepared, lives: Living, inputs: Inputs, *, strategy: str, at: int) -> Floats:
    """Return what giving the drugs of a strategy still costs those who are on treatment at a time, (D,)."""
    if not prepared.model.strategies[strategy].drugs:
        raise MissingData(
            f"What resuming costs is not known: {strategy} gives no drug.", remedy="Give course_cost."
        )
    since = lives.times_years[at]
    calendar = schedule(regimen_of(prepared.model, strategy, inputs.numbers), prepared.model.horizon_years)
    if not lives.treated[:, at].all():
        raise MissingData(
            f"Nobody is on treatment with {strategy} at {since:.2f} years.", remedy="Give course_cost."
        )
    later = calendar.times_years >= since - 1e-9
    if not later.any():
        return np.zeros(1)
    times = calendar.times_years[later]
    on = at_times(lives.times_years, lives.treated, times) / lives.treated[:, [at]]
    factors = prepared.costs.factors(times) / lives.discount_costs[at]
    return np.asarray((calendar.cost[:, later] * on * factors).sum(axis=1))
