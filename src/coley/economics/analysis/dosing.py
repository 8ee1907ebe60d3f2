"""Other ways to dose a strategy: what each saves, from when it differs, and what an effect on survival makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import CHUNK, courses_of, curves_of, heaviest
from coley.economics.analysis.regimens import regimen_of
from coley.economics.course import outcome
from coley.economics.course.accrual import charged
from coley.economics.course.rewards import Charges
from coley.economics.doses import schedule
from coley.economics.model_file.parse import named_drugs
from coley.economics.projection.curve import Curve, from_steps
from coley.model.errors import ColeyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.analysis.survival import Projected
    from coley.economics.course.courses import Course
    from coley.economics.course.discounting import Discount
    from coley.economics.course.outcome import Outcome
    from coley.economics.course.rewards import Reward
    from coley.economics.model_file.dosing import DosingAlternative
    from coley.economics.model_file.schema import Model
    from coley.economics.model_file.treatment import Strategy

    Floats = NDArray[np.float64]

CURVES = "partitioned_survival"  # the structure in which a hazard ratio acts on the curves themselves
SAME = 1e-9  # part by which given mg may differ and still be the same dose


@dataclass(frozen=True, eq=False)
class Dosed:
    """One other way to dose.

    Attributes
    ----------
    words
        What the model file says of it.
    from_years
        When doses first differ; None where the same is given on the same days.
    saving_of_those
        What it saves each patient who is dosed so, discounted, survival as it is, (D,).
    saved
        Category ("nivolumab", "administration") to what it saves there, likewise, per patient of all, (D,).
    added_cost, added_effect
        With the effect on survival that the model file says, per patient of all, (D,); None where it says none.
    """

    words: DosingAlternative
    from_years: float | None
    saving_of_those: Floats
    saved: Mapping[str, Floats]
    added_cost: Floats | None
    added_effect: Floats | None

    @property
    def saving(self) -> Floats:
        """What it saves in all per patient of all, (D,); negative where it costs more."""
        return np.asarray(sum(self.saved.values()), dtype=np.float64)


def structure_of(model: Model, words: DosingAlternative) -> str:
    """Return the structure in which an alternative is worked out: that of the base case, or curves for an effect."""
    return CURVES if words.affects_survival else heaviest(model)


def dosed(prepared: Prepared, inputs: Inputs) -> tuple[Dosed, ...]:
    """Work out every other way to dose that a model file names.

    Parameters
    ----------
    prepared, inputs
        The model and its draws.

    Raises
    ------
    InvalidSetting, MissingData
        For a dose or a price that cannot be, with the place of the alternative.
    """
    ways = prepared.model.dosing_alternatives
    parts: list[list[Dosed]] = [[] for _ in ways]
    begins = [_differs_from(prepared.model, inputs, k) for k in range(len(ways))]
    for start in range(0, inputs.draws, CHUNK):
        rows = inputs.rows(start, min(start + CHUNK, inputs.draws))
        projected = curves_of(prepared, rows)
        for k, part in enumerate(parts):
            part.append(_dosed(prepared, rows, projected, k=k, from_years=begins[k]))
    return tuple(_joined(part) for part in parts)


def _dosed(
    prepared: Prepared, inputs: Inputs, projected: Projected, *, k: int, from_years: float | None
) -> Dosed:
    model, words = prepared.model, prepared.model.dosing_alternatives[k]
    now, other = model.strategies[words.strategy], words.of(model.strategies[words.strategy])
    changed = changed_inputs(inputs, model, k)
    structure = structure_of(model, words)

    def run(strategy: Strategy, drawn: Inputs, curves: Projected) -> tuple[Course, list[Reward | Charges]]:
        one = replace(prepared, model=model.model_copy(update={"strategies": {words.strategy: strategy}}))
        ((_, course, counted),) = courses_of(one, drawn, structure, projected=curves)
        return course, counted

    def outcome_of(course: Course, counted: list[Reward | Charges]) -> Outcome:
        return outcome.evaluate(
            course, counted, costs=prepared.costs, effects=prepared.effects, keep_course=False
        )

    before = run(now, inputs, projected)
    with _of(words):
        after = run(other, changed, projected)
    one, two = (_spent(*made, prepared.costs, draws=inputs.draws) for made in (before, after))
    nothing = np.zeros(inputs.draws)
    whole = {name: one.get(name, nothing) - two.get(name, nothing) for name in dict.fromkeys((*one, *two))}
    here = f"dosing_alternatives.{k + 1}"
    share = inputs.numbers.get(f"{here}.share", np.ones(1))
    saved = {name: share * values for name, values in whole.items()}
    found = Dosed(words, from_years, sum(whole.values(), nothing), saved, None, None)
    if not words.affects_survival:
        return found
    places = [f"{words.strategy}.{endpoint}" for endpoint in ("pfs", "os")]
    moved_curves = with_effect(
        *(projected.curves[place] for place in places),
        death=inputs.numbers.get(f"{here}.death"),
        progression=inputs.numbers.get(f"{here}.progression"),
        from_years=from_years or 0.0,
    )
    curves = {**projected.curves, **dict(zip(places, moved_curves, strict=True))}
    moved, still = (
        outcome_of(*made) for made in (run(other, changed, replace(projected, curves=curves)), before)
    )
    return replace(
        found,
        added_cost=share * (moved.costs - still.costs),
        added_effect=share * (moved.effects - still.effects),
    )


def with_effect(
    free: Curve, alive: Curve, *, death: Floats | None, progression: Floats | None, from_years: float
) -> tuple[Curve, Curve]:
    """Return progression-free and overall survival under hazard ratios that hold from a time on.

    More deaths end progression-free survival as well: those free of progression die more by as much as all do, so
    that the share of them among the living stays; unless a hazard ratio of progression or death says otherwise.

    Parameters
    ----------
    free, alive
        Progression-free and overall survival.
    death, progression
        (D,) hazard ratios of death, and of progression or death; None where nothing is said.
    from_years
        When they set in.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve_of_rates
    >>> free, alive = curve_of_rates([0, 1, 2], [0], [0.5]), curve_of_rates([0, 1, 2], [0], [0.2])
    >>> made = with_effect(free, alive, death=np.array([1.5]), progression=None, from_years=1)
    >>> [curve.mean_hazard().round(3).tolist() for curve in made]
    [[[0.5, 0.6]], [[0.2, 0.3]]]
    """
    after = np.clip((free.times_years[1:] - from_years) / np.diff(free.times_years), 0, 1)

    def by(curve: Curve, ratio: Floats) -> Curve:
        return from_steps(curve.times_years, curve.steps * (1 + after * (ratio[:, None] - 1)))

    dying = alive if death is None else by(alive, death)
    if progression is not None:
        return by(free, progression), dying
    with np.errstate(invalid="ignore"):
        more = np.nan_to_num(
            dying.steps - alive.steps, nan=0.0
        )  # where nobody is left there is no difference
    return from_steps(free.times_years, np.maximum(free.steps + more, 0.0)), dying


def changed_inputs(inputs: Inputs, model: Model, k: int) -> Inputs:
    """Return inputs in which the numbers of a strategy's drugs and visits are those of its k-th alternative."""
    words, numbers = model.dosing_alternatives[k], dict(inputs.numbers)
    own, its = f"dosing_alternatives.{k + 1}", f"strategies.{words.strategy}"
    if words.drugs:
        numbers = {place: n for place, n in numbers.items() if not place.startswith(f"{its}.drugs.")}
        for place, drug in named_drugs(words.drugs).items():
            for spot in (f"{its}.drugs.{drug.drug}.", f"{own}.drugs.{place}."):  # what is said here counts
                for name, n in inputs.numbers.items():
                    if name.startswith(spot):
                        numbers[f"{its}.drugs.{place}.{name.removeprefix(spot)}"] = n
    for what in ("visit", "first_visit", "visit_together"):
        if f"{own}.{what}" in inputs.numbers:
            numbers[f"{its}.{what}"] = inputs.numbers[f"{own}.{what}"]
    return replace(inputs, numbers=numbers)


@contextmanager
def _of(words: DosingAlternative) -> Iterator[None]:
    """Say of an error within that it lies in this alternative."""
    try:
        yield
    except ColeyError as error:
        error.where = f"dosing_alternatives, {words.label}"
        raise


def _spent(
    course: Course, counted: list[Reward | Charges], discount: Discount, *, draws: int
) -> dict[str, Floats]:
    """Return what is spent on each drug, on giving them, and on treating again, (D,): what calendars charge."""
    found = {}
    for one in counted:
        if isinstance(one, Charges):
            in_states, elsewhere = charged(course, one, discount, draws=draws)
            found[one.name] = in_states.sum(axis=1) + elsewhere
    return found


def _differs_from(model: Model, inputs: Inputs, k: int) -> float | None:
    """Return the time in years from which the k-th alternative gives other doses, or on other days; None if never."""
    words, first = model.dosing_alternatives[k], inputs.rows(0, 1)
    strategy = model.strategies[words.strategy]
    before = _given(model, words.strategy, strategy, first)
    with _of(words):
        after = _given(model, words.strategy, words.of(strategy), changed_inputs(first, model, k))
    for one, two in zip_longest(before, after):
        if one is None or two is None:
            return float((one or two)[0])
        if abs(one[0] - two[0]) > SAME or one[1] != two[1] or not np.isclose(one[2], two[2], rtol=SAME):
            return float(min(one[0], two[0]))
    return None


def _given(model: Model, name: str, strategy: Strategy, inputs: Inputs) -> list[tuple[float, str, float]]:
    """Return time, drug and mg of every dose of somebody who stays on treatment."""
    if not strategy.drugs:
        return []
    one = model.model_copy(update={"strategies": {name: strategy}})
    made = schedule(regimen_of(one, name, inputs.numbers), model.horizon_years)
    return sorted(zip(made.times_years.round(9).tolist(), made.drugs, made.given_mg[0].tolist(), strict=True))


def _joined(parts: list[Dosed]) -> Dosed:
    """Put the draws of one alternative together again."""
    first = parts[0]
    return replace(
        first,
        saving_of_those=np.concatenate([part.saving_of_those for part in parts]),
        saved={name: np.concatenate([part.saved[name] for part in parts]) for name in first.saved},
        added_cost=_stacked([part.added_cost for part in parts]),
        added_effect=_stacked([part.added_effect for part in parts]),
    )


def _stacked(values: list[Floats | None]) -> Floats | None:
    known = [one for one in values if one is not None]
    return np.concatenate(known) if known else None
