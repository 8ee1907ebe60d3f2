"""State transition structures from patients whose progression and death are both known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.analysis.fitted import mixture_of
from coley.economics.course.three_state import ThreeState, clock_forward, clock_reset
from coley.model.errors import InvalidSetting, MissingData
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import FittedCurve, FollowUp
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.analysis.survival import People
    from coley.economics.course.grid import Grid
    from coley.economics.model_file.treatment import Strategy

    Floats = NDArray[np.float64]

TOGETHER = 1e-6  # years: a death within it of the end of progression-free survival is that end
PROGRESSION, BEFORE, FORWARD, RESET = (
    "progression",
    "death before progression",
    "death after progression, from the start",
    "death after progression",
)
AFTER: dict[str, str] = {"clock_forward": FORWARD, "clock_reset": RESET}
CLOCKS: Registry[Callable[..., ThreeState]] = Registry("clock")
CLOCKS.add("clock_forward", clock_forward)
CLOCKS.add("clock_reset", clock_reset)


def moves(pfs: FollowUp, alive: FollowUp, place: str) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the follow-up of each move between states: time, event, which patients, and entry where the clock runs on.

    Raises
    ------
    MissingData
        Where progression and death are not those of the same patients, row by row.
    """
    if not pfs.patients or pfs.patients != alive.patients or len(pfs.event) != len(alive.event):
        raise MissingData(
            f"{place}: a state transition model needs progression and death of the same patients.",
            cause="curves that were fitted to two files or figures do not say who progressed before dying",
            remedy="Give both endpoints from one file of patients, or keep to partitioned survival.",
        )
    died_first = pfs.event & alive.event & (alive.time_years <= pfs.time_years + TOGETHER)
    progressed = pfs.event & ~died_first
    later = progressed & (alive.time_years > pfs.time_years)
    return {
        PROGRESSION: {"time": pfs.time_years, "event": progressed},
        BEFORE: {"time": pfs.time_years, "event": died_first},
        FORWARD: {
            "time": alive.time_years[later],
            "event": alive.event[later],
            "entry": pfs.time_years[later],
            "rows": np.flatnonzero(later),
        },
        RESET: {
            "time": (alive.time_years - pfs.time_years)[later],
            "event": alive.event[later],
            "rows": np.flatnonzero(later),
            "since_start": alive.time_years[later],
        },
    }


def course_of(
    structure: str,
    name: str,
    *,
    strategy: Strategy,
    fitted: Mapping[str, FittedCurve],
    inputs: Inputs,
    grid: Grid,
    people: People,
) -> ThreeState:
    """Return the course of one strategy under a state transition structure, from its moves as they were fitted.

    Background mortality in the likelihood of the moves to death acts on everybody alive alike, so that it thins the
    states of the living by the survival of the population.
    """
    refuse_unlike(structure, name, strategy, people)
    places = {
        "progression": f"{name}.{PROGRESSION}",
        "before": f"{name}.{BEFORE}",
        "after": f"{name}.{AFTER[structure]}",
    }
    curves = {
        move: mixture_of(fitted[place], inputs.curves[place], grid.times_years).survival
        for move, place in places.items()
    }
    net = CLOCKS[structure](
        grid, curves["progression"], death_before=curves["before"], death_after=curves["after"]
    )
    if not fitted[places["before"]].excess or people.table is None:
        return net  # `refuse_unlike` saw to it that nobody wanted background mortality
    alive = people.cohort.survival(people.table, grid.times_years)
    living = net.by_time[..., :-1] * alive[:, None, None]
    occupancy = np.concatenate([living, 1 - living.sum(axis=-1, keepdims=True)], axis=-1)
    midway = (alive[:-1] + alive[1:]) / 2
    return ThreeState(
        grid, net.states, net.dead, np.ascontiguousarray(occupancy), net.progressions * midway[:, None]
    )


def refuse_unlike(structure: str, name: str, strategy: Strategy, people: People) -> None:
    """Refuse what is said of the curves of a strategy and has no counterpart in its moves.

    Raises
    ------
    InvalidSetting
        For an effect that fades or begins late, and for background mortality as a floor of overall survival.
    """
    for endpoint, spec in strategy.curves.items():
        if endpoint != "on_treatment" and (spec.waning is not None or spec.separates_after_years):
            raise InvalidSetting(
                f"An effect that fades or begins late acts on the curve {name}.{endpoint}, and {structure} has moves "
                "between states instead.",
                remedy="Keep to partitioned survival, or leave waning and separates_after_years out.",
            )
    if people.table is not None and strategy.os.background == "floor":
        raise InvalidSetting(
            f"{structure} cannot keep background mortality as a floor of {name}.os: it has moves to death instead.",
            remedy='Write background = "likelihood" under os, for every strategy; or "none".',
        )
