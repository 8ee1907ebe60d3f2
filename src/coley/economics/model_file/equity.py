"""Words for who gains: end-of-life criteria, subgroups with weights, and the distribution of health."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

from pydantic import Field, PositiveFloat, field_validator, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Quantity, Ratio

if TYPE_CHECKING:
    from coley.economics.model_file.schema import Model


class RelativeGain(Quantity):
    """A gain of QALYs as a multiple of that of all patients."""

    kind = "relative gain"
    lowest, family = 0.0, "gamma"
    cause = "a difference for a multiple"


class Aversion(Quantity):
    """Aversion to inequality: Atkinson's parameter, 0 for none."""

    kind = "aversion to inequality"
    lowest, family = 0.0, "gamma"


class EndOfLife(Part):
    """A rule by which a QALY counts for more where life is short and lengthened enough."""

    rule: str = Field(
        "nice-2009", description="Name of a rule that Coley knows, with its criteria and dates."
    )
    thresholds: tuple[PositiveFloat, PositiveFloat] = Field(
        description="What a QALY may cost as a rule, and where the criteria are met; the rule itself states neither."
    )
    source: str = Field("", description="Of the thresholds.")

    @field_validator("rule")
    @classmethod
    def _known(cls, name: str) -> str:
        from coley.economics.policy.end_of_life import end_of_life_rule

        end_of_life_rule(name)
        return name

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.thresholds[0] > self.thresholds[1]:
            raise ValueError(
                "the threshold where end-of-life criteria are met comes second, and is the higher"
            )
        return self


class Subgroup(Part):
    """Some of the patients, with what sets them apart and the weight of a QALY that they gain."""

    label: str = Field(min_length=1, description="What it is called on the page.")
    share: float = Field(gt=0, le=1, description="Of the patients; the shares add up to 1.")
    weight: float = Field(1.0, ge=0, description="Of a QALY that it gains; 1 is the usual one.")
    age_years: float | None = Field(None, ge=18, le=100, description="Mean age, where it differs.")
    age_sd_years: float | None = Field(None, ge=0, description="Standard deviation of its ages.")
    female: float | None = Field(None, ge=0, le=1, description="Share of women, where it differs.")
    hazard_ratio: Ratio | None = Field(
        None,
        description="Of progression and death under the treatments other than the comparator, against all patients "
        "under them: below 1 where the effect is larger.",
    )
    relative_gain: RelativeGain | None = Field(
        None, description="QALYs gained, as a multiple of those of all patients; costs stay as they are."
    )
    source: str = Field("", description="Of share, weight and differences.")

    @property
    def people(self) -> dict[str, float]:
        """What it changes of the population."""
        return {
            name: value
            for name in ("age_years", "age_sd_years", "female")
            if (value := getattr(self, name)) is not None
        }

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.relative_gain is not None and (self.people or self.hazard_ratio is not None):
            raise ValueError(
                f"the subgroup {self.label!r} gives its gain as a multiple: it follows from age, sex or a hazard_ratio "
                "otherwise, not from both"
            )
        return self


class Equity(Part):
    """Results with a weight for each subgroup."""

    subgroups: tuple[Subgroup, ...] = Field(min_length=2, description="Two or more; together all patients.")
    source: str = Field("", description="Of the weights.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _add_up("shares of the subgroups", [one.share for one in self.subgroups])
        _distinct("subgroups", [one.label for one in self.subgroups])
        if not any(one.weight for one in self.subgroups):
            raise ValueError("every subgroup has a weight of zero: one must weigh more")
        return self

    def joined(self, model: Model) -> None:
        """Refuse subgroups that the rest of a model makes nothing of."""
        weights = model.structures.model_dump()
        for one in self.subgroups:
            if one.people and not model.population.life_table:
                raise ValueError(
                    f"the subgroup {one.label!r} differs in age or sex, which change nothing without a life table: "
                    "name one under population.life_table"
                )
            if one.hazard_ratio is None:
                continue
            if any(weight for name, weight in weights.items() if name != "partitioned_survival"):
                raise ValueError(
                    f"the hazard_ratio of the subgroup {one.label!r} acts on curves, and a state transition structure "
                    "has moves instead: keep to partitioned survival"
                )
            for endpoint, curve in model.strategies[model.comparator].curves.items():
                if curve.leans_on(model.comparator):
                    raise ValueError(
                        f"the hazard_ratio of the subgroup {one.label!r} acts on all curves but the comparator's, and "
                        f"the curve {model.comparator}.{endpoint} leans on another strategy's"
                    )


class Group(Part):
    """Part of the general population: its health, and what of the decision falls on it."""

    label: str = Field(min_length=1, description="What it is called on the page.")
    population_share: float = Field(gt=0, le=1, description="Of the general population.")
    lifetime_qalys: float = Field(
        gt=0, le=110, description="Quality-adjusted life expectancy at birth, as it is now."
    )
    patients_share: float = Field(ge=0, le=1, description="Of the patients who are treated.")
    opportunity_share: float = Field(
        ge=0, le=1, description="Of the health that the money would have brought elsewhere."
    )
    relative_gain: RelativeGain | None = Field(
        None, description="QALYs that its patients gain, as a multiple of those of all; else as much as they."
    )
    source: str = Field("", description="Of its health and shares.")


class Distribution(Part):
    """Who gains and who bears the cost, in a population whose health is unequal; groups from worst off to best."""

    groups: tuple[Group, ...] = Field(min_length=2, description="Two or more; together the population.")
    people: float = Field(gt=0, description="Size of the general population that bears the cost.")
    aversion: Aversion = Field(description="Atkinson's parameter; 0: only the sum of health counts.")
    cost_of_a_qaly: Cost | None = Field(
        None,
        description="Spending whose loss costs others a QALY; else the threshold at which single numbers are told.",
    )
    source: str = Field("", description="Of the groups.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in ("population_share", "patients_share", "opportunity_share"):
            _add_up(f"{name} of the groups", [getattr(one, name) for one in self.groups])
        _distinct("groups", [one.label for one in self.groups])
        if self.cost_of_a_qaly is not None and not self.cost_of_a_qaly.value > 0:
            raise ValueError("health has a price: cost_of_a_qaly must be more than zero")
        return self

    def joined(self, model: Model) -> None:
        """Refuse a distribution of nobody's gains."""
        patients = model.population.incident_per_year
        if patients is None:
            raise ValueError("a distribution of health needs population.incident_per_year")
        if patients > self.people:
            raise ValueError(f"there are more patients a year ({patients:g}) than people ({self.people:g})")


def _add_up(what: str, shares: list[float]) -> None:
    total = math.fsum(shares)
    if abs(total - 1) > 1e-6:
        raise ValueError(f"the {what} add up to {total:g}, and must add up to 1")


def _distinct(what: str, labels: list[str]) -> None:
    if len(set(labels)) < len(labels):
        raise ValueError(f"two {what} have one label: {', '.join(labels)}")
