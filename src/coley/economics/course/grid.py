"""The grid of times on which a course is followed, and the rule by which it is added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from coley.economics.course.corrections import CORRECTIONS, Correction
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NODES = 16  # of Gauss-Legendre a panel: exact for polynomials of degree 31
# Panels double in length from here (years): survival bends most in the first weeks.
FIRST_PANEL_YEARS = 1 / 64


@dataclass(frozen=True, eq=False)
class Grid:
    """Times in years, and how values at them are added up.

    Attributes
    ----------
    times_years
        (T,), increasing.
    correction
        The rule; None where the times are nodes of a quadrature, which has `weights` of its own.
    horizon_years
        Where the course ends.
    weights
        (T,), years; None unless the times are nodes.
    """

    times_years: Floats
    correction: Correction | None
    horizon_years: float
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.times_years)

    @property
    def lengths_years(self) -> Floats:
        """(T - 1,): the lengths of the cycles."""
        return np.diff(self.times_years)

    def over_states(self, values: Floats) -> Floats:
        """Turn values per year at each time (..., T) into weights of the occupancies."""
        if self.correction is None:
            return np.asarray(values * np.asarray(self.weights))
        return self.correction.states(values, self.lengths_years)

    def over_flows(self, values: Floats) -> Floats:
        """Turn values of an event at each time (..., T) into weights (..., T - 1) of events between times.

        Raises
        ------
        InvalidSetting
            On the nodes of a quadrature, between which nobody knows what happened.
        """
        if self.correction is None:
            raise InvalidSetting(
                "Events between times cannot be counted on the nodes of a quadrature.",
                remedy="Take a grid of cycles, or give costs of events as charges.",
            )
        return self.correction.flows(values, self.lengths_years)


def cycles(horizon_years: float, cycle_years: float, *, correction: str | Correction = "half_cycle") -> Grid:
    """Return a grid of equal cycles from 0 to the horizon.

    Parameters
    ----------
    horizon_years, cycle_years
        Years; the horizon must be a whole number of cycles.
    correction
        The within-cycle correction, by name (`coley.economics.course.corrections.CORRECTIONS`) or itself.

    Raises
    ------
    InvalidSetting
        Where the horizon is not a whole number of cycles.

    Examples
    --------
    >>> grid = cycles(2.0, 0.5)
    >>> grid.times_years, grid.over_states(np.ones(5))
    (array([0. , 0.5, 1. , 1.5, 2. ]), array([0.25, 0.5 , 0.5 , 0.5 , 0.25]))
    """
    count = round(horizon_years / cycle_years) if cycle_years > 0 and horizon_years > 0 else 0
    if count < 1 or abs(count * cycle_years - horizon_years) > 1e-6 * horizon_years:
        raise InvalidSetting(
            f"A horizon of {horizon_years:g} years is not a whole number of cycles of {cycle_years:g} years.",
            remedy="Give both in years, the horizon as a multiple of the cycle.",
        )
    return at_times(np.arange(count + 1) * (horizon_years / count), correction=correction)


def at_times(times_years: ArrayLike, *, correction: str | Correction = "half_cycle") -> Grid:
    """Return a grid of given times.

    Parameters
    ----------
    times_years
        (T,), increasing from 0 or later.
    correction
        As for `cycles`.

    Raises
    ------
    InvalidSetting
        Where times are fewer than two, missing, negative or not increasing.

    Examples
    --------
    >>> at_times([0, 1, 4]).over_states(np.ones(3))
    array([0.5, 2. , 1.5])
    """
    times = np.asarray(times_years, dtype=float)
    if times.ndim != 1 or len(times) < 2 or not np.isfinite(times).all() or times[0] < 0:
        raise InvalidSetting(
            "A grid needs two or more times in years, none missing or negative.",
            where=f"times of shape {times.shape}",
        )
    if (np.diff(times) <= 0).any():
        at = int(np.argmax(np.diff(times) <= 0)) + 1
        raise InvalidSetting(
            "The times of a grid must increase.", where=f"position {at}: {times[at]:g} years"
        )
    rule = CORRECTIONS[correction] if isinstance(correction, str) else correction
    return Grid(times, rule, float(times[-1]))


def exact(horizon_years: float, *, breaks_years: Sequence[float] = ()) -> Grid:
    """Return the nodes of a Gauss-Legendre quadrature, on which smooth curves are added up exactly.

    Parameters
    ----------
    horizon_years
        Years.
    breaks_years
        Times at which a curve or a value bends or jumps: a step of the discount rate, the end of treatment.

    Raises
    ------
    InvalidSetting
        Where a break is not between 0 and the horizon.

    Examples
    --------
    >>> grid = exact(10.0)
    >>> area = grid.over_states(np.exp(-grid.times_years)).sum()
    >>> bool(abs(area - (1 - np.exp(-10))) < 1e-13)
    True
    """
    if not horizon_years > 0 or any(not 0 < b < horizon_years for b in breaks_years):
        raise InvalidSetting(
            "Breaks must lie between 0 and a horizon above 0 years.",
            where=f"horizon {horizon_years:g}, breaks {list(breaks_years)}",
        )
    first = min(FIRST_PANEL_YEARS, horizon_years)
    doublings = first * 2.0 ** np.arange(np.ceil(np.log2(horizon_years / first)))
    edges = np.unique([0.0, *doublings[doublings < horizon_years], *breaks_years, horizon_years])
    x, w = cast("tuple[Floats, Floats]", np.polynomial.legendre.leggauss(NODES))
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return Grid(
        (middle[:, None] + half[:, None] * x).ravel(), None, float(horizon_years), (half[:, None] * w).ravel()
    )
