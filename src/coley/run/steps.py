"""The steps of a run: shown while they last, timed for the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Show nothing."""


class Steps:
    """The steps of one run: each is shown as it begins and timed as it ends.

    Attributes
    ----------
    started
        When the run began.
    seconds
        Seconds of each step that has ended, in order.

    Examples
    --------
    >>> steps = Steps(2, progress=lambda step, done, total: print(f"{step} {done}/{total}"))
    >>> with steps("Reading"):
    ...     pass
    Reading 0/2
    >>> list(steps.seconds)
    ['Reading']
    """

    def __init__(self, total: int, *, progress: Progress) -> None:
        self.total, self.progress = total, progress
        self.started = datetime.now(UTC)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Show and time one step."""
        self.progress(name, len(self.seconds), self.total)
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun
