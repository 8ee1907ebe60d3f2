"""Words for a strategy: its curves, drugs, adverse events and costs."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, field_serializer

from coley.economics.model_file.curves import Curve
from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Decrement, Share, Weeks


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
