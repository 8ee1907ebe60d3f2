"""From a matrix to ranks within each sample, in blocks of samples and on all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ranks = NDArray[np.int32]

SAMPLES = 32  # a block: small enough to be shared out evenly, large enough to be cut out of the matrix fast


def over_ranks(matrix: Floats, sets: int, score: Callable[[Ranks, Ranks, Floats], None]) -> Floats:
    """Return sets x samples, filled by `score(low, high, out)` a block of samples at a time.

    `low` and `high` (samples x genes) are the lowest and the highest ascending rank, from 1, of the group of
    ties of each gene; `out` is sets x the samples of the block.
    """
    from coley.biology.scoring import rank_kernels

    samples = matrix.shape[1]
    scores = np.empty((sets, samples))

    def work(block: slice) -> None:
        values = matrix[:, block].T.copy()
        low, high = np.empty(values.shape, np.int32), np.empty(values.shape, np.int32)
        rank_kernels.ranks(values, low, high)
        out = np.empty((sets, len(values)))
        score(low, high, out)
        scores[:, block] = out

    in_blocks(work, samples, size=SAMPLES)
    return scores
