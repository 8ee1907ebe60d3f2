"""Words for two inputs that are varied together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.model.errors import nearest

if TYPE_CHECKING:
    from coley.economics.model_file.quantity import Quantity
    from coley.economics.model_file.schema import Model

CURVE = "curve: "  # before the place of a curve, as in the tornado


class Varied(Part):
    """One input, or several that take the same value: the discount on a drug that two strategies give."""

    of: tuple[str, ...] = Field(
        min_length=1,
        description='Place of a number ("utilities.progressed"), or a curve ("curve: new.os"), as the page names '
        "them among the inputs.",
    )
    label: str = Field("", description="What it is called on the page; else its place in words.")
    low: float | None = Field(None, description="Where it begins; else the lower end of its interval.")
    high: float | None = Field(None, description="Where it ends; else the upper end of its interval.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        if isinstance(given, (str, list, tuple)):
            given = {"of": given}
        if isinstance(given, dict) and isinstance(given.get("of"), str):
            given = {**given, "of": (given["of"],)}
        return given

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("one end of a range is missing: give low and high, or neither")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(
                f"a range runs from the lower to the higher end, not {self.low:g} to {self.high:g}"
            )
        if self.curve and (self.low is not None or len(self.of) > 1):
            raise ValueError(f"{self.of[0]!r} runs over its own draws, by itself and without low and high")
        return self

    @property
    def curve(self) -> str:
        """The curve that it is; empty where it is a number."""
        return self.of[0].removeprefix(CURVE) if self.of[0].startswith(CURVE) else ""

    def ends(self, known: dict[str, Quantity]) -> tuple[float, float]:
        """Return where a number begins and ends: what was given, or the interval of the first place."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return known[self.of[0]].ends()


class TwoWay(Part):
    """Two inputs varied together over a grid, all others at their estimates."""

    label: str = Field("", description="What it is called on the page.")
    x: Varied = Field(description="From left to right.")
    y: Varied = Field(description="From below to above.")
    steps: int = Field(9, ge=2, le=41, description="Values of each.")

    @model_validator(mode="after")
    def _two(self) -> Self:
        shared = set(self.x.of) & set(self.y.of)
        if shared:
            raise ValueError(f"{sorted(shared)[0]!r} cannot be varied in two directions at once")
        return self

    def joined(self, model: Model) -> None:
        """Examine the places that it names.

        Raises
        ------
        ValueError
            For a number that the model does not have, one without a range, and a range that it cannot take.
        """
        # Where the numbers of a model are is known to what reads the model, which knows this module.
        from coley.economics.model_file.parse import quantities

        known = quantities(model)
        for varied in (self.x, self.y):
            for place in () if varied.curve else varied.of:
                _examined(varied, place, known)


def _examined(varied: Varied, place: str, known: dict[str, Quantity]) -> None:
    if place not in known:
        close = nearest(place, known)
        raise ValueError(
            f"{place!r} is no number of this model"
            + (f"; the nearest is {close!r}" if close else "; the page lists them among the inputs")
        )
    number = known[place]
    if varied.low is None and not number.uncertain:
        raise ValueError(f"{place!r} has no interval over which to vary it: give low and high")
    low, high = varied.ends(known)
    if not number.lowest <= low < high <= number.highest:
        raise ValueError(
            f"{place!r} is a {number.kind}, of {number.lowest:g} to {number.highest:g}, and cannot run from {low:g} "
            f"to {high:g}"
        )
