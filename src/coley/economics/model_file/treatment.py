"""Words for a strategy: its curves, drugs, adverse events and costs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from coley.economics.model_file.curves import Curve
from coley.economics.model_file.drugs import Drug, Retreatment, refuse_doses_twice
from coley.economics.model_file.individuals import ImmuneEvent
from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Decrement, Share, Weeks


class AdverseEvent(Part):
    """An adverse event that some patients have once, early: what it costs and takes."""

    probability: Share = Field(description="Share of patients who have it.")
    cost: Cost = Field(Cost(value=0.0), description="Of one event.")
    disutility: Decrement = Field(Decrement(value=0.0), description="While it lasts.")
    weeks: Weeks = Field(Weeks(value=0.0), description="How long it lasts.")


class Strategy(Part):
    """What is done: curves, drugs, adverse events and costs of its own."""

    label: str = Field(
        "",
        max_length=80,  # longer ones leave no room for what figures show
        pattern=r"\S|^$",
        description="What it is called on the page; else its name.",
    )
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
    retreatment: Retreatment | None = Field(
        None, description="What is given again at progression after the planned end."
    )
    visit: Cost = Field(Cost(value=0.0), description="Giving one drug on one day.")
    first_visit: Cost | None = Field(
        None, description="Giving one drug for the first time, where it costs otherwise."
    )
    visit_together: Cost | None = Field(None, description="Giving two or more drugs on one day.")
    adverse_events: dict[str, AdverseEvent] = Field({}, description="By name.")
    iraes: dict[str, ImmuneEvent] = Field(
        {},
        description='irAEs of single patients, by name; what stands under "every" holds of all. See individuals.',
    )
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

    @model_validator(mode="after")
    def _one_phase_at_a_time(self) -> Self:
        refuse_doses_twice(self.drugs)
        again = self.retreatment
        if again is not None and again.from_years is None and self.stop_years is None:
            raise ValueError(
                "a re-treatment follows a planned end: give stop_years, or retreatment.from_years"
            )
        return self


def refuse_long_events(name: str, strategy: Strategy, *, horizon_years: float) -> None:
    """Refuse an adverse event that outlasts what the model counts: its loss of utility would be of no life lived.

    Raises
    ------
    ValueError
        Naming the event.
    """
    for event, words in strategy.adverse_events.items():
        if words.weeks.value * 7 > horizon_years * 365.25:
            raise ValueError(
                f"{event} of {name} lasts {words.weeks.value:g} weeks, longer than the horizon of {horizon_years:g} "
                "years: an adverse event is had once and early; what stays belongs in the utilities"
            )
