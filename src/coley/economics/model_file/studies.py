"""Words for studies that could be done before, or after, the decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Ratio, Share
from coley.economics.model_file.two_way import CURVE
from coley.model.errors import nearest

if TYPE_CHECKING:
    from coley.economics.model_file.quantity import Quantity
    from coley.economics.model_file.schema import Model

# What each way of measuring needs beside the sizes.
NEEDS: Mapping[str, str] = {
    "mean": "individual_sd",
    "share": "",
    "hazard_ratio": "event_share",
    "survival": "follow_up_years",
}
KINDS: Mapping[str, type[Quantity]] = {"share": Share, "hazard_ratio": Ratio}


class PlannedStudy(Part):
    """A study that would tell more of some inputs: what it measures, of what size, at what cost, and by when."""

    label: str = Field(min_length=1, description="What it is called on the page.")
    measures: Literal["mean", "share", "hazard_ratio", "survival"] = Field(
        description="The mean of a number over persons (a utility, a cost); the share of patients who have something; "
        "a ratio of hazards in a trial of two equal arms; or the survival of patients, each followed equally long."
    )
    informs: tuple[str, ...] = Field(
        min_length=1,
        description='Places of the numbers, or curves ("curve: new.os"): for survival, each curve is an arm or an '
        "endpoint of one.",
    )
    individual_sd: tuple[float, ...] = Field(
        (), description="For a mean: standard deviation of one person's value, for each number."
    )
    event_share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="For a ratio of hazards: the share of patients whose event the trial sees.",
    )
    follow_up_years: float | None = Field(
        None, gt=0, description="For survival: how long each patient is followed."
    )
    sizes: tuple[int, ...] = Field(
        (50, 100, 200, 400, 800),
        min_length=1,
        description="Persons asked or watched; for a ratio, patients of both arms; for survival, of each arm.",
    )
    fixed_cost: float = Field(0.0, ge=0, description="Of the study, whatever its size.")
    cost_per_patient: float = Field(0.0, ge=0, description="For each patient, in every arm.")
    reports_after_years: float = Field(
        ge=0, description="Until its result is acted upon, counted from the last patient's start."
    )
    recruited_per_year: float | None = Field(
        None, gt=0, description="Patients who start in a year; without it, all start at once."
    )
    source: str = Field("", description="Where its standard deviation, events and costs come from.")

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        alone = {
            name: (given[name],)
            for name, kinds in (("informs", str), ("individual_sd", (int, float)))
            if isinstance(given.get(name), kinds)
        }
        return {**given, **alone}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for way, needed in NEEDS.items():
            if needed and way == self.measures and not getattr(self, needed):
                raise ValueError(f"a study that measures {way.replace('_', ' ')} needs {needed}")
            if needed and way != self.measures and getattr(self, needed):
                raise ValueError(f"only a study that measures {way.replace('_', ' ')} has {needed}")
        if self.measures == "mean" and len(self.individual_sd) != len(self.informs):
            raise ValueError(
                f"individual_sd needs one value for each of {len(self.informs)} numbers, not {len(self.individual_sd)}"
            )
        if any(sd <= 0 for sd in self.individual_sd):
            raise ValueError("a standard deviation is above 0")
        if len(set(self.informs)) < len(self.informs):
            raise ValueError("a study names each input once")
        if min(self.sizes) < 1 or len(set(self.sizes)) < len(self.sizes):
            raise ValueError(f"sizes are different whole numbers above 0, not {list(self.sizes)}")
        if self.follow_up_years is not None and self.reports_after_years < self.follow_up_years:
            raise ValueError(
                f"a trial that follows patients for {self.follow_up_years:g} years cannot report "
                f"{self.reports_after_years:g} years after the last one's start"
            )
        return self

    @property
    def curves(self) -> tuple[str, ...]:
        """The curves that it follows, as "strategy.endpoint"."""
        return (
            tuple(place.removeprefix(CURVE) for place in self.informs) if self.measures == "survival" else ()
        )

    @property
    def arms(self) -> int:
        """Groups of patients of the size that is given."""
        return max(len({place.rsplit(".", 1)[0] for place in self.curves}), 1)

    def years_until(self, size: int) -> float:
        """Return the years until the result of a study of this size is acted upon."""
        start = self.arms * size / self.recruited_per_year if self.recruited_per_year else 0.0
        return start + self.reports_after_years

    def joined(self, model: Model) -> None:
        """Examine the places that it names.

        Raises
        ------
        ValueError
            For a curve or a number that the model does not have, of another kind, or that is taken as known.
        """
        # Where the numbers of a model are is known to what reads the model, which knows this module.
        from coley.economics.model_file.parse import quantities

        if self.measures == "survival":
            every = {f"{CURVE}{n}.{e}" for n, strategy in model.strategies.items() for e in strategy.curves}
            for place in self.informs:
                if place not in every:
                    raise ValueError(
                        f"{self.label!r} follows {place!r}, which is no curve of this model{_close(place, every)}"
                    )
            return
        known = quantities(model)
        for place in self.informs:
            if place not in known:
                raise ValueError(
                    f"{self.label!r} informs {place!r}, which is no number of this model{_close(place, known)}"
                )
            if not known[place].uncertain:
                raise ValueError(
                    f"{self.label!r} informs {place!r}, which the model takes as known: give it an interval"
                )
            kind = KINDS.get(self.measures)
            if kind is not None and not isinstance(known[place], kind):
                raise ValueError(
                    f"{self.label!r} measures a {kind.kind}, and {place!r} is a {known[place].kind}"
                )


def _close(place: str, known: Iterable[str]) -> str:
    close = nearest(place, known)
    return f"; the nearest is {close!r}" if close else ""
