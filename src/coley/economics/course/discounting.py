"""Discounting: what a pound, or a year of life, is worth when it comes later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# No payer's reference case comes near a quarter a year; 3.5 or 5 stands for a percentage.
HIGHEST_RATE = 0.25

FORCES: Registry[Callable[[Floats], Floats]] = Registry("way of compounding")
FORCES.add("annual", np.log1p)  # 1 / (1 + r)^t
FORCES.add("continuous", np.positive)  # exp(-r t)


@dataclass(frozen=True, slots=True)
class Discount:
    """A rate of discount and how it is applied.

    Attributes
    ----------
    rate
        Fraction a year: 0.035, not 3.5.
    compounding
        "annual", 1 / (1 + r)^t, or "continuous", exp(-r t).
    start_years
        Nothing is discounted before it; time counts from there.
    steps
        Later rates, as pairs (from which year, rate): ((30, 0.03), (75, 0.025)). Each year is discounted by
        the rate in force in it, so the factor never jumps.
    whole_years
        Discount by completed years, as models with annual columns do.

    Raises
    ------
    InvalidSetting
        For a rate that is negative or looks like a percentage, or steps that are not in order.

    References
    ----------
    HM Treasury. The Green Book (2022), annex A6: declining rates after 30 years.

    Examples
    --------
    >>> Discount(0.03).factors([0, 1, 10]).round(4)
    array([1.    , 0.9709, 0.7441])
    >>> Discount(0.035, steps=((30, 0.03),)).factors([30, 31]).round(4)
    array([0.3563, 0.3459])
    """

    rate: float = 0.035
    compounding: str = "annual"
    start_years: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    whole_years: bool = False

    def __post_init__(self) -> None:
        FORCES[self.compounding]
        object.__setattr__(self, "steps", tuple((start, rate) for start, rate in self.steps))  # lists, too
        for rate in (self.rate, *(rate for _, rate in self.steps)):
            if not 0 <= rate <= HIGHEST_RATE:
                raise InvalidSetting(
                    f"A discount rate of {rate:g} a year is out of range (0 to {HIGHEST_RATE:g}).",
                    cause="A percentage was given where a fraction is meant." if rate > 0 else "",
                    remedy=f"Write {rate / 100:g}." if rate > 0 else "",
                )
        starts = [self.start_years, *(start for start, _ in self.steps)]
        if starts[0] < 0 or any(b <= a for a, b in pairwise(starts)):
            raise InvalidSetting(
                "Steps of a discount rate must start one after the other, after the start of discounting.",
                where=f"start_years and steps: {starts}",
            )

    def factors(self, times_years: ArrayLike) -> Floats:
        """Return the factor at each time, 1 at the start."""
        times = np.asarray(times_years, dtype=float)
        if self.whole_years:
            times = np.floor(times + 1e-9)  # 12 months of 1/12 year add up to a crumb less than 1
        starts = np.array([self.start_years, *(start for start, _ in self.steps)])
        rates = np.array([self.rate, *(rate for _, rate in self.steps)])
        ends = np.append(starts[1:], np.inf)
        spent = np.clip(times[..., None], starts, ends) - starts  # years spent under each rate
        return np.asarray(np.exp(-spent @ FORCES[self.compounding](rates)))


NO_DISCOUNT = Discount(0.0)
