"""Words for other ways to dose: a stop, a longer interval, another dose or price; and what they may do to survival."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Self

from pydantic import Field, field_serializer, model_validator

from coley.economics.model_file.drugs import DrugAgain, refuse_doses_twice
from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Ratio, Share
from coley.economics.model_file.treatment import Strategy


class DosingAlternative(Part):
    """Another way to dose a strategy; what it does not say is as in the strategy."""

    strategy: str = Field(description="Whose dosing is in question.")
    label: str = Field(description="What this way is called on the page.")
    stop_years: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=True,
        description="No drug is given after it, instead of the strategy's own; inf: no stop.",
    )
    drugs: tuple[DrugAgain, ...] = Field(
        (), description="All that is given, instead of the strategy's drugs."
    )
    visit: Cost | None = Field(None, description="Giving one drug on one day, where it costs otherwise.")
    first_visit: Cost | None = Field(None, description="Giving one drug for the first time.")
    visit_together: Cost | None = Field(None, description="Giving two or more drugs on one day.")
    share: Share | None = Field(
        None, description="Of the patients, those dosed so: those who respond, say; without it, all."
    )
    death: Ratio | None = Field(
        None,
        description="Hazard ratio of death against the strategy as it stands, from the first day on which doses "
        "differ, before and after progression alike; without it, survival is taken to stay.",
    )
    progression: Ratio | None = Field(
        None, description="Likewise of progression or death; without it, only deaths are more, or fewer."
    )
    source: str = Field("", description="Where this way of dosing comes from.")

    @field_serializer("stop_years", when_used="json")
    def _written(self, number: float | None) -> float | str | None:
        return "inf" if number is not None and math.isinf(number) else number  # JSON has no infinity

    @model_validator(mode="after")
    def _differs(self) -> Self:
        refuse_doses_twice(self.drugs)
        if not (self.drugs or self.stop_years or self.visit or self.first_visit or self.visit_together):
            raise ValueError(
                f"{self.label!r} is as the strategy itself: give stop_years, drugs or visit, whichever differs"
            )
        return self

    @property
    def affects_survival(self) -> bool:
        """Whether anything is said of what it does to progression or survival."""
        return self.death is not None or self.progression is not None

    def of(self, strategy: Strategy) -> Strategy:
        """Return the strategy with its drugs given in this way.

        A re-treatment that follows the planned end moves with it, and falls away where there is none.
        """
        stop = strategy.stop_years if self.stop_years is None else self.stop_years
        changed = {
            "stop_years": None if stop is None or math.isinf(stop) else stop,
            "drugs": tuple(drug.after(strategy.drugs) for drug in self.drugs) or strategy.drugs,
            "visit": self.visit or strategy.visit,
            "first_visit": self.first_visit or strategy.first_visit,
            "visit_together": self.visit_together or strategy.visit_together,
        }
        again = strategy.retreatment
        if again is not None and again.from_years is None and changed["stop_years"] is None:
            changed["retreatment"] = None
        return strategy.model_copy(update=changed)


def check_dosing(alternatives: tuple[DosingAlternative, ...], strategies: Collection[str]) -> None:
    """Refuse ways to dose a strategy that is none, or that cannot be told apart.

    Raises
    ------
    ValueError
        Naming the first.
    """
    seen = set()
    for one in alternatives:
        if one.strategy not in strategies:
            raise ValueError(f"the way to dose {one.label!r} names {one.strategy!r}, which is no strategy")
        if (one.strategy, one.label) in seen:
            raise ValueError(f"two ways to dose {one.strategy} have one label: {one.label!r}")
        seen.add((one.strategy, one.label))
