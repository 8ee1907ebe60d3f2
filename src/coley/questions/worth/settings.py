"""What a user may set of `worth`; every default gives its reason. The model itself is in its file."""

from __future__ import annotations

from pydantic import Field

from coley.model.question import Settings


class WorthSettings(Settings):
    """Settings of the question `worth`."""

    threshold: float | None = Field(
        None,
        gt=0,
        description="Willingness to pay for a QALY at which one-way analyses and information are valued; without it "
        "the lowest of the model's thresholds, which asks most of a treatment.",
    )
    draws: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Draws of the probabilistic analysis; 0 takes the number that the model file gives.",
    )
    curve_points: int = Field(
        121,
        ge=11,
        le=501,
        description="Thresholds on acceptability and information curves; a smooth line needs no more.",
    )
    highest_threshold: float = Field(
        2.5, gt=1, le=20, description="Curves run to so many times the model's highest threshold."
    )
    information_on: int = Field(
        15,
        ge=1,
        le=100,
        description="Inputs whose information value is told: those that matter are among the first.",
    )
    horizons_years: tuple[float, ...] = Field(
        (5.0, 10.0, 20.0),
        description="Shorter horizons as scenarios: how much of the answer lies beyond the trial.",
    )
