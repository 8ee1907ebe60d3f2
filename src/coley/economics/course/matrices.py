"""Transition matrices: examined, and made from rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Probabilities kept with eight decimals still pass; a row that leaks more loses patients over a lifetime.
LEAK = 1e-7


def probability(rate: ArrayLike, years: float) -> Floats:
    """Return the probability of an event within `years` at a constant rate a year, 1 - exp(-rate years).

    Raises
    ------
    UnreadableInput
        For a rate that is negative or missing.

    Examples
    --------
    >>> probability([0.15, 0.5], 1).round(4)
    array([0.1393, 0.3935])
    """
    rates = np.asarray(rate, dtype=float)
    if not (rates >= 0).all():
        raise UnreadableInput("Rates must be 0 or more.", where=f"smallest {np.min(rates):g}")
    return np.asarray(-np.expm1(-rates * years))


def rate(probability: ArrayLike, years: float) -> Floats:
    """Return the constant rate a year that gives a probability within `years`, -log(1 - p) / years.

    Raises
    ------
    UnreadableInput
        For a probability that is not between 0 and 1, or is 1.

    Examples
    --------
    >>> float(rate(0.5, 1).round(4))
    0.6931
    """
    p = np.asarray(probability, dtype=float)
    if not ((p >= 0) & (p < 1)).all():
        raise UnreadableInput(
            "A probability must be at least 0 and less than 1 to have a rate.",
            where=f"from {np.min(p):g} to {np.max(p):g}",
        )
    return np.asarray(-np.log1p(-p) / years)


def matrix_from_rates(rates: ArrayLike, years: float) -> Floats:
    """Return transition probabilities within `years` from rates a year between states.

    Parameters
    ----------
    rates
        (..., S, S): from row to column; the diagonal is not read.
    years
        Length of a cycle.

    Raises
    ------
    UnreadableInput
        For a rate that is negative or missing.

    Notes
    -----
    The matrix exponential counts patients who move twice within a cycle, which 1 - exp(-rate) of each rate
    by itself does not.

    References
    ----------
    Welton NJ, Ades AE. Med Decis Making 2005;25:633-645.

    Examples
    --------
    >>> matrix_from_rates([[0, 0.2, 0], [0, 0, 0.5], [0, 0, 0]], 1).round(4)
    array([[0.8187, 0.1415, 0.0398],
           [0.    , 0.6065, 0.3935],
           [0.    , 0.    , 1.    ]])
    """
    from scipy.linalg import expm

    Q = np.array(rates, dtype=float)
    on = np.arange(Q.shape[-1])
    Q[..., on, on] = 0.0
    if not (Q >= 0).all():
        raise UnreadableInput("Rates between states must be 0 or more.", where=f"smallest {np.nanmin(Q):g}")
    Q[..., on, on] = -Q.sum(axis=-1)
    P = np.maximum(expm(Q * years), 0.0)
    return np.asarray(P / P.sum(axis=-1, keepdims=True))


def with_stay(moves: ArrayLike) -> Floats:
    """Return the matrix with its diagonal set to what the moves out of each state leave.

    Raises
    ------
    UnreadableInput
        Where the moves out of a state add up to more than 1 (found when the matrix is used).

    Examples
    --------
    >>> with_stay([[0, 0.2], [0, 0]])
    array([[0.8, 0.2],
           [0. , 1. ]])
    """
    P = np.array(moves, dtype=float)
    on = np.arange(P.shape[-1])
    P[..., on, on] = 0.0
    P[..., on, on] = 1.0 - P.sum(axis=-1)
    return P


def transition_matrix(values: ArrayLike, *, states: Sequence[str], cycles: int) -> Floats:
    """Examine transition probabilities and return them as (1 or D, 1 or n, S, S).

    Parameters
    ----------
    values
        (S, S); (D, S, S); or (1 or D, n, S, S) where they change from cycle to cycle.
    states
        Names of the states.
    cycles
        Number of cycles, n.

    Raises
    ------
    UnreadableInput
        Where the shape does not fit, a probability is not between 0 and 1, or a row does not add up to 1;
        with state, cycle and draw.
    """
    from coley.economics.course.cohort_kernel import first_fault

    P = np.ascontiguousarray(values, dtype=np.float64)
    n = len(states)
    if P.ndim in (2, 3):
        P = P.reshape((1, 1, *P.shape) if P.ndim == 2 else (len(P), 1, *P.shape[1:]))
    if P.ndim != 4 or P.shape[2:] != (n, n) or P.shape[1] not in (1, cycles):
        raise UnreadableInput(
            f"Transition probabilities of {n} states over {cycles} cycles must be (states, states), "
            "(draws, states, states) or (draws, cycles, states, states).",
            where=f"shape {np.shape(values)}",
        )
    draw, cycle, state = first_fault(P, LEAK)
    if draw < 0:
        return P
    row = P[draw, cycle, state]
    of_cycle = f", cycle {cycle}" if P.shape[1] > 1 else ""
    of_draw = f", draw {draw}" if len(P) > 1 else ""
    outside = ~((row >= -LEAK) & (row <= 1 + LEAK))
    if outside.any():
        what = f"The probability of moving from {states[state]!r} to {states[int(np.argmax(outside))]!r} is "
        what += f"{row[outside][0]:g}."
    else:
        what = f"The probabilities of leaving and staying in {states[state]!r} add up to {row.sum():.8g}, not to 1."
    raise UnreadableInput(
        what,
        where=f"state {states[state]!r}{of_cycle}{of_draw}: {row.tolist()}",
        remedy="Give every row in full, or let `with_stay` fill in the probability of staying.",
    )
