"""The loops over cycles of a Markov cohort; numba, imported by no one until a cohort is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)


@compiled
def first_fault(P: Floats, leak: float) -> tuple[int, int, int]:
    """Return draw, cycle and state of the first row that is no distribution; (-1, -1, -1) if there is none."""
    draws, cycles, states, _ = P.shape
    for d in range(draws):
        for k in range(cycles):
            for i in range(states):
                total = 0.0
                sound = True
                for j in range(states):
                    p = P[d, k, i, j]
                    total += p
                    sound = sound and p >= -leak and p <= 1.0 + leak
                if not (sound and abs(total - 1.0) <= leak):
                    return d, k, i
    return -1, -1, -1


@compiled
def follow(start: Floats, P: Floats, trace: Floats) -> None:
    """Fill the trace (T, D, S) from start (1 or D, S) and probabilities (1 or D, 1 or T - 1, S, S)."""
    times, draws, states = trace.shape
    x = np.empty(states)
    for d in range(draws):
        of_start = d if len(start) > 1 else 0
        of_draw = d if P.shape[0] > 1 else 0
        for j in range(states):
            x[j] = start[of_start, j]
            trace[0, d, j] = x[j]
        for k in range(times - 1):
            of_cycle = k if P.shape[1] > 1 else 0
            for j in range(states):
                total = 0.0
                for i in range(states):
                    total += x[i] * P[of_draw, of_cycle, i, j]
                trace[k + 1, d, j] = total
            for j in range(states):
                x[j] = trace[k + 1, d, j]


@compiled
def add_flows(trace: Floats, P: Floats, weights: Floats, flows: Floats) -> None:
    """Add to flows (D, S, S) what moved from state to state in each cycle, times its weight (T - 1,)."""
    times, draws, states = trace.shape
    for d in range(draws):
        of_draw = d if P.shape[0] > 1 else 0
        for k in range(times - 1):
            of_cycle = k if P.shape[1] > 1 else 0
            for i in range(states):
                leaving = trace[k, d, i] * weights[k]
                for j in range(states):
                    flows[d, i, j] += leaving * P[of_draw, of_cycle, i, j]
