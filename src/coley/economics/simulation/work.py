"""Draws and patients cut into blocks of work, spread over threads; the result does not depend on how many."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.threads import cores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

PATIENTS = 8192  # of a block: sums are made within blocks, then over them, always in the same order
SHARES = 8  # of the work a thread takes in turn, so that none waits long for the last


def blocks_of(draws: int, patients: int) -> Integers:
    """Return (B, 3): draw, first patient, and patient after the last, of each block.

    Examples
    --------
    >>> blocks_of(2, 3).tolist()
    [[0, 0, 3], [1, 0, 3]]
    """
    starts = np.arange(0, patients, PATIENTS)
    ends = np.minimum(starts + PATIENTS, patients)
    draw = np.repeat(np.arange(draws), len(starts))
    return np.column_stack([draw, np.tile(starts, draws), np.tile(ends, draws)])


def spread(run: Callable[[slice], int], blocks: int, *, threads: int | None) -> list[int]:
    """Run slices of blocks on threads, and return what each returned.

    Raises
    ------
    InvalidSetting
        For fewer threads than one.
    """
    workers = cores() if threads is None else threads
    if workers < 1:
        raise InvalidSetting(f"A simulation cannot run on {workers} threads.")
    edges = np.unique(np.linspace(0, blocks, workers * SHARES + 1).astype(int))
    parts = [slice(int(a), int(b)) for a, b in pairwise(edges)]
    if workers == 1 or len(parts) == 1:
        return [run(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, parts))


def key_of(seed: int) -> np.uint64:
    """Return a seed as the kernel takes it.

    Raises
    ------
    InvalidSetting
        For a seed that is not a whole number from 0 to 2^64 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise InvalidSetting(f"A seed is a whole number from 0 to 2^64 - 1, not {seed!r}.")
    return np.uint64(seed)


def by_draw(totals: Floats, draws: int) -> Floats:
    """Return the sums (D, ...) of totals (B, ...) over the blocks of each draw."""
    return np.asarray(totals.reshape(draws, -1, *totals.shape[1:]).sum(axis=1))


def moments(spreads: Floats, blocks: Integers, draws: int) -> tuple[Floats, Floats]:
    """Return means (D, 2) of costs and effects over patients, and their Monte Carlo standard errors.

    Parameters
    ----------
    spreads
        (B, 4): means of a block, and sums of squares about them.
    blocks
        (B, 3) as `blocks_of` gives them.
    draws
        D.

    Notes
    -----
    Blocks are joined by the formula of Chan, Golub and LeVeque (Am Stat 1983;37:242-247). One patient has none.
    """
    size = (blocks[:, 2] - blocks[:, 1]).reshape(draws, -1, 1)
    patients = int(size[0].sum())
    means, squares = np.split(spreads.reshape(draws, -1, 4), 2, axis=2)
    mean = (size * means).sum(axis=1) / patients
    if patients == 1:
        return mean, np.full_like(mean, np.nan)
    square = squares.sum(axis=1) + (size * (means - mean[:, None]) ** 2).sum(axis=1)
    return mean, np.sqrt(square / (patients - 1) / patients)
