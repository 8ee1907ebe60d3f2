"""The percentile bootstrap of the AUC, in which most published intervals are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.judging.examined import outcome, scores
from coley.stats.judging.placements import placements
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

EFRON_TIBSHIRANI = "Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman and Hall 1993."
BLOCK_CELLS = 1 << 19  # resamples x patients drawn together: little enough memory
FEWEST_RESAMPLES = 100  # below it the limits of a percentile interval are a few order statistics


@method(
    "auc_bootstrap",
    title="Bootstrap interval of the AUC",
    summary="Percentile interval of the AUC from resampled patients, as most publications give it.",
    needs="a score and a binary outcome of each patient",
    limits="Too short with few patients in a class, and of no width where the AUC is 0 or 1; "
    "DeLong's interval on the logit scale is the default here.",
    references=(EFRON_TIBSHIRANI,),
)
def auc_bootstrap(
    score: ArrayLike,
    positive: ArrayLike,
    *,
    stratified: bool = True,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Interval:
    """Return the AUC with its percentile interval from resampled patients.

    Parameters
    ----------
    score, positive, level
        As for `auc`.
    stratified
        Whether each resample has as many patients of each class as were seen. Where not, resamples without
        one of the classes are drawn again.
    resamples, seed
        Number of resamples, and the seed that makes them.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `auc`.
    InvalidSetting
        For fewer than 100 resamples.

    References
    ----------
    Efron and Tibshirani 1993, chapter 13.

    Examples
    --------
    >>> found = auc_bootstrap([0.1, 0.4, 0.35, 0.8, 0.7, 0.3], [0, 0, 1, 1, 1, 0], resamples=200)
    >>> round(found.value, 3), found.high
    (0.889, 1.0)
    """
    z_of(level)
    label = outcome(positive)
    values = scores(score, len(label))
    if resamples < FEWEST_RESAMPLES:
        raise InvalidSetting(f"{resamples} resamples are too few.", remedy="2000 are customary.")
    order = np.argsort(values)
    label, values = label[order], values[order]
    begins = np.flatnonzero(np.diff(values, prepend=-np.inf))
    generator = np.random.default_rng(seed)
    drawn: list[Floats] = []
    left = resamples
    while left:
        size = min(left, max(1, BLOCK_CELLS // len(label)))
        times = _weights(generator, label, size, stratified)
        up, down = (
            np.add.reduceat(np.where(side, times, 0), begins, axis=1).astype(float)
            for side in (label, ~label)
        )
        below = np.cumsum(down, axis=1) - down / 2
        pairs = up.sum(axis=1) * down.sum(axis=1)
        some = pairs > 0
        drawn.append(np.einsum("bk,bk->b", up, below)[some] / pairs[some])
        left -= int(some.sum())
    low, high = np.quantile(np.concatenate(drawn), [0.5 - level / 2, 0.5 + level / 2])
    value = float(placements(values[None], label).moments()[0][0])
    return Interval(value, float(low), float(high), level, float(np.concatenate(drawn).std(ddof=1)))


def _weights(
    generator: np.random.Generator, label: NDArray[np.bool_], size: int, stratified: bool
) -> NDArray[np.int64]:
    """Return how often each patient is drawn in each of `size` resamples."""
    n = len(label)
    if not stratified:
        return generator.multinomial(n, np.full(n, 1 / n), size=size)
    times = np.empty((size, n), dtype=np.int64)
    for side in (label, ~label):
        m = int(side.sum())
        times[:, side] = generator.multinomial(m, np.full(m, 1 / m), size=size)
    return times
