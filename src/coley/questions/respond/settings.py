"""What a user may set of `respond`; every default gives its reason."""

from __future__ import annotations

from pydantic import Field, field_validator

from coley.model.question import Settings


class RespondSettings(Settings):
    """Settings of the question `respond`."""

    by: str = Field(
        "",
        description="Column that splits the curves; empty: arm, else treatment class, else cohort.",
    )
    control: str = Field(
        "", description="Value of arm that is the control; empty: control_arm of study.toml."
    )
    strata: str = Field(
        "cancer_type",
        description="Column whose levels get a response rate each; response differs most by tumour.",
    )
    factors: tuple[str, ...] = Field(
        (),
        description="Baseline columns to study as factors; empty: every known one that is present.",
    )
    milestones_months: tuple[float, ...] = Field(
        (6.0, 12.0, 24.0, 36.0), description="Survival is read off here: the landmarks that trials report."
    )
    durable_months: float = Field(
        12.0,
        gt=0,
        description="A response is durable when it is free of progression for a year from month 0.",
    )
    long_term_months: float = Field(
        36.0,
        gt=0,
        description="Three years, where survival curves under checkpoint inhibition begin to flatten.",
    )
    period_cuts_months: tuple[float, ...] = Field(
        (3.0, 6.0, 12.0),
        description="The hazard ratio is told by period: curves often separate only after three months.",
    )
    bootstraps: int = Field(
        200,
        ge=20,
        le=10_000,
        description="Resamples for optimism; the standard error of optimism falls slowly after.",
    )
    max_missing: float = Field(
        0.2,
        ge=0,
        le=1,
        description="A factor missing in more than a fifth costs more patients than it explains.",
    )

    @field_validator("milestones_months", "period_cuts_months")
    @classmethod
    def _rising(cls, months: tuple[float, ...]) -> tuple[float, ...]:
        if any(month <= 0 for month in months) or list(months) != sorted(set(months)):
            raise ValueError("months must be positive and rising")
        return months
