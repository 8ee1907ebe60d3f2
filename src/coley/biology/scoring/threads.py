"""Blocks of a matrix, worked through by as many threads as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable


def in_blocks(work: Callable[[slice], object], n: int, *, size: int) -> None:
    """Call `work` on slices that cover range(n), at the same time where there are cores.

    `work` writes to places of its own, so that the order of the blocks changes nothing.
    """
    blocks = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if len(blocks) < 2 or cores() < 2:
        for block in blocks:
            work(block)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(cores()) as pool:
        for _ in pool.map(work, blocks):  # the loop passes on what a thread raised
            pass


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
