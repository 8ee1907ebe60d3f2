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

    def __str__(self) -> str:
        return f"{self.name}: {self.ratio} times as fast as {self.peer}"

    def entry(self) -> dict[str, str | float]:
        """Return the line of results.json."""
        return {
            "name": self.name,
            "peer": self.peer,
            "ratio": self.ratio,
            "equal_to": self.largest_difference,
        }


@dataclass(frozen=True)
class NotRun:
    """A race that could not be run here, and why."""

    name: str
    peer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: not run: {self.reason}"

    def entry(self) -> dict[str, str | float]:
        """Return the line of results.json."""
        return {"name": self.name, "peer": self.peer, "not run": self.reason}


@dataclass(frozen=True)
class Timed:
    """A result of a peer that timed itself, in seconds: one in another process, whose start does not count."""

    values: np.ndarray
    seconds: float


def timed(run: Callable[[], np.ndarray | Timed]) -> Timed:
    """Run, and return the result with the time it took."""
    start = perf_counter()
    found = run()
    return found if isinstance(found, Timed) else Timed(found, perf_counter() - start)


def race(
    name: str,
    peer: str,
    ours: Callable[[], np.ndarray],
    theirs: Callable[[], np.ndarray | Timed],
    *,
    tolerance: float = 1e-6,
    rounds: int = ROUNDS,
) -> Race:
    """Time both in turns, so that a busy machine is unfair to neither; refuse results that differ."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        difference = float(np.max(np.abs(ours() - timed(theirs).values)))  # also warms both up
        if not difference <= tolerance:
            raise AssertionError(f"{name}: Coley and {peer} differ by {difference:g}")
        best = [np.inf, np.inf]
        for _ in range(rounds):
            for k, run in enumerate((ours, theirs)):
                best[k] = min(best[k], timed(run).seconds)
    return Race(name, peer, round(best[1] / best[0], 1), difference)
