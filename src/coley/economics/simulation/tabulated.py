"""Hazards known along a grid of times, and the moves between states that give back two curves of survival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.simulation.clocks import CLOCKS, EARLIEST, NOTHING, NOWHERE, TABLE, Part
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HIGHEST = 700.0  # of a cumulative hazard: nobody is left, and its exponential is still a number


@dataclass(frozen=True, eq=False)
class Tabulated:
    """The hazard of one event, accumulated along a grid: averages of families, and curves that were changed.

    Attributes
    ----------
    times_years
        (T,), rising from zero.
    cumulative_hazard
        (1 or D, T), zero at the start, never falling.
    clock
        "forward": time since the start; "reset": since what made the event possible.

    Raises
    ------
    UnreadableInput
        Where times or hazards are not in order.

    Examples
    --------
    >>> Tabulated([0.0, 1.0, 2.0], [[0.0, 0.5, 1.0]]).clock
    'forward'
    """

    times_years: ArrayLike
    cumulative_hazard: ArrayLike
    clock: str = "forward"

    def __post_init__(self) -> None:
        CLOCKS[self.clock]
        times = np.asarray(self.times_years, dtype=np.float64)
        found = np.atleast_2d(np.asarray(self.cumulative_hazard, dtype=np.float64))
        if times.ndim != 1 or len(times) < 2 or times[0] != 0 or not (np.diff(times) > 0).all():
            raise UnreadableInput("Times of a hazard rise from zero; at least two of them.")
        if found.shape[1:] != times.shape or np.isnan(found).any() or (found[:, 0] != 0).any():
            raise UnreadableInput(
                "A cumulative hazard is zero at the start, and known at each of its times.",
                where=f"times {times.shape}, hazards {found.shape}",
            )
        found = np.minimum(found, HIGHEST)
        if (np.diff(found, axis=1) < 0).any():
            raise UnreadableInput("A cumulative hazard never falls.")
        object.__setattr__(self, "times_years", times)
        object.__setattr__(self, "cumulative_hazard", found)

    def part(self, horizon_years: float) -> Part:
        """Return the hazard in arrays."""
        times, found = np.asarray(self.times_years), np.asarray(self.cumulative_hazard)
        if times[-1] < horizon_years * (1 - 1e-9):
            raise InvalidSetting(
                f"A hazard is known for {times[-1]:g} years, and the horizon is {horizon_years:g}."
            )
        wanted = nodes(horizon_years)
        at = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, len(times) - 2)
        share = np.clip((wanted - times[at]) / (times[at + 1] - times[at]), 0, 1)
        rows = (1 - share) * found[:, at] + share * found[:, at + 1]
        return Part(TABLE, CLOCKS[self.clock], rows[:, None], np.ones((1, 1)), NOWHERE, wanted, NOTHING)


def nodes(horizon_years: float) -> Floats:
    """Return the times, in years, along which the loops follow a hazard, close together at the start."""
    from coley.economics.simulation.clock_kernel import NODES

    return np.concatenate([[0.0], np.geomspace(EARLIEST * horizon_years, horizon_years, NODES - 1)])


def moves_of_curves(
    times_years: ArrayLike, progression_free: ArrayLike, alive: ArrayLike
) -> tuple[Tabulated, Tabulated, Tabulated]:
    """Return hazards of progression, of death before it and of death after it that give back two curves.

    Two curves do not say who progressed before dying. Here the progression-free die at the rate of all, as far as
    the ends of progression-free survival allow, and the others make up the rest: then the shares in both states are
    those of partitioned survival at every time, whoever it is that dies.

    Parameters
    ----------
    times_years
        (T,), rising from zero.
    progression_free, alive
        Survival without progression and overall, (1 or D, T); the first is cut to the second where it crosses.

    Examples
    --------
    >>> t = np.array([0.0, 1.0, 2.0])
    >>> progression, before, after = moves_of_curves(t, np.exp(-t)[None], np.exp(-0.4 * t)[None])
    >>> [moved.cumulative_hazard.round(3).tolist() for moved in (progression, before, after)]
    [[[0.0, 0.6, 1.2]], [[0.0, 0.4, 0.8]], [[0.0, 0.4, 0.8]]]
    """
    times = np.asarray(times_years, dtype=np.float64)
    all_alive = np.atleast_2d(np.asarray(alive, dtype=np.float64))
    free = np.minimum(np.atleast_2d(np.asarray(progression_free, dtype=np.float64)), all_alive)
    free, all_alive = np.broadcast_arrays(free, all_alive)
    leaving, dying = _steps(free), _steps(all_alive)
    before = np.minimum(leaving, dying)
    progressed = all_alive - free
    with np.errstate(divide="ignore", invalid="ignore"):
        # Nobody progresses where all ends of progression-free survival are deaths: who has progressed only dies.
        alone = np.log(progressed[:, :-1]) - np.log(progressed[:, 1:])
    after = np.where((dying > leaving) & np.isfinite(alone), np.maximum(alone, 0.0), dying)
    return (
        Tabulated(times, _sums(leaving - before)),
        Tabulated(times, _sums(before)),
        Tabulated(times, _sums(after)),
    )


def _steps(survival: Floats) -> Floats:
    logs = -np.log(np.maximum(survival, np.exp(-HIGHEST)))
    return np.maximum(np.diff(logs, axis=1), 0.0)


def _sums(steps: Floats) -> Floats:
    return np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
