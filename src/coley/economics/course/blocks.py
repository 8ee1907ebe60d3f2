"""Many draws in blocks: curves and traces of a block stay in the processor's cache and are then let go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.outcome import Outcome, Totals
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.course.curves import Crossing

    Floats = NDArray[np.float64]


def in_blocks(run: Callable[[slice], Outcome], draws: int, *, size: int = 512, threads: int = 1) -> Outcome:
    """Run a strategy on blocks of draws and return one outcome, without the course.

    Parameters
    ----------
    run
        From a slice of draws to the outcome on them.
    draws
        Number of draws, D.
    size
        Draws in a block. The result does not depend on it beyond rounding, nor on the number of threads.
    threads
        Blocks that are run at a time.

    Raises
    ------
    InvalidSetting
        For fewer than one draw, or blocks or threads of none.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> from coley.economics.course.outcome import evaluate
    >>> from coley.economics.course.partitioned import partitioned_survival
    >>> from coley.economics.course.rewards import Reward
    >>> grid, rates = cycles(20, 1 / 12), np.linspace(0.2, 0.4, 1000)[:, None]
    >>> years = Reward("life years", "effect", by_state={"alive": 1})
    >>> def run(rows):
    ...     curve = np.exp(-rates[rows] * grid.times_years)
    ...     return evaluate(partitioned_survival(grid, {"alive": curve}), [years])
    >>> in_blocks(run, 1000).effects[[0, 999]].round(3)
    array([4.227, 2.302])
    """
    if draws < 1 or size < 1 or threads < 1:
        raise InvalidSetting(
            "Draws, blocks and threads must be at least one.", where=f"{draws}, {size}, {threads}"
        )
    slices = [slice(start, min(start + size, draws)) for start in range(0, draws, size)]

    def without_course(rows: slice) -> Outcome:
        return replace(run(rows), course=None)

    if threads == 1:
        return joined([without_course(rows) for rows in slices])
    with ThreadPoolExecutor(threads) as pool:
        return joined(list(pool.map(without_course, slices)))


def joined(blocks: Sequence[Outcome]) -> Outcome:
    """Join outcomes of one strategy on consecutive blocks of draws."""
    first = blocks[0]
    return Outcome(
        first.strategy,
        _totals([block.discounted for block in blocks]),
        _totals([block.undiscounted for block in blocks]),
        first.states,
        np.concatenate([block.state_years for block in blocks]),
        _crossings(blocks),
        None,
    )


def _totals(blocks: Sequence[Totals]) -> Totals:
    def of(maps: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
        return {name: np.concatenate([part[name] for part in maps]) for name in maps[0]}

    return Totals(
        of([block.by_category for block in blocks]),
        of([block.by_state for block in blocks]),
        np.concatenate([block.life_years for block in blocks]),
        np.concatenate([block.costs for block in blocks]),
        np.concatenate([block.effects for block in blocks]),
    )


def _crossings(blocks: Sequence[Outcome]) -> tuple[Crossing, ...]:
    """Join what blocks tell of curves that crossed, over all draws."""
    draws = sum(len(block.costs) for block in blocks)
    found: dict[tuple[str, str], list[Crossing]] = {}
    for block in blocks:
        for crossing in block.crossings:
            found.setdefault((crossing.lower, crossing.upper), []).append(crossing)
    return tuple(
        replace(
            parts[0],
            draws=draws,
            crossing=sum(part.crossing for part in parts),
            mean_years=sum(part.mean_years * part.draws for part in parts) / draws,
            most_years=max(part.most_years for part in parts),
        )
        for parts in found.values()
    )
