"""Words for the impact on a budget."""

from __future__ import annotations

from pydantic import Field

from coley.economics.model_file.part import Part


class Budget(Part):
    """What a payer would spend if a strategy came in."""

    new: str = Field(description="The strategy that comes in.")
    uptake: tuple[float, ...] = Field(
        min_length=1, description="Share of patients that starts it, year by year."
    )
    shares: dict[str, float] = Field(description="Today's shares of the other strategies; they add up to 1.")
    prevalent: float = Field(0.0, ge=0, description="Patients waiting at the start, beside each year's.")
    source: str = Field("", description="Where uptake and shares come from.")
