"""Many rows in blocks, on as many threads as there are cores; and linear algebra on one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


def in_blocks(work: Callable[[slice], object], count: int, *, size: int) -> None:
    """Call `work` on slices that cover range(count), at the same time where there are cores and blocks for it.

    `work` must write to places of its own and release the interpreter's lock, as numpy does over arrays; the order
    of the blocks then changes nothing. What it raises in the first block that fails is raised here.

    Examples
    --------
    >>> done = [0] * 5
    >>> in_blocks(lambda rows: done.__setitem__(rows, [1] * len(done[rows])), 5, size=2)
    >>> done
    [1, 1, 1, 1, 1]
    """
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    if len(blocks) < 2 or cores() < 2:
        for block in blocks:
            work(block)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(cores(), len(blocks))) as pool:
        for _ in pool.map(work, blocks):
            pass


def cores() -> int:
    """Return the number of cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep the linear algebra of numpy and scipy to one thread.

    On matrices of a few hundred rows their threads wait for one another longer than they work, many times as long
    where cores are busy. The limit holds for the whole process while it lasts; results do not depend on it.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    with _blas().limit(limits=1):
        yield


@cache
def _blas() -> Any:
    import scipy.linalg  # noqa: F401  (numpy's is loaded; scipy brings another, which must be known, too)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
