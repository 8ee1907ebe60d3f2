"""Words for resuming a drug after it had to be stopped for an immune-related adverse event."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Decrement, Quantity, Ratio, Share, Weeks


class Rechallenge(Part):
    """Resuming a drug after an immune-related adverse event, against stopping it for good."""

    label: str = Field(description="What is resumed after what: it stands on the page.")
    strategy: str = Field(description="Under which the event happened: its curves and drugs are taken.")
    after_years: float = Field(ge=0, description="When it is decided, since the start; in those then alive.")
    recurrence: Share = Field(description="Of those who resume, how many must stop for such an event again.")
    gain_qalys: Quantity | None = Field(
        None, description="QALYs gained by resuming, where nothing recurs; or hazard_ratio."
    )
    hazard_ratio: Ratio | None = Field(
        None, description="Of death from then on, resumed against stopped for good; or gain_qalys."
    )
    course_cost: Cost | None = Field(
        None,
        description="Of resuming where nothing recurs; without it, what the strategy's drugs still cost then.",
    )
    event_cost: Cost = Field(description="Of a recurrence.")
    event_disutility: Decrement = Field(Decrement(value=0.0), description="While a recurrence lasts.")
    event_weeks: Weeks = Field(Weeks(value=0.0), description="How long a recurrence lasts.")
    fatal: Share = Field(Share(value=0.0), description="Of recurrences, those that kill.")
    kept: Share | None = Field(
        None,
        description="Part of gain and cost that remains where the drug is stopped again; without it, all.",
    )
    remaining_qalys: Quantity | None = Field(
        None, description="Lived from then on without resuming; else from the strategy's curves."
    )
    source: str = Field("", description="Where the comparison comes from.")

    @model_validator(mode="after")
    def _one_gain(self) -> Self:
        if (self.gain_qalys is None) == (self.hazard_ratio is None):
            raise ValueError(
                f"what resuming gains ({self.label}) is given as gain_qalys or as a hazard_ratio, as one"
            )
        return self


def check_rechallenges(rechallenges: tuple[Rechallenge, ...], strategies: Collection[str]) -> None:
    """Refuse a rechallenge under a strategy that is none, or told twice.

    Raises
    ------
    ValueError
        Naming the first.
    """
    labels = [one.label for one in rechallenges]
    for one in rechallenges:
        if one.strategy not in strategies:
            raise ValueError(f"the rechallenge {one.label!r} names {one.strategy!r}, which is no strategy")
        if labels.count(one.label) > 1:
            raise ValueError(f"two rechallenges have one label: {one.label!r}")
