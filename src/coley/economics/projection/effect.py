"""How the effect of a treatment comes and goes: ratios of hazards, delayed separation, waning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from coley.economics.projection.curve import Curve, from_steps, same_grid
from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Scale = Literal["hazard", "log_hazard", "survival"]


def with_hazard_ratio(comparator: Curve, ratio: ArrayLike) -> Curve:
    """Return the curve whose hazard is that of the comparator times a ratio, (D,) or a number.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> with_hazard_ratio(curve([0, 1], [1.0, 0.25]), 0.5).survival
    array([[1. , 0.5]])
    """
    ratios = np.atleast_1d(np.asarray(ratio, dtype=np.float64))
    if not (ratios > 0).all():
        raise InvalidSetting(
            f"A hazard ratio is above zero; got {ratios.min():g}.", cause="a logarithm of a ratio"
        )
    return Curve(comparator.times_years, comparator.cumulative_hazard * ratios[:, None])


def delayed(treated: Curve, comparator: Curve, *, until_years: float) -> Curve:
    """Return the treated curve with the comparator's hazard until a time: curves that separate late."""
    times = same_grid(treated, comparator)
    share = _share_before(times, until_years)
    return from_steps(times, share * comparator.steps + (1 - share) * treated.steps)


def _on_hazard(treated: Floats, comparator: Floats, left: Floats) -> Floats:
    return left * treated + (1 - left) * comparator


def _on_log_hazard(treated: Floats, comparator: Floats, left: Floats) -> Floats:
    both = (treated > 0) & (comparator > 0)
    logs = left * np.log(np.where(both, treated, 1)) + (1 - left) * np.log(np.where(both, comparator, 1))
    return np.where(both, np.exp(logs), _on_hazard(treated, comparator, left))


SCALES: Registry[Callable[[Floats, Floats, Floats], Floats]] = Registry("scale of waning")
SCALES.add("hazard", _on_hazard)
SCALES.add("log_hazard", _on_log_hazard)


@method(
    "treatment_effect_waning",
    title="Waning of a treatment effect",
    summary="From one time to another the hazard of the treated moves to that of the comparator, in equal steps of "
    "time, and stays there.",
    needs="curves of both on one grid, and the two times",
    limits="The times are assumptions: data that end before them say nothing about them. Patients who are cured "
    "have no effect to lose; with a cure model, waning counts twice unless meant for the uncured.",
    references=(
        "Trigg LA, Melendez-Torres GJ, Abdelsabour A, Lee D. Treatment effect waning assumptions: a review of NICE "
        "technology appraisals. Value Health 2024;27:1003-1011.",
    ),
)
def waned(
    treated: Curve, comparator: Curve, *, from_years: float, until_years: float, scale: str = "hazard"
) -> Curve:
    """Return the treated curve with an effect that fades.

    Parameters
    ----------
    treated, comparator
        On one grid.
    from_years, until_years
        Full effect before, none after; equal times end it at once.
    scale
        "hazard" (linear) or "log_hazard" (linear in the logarithm of the hazard ratio).

    Raises
    ------
    InvalidSetting
        For times out of order.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve_of_rates
    >>> grid = [0, 1, 2, 3]
    >>> new, old = curve_of_rates(grid, [0], [0.1]), curve_of_rates(grid, [0], [0.3])
    >>> waned(new, old, from_years=1, until_years=2).mean_hazard().round(3)
    array([[0.1, 0.2, 0.3]])
    """
    if not 0 <= from_years <= until_years:
        raise InvalidSetting(
            f"An effect cannot wane from year {from_years:g} to year {until_years:g}.",
            remedy="Give the time until which it is whole, then the time from which there is none.",
        )
    times = same_grid(treated, comparator)
    left = 1 - _mean_ramp(times, from_years, until_years)
    return from_steps(times, SCALES[scale](treated.steps, comparator.steps, left))


def _share_before(times: Floats, until: float) -> Floats:
    """Share of each interval that lies before a time, (T - 1,)."""
    return np.asarray(np.clip((until - times[:-1]) / np.diff(times), 0, 1), dtype=np.float64)


def _mean_ramp(times: Floats, start: float, end: float) -> Floats:
    """Mean over each interval of a ramp that is 0 before `start` and 1 after `end`, (T - 1,)."""
    if end == start:
        return 1 - _share_before(times, start)
    inside = np.clip(times, start, end) - start
    integral = inside**2 / (2 * (end - start)) + np.maximum(times - end, 0)
    return np.asarray(np.diff(integral) / np.diff(times), dtype=np.float64)
