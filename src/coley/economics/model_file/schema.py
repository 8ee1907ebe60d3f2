"""What a model file may say; unknown words are refused, and each word carries its meaning."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_serializer, model_validator

from coley.economics.model_file.quantity import Cost, Decrement, Quantity, Ratio, Share, Utility, Weeks


class Part(BaseModel):
    """Base of every table of a model file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(Part):
    """Patients from whom a curve is fitted."""

    file: str = Field(
        "", description="CSV, TSV or Parquet, beside the model file; empty: the study that is asked."
    )
    time: str = Field(description="Column of times.")
    event: str = Field(description="Column of events: 1 the event, 0 censored.")
    time_unit: Literal["days", "weeks", "months", "years"] = Field(description="Of the column of times.")
    where: dict[str, str | int | float] = Field(
        {}, description="Column to the value that its rows must have."
    )
    source: str = Field("", description="Where the patients come from.")


class Digitised(Part):
    """A published Kaplan-Meier curve, from which pseudo patients are reconstructed."""

    points: str = Field(description="File of its points, beside the model file.")
    time: str = Field("time_months", description="Column of times of the points.")
    survival: str = Field("survival", description="Column of survival, as a share or in percent.")
    at_risk: str = Field(description="File of numbers at risk; it may hold those of several curves.")
    at_risk_time: str = Field("time_months", description="Column of the times of the numbers at risk.")
    at_risk_number: str = Field(description="Column of the numbers at risk of this curve.")
    time_unit: Literal["days", "weeks", "months", "years"] = Field(description="Of both columns of times.")
    events: int | None = Field(None, gt=0, description="Events in all, where the paper tells.")
    source: str = Field("", description="Paper and figure.")


class Waning(Part):
    """An effect that fades: the hazard moves to that of another strategy."""

    towards: str = Field(description="The strategy whose hazard it becomes.")
    from_years: float = Field(ge=0, description="Full effect until then.")
    until_years: float = Field(ge=0, description="No effect from then on.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_years > self.until_years:
            raise ValueError(
                f"an effect cannot wane from year {self.from_years:g} to year {self.until_years:g}: it is whole until "
                "from_years, and gone from until_years on"
            )
        return self


class Published(Part):
    """A curve as a paper prints it: a family and its parameters."""

    family: str = Field(
        description="log_normal, weibull, weibull_ph, gompertz, gamma, log_logistic, exponential ..."
    )
    parameters: dict[str, Quantity] = Field(
        description="Natural parameters by name, in the unit of time given."
    )
    time_unit: Literal["days", "weeks", "months", "years"] = Field(
        description="In which the parameters are given."
    )
    source: str = Field("", description="Paper and table.")


class HazardRatio(Part):
    """A curve that is another one with its hazard multiplied."""

    of: str = Field(description="The strategy whose curve of the same endpoint is taken.")
    ratio: Ratio = Field(description="Below 1 where fewer die, or progress.")


class Curve(Part):
    """Survival of one strategy and endpoint: from patients, from a paper, or by a hazard ratio; and what follows."""

    data: Data | None = Field(None, description="Patients to whom it is fitted.")
    digitised: Digitised | None = Field(
        None, description="A published figure, to whose pseudo patients it is fitted."
    )
    families: tuple[str, ...] = Field(
        ("log_normal",), description="Fitted to the data; several are averaged."
    )
    cure: Literal["none", "mixture", "non_mixture"] = Field(
        "none",
        description="Whether a share of the patients is free of the event for good, and in which form.",
    )
    weights: Literal["aic", "bic", "equal"] | dict[str, float] = Field("aic", description="Of the families.")
    published: Published | None = Field(None, description="Parameters from a paper.")
    hazard_ratio: HazardRatio | None = Field(
        None, description="Another strategy's curve, its hazard multiplied."
    )
    background: Literal["likelihood", "floor", "none"] = Field(
        "floor",
        description="Mortality of the general population: in the likelihood, where the fit is then of the excess "
        "hazard; as the least a hazard can be; or left out.",
    )
    waning: Waning | None = Field(None, description="How its effect fades, if it does.")
    separates_after_years: float = Field(
        0.0, ge=0, description="Until then the hazard is that of the comparator."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [
            name
            for name in ("data", "digitised", "published", "hazard_ratio")
            if getattr(self, name) is not None
        ]
        if len(origins) != 1:
            found = "none of them" if not origins else " and ".join(origins)
            raise ValueError(
                f"a curve comes from data, a digitised figure, published parameters or by a hazard_ratio; here {found}"
            )
        if not self.fitted and self.cure != "none":
            raise ValueError("cure is a way to fit data; this curve is not fitted")
        if not self.fitted and self.background == "likelihood":
            raise ValueError("background mortality enters the likelihood of a fit; this curve is not fitted")
        return self

    @property
    def fitted(self) -> bool:
        """Whether it is fitted to patients, real or reconstructed."""
        return self.data is not None or self.digitised is not None

    def leans_on(self, comparator: str) -> tuple[str, ...]:
        """Return the strategies whose curves of the same endpoint it needs."""
        named = (
            self.hazard_ratio.of if self.hazard_ratio else "",
            self.waning.towards if self.waning else "",
            comparator if self.separates_after_years else "",
        )
        return tuple(name for name in named if name)


class Drug(Part):
    """One drug of a regimen: what is given when, and what it costs."""

    drug: str = Field(description="International nonproprietary name.")
    dose: str = Field(description='With its unit: "240 mg", "3 mg/kg", "3 mg/kg up to 240 mg", "175 mg/m2".')
    every_weeks: float = Field(gt=0, description="Weeks from dose to dose.")
    doses: int | None = Field(None, gt=0, description="How many at most; without it, until treatment ends.")
    from_week: float = Field(0.0, ge=0, description="Of the first dose.")
    prices: tuple[str, ...] = Field(
        description='With their unit: "439 GBP per vial of 40 mg/4 mL".', min_length=1
    )
    discount: Share = Field(Share(value=0.0), description="Taken off the price.")
    share_vials_among: float = Field(
        1.0, ge=1, description="Patients treated from the same vials; inf: no waste."
    )
    missed: Share = Field(
        Share(value=0.0), description="Of planned doses, those not given: saves the visit too."
    )
    reduced: Share = Field(Share(value=0.0), description="Part by which given doses are smaller.")
    route: Literal["iv", "sc", "oral"] = Field("iv", description="How it is given.")
    price_confirmed: bool = Field(
        False, description="The price is right although known prices speak against it."
    )
    unusual_dose: bool = Field(False, description="The dose is meant although known doses speak against it.")
    source: str = Field("", description="Of prices and doses.")

    @field_serializer("share_vials_among", when_used="json")
    def _written(self, number: float) -> float | str:
        return number if math.isfinite(number) else "inf"  # JSON has no infinity; the word is read as one


class AdverseEvent(Part):
    """An adverse event that some patients have once, early: what it costs and takes."""

    probability: Share = Field(description="Share of patients who have it.")
    cost: Cost = Field(Cost(value=0.0), description="Of one event.")
    disutility: Decrement = Field(Decrement(value=0.0), description="While it lasts.")
    weeks: Weeks = Field(Weeks(value=0.0), description="How long it lasts.")


class Strategy(Part):
    """What is done: curves, drugs, adverse events and costs of its own."""

    label: str = Field("", description="What it is called on the page; else its name.")
    pfs: Curve = Field(description="Progression-free survival.")
    os: Curve = Field(description="Overall survival.")
    death_before_progression: tuple[str, ...] = Field(
        ("exponential",), description="Families of that move, for state transition structures; it is rare."
    )
    death_after_progression: tuple[str, ...] = Field(
        ("weibull", "log_normal"), description="Families of that move, for state transition structures."
    )
    on_treatment: Literal["pfs"] | Curve = Field("pfs", description="Until when drugs are given.")
    stop_years: float | None = Field(None, gt=0, description="No drug is given after it.")
    drugs: tuple[Drug, ...] = Field(
        (), description="What is given; a drug may stand twice, one phase after another."
    )
    visit: Cost = Field(Cost(value=0.0), description="Giving one drug on one day.")
    visit_together: Cost | None = Field(None, description="Giving two or more drugs on one day.")
    adverse_events: dict[str, AdverseEvent] = Field({}, description="By name.")
    progression_free_per_month: Cost | None = Field(None, description="Instead of the model's.")
    progressed_per_month: Cost | None = Field(
        None, description="Instead of the model's: care and later lines."
    )
    once_at_start: Cost = Field(Cost(value=0.0), description="A test, a procedure.")

    @property
    def curves(self) -> dict[str, Curve]:
        """Its curves by endpoint."""
        treated = {} if isinstance(self.on_treatment, str) else {"on_treatment": self.on_treatment}
        return {"pfs": self.pfs, "os": self.os, **treated}


class Costs(Part):
    """Costs that all strategies share unless they say otherwise."""

    progression_free_per_month: Cost = Field(Cost(value=0.0), description="Care before progression.")
    progressed_per_month: Cost = Field(
        Cost(value=0.0), description="Care after progression, later lines of treatment among it."
    )
    at_death: Cost = Field(Cost(value=0.0), description="End-of-life care, once.")


class Utilities(Part):
    """Utility of each state."""

    progression_free: Utility = Field(description="Before progression.")
    progressed: Utility = Field(description="After progression.")
    norms: str = Field("", description="Table of the general population, by which utilities fall with age.")


class Population(Part):
    """Who is treated."""

    age_years: float = Field(ge=18, le=100, description="Mean age at the start.")
    age_sd_years: float = Field(
        0.0, ge=0, description="Standard deviation of the ages; people die by their own age, not by the mean."
    )
    female: float = Field(ge=0, le=1, description="Share of women.")
    life_table: str = Field("", description="Name of one that Coley brings, or a file beside the model.")
    weight_kg: float | None = Field(None, gt=0, description="Mean body weight.")
    weight_sd_kg: float = Field(0.0, ge=0, description="Standard deviation of the weights.")
    surface_m2: float | None = Field(None, gt=0, description="Mean body surface.")
    surface_sd_m2: float = Field(0.0, ge=0, description="Standard deviation of the surfaces.")
    incident_per_year: float | None = Field(
        None, gt=0, description="Patients a year to whom the decision applies."
    )
    decision_years: float = Field(10.0, gt=0, description="For how long the decision will hold.")
    source: str = Field("", description="Where ages, sexes and weights come from.")


class Guided(Part):
    """Treatment guided by a marker of the study's own patients; it takes a study that was randomised."""

    marker: str = Field(description="Column of the study's patients.")
    treated: str = Field(description="The strategy for patients at or above the cut-off.")
    otherwise: str = Field(description="The strategy for the others.")
    cutoff: float | None = Field(
        None,
        description="Fixed beforehand; without it, chosen by net benefit and judged on patients left out of it.",
    )
    within_months: float = Field(
        gt=0, description="Costs and QALYs are counted until then, within the follow-up."
    )
    test_cost: Cost = Field(Cost(value=0.0), description="Of the test, for every patient tested.")
    source: str = Field("", description="Of the cut-off and of the test.")


class Budget(Part):
    """What a payer would spend if a strategy came in."""

    new: str = Field(description="The strategy that comes in.")
    uptake: tuple[float, ...] = Field(
        min_length=1, description="Share of patients that starts it, year by year."
    )
    shares: dict[str, float] = Field(description="Today's shares of the other strategies; they add up to 1.")
    prevalent: float = Field(0.0, ge=0, description="Patients waiting at the start, beside each year's.")
    source: str = Field("", description="Where uptake and shares come from.")


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
    seed: int = Field(1, ge=0, description="Two runs with one seed give the same numbers.")
    structures: Structures = Field(Structures(), description="How the course of the disease is built.")
    population: Population = Field(description="Who is treated.")
    utilities: Utilities = Field(description="Of the states.")
    costs: Costs = Field(Costs(), description="Care, by state, and of dying.")
    strategies: dict[str, Strategy] = Field(
        min_length=2, description="By name: two or more, the comparator among them."
    )
    guided: tuple[Guided, ...] = Field((), description="Biomarker-guided treatment, each marker by itself.")
    budget: Budget | None = Field(None, description="Budget impact; it needs population.incident_per_year.")
    notes: tuple[str, ...] = Field((), description="What a reader must know; printed as caveats.")

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
        for guided in self.guided:
            for name in (guided.treated, guided.otherwise):
                if name not in names:
                    raise ValueError(
                        f"guided treatment by {guided.marker} names {name!r}, which is no strategy"
                    )
        if self.budget is not None:
            unknown = ({self.budget.new} | set(self.budget.shares)) - set(names)
            if unknown or self.population.incident_per_year is None:
                what = (
                    f"names {sorted(unknown)[0]!r}, which is no strategy"
                    if unknown
                    else "needs incident_per_year"
                )
                raise ValueError(f"the budget {what}")
        if not self.reference_case and self.discount is None:
            raise ValueError("discount rates are missing: give discount, or a reference_case")
        return self
