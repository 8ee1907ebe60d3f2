"""A model worked out in every way that the answer tells of: base case, draws, one number at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.analysis.evaluate import (
    Evaluation,
    Prepared,
    courses_of,
    curves_of,
    evaluate,
    evaluate_mixed,
    heaviest,
    prepare,
    weighted,
)
from coley.economics.analysis.inputs import CURVE, Inputs, OneWay, base_case, drawn, one_way
from coley.economics.analysis.strategy import RETREATMENT
from coley.economics.population.reference_cases import ReferenceCase, reference_case
from coley.model.errors import ColeyError, InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.analysis.individuals import Lives
    from coley.economics.analysis.survival import Projected
    from coley.economics.course.courses import Course
    from coley.economics.model_file.schema import Model
    from coley.economics.population.life_tables import LifeTable
    from coley.questions.worth.settings import WorthSettings

    Floats = NDArray[np.float64]

ENDPOINT_WORDS = {"os": "overall survival", "pfs": "progression-free survival", "iraes": "irAEs"}
STRUCTURE_DRAWS = 2000  # under every structure: the difference between two of them has little noise
CURVE_DRAWS = 500  # of the bands around curves: their edges no longer move visibly


@dataclass(frozen=True, eq=False)
class Worked:
    """What the parts of the answer are made of.

    Attributes
    ----------
    prepared, settings, followed
        The model with its fits; the settings; "strategy.endpoint" to patients.
    base, drawn
        The base case (one row) and the draws.
    inputs
        Of the draws.
    rows, one_way
        The one-way rows and what they come to.
    """

    prepared: Prepared
    settings: WorthSettings
    followed: Mapping[str, FollowUp]
    base: Evaluation
    inputs: Inputs
    drawn: Evaluation
    rows: OneWay
    one_way: Evaluation

    @property
    def model(self) -> Model:
        """The model."""
        return self.prepared.model

    @property
    def case(self) -> ReferenceCase | None:
        """The payer's reference case, where the model names one."""
        return reference_case(self.model.reference_case) if self.model.reference_case else None

    @property
    def thresholds(self) -> tuple[float, ...]:
        """What a QALY may cost, lowest first."""
        given = set(self.model.thresholds or _thresholds_of(self.case, self.model.currency))
        if self.settings.threshold is not None:
            given.add(self.settings.threshold)
        if not given:
            raise MissingData(
                "No threshold is known: what a QALY may cost.",
                remedy="Give thresholds in the model file, name a reference_case, or --set threshold=...",
            )
        return tuple(sorted(given))

    @property
    def threshold(self) -> float:
        """The one at which single numbers are told."""
        return self.settings.threshold if self.settings.threshold is not None else self.thresholds[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the strategies, in the order of the columns."""
        return self.base.strategies

    @property
    def comparator(self) -> int:
        """Column of the comparator."""
        return self.names.index(self.model.comparator)

    def label(self, name: str) -> str:
        """Return what a strategy is called on the page."""
        return self.model.strategies[name].label or name

    def drugs(self, name: str) -> tuple[str, ...]:
        """Return the drugs of a strategy, each once."""
        return tuple(dict.fromkeys(drug.drug for drug in self.model.strategies[name].drugs))

    def spent_on(self, name: str, drug: str, *, again: bool = False) -> Floats:
        """Return what a strategy spends on a drug, (D,), discounted; where asked, with what is given again of it."""
        found, nothing = self.drawn.categories, np.zeros(self.drawn.draws)
        more = found.get((name, f"{RETREATMENT}: {drug}"), nothing) if again else nothing
        return found.get((name, drug), nothing) + more

    def whole_price(self, name: str, drug: str) -> str:
        """Return what a price of 1 is called: the list price, or that of the model where something is off it."""
        strategy = self.model.strategies[name]
        off = any(
            one.price_falls or one.discount.value or one.discount.uncertain
            for one in strategy.drugs
            if one.drug == drug
        )
        return "price in the model" if off else "list price"

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the strategies, in the order of the columns."""
        return tuple(self.label(name) for name in self.names)

    @property
    def others(self) -> tuple[int, ...]:
        """Columns of the strategies that are compared with the comparator."""
        return tuple(i for i in range(len(self.names)) if i != self.comparator)

    @property
    def certain(self) -> bool:
        """Whether no draw differs from another: no input has an interval."""
        return not any(np.ptp(values, axis=0).any() for values in (self.drawn.costs, self.drawn.effects))

    @property
    def seed(self) -> int:
        """Seed of the draws."""
        return _seed(self.model, self.settings)

    @property
    def strokes(self) -> dict[str, Any]:
        """Options of figures that show strategies: all of them, so that each has one colour on the page."""
        return {"strategies": list(self.labels), "control": self.labels[self.comparator]}

    def spoken(self, place: str) -> str:
        """Return an input in words: "Nivolumab, overall survival (mean years)"."""
        curve = place.startswith(CURVE)
        parts = place.removeprefix(CURVE).removeprefix("strategies.").split(".")
        for name in self.names:  # a name may hold a dot
            if ".".join(parts).startswith(f"{name}."):
                parts = [self.label(name), *".".join(parts)[len(name) + 1 :].split(".")]
                break
        words = [ENDPOINT_WORDS.get(part, part.replace("_", " ")) for part in parts]
        return ", ".join(words) + (" (mean years)" if curve else "")

    @cached_property
    def by_structure(self) -> dict[str, Evaluation]:
        """The same draws under every structure that weighs anything; empty where only one does."""
        names = weighted(self.model)
        inputs = self.inputs.rows(0, STRUCTURE_DRAWS)
        return {name: evaluate(self.prepared, inputs, structure=name) for name in names if len(names) > 1}

    @cached_property
    def lives(self) -> Lives | ColeyError | None:
        """The model lived by single patients, or why it cannot be; None where the model asks for none."""
        spec = self.model.individuals
        if spec is None:
            return None
        from coley.economics.analysis.individuals import live

        try:
            return live(self.prepared, self.followed, self.inputs, seed=self.seed, spec=spec)
        except ColeyError as error:
            return error

    @cached_property
    def base_curves(self) -> Projected:
        """Curves of the base case."""
        return curves_of(self.prepared, base_case(self.model, self.prepared.fitted))

    @cached_property
    def base_courses(self) -> dict[str, Course]:
        """The course of each strategy in the base case, under its structure."""
        base = base_case(self.model, self.prepared.fitted)
        told = courses_of(self.prepared, base, heaviest(self.model), projected=self.base_curves)
        return {name: course for name, course, _ in told}

    @cached_property
    def drawn_curves(self) -> Projected:
        """Curves of the first draws."""
        return curves_of(self.prepared, self.inputs.rows(0, CURVE_DRAWS))


def work_out(
    model: Model,
    followed: Mapping[str, FollowUp],
    settings: WorthSettings,
    *,
    table: LifeTable | None = None,
) -> Worked:
    """Fit, project and evaluate a model: base case, draws and one number at a time."""
    prepared = prepare(model, followed, table=table)
    fitted = prepared.fitted
    inputs = drawn(model, fitted, draws=settings.draws or model.draws, seed=_seed(model, settings))
    rows = one_way(model, fitted, inputs)
    return Worked(
        prepared,
        settings,
        followed,
        evaluate(prepared, base_case(model, fitted)),
        inputs,
        evaluate_mixed(prepared, inputs, seed=_seed(model, settings)),
        rows,
        evaluate(prepared, rows.inputs),
    )


def _thresholds_of(case: ReferenceCase | None, currency: str) -> tuple[float, ...]:
    """Return what a payer pays for a QALY; in another currency than the model it says nothing."""
    if case is None or not case.thresholds:
        return ()
    if case.currency != currency:
        raise InvalidSetting(
            f"The thresholds of {case.name} are in {case.currency}, the model in {currency}.",
            remedy=f"Give thresholds in {currency}, or the model in {case.currency}.",
        )
    return case.thresholds


def _seed(model: Model, settings: WorthSettings) -> int:
    """Return the seed of the settings where it was set, else that of the model file."""
    return settings.seed if "seed" in settings.model_fields_set else model.seed


def interval(values: Floats, level: float) -> tuple[float, float]:
    """Return the limits that hold `level` of the draws."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
