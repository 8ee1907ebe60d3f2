"""Words for the impact on a budget."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part

ROUNDING = 1e-6  # shares such as thirds are written with few digits


class Budget(Part):
    """What a payer would spend if a strategy came in."""

    new: str = Field(description="The strategy that comes in.")
    uptake: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        min_length=1, description="Share of patients that starts it, year by year."
    )
    shares: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        min_length=1, description="Today's shares of the other strategies; they add up to 1."
    )
    prevalent: float = Field(0.0, ge=0, description="Patients waiting at the start, beside each year's.")
    source: str = Field("", description="Where uptake and shares come from.")

    @model_validator(mode="after")
    def _shares_of_the_others(self) -> Self:
        if self.new in self.shares:
            raise ValueError(
                f"the shares are those of the other strategies, and {self.new!r} is the one that comes in"
            )
        total = sum(self.shares.values())
        if abs(total - 1) > ROUNDING:
            raise ValueError(f"the shares of the strategies in use add up to {total:g}, and must add up to 1")
        return self
