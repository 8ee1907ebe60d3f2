"""Utilities by time to death: quality of life falls as death comes near, whatever the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.curves import survival_curve
from coley.economics.course.discounting import Discount
from coley.economics.course.rewards import KINDS, numbers
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]

HATSWELL = (
    "Hatswell AJ, Pennington B, Pericleous L, Rowen D, Lebmeier M, Lee D. Patient-reported utilities in advanced "
    "or metastatic melanoma, including analysis of utilities by time to death. Health Qual Life Outcomes "
    "2014;12:140."
)


@method(
    "time_to_death_utility",
    title="QALYs by time to death",
    summary="Quality-adjusted life years where utility depends on how far death is away.",
    needs="overall survival beyond the horizon by the longest band, and a utility for each band",
    limits="Utilities by time to death and by progression measure the same loss; take one of them.",
    references=(HATSWELL,),
)
def time_to_death_qalys(
    grid: Grid,
    overall_survival: ArrayLike,
    *,
    bands_years: Sequence[float],
    utilities: ArrayLike,
    discount: Discount | None = None,
    multiplier: ArrayLike | None = None,
    horizon_years: float | None = None,
) -> Floats:
    """Return QALYs (D,) where utility depends on time to death.

    Parameters
    ----------
    grid
        Times in years from 0.
    overall_survival
        (T,) or (1 or D, T).
    bands_years
        Upper ends of all bands but the last, increasing: (30 / 365.25, 90 / 365.25, 1).
    utilities
        (B + 1,) or (D, B + 1): nearest to death first.
    discount
        3.5 % a year unless given.
    multiplier
        (T,) or (1 or D, T), as for `Reward`.
    horizon_years
        The end of counting; the end of the grid less the longest band unless given. How near patients are to
        death at the horizon is known only from the curve beyond it.

    Raises
    ------
    InvalidSetting
        Where bands do not increase, or the grid does not reach far enough beyond the horizon.
    UnreadableInput
        Where numbers of bands and utilities do not fit, or a utility is above 1.

    Notes
    -----
    At time t, S(t + a) - S(t + b) of all patients are alive and between a and b years from their death.

    References
    ----------
    Hatswell et al. 2014.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> grid = cycles(40, 1 / 12)
    >>> survival = np.exp(-0.5 * grid.times_years)
    >>> time_to_death_qalys(grid, survival, bands_years=(0.5, 1), utilities=(0.5, 0.6, 0.8)).round(3)
    array([1.309])
    """
    curve = survival_curve(overall_survival, grid, name="overall survival")
    bands = np.asarray(bands_years, dtype=float)
    if not len(bands) or bands[0] <= 0 or (np.diff(bands) <= 0).any():
        raise InvalidSetting("Bands of time to death must be above 0 and increase.", where=f"{list(bands)}")
    end = grid.horizon_years - bands[-1] if horizon_years is None else horizon_years
    times = grid.times_years
    counted = times <= end + 1e-9
    if counted.sum() < 2 or end + bands[-1] > grid.horizon_years + 1e-9:
        raise InvalidSetting(
            f"Survival must be known for {bands[-1]:g} years beyond the horizon.",
            where=f"horizon {end:g}, curve until {grid.horizon_years:g} years",
        )
    worth = np.atleast_2d(numbers(utilities, "utilities by time to death"))
    KINDS["effect"].per_year(worth, "utilities by time to death")
    if worth.shape[1] != len(bands) + 1 or len({len(worth), len(curve)} - {1}) > 1:
        raise UnreadableInput(
            f"{len(bands)} bands need {len(bands) + 1} utilities, for the draws of the curve.",
            where=f"utilities {np.shape(utilities)}, draws {len(curve)}",
        )
    values = (discount or Discount()).factors(times[counted])
    if multiplier is not None:
        values = values * np.atleast_2d(numbers(multiplier, "multiplier"))[:, counted]
    weights = type(grid)(times[counted], grid.correction, float(times[counted][-1])).over_states(values)
    areas = [_area(curve, times, times[counted] + shift, weights) for shift in (0.0, *bands)]
    years = -np.diff(np.stack([*areas, np.zeros_like(areas[0])], axis=1), axis=1)
    return np.asarray((years * worth).sum(axis=1))


def _area(curve: Floats, times: Floats, at: Floats, weights: Floats) -> Floats:
    """Return (D,): the curve at shifted times, linear between those of the grid, summed with weights."""
    before = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    part = np.clip((at - times[before]) / (times[before + 1] - times[before]), 0.0, 1.0)
    shifted = (1 - part) * curve[:, before] + part * curve[:, before + 1]
    return np.asarray((shifted * weights).sum(axis=1))
