"""The loop over draws, times and groups of the floor of mortality; numba, imported by no one until a floor is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Sums over groups may be taken in any order, so that several are added at once.
compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"}
)


@compiled
def hold(own: Floats, least: Floats, weights: Floats, survival: Floats, held: Floats) -> None:
    """Follow every group through the intervals, at most as well as the population.

    Parameters
    ----------
    own
        (D, T - 1) chances to live through each interval.
    least
        (T - 1, G) those of the population, by group.
    weights
        (G,) shares of the cohort.
    survival, held
        (D, T) and (D, T - 1), filled: who is alive; the share of the cohort that the floor holds.
    """
    draws, steps = own.shape
    groups = len(weights)
    alive = np.empty(groups)
    for d in range(draws):
        alive[:] = weights
        survival[d, 0] = 1.0
        for k in range(steps):
            chance = own[d, k]
            total, floored = 0.0, 0.0
            for g in range(groups):
                population = least[k, g]
                alive[g] *= min(chance, population)
                total += alive[g]
                floored += weights[g] if chance > population else 0.0
            survival[d, k + 1] = total
            held[d, k] = floored
