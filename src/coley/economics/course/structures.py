"""Three structures of one disease on the same inputs: what the choice of structure alone changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.economics.course.outcome import Outcome, evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.strategies import SideBySide, side_by_side
from coley.economics.course.three_state import STATES, clock_forward, clock_reset
from coley.model.errors import MissingData
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.economics.course.courses import Course
    from coley.economics.course.discounting import Discount
    from coley.economics.course.grid import Grid
    from coley.economics.course.rewards import Charges, Reward


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure: its title, the curves that it needs, by name and meaning, and how it is built from them."""

    name: str
    title: str
    needs: Mapping[str, str]
    build: Callable[[Grid, Mapping[str, ArrayLike]], Course]


STRUCTURES: Registry[Structure] = Registry("structure")


def _partitioned(grid: Grid, curves: Mapping[str, ArrayLike]) -> Course:
    return partitioned_survival(
        grid, {STATES[0]: curves["progression_free_survival"], STATES[1]: curves["overall_survival"]}
    )


def _forward(grid: Grid, curves: Mapping[str, ArrayLike]) -> Course:
    return clock_forward(
        grid,
        curves["time_to_progression"],
        death_before=curves["death_before_progression"],
        death_after=curves["death_after_progression_from_start"],
    )


def _reset(grid: Grid, curves: Mapping[str, ArrayLike]) -> Course:
    return clock_reset(
        grid,
        curves["time_to_progression"],
        death_before=curves["death_before_progression"],
        death_after=curves["death_after_progression"],
    )


_BEFORE = {
    "time_to_progression": "progression, deaths before it censored",
    "death_before_progression": "death before progression, progressions censored",
}
for _structure in (
    Structure(
        "partitioned_survival",
        "Partitioned survival",
        {
            "progression_free_survival": "progression or death",
            "overall_survival": "death",
        },
        _partitioned,
    ),
    Structure(
        "clock_forward",
        "State transition, clock forward",
        {
            **_BEFORE,
            "death_after_progression_from_start": "death after progression, by time since the start, patients "
            "entering at progression",
        },
        _forward,
    ),
    Structure(
        "clock_reset",
        "State transition, clock reset",
        {**_BEFORE, "death_after_progression": "death after progression, by time since progression"},
        _reset,
    ),
):
    STRUCTURES.add(_structure.name, _structure)


def compare_structures(
    grid: Grid,
    curves: Mapping[str, ArrayLike],
    rewards: Sequence[Reward | Charges],
    *,
    structures: Sequence[str] = ("partitioned_survival", "clock_forward", "clock_reset"),
    costs: Discount | None = None,
    effects: Discount | None = None,
    keep_course: bool = True,
) -> SideBySide:
    """Run one disease through several structures; what differs is due to the structure alone.

    Parameters
    ----------
    grid
        Times in years from 0, in cycles of one length.
    curves
        Survival curves (T,) or (1 or D, T), by the names that `STRUCTURES` lists under `needs`.
    rewards, costs, effects, keep_course
        As for `evaluate`, on the states progression_free, progressed and dead.
    structures
        Which, by name.

    Returns
    -------
    SideBySide
        With the structures where strategies are otherwise: `increments("partitioned_survival")` tells what
        each changes, draw by draw on the same inputs.

    Raises
    ------
    MissingData
        Where a structure lacks a curve.

    References
    ----------
    Muston 2024 (the three structures); Woods et al. 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from coley.economics.course.grid import cycles
    >>> from coley.economics.course.rewards import Reward
    >>> grid = cycles(20, 1 / 12)
    >>> t = grid.times_years
    >>> curves = {
    ...     "progression_free_survival": np.exp(-0.6 * t), "overall_survival": np.exp(-0.3 * t),
    ...     "time_to_progression": np.exp(-0.5 * t), "death_before_progression": np.exp(-0.1 * t),
    ...     "death_after_progression": np.exp(-0.4 * t), "death_after_progression_from_start": np.exp(-0.4 * t),
    ... }
    >>> qalys = Reward("qalys", "effect", by_state={"progression_free": 0.8, "progressed": 0.6})
    >>> compare_structures(grid, curves, [qalys]).life_years.round(3)
    array([[3.325, 3.748, 3.748]])
    """
    outcomes: list[Outcome] = []
    for name in structures:
        structure = STRUCTURES[name]
        lacking = [need for need in structure.needs if need not in curves]
        if lacking:
            raise MissingData(
                f"The structure {name!r} needs the survival curve {lacking[0]!r} ({structure.needs[lacking[0]]}).",
                where=f"given: {', '.join(curves) or 'none'}",
                remedy="Fit it to the patients' times, or leave this structure out.",
            )
        outcomes.append(
            evaluate(
                structure.build(grid, curves),
                rewards,
                strategy=name,
                costs=costs,
                effects=effects,
                keep_course=keep_course,
            )
        )
    return side_by_side(outcomes)
