"""Markov cohorts: a share of patients in each state, moved from cycle to cycle by probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.courses import Trace, named_states
from coley.economics.course.matrices import LEAK, transition_matrix
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]

SONNENBERG = (
    "Sonnenberg FA, Beck JR. Markov models in medical decision making: a practical guide. Med Decis Making "
    "1993;13:322-338."
)
ALARID = (
    "Alarid-Escudero F, Krijkamp E, Enns EA, et al. An introductory tutorial on cohort state-transition models "
    "in R using a cost-effectiveness analysis example. Med Decis Making 2023;43:3-20."
)


@dataclass(frozen=True, eq=False)
class Cohort(Trace):
    """A trace, and the probabilities (1 or D, 1 or T - 1, S, S) that made it."""

    transitions: Floats

    def weigh_flows(self, weights: Floats) -> Floats:
        """Return (D, S, S): moves from state to state, summed over cycles with weights (T - 1,)."""
        from coley.economics.course.cohort_kernel import add_flows

        times, draws, states = self.by_time.shape
        if self.transitions.shape[1] == 1:
            leaving = (weights @ self.by_time[:-1].reshape(times - 1, -1)).reshape(draws, states)
            return np.asarray(leaving[:, :, None] * self.transitions[:, 0])
        flows = np.zeros((draws, states, states))
        add_flows(self.by_time, self.transitions, weights, flows)
        return flows


@method(
    "markov_cohort",
    title="Markov cohort model",
    summary="Shares of a cohort in each state over cycles, moved by transition probabilities that may change "
    "with time.",
    needs="a start and transition probabilities for each cycle",
    limits="What happens next depends on the state and the cycle alone, unless time in a state has tunnel "
    "states of its own.",
    references=(SONNENBERG, ALARID),
)
def markov_cohort(
    grid: Grid,
    transitions: ArrayLike,
    *,
    states: Iterable[str],
    start: ArrayLike | None = None,
    dead: Iterable[str] | None = None,
) -> Cohort:
    """Return the course of a cohort that moves by transition probabilities.

    Parameters
    ----------
    grid
        Times in years: the ends of the cycles.
    transitions
        Probabilities from row to column in a cycle: (S, S), (D, S, S), or (1 or D, T - 1, S, S).
    states
        Names of the states.
    start
        (S,) or (D, S): shares at time 0; everybody in the first state unless given.
    dead
        The states of the dead; the last one unless given.

    Raises
    ------
    UnreadableInput
        Where probabilities or the start are no distribution, with state, cycle and draw.
    InvalidSetting
        Where the grid has no cycles, numbers of draws differ, or names repeat.

    References
    ----------
    Sonnenberg and Beck 1993.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> cohort = markov_cohort(cycles(2, 1), [[0.7, 0.2, 0.1], [0, 0.6, 0.4], [0, 0, 1]], states="ABC")
    >>> cohort.occupancy[0].round(2)
    array([[1.  , 0.  , 0.  ],
           [0.7 , 0.2 , 0.1 ],
           [0.49, 0.26, 0.25]])
    """
    from coley.economics.course.cohort_kernel import follow

    if grid.correction is None:
        raise InvalidSetting("A cohort moves in cycles, and a quadrature has none.", remedy="Take `cycles`.")
    names, buried = named_states(states, dead)
    P = transition_matrix(transitions, states=names, cycles=len(grid) - 1)
    first = np.eye(len(names))[:1] if start is None else np.atleast_2d(np.asarray(start, dtype=np.float64))
    if (
        first.shape[1:] != (len(names),)
        or not (first >= 0).all()
        or np.abs(first.sum(axis=1) - 1).max() > LEAK
    ):
        raise UnreadableInput(
            "The start must hold a share of 0 or more for each state, adding up to 1.", where=f"{first[:1]}"
        )
    sizes = {len(first), len(P)} - {1}
    if len(sizes) > 1:
        raise InvalidSetting("Start and transitions must hold the same draws.", where=f"{sorted(sizes)}")
    by_time = np.empty((len(grid), max(len(first), len(P)), len(names)))
    follow(first, P, by_time)
    return Cohort(grid, names, buried, by_time, P)
