"""Words for who is treated, and for what their states cost and are worth."""

from __future__ import annotations

from pydantic import Field

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Utility


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
