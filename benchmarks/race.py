"""A race: two ways to the same result, run in turns, the best time of each compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

ROUNDS = 9


@dataclass(frozen=True)
class Race:
    """What was run, against whom, and how many times faster Coley was."""

    name: str
    peer: str
    ratio: float
    largest_difference: float


def race(
    name: str,
    peer: str,
    ours: Callable[[], np.ndarray],
    theirs: Callable[[], np.ndarray],
    *,
    tolerance: float = 1e-6,
    rounds: int = ROUNDS,
) -> Race:
    """Time both in turns, so that a busy machine is unfair to neither; refuse results that differ."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        difference = float(np.max(np.abs(ours() - theirs())))  # also warms both up
        if not difference <= tolerance:
            raise AssertionError(f"{name}: Coley and {peer} differ by {difference:g}")
        best = [np.inf, np.inf]
        for _ in range(rounds):
            for k, run in enumerate((ours, theirs)):
                start = perf_counter()
                run()
                best[k] = min(best[k], perf_counter() - start)
    return Race(name, peer, round(best[1] / best[0], 1), difference)
