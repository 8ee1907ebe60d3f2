"""What refunds come to in a model, draw by draw and under the structure of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import (
    CHUNK,
    courses_of,
    curves_of,
    heaviest,
    structure_of_draws,
)
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.strategy import WEEKS_PER_YEAR, at_times
from coley.economics.course.grid import cycles
from coley.economics.course.rewards import Charges
from coley.economics.model_file.agreements import MONTHS, Refund
from coley.economics.model_file.parse import quantities
from coley.economics.policy.paid_back import PaidBack, nonresponder_cost, refundable_cost
from coley.model.errors import InvalidSetting, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.course.courses import Course
    from coley.economics.model_file.schema import Model

    Floats = NDArray[np.float64]

MOMENT_YEARS = 1e-6  # a dose on the date itself comes after what is judged on it
CASH_DRAWS = 2000  # of what a payer risks: its limits no longer move visibly, and each holds many courses


@dataclass(frozen=True, eq=False)
class PaidBackByDraw:
    """What a refund comes to per patient, discounted as the drug was when it was bought.

    Attributes
    ----------
    agreed, everything
        (D,) money paid back as agreed, and were all of it paid back that was spent on the same patients.
    refunded
        (D,) share of patients for whom something is paid back.
    lowered
        Share of draws in which more patients responded than were on treatment, and were taken to be as many.
    """

    agreed: Floats
    everything: Floats
    refunded: Floats
    lowered: float


@dataclass(frozen=True, eq=False)
class _Doses:
    """Doses of one drug, with the patients at each and at the dates of an agreement, for some draws."""

    amounts: Floats
    treated: Floats
    free: Floats
    times_years: Floats
    free_at_dates: Floats
    treated_at_date: Floats
    response: Floats


def paid_back(prepared: Prepared, refund: Refund, inputs: Inputs, *, seed: int) -> PaidBackByDraw:
    """Return what a refund pays back in each draw, each under its own structure as the seed assigns it.

    Raises
    ------
    InvalidSetting
        Where more patients respond, by the estimates themselves, than are then on treatment.
    """
    short = _until(prepared, refund.last_months / MONTHS)
    draws = inputs.draws
    agreed, everything, refunded, lowered = np.zeros((4, draws))
    for which, doses in _doses(short, refund, inputs, seed=seed):
        money = doses.amounts * prepared.costs.factors(doses.times_years)
        held = replace(doses, amounts=money, response=np.minimum(doses.response, doses.treated_at_date))
        lowered[which] = held.response < doses.response
        as_agreed = _judged(refund, held)
        agreed[which], refunded[which] = as_agreed.refund, as_agreed.refunded
        everything[which] = _judged(refund, held, whole=True).refund
    return PaidBackByDraw(agreed, everything, refunded, float(lowered.mean()))


def base_paid_back(prepared: Prepared, refund: Refund) -> PaidBackByDraw:
    """Return what a refund pays back in the base case.

    Raises
    ------
    InvalidSetting
        Where more patients respond than are on treatment at the date.
    """
    one = replace(prepared, model=prepared.model.model_copy(update={"structures": _alone(prepared.model)}))
    found = paid_back(one, refund, base_case(prepared.model, prepared.fitted), seed=0)
    if found.lowered:
        raise InvalidSetting(
            f"More patients respond by month {refund.last_months:g} than are then still on {refund.strategy}.",
            cause="a response ever reached, where one by the date is meant; or another trial than that of the curves",
            remedy="Give the share of all patients who have responded by the date and are on treatment.",
        )
    return found


def cash(prepared: Prepared, refund: Refund, inputs: Inputs, *, seed: int) -> PaidBack:
    """Return patients in groups by their course, with what they cost and what is paid back, undiscounted.

    Under a mixture of structures each draw takes its own; the number of groups is the same for all.
    """
    few = inputs.rows(0, min(CASH_DRAWS, inputs.draws))
    short = _until(prepared, _last_dose_years(prepared.model, refund))
    parts: list[tuple[NDArray[np.int64], PaidBack]] = []
    for which, doses in _doses(short, refund, few, seed=seed):
        held = replace(doses, response=np.minimum(doses.response, doses.treated_at_date))
        parts.append((which, _judged(refund, held)))
    order = np.argsort(np.concatenate([which for which, _ in parts]), kind="stable")
    chance, spent, back = (
        np.concatenate(
            [np.broadcast_to(getattr(one, name), (len(which), one.chance.shape[1])) for which, one in parts]
        )[order]
        for name in ("chance", "spent", "back")
    )
    return PaidBack(chance, spent, back)


def _judged(refund: Refund, doses: _Doses, *, whole: bool = False) -> PaidBack:
    """Apply an agreement to doses; `whole` pays back everything to the same patients."""
    if refund.non_response is not None:
        return nonresponder_cost(
            doses.amounts,
            doses.treated,
            before=int((doses.times_years < refund.last_months / MONTHS - MOMENT_YEARS).sum()),
            treated_at_date=doses.treated_at_date,
            response=doses.response,
            share=1.0 if whole else refund.non_response.share,
        )
    shares = [1.0 if whole else stage.share for stage in refund.stages]
    return refundable_cost(
        doses.amounts, doses.treated, free=doses.free, free_at_ends=doses.free_at_dates, shares=shares
    )


def _doses(
    prepared: Prepared, refund: Refund, inputs: Inputs, *, seed: int
) -> Iterator[tuple[NDArray[np.int64], _Doses]]:
    """Give draws, some hundred at a time and of one structure, with the doses of the drug."""
    names, structure = structure_of_draws(prepared.model, inputs.draws, seed=seed)
    for i, each in enumerate(names):
        of_it = np.flatnonzero(structure == i)
        for start in range(0, len(of_it), CHUNK):
            which = of_it[start : start + CHUNK]
            yield which, _doses_under(prepared, refund, inputs.take(which), structure=each)


def _doses_under(prepared: Prepared, refund: Refund, inputs: Inputs, *, structure: str) -> _Doses:
    """Return the doses of a drug as the model charges them under one structure."""
    name, projected = refund.strategy, curves_of(prepared, inputs)
    courses = courses_of(prepared, inputs, structure, projected=projected)
    course, counted = next((course, counted) for found, course, counted in courses if found == name)
    given = [one for one in counted if isinstance(one, Charges) and one.name == refund.drug]
    if not given or given[0].on_treatment is None:
        raise NotEstimable(
            f"Nothing is spent on {refund.drug} by month {refund.last_months:g}: no dose of it is given until then."
        )
    times = np.asarray(given[0].times_years, dtype=np.float64)
    made = times < prepared.grid.horizon_years - MOMENT_YEARS
    dates = np.array([stage.by_months for stage in refund.stages] or [refund.last_months]) / MONTHS
    free_at_dates = _share(course, 0, dates)
    treated_at_date = free_at_dates[:, -1]
    until = projected.curves.get(f"{name}.on_treatment")
    if until is not None:
        alive = treated_at_date + _share(course, 1, dates)[:, -1]
        treated_at_date = np.minimum(at_times(course.grid.times_years, until.survival, dates)[:, -1], alive)
    return _Doses(
        np.atleast_2d(given[0].amounts)[:, made],
        np.atleast_2d(np.asarray(given[0].on_treatment, dtype=np.float64))[:, made],
        _share(course, 0, times[made]),
        times[made],
        free_at_dates,
        treated_at_date,
        _response(prepared.model, refund, inputs),
    )


def _response(model: Model, refund: Refund, inputs: Inputs) -> Floats:
    """Return the share of responders in each draw; nobody where the refund does not ask for it."""
    if refund.non_response is None:
        return np.zeros(inputs.draws)
    told = refund.non_response.response
    return inputs.numbers[next(place for place, number in quantities(model).items() if number is told)]


def _share(course: Course, state: int, times: Floats) -> Floats:
    """Return the share of patients in a state at times between those of the grid, (D, K)."""
    return at_times(course.grid.times_years, course.at(state, np.arange(len(course.grid))), times)


def _alone(model: Model) -> object:
    """Return the structures with the base case's alone."""
    return type(model.structures)(
        **{name: float(name == heaviest(model)) for name in model.structures.model_dump()}
    )


def _last_dose_years(model: Model, refund: Refund) -> float:
    """Return a time by which the drug has been given for the last time."""
    strategy = model.strategies[refund.strategy]
    ends = [model.horizon_years if strategy.stop_years is None else strategy.stop_years]
    scheduled = [
        np.inf if drug.doses is None else (drug.from_week + drug.every_weeks * drug.doses) / WEEKS_PER_YEAR
        for drug in strategy.drugs
        if drug.drug == refund.drug
    ]
    return max(min(*ends, max(scheduled)), refund.last_months / MONTHS)


def _until(prepared: Prepared, years: float) -> Prepared:
    """Return a model that is followed only so far, in the same cycles: what came before is the same."""
    model = prepared.model
    whole = int(np.ceil(years * model.cycles_per_year - MOMENT_YEARS)) + 1
    horizon = whole / model.cycles_per_year
    if horizon >= model.horizon_years:
        return prepared
    return replace(
        prepared,
        model=model.model_copy(update={"horizon_years": horizon}),
        grid=cycles(horizon, 1 / model.cycles_per_year),
        age_multiplier=None,
    )
