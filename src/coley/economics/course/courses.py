"""What every course offers to those who value it, whatever it was made from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from coley.model.errors import InvalidSetting, UnknownName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.course.curves import Crossing
    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]


class Course(Protocol):
    """Occupancy of states over time, by draw. Weights (T,) or (1 or D, T) are those of `Grid`."""

    @property
    def grid(self) -> Grid:
        """The times."""
        ...

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        ...

    @property
    def dead(self) -> tuple[str, ...]:
        """The states of the dead."""
        ...

    @property
    def draws(self) -> int:
        """Number of draws, D."""
        ...

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Curves that had to be put in order."""
        ...

    @property
    def occupancy(self) -> Floats:
        """(D, T, S): the share of patients in each state at each time."""
        ...

    def at(self, state: int, positions: Integers) -> Floats:
        """Return (D, K): the share in one state at positions (K,) of the grid."""
        ...

    def weigh(self, weights: Floats) -> Floats:
        """Return (D, S): occupancies of all states, summed over times with weights (T,)."""
        ...

    def weigh_state(self, state: int, weights: Floats) -> Floats:
        """Return (1 or D,): the occupancy of one state, summed over times with weights (T,) or (1 or D, T)."""
        ...

    def weigh_entries(self, weights: Floats) -> Floats:
        """Return (D, S): entries into each state, summed over cycles with weights (T - 1,); NaN if unknown."""
        ...

    def weigh_flows(self, weights: Floats) -> Floats:
        """Return (D, S, S): moves from state to state, summed likewise; NaN if unknown."""
        ...


@dataclass(frozen=True, eq=False)
class Trace(ABC):
    """A course as its occupancies, laid out times first so that a sum over time is one product.

    Attributes
    ----------
    grid, states, dead
        As for `Course`.
    by_time
        (T, D, S), contiguous.
    """

    grid: Grid
    states: tuple[str, ...]
    dead: tuple[str, ...]
    by_time: Floats

    @property
    def draws(self) -> int:
        """Number of draws, D."""
        return int(self.by_time.shape[1])

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """None: these courses are not made from curves that could cross."""
        return ()

    @property
    def occupancy(self) -> Floats:
        """(D, T, S): a view of the trace."""
        return np.moveaxis(self.by_time, 0, 1)

    def at(self, state: int, positions: Integers) -> Floats:
        """Return (D, K): the share in one state at positions (K,) of the grid."""
        return self.by_time[positions, :, state].T

    def weigh(self, weights: Floats) -> Floats:
        """Return (D, S): occupancies of all states, summed over times with weights (T,)."""
        times, draws, states = self.by_time.shape
        return np.asarray(weights @ self.by_time.reshape(times, -1)).reshape(draws, states)

    def weigh_state(self, state: int, weights: Floats) -> Floats:
        """Return (1 or D,): the occupancy of one state, summed over times with weights (T,) or (1 or D, T)."""
        if weights.ndim == 1:
            return np.asarray(weights @ self.by_time[:, :, state])
        return np.asarray((self.by_time[:, :, state] * weights.T).sum(axis=0))

    def weigh_entries(self, weights: Floats) -> Floats:
        """Return (D, S): entries into each state, summed over cycles with weights (T - 1,)."""
        flows = self.weigh_flows(weights)
        return np.asarray(flows.sum(axis=1) - np.diagonal(flows, axis1=1, axis2=2))

    @abstractmethod
    def weigh_flows(self, weights: Floats) -> Floats:
        """Return (D, S, S): moves from state to state, summed over cycles with weights (T - 1,)."""


def position(states: tuple[str, ...], name: str) -> int:
    """Return the position of a state by name.

    Raises
    ------
    UnknownName
        For a state that the course does not have.
    """
    if name not in states:
        raise UnknownName("state", name, states)
    return states.index(name)


def named_states(
    states: Iterable[str], dead: Iterable[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Examine names of states; where nobody says which are the dead, the last one is.

    Raises
    ------
    InvalidSetting
        Where names repeat, or there are fewer than two.
    UnknownName
        Where a state of the dead is not among them.
    """
    names = tuple(states)
    if len(names) < 2 or len(set(names)) != len(names):
        raise InvalidSetting("A course needs two or more states with different names.", where=f"{names}")
    buried = names[-1:] if dead is None else tuple(dead)
    for name in buried:
        position(names, name)
    return names, buried
