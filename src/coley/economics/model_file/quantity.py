"""Numbers of a model: a value, what is known of its uncertainty, and the source; each of a kind with a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from coley.stats.decision.distributions import Distribution


class Quantity(BaseModel):
    """A number with its uncertainty; written as a bare number, it is taken as known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: ClassVar[str] = "number"
    lowest: ClassVar[float] = float("-inf")
    highest: ClassVar[float] = float("inf")
    family: ClassVar[str] = "normal"
    cause: ClassVar[str] = ""

    value: float = Field(description="The estimate; what the base case takes.")
    low: float | None = Field(None, description="Lower limit of its 95 % interval.")
    high: float | None = Field(None, description="Upper limit of its 95 % interval.")
    se: float | None = Field(None, gt=0, description="Standard error, instead of an interval.")
    distribution: str = Field(
        "", description="Family, where another is wanted than is usual for such a number."
    )
    source: str = Field("", description="Where it comes from: paper, table, register.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise ValueError(f"{given!r} is no number: write it without quotation marks, commas and units")
        if isinstance(given, (bool, list)):
            raise ValueError(f"{str(given).lower()} is no number")
        if not isinstance(given, (int, float)):
            return given
        return {"value": given}

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not self.lowest <= number <= self.highest:
                bounds = (
                    f"{self.lowest:g} to {self.highest:g}"
                    if self.highest < float("inf")
                    else f"{self.lowest:g} or more"
                )
                hint = f" ({self.cause})" if self.cause else ""
                raise ValueError(f"a {self.kind} is {bounds}; its {name} is {number:g}{hint}")
        if (self.low is None) != (self.high is None):
            raise ValueError("one limit of an interval is missing: give low and high, or se")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(
                f"the value {self.value:g} lies outside its limits {self.low:g} to {self.high:g}"
            )
        if self.se is not None and self.low is not None:
            raise ValueError("give an interval or a standard error, not both")
        return self

    @property
    def uncertain(self) -> bool:
        """Whether anything is said of its uncertainty."""
        return self.se is not None or (self.low is not None and self.low < self.high)  # type: ignore[operator]

    def believed(self) -> Distribution:
        """Return its distribution; fixed where nothing is said of its uncertainty."""
        from coley.stats.decision.distributions import distribution

        if not self.uncertain:
            return distribution("fixed", value=self.value)
        family = self.distribution or self.family
        centre = CENTRES.get(family, "mean")
        if family == "uniform":
            return distribution("uniform", low=self._limits()[0], high=self._limits()[1])
        if family == "triangular":
            return distribution("triangular", low=self._limits()[0], mode=self.value, high=self._limits()[1])
        if self.se is not None:
            return distribution(family, mean=self.value, sd=self.se)
        low, high = self._limits()
        return distribution(family, **{centre: self.value, "low": low, "high": high})

    def _limits(self) -> tuple[float, float]:
        if self.low is None or self.high is None:
            raise ValueError(f"a {self.distribution} distribution needs low and high")
        return self.low, self.high

    def ends(self) -> tuple[float, float]:
        """Return the values that a one-way analysis takes: the limits, or those of 95 % of its distribution."""
        if not self.uncertain:
            return self.value, self.value
        if self.low is not None and self.high is not None:
            return self.low, self.high
        import numpy as np

        made = self.believed().draw(np.array([[0.025], [0.975]]))
        return float(made[0, 0]), float(made[1, 0])


# What a family is centred on, where an interval is given.
CENTRES = {"lognormal": "median"}


class Utility(Quantity):
    """A utility: 1 is full health, 0 as bad as death."""

    kind = "utility"
    lowest, highest, family = -1.0, 1.0, "beta"
    cause = "a percentage, or points of a scale to 100"


class Decrement(Quantity):
    """A loss of utility, written as a positive number."""

    kind = "loss of utility"
    lowest, highest, family = 0.0, 1.0, "beta"
    cause = "write a loss as a positive number"


class Cost(Quantity):
    """An amount of money in the currency and price year of the model."""

    kind = "cost"
    lowest, family = 0.0, "gamma"
    cause = "put a saving on the side of the strategy that has to spend it"


class Share(Quantity):
    """A probability or a proportion."""

    kind = "share"
    lowest, highest, family = 0.0, 1.0, "beta"
    cause = "a percentage for a share"


class Ratio(Quantity):
    """A ratio of hazards."""

    kind = "ratio"
    lowest, family = 1e-6, "lognormal"
    cause = "the logarithm of a ratio"


class Weeks(Quantity):
    """A length of time in weeks."""

    kind = "number of weeks"
    lowest, family = 0.0, "gamma"
