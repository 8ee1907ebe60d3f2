"""A survival curve over years, for many draws at once, kept as its cumulative hazard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ROUNDING = 1e-9  # a survival may rise by so much from one time to the next before it is no survival


@dataclass(frozen=True, eq=False)
class Curve:
    """The hazard accumulated since the start, on a grid of times.

    Attributes
    ----------
    times_years
        (T,), rising from zero.
    cumulative_hazard
        (D, T), zero at the start, never falling; infinite where nobody is left.
    """

    times_years: Floats
    cumulative_hazard: Floats

    @property
    def survival(self) -> Floats:
        """(D, T)."""
        return np.asarray(np.exp(-self.cumulative_hazard), dtype=np.float64)

    @property
    def draws(self) -> int:
        """D."""
        return len(self.cumulative_hazard)

    @property
    def steps(self) -> Floats:
        """Hazard accumulated within each interval of the grid, (D, T - 1)."""
        with np.errstate(invalid="ignore"):
            steps = np.diff(self.cumulative_hazard, axis=1)
        return np.where(np.isnan(steps), np.inf, steps)

    def mean_hazard(self) -> Floats:
        """Return the mean hazard per year within each interval of the grid, (D, T - 1)."""
        return np.asarray(self.steps / np.diff(self.times_years), dtype=np.float64)

    def restricted_mean(self) -> Floats:
        """Return mean years lived within the grid, by the trapezoidal rule, (D,)."""
        return np.asarray(np.trapezoid(self.survival, self.times_years, axis=1), dtype=np.float64)


def curve(times_years: ArrayLike, survival: ArrayLike) -> Curve:
    """Return a curve from survival.

    Parameters
    ----------
    times_years
        (T,), rising from zero.
    survival
        (D, T) or (T,), one at the start, never rising.

    Raises
    ------
    UnreadableInput
        Where it is no survival: it rises, leaves 0 to 1, or is missing somewhere.

    Examples
    --------
    >>> curve([0, 1, 2], [1.0, 0.5, 0.25]).mean_hazard().round(3)
    array([[0.693, 0.693]])
    """
    times = np.asarray(times_years, dtype=np.float64)
    values = np.atleast_2d(np.asarray(survival, dtype=np.float64))
    _grid(times)
    if values.shape[1] != len(times):
        raise UnreadableInput(f"A survival of {values.shape[1]} values stands beside {len(times)} times.")
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        raise UnreadableInput(
            "Survival lies between 0 and 1, and is never missing.",
            cause="percentages for shares, or a model whose parameters are out of range",
        )
    if not np.allclose(values[:, 0], 1) or (np.diff(values, axis=1) > ROUNDING).any():
        draw, step = np.unravel_index(np.argmax(np.diff(values, axis=1)), (len(values), len(times) - 1))
        raise UnreadableInput(
            f"Survival starts at one and never rises; in draw {draw + 1} it is {values[draw, step]:.4g} at "
            f"{times[step]:g} and {values[draw, step + 1]:.4g} at {times[step + 1]:g} years.",
            cause="digitised points out of order, or a curve that does not begin at time zero",
        )
    values = np.minimum.accumulate(values, axis=1)
    with np.errstate(divide="ignore"):
        return Curve(times, np.abs(np.log(values)))


def curve_of_rates(times_years: ArrayLike, from_years: ArrayLike, rates: ArrayLike) -> Curve:
    """Return a curve whose hazard is constant between cut-points.

    Parameters
    ----------
    times_years
        (T,) grid.
    from_years
        (K,) times from which each rate holds, the first zero; the last rate holds for ever.
    rates
        (D, K) or (K,) hazards per year.

    Examples
    --------
    >>> curve_of_rates([0, 1, 3], [0, 2], [0.1, 0.3]).cumulative_hazard.round(3)
    array([[0. , 0.1, 0.5]])
    """
    times, start = (np.asarray(x, dtype=np.float64) for x in (times_years, from_years))
    values = np.atleast_2d(np.asarray(rates, dtype=np.float64))
    _grid(times)
    if start[0] != 0 or (np.diff(start) <= 0).any() or values.shape[1] != len(start):
        raise InvalidSetting("Rates hold from times that rise from zero, one rate from each.")
    if not (values >= 0).all():
        raise InvalidSetting("A hazard is never negative, and never missing.")
    spent = np.clip(times[None, :] - start[:, None], 0, np.r_[np.diff(start), np.inf][:, None])  # (K, T)
    return Curve(times, np.asarray(values @ spent, dtype=np.float64))


def _grid(times: Floats) -> None:
    if times.ndim != 1 or len(times) < 2 or times[0] != 0 or not (np.diff(times) > 0).all():
        raise InvalidSetting("Times of a curve rise from zero; at least two of them.")


def same_grid(*curves: Curve) -> Floats:
    """Return the grid that the curves share.

    Raises
    ------
    InvalidSetting
        Where they have different grids, or numbers of draws that do not go together.
    """
    times = curves[0].times_years
    counts = {c.draws for c in curves} - {1}
    if any(len(c.times_years) != len(times) or not np.array_equal(c.times_years, times) for c in curves):
        raise InvalidSetting("Curves that are joined must be on one grid of times.")
    if len(counts) > 1:
        raise InvalidSetting(f"Curves that are joined have {sorted(counts)} draws.")
    return times


def from_steps(times_years: Floats, steps: Floats) -> Curve:
    """Return the curve whose hazard accumulates by `steps` (D, T - 1) over the grid."""
    return Curve(times_years, np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0))))
