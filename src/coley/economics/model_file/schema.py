"""A model file as a whole; unknown words are refused, and each word carries its meaning."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from coley.economics.model_file.agreements import Indication, Refund, refuse_unknown
from coley.economics.model_file.budget import Budget
from coley.economics.model_file.dosing import DosingAlternative, check_dosing
from coley.economics.model_file.equity import Distribution, EndOfLife, Equity
from coley.economics.model_file.guided import Guided, Test
from coley.economics.model_file.individuals import Individuals, check_iraes, with_published
from coley.economics.model_file.part import Part
from coley.economics.model_file.people import Costs, Population, Utilities
from coley.economics.model_file.rechallenge import Rechallenge, check_rechallenges
from coley.economics.model_file.studies import PlannedStudy
from coley.economics.model_file.treatment import Strategy, refuse_long_events
from coley.economics.model_file.two_way import TwoWay


class Discounting(Part):
    """Rates per year."""

    costs: float = Field(ge=0, lt=1, description="As a fraction: 3.5 % a year is 0.035.")
    effects: float = Field(ge=0, lt=1, description="As a fraction: 3.5 % a year is 0.035.")
    compounding: Literal["annual", "continuous"] = Field("annual", description="1 / (1 + r)^t, or exp(-r t).")


class Structures(Part):
    """Weights of the structures of the model; the first that weighs most is the base case."""

    partitioned_survival: float = Field(
        1.0, ge=0, description="States read off the curves of both endpoints."
    )
    clock_forward: float = Field(
        0.0, ge=0, description="Moves between states; death after progression by time since the start."
    )
    clock_reset: float = Field(
        0.0, ge=0, description="Moves between states; death after progression by time since progression."
    )

    @model_validator(mode="after")
    def _one_weighs(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("every structure has a weight of zero: one must weigh more")
        return self


class Model(Part):
    """An economic model."""

    title: str = Field(description="What is compared, in whom.")
    root: str = Field(
        ".", description="Folder of the files that it names, from the folder of the model file."
    )
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO code; every price is in it.")
    price_year: int = Field(ge=1980, le=2100, description="Year of the prices; nothing is converted.")
    country: str = Field("", description='Whose known prices those of drugs are held against ("UK", "US").')
    horizon_years: float = Field(gt=0, le=100, description="How long is counted: a lifetime, as a rule.")
    cycles_per_year: int = Field(52, ge=1, le=366, description="52: cycles of about a week.")
    correction: str = Field("half_cycle", description="Within-cycle correction.")
    comparator: str = Field(description="The strategy that the others are compared with.")
    reference_case: str = Field("", description="Payer whose discount rates and thresholds are taken.")
    discount: Discounting | None = Field(None, description="Instead of those of the reference case.")
    thresholds: tuple[PositiveFloat, ...] = Field(
        (), description="Willingness to pay for a QALY, in the currency; else those of the reference case."
    )
    draws: int = Field(2000, ge=200, le=1_000_000, description="Of the probabilistic analysis.")
    sampling: Literal["random", "latin_hypercube"] = Field(
        "random",
        description="How numbers are drawn: a Latin hypercube spreads each evenly over its distribution, so that means "
        "settle with fewer draws. Curves are drawn at random.",
    )
    seed: int = Field(1, ge=0, description="Two runs with one seed give the same numbers.")
    structures: Structures = Field(Structures(), description="How the course of the disease is built.")
    population: Population = Field(description="Who is treated.")
    utilities: Utilities = Field(description="Of the states.")
    costs: Costs = Field(Costs(), description="Care, by state, and of dying.")
    strategies: dict[str, Strategy] = Field(
        min_length=2, description="By name: two or more, the comparator among them."
    )
    guided: tuple[Guided, ...] = Field((), description="Biomarker-guided treatment, each marker by itself.")
    tests: tuple[Test, ...] = Field((), description="Tests that others judged, each by itself.")
    budget: Budget | None = Field(None, description="Budget impact; it needs population.incident_per_year.")
    refunds: tuple[Refund, ...] = Field((), description="Prices that depend on the outcome of the patient.")
    indications: tuple[Indication, ...] = Field(
        (), description="Of one drug: a price for each, against one price for all."
    )
    end_of_life: EndOfLife | None = Field(None, description="Whether a rule for the end of life applies.")
    equity: Equity | None = Field(None, description="Subgroups, each with the weight of what it gains.")
    distribution: Distribution | None = Field(
        None, description="Who gains and who bears the cost; it needs population.incident_per_year."
    )
    individuals: Individuals | None = Field(
        None, description="Patients simulated one by one, with irAEs as events of their lives."
    )
    dosing_alternatives: tuple[DosingAlternative, ...] = Field(
        (), description="Other ways to dose: what they save, and what loss of effect that would be worth."
    )
    rechallenge: tuple[Rechallenge, ...] = Field(
        (), description="Resuming a drug after an immune-related adverse event, against stopping it for good."
    )
    two_way: tuple[TwoWay, ...] = Field((), description="Pairs of inputs that are varied together.")
    planned_studies: tuple[PlannedStudy, ...] = Field(
        (), description="Studies that would tell more: what each would be worth, by its size."
    )
    notes: tuple[str, ...] = Field((), description="What a reader must know; printed as caveats.")

    @model_validator(mode="before")
    @classmethod
    def _with_published(cls, words: Any) -> Any:
        return with_published(words)

    @model_validator(mode="after")
    def _joined(self) -> Self:
        names = self.strategies
        if self.comparator not in names:
            raise ValueError(
                f"the comparator {self.comparator!r} is none of the strategies {', '.join(names)}"
            )
        labels = [strategy.label or name for name, strategy in names.items()]
        if len(set(labels)) < len(labels):
            raise ValueError(f"two strategies have one label: {', '.join(labels)}")
        for name, strategy in names.items():
            refuse_long_events(name, strategy, horizon_years=self.horizon_years)
            for endpoint, curve in strategy.curves.items():
                for other in curve.leans_on(self.comparator):
                    if other not in names or other == name:
                        raise ValueError(
                            f"the curve {name}.{endpoint} leans on {other!r}, which is no other strategy"
                        )
                    if endpoint not in names[other].curves:
                        raise ValueError(
                            f"the curve {name}.{endpoint} leans on {other}.{endpoint}, and {other} has no such curve"
                        )
        if self.utilities.norms and not self.population.life_table:
            raise ValueError(
                "utilities that fall with age by norms need a life table: name one under population.life_table"
            )
        for test in (*self.guided, *self.tests):
            test.joined(self)
        if self.budget is not None:
            unknown = ({self.budget.new} | set(self.budget.shares)) - set(names)
            if unknown or self.population.incident_per_year is None:
                what = (
                    f"names {sorted(unknown)[0]!r}, which is no strategy"
                    if unknown
                    else "needs incident_per_year"
                )
                raise ValueError(f"the budget {what}")
        for words in (self.equity, self.distribution):
            if words is not None:
                words.joined(self)
        refuse_unknown(
            self.refunds,
            self.indications,
            strategies=names,
            comparator=self.comparator,
            horizon_years=self.horizon_years,
        )
        check_iraes(self.individuals, names)
        check_dosing(self.dosing_alternatives, names)
        check_rechallenges(self.rechallenge, names)
        for pair in self.two_way:
            pair.joined(self)
        studies = [planned.label for planned in self.planned_studies]
        if len(set(studies)) < len(studies):
            raise ValueError(f"two planned studies have one label: {', '.join(studies)}")
        for planned in self.planned_studies:
            planned.joined(self)
        if not self.reference_case and self.discount is None:
            raise ValueError("discount rates are missing: give discount, or a reference_case")
        return self
