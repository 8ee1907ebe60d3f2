"""Partitioned survival: states as the areas between survival curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.courses import named_states
from coley.economics.course.curves import Crossing, in_order, survival_curve
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

TSD19 = (
    "Woods B, Sideris E, Palmer S, Latimer N, Soares M. NICE DSU technical support document 19: partitioned "
    "survival analysis for decision modelling in health care: a critical review. 2017."
)


@dataclass(frozen=True, eq=False)
class Partition:
    """A course as ordered survival curves; the states lie between them.

    Attributes
    ----------
    grid, states, dead
        As for `Course`; the last state is that of the dead.
    curves
        One (1 or D, T) for each state but the last: the share in it or in a state before it.
    crossings
        Curves that had to be put in order.
    """

    grid: Grid
    states: tuple[str, ...]
    dead: tuple[str, ...]
    curves: tuple[Floats, ...]
    crossings: tuple[Crossing, ...] = ()

    @property
    def draws(self) -> int:
        """Number of draws, D."""
        return max(len(curve) for curve in self.curves)

    @property
    def occupancy(self) -> Floats:
        """(D, T, S): made when it is asked for."""
        return np.stack([self.at(k, np.arange(len(self.grid))) for k in range(len(self.states))], axis=-1)

    def at(self, state: int, positions: Integers) -> Floats:
        """Return (D, K): the share in one state at positions (K,) of the grid."""
        upper, lower = self._between(state)
        of_upper = 1.0 if upper is None else upper[:, positions]
        of_lower = 0.0 if lower is None else lower[:, positions]
        return np.broadcast_to(of_upper - of_lower, (self.draws, len(positions)))

    def weigh(self, weights: Floats) -> Floats:
        """Return (D, S): occupancies of all states, summed over times with weights (T,)."""
        areas = [np.broadcast_to(curve @ weights, self.draws) for curve in self.curves]
        return np.diff(np.stack(areas, axis=1), axis=1, prepend=0.0, append=weights.sum())

    def weigh_state(self, state: int, weights: Floats) -> Floats:
        """Return (1 or D,): the occupancy of one state, summed over times with weights (T,) or (1 or D, T)."""
        upper, lower = self._between(state)
        total = weights.sum(axis=-1) if upper is None else _product(upper, weights)
        return np.asarray(total - (0.0 if lower is None else _product(lower, weights)))

    def weigh_entries(self, weights: Floats) -> Floats:
        """Return (D, S): entries into each state, summed over cycles with weights (T - 1,).

        Deaths are known. Who enters a state between two curves is not: they say how many leave the states
        before it, not whither.
        """
        last = self.curves[-1]
        entries = np.full((self.draws, len(self.states)), np.nan)
        entries[:, 0] = 0.0
        entries[:, -1] = (last[:, :-1] - last[:, 1:]) @ weights
        return entries

    def weigh_flows(self, weights: Floats) -> Floats:
        """Return (D, S, S), all missing: curves do not determine moves from state to state."""
        return np.full((self.draws, len(self.states), len(self.states)), np.nan)

    def _between(self, state: int) -> tuple[Floats | None, Floats | None]:
        """Return the curves above and below a state; None for the edges, 1 and 0."""
        return (
            None if state == len(self.curves) else self.curves[state],
            None if state == 0 else self.curves[state - 1],
        )


def _product(curve: Floats, weights: Floats) -> Floats:
    return np.asarray(curve @ weights if weights.ndim == 1 else (curve * weights).sum(axis=1))


@method(
    "partitioned_survival",
    title="Partitioned survival model",
    summary="Shares of patients in each state over time as the differences between ordered survival curves.",
    needs="a survival curve for each state but death, ordered (progression-free survival, overall survival)",
    limits="The curves are extrapolated as if they had nothing to do with each other: what happens after "
    "progression does not follow from progression. Curves that cross are put in order, and the answer says how "
    "often and by how much.",
    references=(TSD19,),
)
def partitioned_survival(grid: Grid, curves: Mapping[str, ArrayLike], *, dead: str = "dead") -> Partition:
    """Return the course in which each state is the area between two survival curves.

    Parameters
    ----------
    grid
        Times in years.
    curves
        State to the curve that ends it, (T,) or (1 or D, T), first state first: the share of patients who
        are in this state or in one before it. {"progression_free": PFS, "progressed": OS} has three states.
    dead
        Name of the last state.

    Raises
    ------
    UnreadableInput
        Where a curve does not fit the grid, is not between 0 and 1, or rises.
    InvalidSetting
        Where numbers of draws differ.

    References
    ----------
    NICE DSU technical support document 19.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> grid = cycles(2, 1)
    >>> course = partitioned_survival(grid, {"stable": [1, 0.5, 0.3], "progressed": [1, 0.8, 0.2]})
    >>> course.occupancy[0].round(2)
    array([[1. , 0. , 0. ],
           [0.5, 0.3, 0.2],
           [0.2, 0. , 0.8]])
    >>> print(course.crossings[0])
    stable lay above progressed in 1 of 1 draws and was lowered to it, by 0.05 years on average and 0.05 at most.
    """
    states, buried = named_states((*curves, dead), None)
    examined = [survival_curve(values, grid, name=name) for name, values in curves.items()]
    sizes = {len(curve) for curve in examined} - {1}
    if len(sizes) > 1:
        raise InvalidSetting(
            "All curves must hold the same draws.",
            where=", ".join(f"{name}: {len(curve)}" for name, curve in zip(curves, examined, strict=True)),
            remedy="Make the draws once and use them for every curve.",
        )
    ordered, crossings = in_order(examined, grid, names=tuple(curves))
    return Partition(grid, states, buried, ordered, crossings)
