"""Inverse probability of censoring weights, and what each patient contributes to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Censoring:
    """The Kaplan-Meier curve of censoring, in which events come before censorings at the same time.

    Attributes
    ----------
    free
        Chance that a patient is still followed just before the end of each patient's follow-up, G(T-).
    time, event
        As given.
    """

    free: Floats
    time: Floats
    event: Bools
    _times: Floats
    _position: NDArray[np.intp]
    _under: Floats  # followed at each time and not yet dead of its events
    _hazard: Floats  # share of those censored at each time

    def through(self, weight: Floats) -> Floats:
        """Return how a sum of `weight[i] * -log G(T_i-)` over events changes with the case weight of each patient.

        Parameters
        ----------
        weight
            Of each patient in the sum; 0 for those without an event that counts.

        References
        ----------
        The martingale representation of log G: Blanche et al. 2013.
        """
        later = np.bincount(self._position, weights=weight, minlength=len(self._times))
        later = later[::-1].cumsum()[::-1] - later  # events after each time, whose G saw its censorings
        with np.errstate(divide="ignore", invalid="ignore"):
            # log G falls by log(1 - h); the derivative of -log(1 - c / y) in c is 1 / (y - c)
            left = self._under * (1 - self._hazard)
            per_censoring = np.where(left > 0, later / left, 0.0)
        past = np.cumsum(per_censoring * self._hazard)
        before = np.append(0.0, past[:-1])
        # an event at a time has left before the censorings of that time are counted
        exposed = np.where(self.event, before[self._position], past[self._position])
        own: Floats = np.where(self.event, 0.0, per_censoring[self._position]) - exposed
        return own


def censoring(time: Floats, event: Bools) -> Censoring:
    """Estimate the curve of censoring.

    Examples
    --------
    >>> censoring(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, True, False, True])).free.round(3)
    array([1.   , 0.75 , 0.75 , 0.375])
    """
    times, position = np.unique(time, return_inverse=True)
    events = np.bincount(position[event], minlength=len(times))
    censored = np.bincount(position[~event], minlength=len(times))
    at_risk = (events + censored)[::-1].cumsum()[::-1]
    under = (at_risk - events).astype(float)
    hazard = np.where(censored > 0, censored / np.maximum(under, 1), 0.0)
    survived = np.append(1.0, np.cumprod(1 - hazard)[:-1])
    return Censoring(survived[position], time, event, times, position, under, hazard)
