"""Words for a curve of survival: where it comes from, how it is fitted, and what follows."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.published import Published
from coley.economics.model_file.quantity import Ratio
from coley.economics.model_file.registry import Registry


class Data(Part):
    """Patients from whom a curve is fitted."""

    file: str = Field(
        "", description="CSV, TSV or Parquet, beside the model file; empty: the study that is asked."
    )
    time: str = Field(description="Column of times.")
    event: str = Field(description="Column of events: 1 the event, 0 censored.")
    time_unit: Literal["days", "weeks", "months", "years"] = Field(description="Of the column of times.")
    where: dict[str, str | int | float] = Field(
        {}, description="Column to the value that its rows must have."
    )
    source: str = Field("", description="Where the patients come from.")


class Digitised(Part):
    """A published Kaplan-Meier curve, from which pseudo patients are reconstructed."""

    points: str = Field(description="File of its points, beside the model file.")
    time: str = Field("time_months", description="Column of times of the points.")
    survival: str = Field("survival", description="Column of survival, as a share or in percent.")
    at_risk: str = Field(description="File of numbers at risk; it may hold those of several curves.")
    at_risk_time: str = Field("time_months", description="Column of the times of the numbers at risk.")
    at_risk_number: str = Field(description="Column of the numbers at risk of this curve.")
    time_unit: Literal["days", "weeks", "months", "years"] = Field(description="Of both columns of times.")
    events: int | None = Field(None, gt=0, description="Events in all, where the paper tells.")
    source: str = Field("", description="Paper and figure.")


class Waning(Part):
    """An effect that fades: the hazard moves to that of another strategy."""

    towards: str = Field(description="The strategy whose hazard it becomes.")
    from_years: float = Field(ge=0, description="Full effect until then.")
    until_years: float = Field(ge=0, description="No effect from then on.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_years > self.until_years:
            raise ValueError(
                f"an effect cannot wane from year {self.from_years:g} to year {self.until_years:g}: it is whole until "
                "from_years, and gone from until_years on"
            )
        return self


class HazardRatio(Part):
    """A curve that is another one with its hazard multiplied."""

    of: str = Field(description="The strategy whose curve of the same endpoint is taken.")
    ratio: Ratio = Field(description="Below 1 where fewer die, or progress.")


class Curve(Part):
    """Survival of one strategy and endpoint: from patients, from a paper, or by a hazard ratio; and what follows."""

    data: Data | None = Field(None, description="Patients to whom it is fitted.")
    digitised: Digitised | None = Field(
        None, description="A published figure, to whose pseudo patients it is fitted."
    )
    families: tuple[str, ...] = Field(
        ("log_normal",), min_length=1, description="Fitted to the data; several are averaged."
    )
    cure: Literal["none", "mixture", "non_mixture"] = Field(
        "none",
        description="Whether a share of the patients is free of the event for good, and in which form; published "
        "parameters then begin with that share, `cured`.",
    )
    weights: Literal["aic", "bic", "equal"] | dict[str, float] = Field("aic", description="Of the families.")
    registry: Registry | None = Field(
        None, description="What a registry counted later on, in the likelihood beside the patients."
    )
    published: Published | None = Field(None, description="Parameters from a paper.")
    hazard_ratio: HazardRatio | None = Field(
        None, description="Another strategy's curve, its hazard multiplied."
    )
    background: Literal["likelihood", "floor", "none"] = Field(
        "floor",
        description="Mortality of the general population: in the likelihood, here or in the paper, where the curve is "
        "then of net survival; as the least a hazard can be; or left out.",
    )
    waning: Waning | None = Field(None, description="How its effect fades, if it does.")
    separates_after_years: float = Field(
        0.0, ge=0, description="Until then the hazard is that of the comparator."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [
            name
            for name in ("data", "digitised", "published", "hazard_ratio")
            if getattr(self, name) is not None
        ]
        if len(origins) != 1:
            found = "none of them" if not origins else " and ".join(origins)
            raise ValueError(
                f"a curve comes from data, a digitised figure, published parameters or by a hazard_ratio; here {found}"
            )
        if len(set(self.families)) < len(self.families):
            raise ValueError(f"a family is named twice: {', '.join(self.families)}")
        if isinstance(self.weights, dict) and set(self.weights) != set(self.families):
            raise ValueError(
                f"weights are given to {', '.join(self.weights)}, and the families are {', '.join(self.families)}: "
                "give one to each"
            )
        if self.hazard_ratio is not None and self.cure != "none":
            raise ValueError("cure is of the curve whose hazard is multiplied: say it there")
        told = self.published
        if told and told.covariance and told.scale == "estimation" and self.cure != "none":
            raise ValueError(
                "a cured share is a logit on the scale of the fit, and papers differ in it: give its covariance on "
                'scale = "natural", or limits of each parameter with their correlation'
            )
        if not self.fitted and self.registry is not None:
            raise ValueError("a registry enters the likelihood of a fit; this curve is not fitted")
        if self.hazard_ratio is not None and self.background == "likelihood":
            raise ValueError(
                "background mortality is in the likelihood of the curve whose hazard is multiplied"
            )
        return self

    @property
    def fitted(self) -> bool:
        """Whether it is fitted to patients, real or reconstructed."""
        return self.data is not None or self.digitised is not None

    def leans_on(self, comparator: str) -> tuple[str, ...]:
        """Return the strategies whose curves of the same endpoint it needs."""
        named = (
            self.hazard_ratio.of if self.hazard_ratio else "",
            self.waning.towards if self.waning else "",
            comparator if self.separates_after_years else "",
        )
        return tuple(name for name in named if name)
