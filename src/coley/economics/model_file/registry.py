"""Words for what a registry, or other trials, counted of survival later on."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part

TOLD_BY = ("deaths", "survivors", "survival")


class Registry(Part):
    """Survivors of an external population by interval, counted in the likelihood of a fit."""

    file: str = Field(description="CSV, TSV or Parquet, beside the model file: one row an interval.")
    time_unit: Literal["days", "weeks", "months", "years"] = Field(description="Of both ends of an interval.")
    start: str = Field("start", description="Column of where an interval begins, on the clock of the curve.")
    stop: str = Field("stop", description="Column of where it ends.")
    at_risk: str = Field("at_risk", description="Column of people alive at its start.")
    deaths: str = Field("", description="Column of deaths in it; or give survivors, or survival.")
    survivors: str = Field("", description="Column of people alive at its end.")
    survival: str = Field(
        "", description="Column of survival since the origin at its end, as a share or in percent."
    )
    where: dict[str, str | int | float] = Field(
        {}, description="Column to the value that its rows must have."
    )
    from_years: float = Field(
        0.0, ge=0, description="Intervals that begin before it are left out: there the patients speak."
    )
    counts_as: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Of a patient, that one person of the registry counts: below 1 where they are only alike.",
    )
    source: str = Field("", description="Registry or paper, years of diagnosis, who was counted.")

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        given = [name for name in TOLD_BY if getattr(self, name)]
        if len(given) != 1:
            found = "none of them" if not given else " and ".join(given)
            raise ValueError(
                f"a registry tells of each interval its deaths, its survivors or survival at its end; here {found}"
            )
        return self
