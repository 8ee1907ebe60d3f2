"""The chance that the best of all cuts looks as good as this one where the marker means nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.cutpoint.candidates import Candidates
from coley.stats.screens.permutations import ROUNDING, permutations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Permutations worked on together: the block stays within tens of megabytes for thousands of patients.
BLOCK = 500


def permutation_p(candidates: Candidates, scores: Floats, *, samples: int, seed: int) -> tuple[float, int]:
    """Return the p of the largest statistic among permutations, and the size of the sample (0 where exact)."""
    dealt = permutations(scores, samples=samples, seed=seed)
    observed = candidates.profile(scores[None]).largest[0] * (1 - ROUNDING)
    reached = 0
    for start in range(0, len(dealt), BLOCK):
        shuffled = scores[dealt.order[start : start + BLOCK]]
        reached += int((candidates.profile(shuffled).largest >= observed).sum())
    return float(dealt.p(reached)), 0 if dealt.exact else len(dealt)


def two_class_p(candidates: Candidates, positive: Floats) -> float:
    """Return the exact p of the largest statistic where scores are 0 or 1, for any number of patients.

    Patients are met from the smallest marker up. The number of positive ones among them takes a random walk;
    walks are followed all at once, and those that reach the observed statistic at some cut are taken out.
    """
    n, positives = len(positive), int(positive.sum())
    high = candidates.profile(positive[None])
    observed = high.largest[0] * (1 - ROUNDING)
    admissible = ~np.isnan(high.z[0])
    above = high.n_high[0].astype(int)
    cut_after = {n - int(size) for size in above[admissible]}

    seen = np.arange(positives + 1.0)
    chance = np.zeros(positives + 1)
    chance[0], lost = 1.0, 0.0
    for low in range(1, n):
        left = n - low + 1
        turns_positive = chance * (positives - seen) / left
        chance = chance * (left - positives + seen) / left
        chance[1:] += turns_positive[:-1]
        if low in cut_after:
            excess = positives - seen - (n - low) * positives / n
            variance = low * (n - low) / (n * (n - 1)) * (positives - positives * positives / n)
            out = np.abs(excess) >= observed * np.sqrt(variance)
            lost += chance[out].sum()
            chance[out] = 0.0
    return float(min(lost, 1.0))


def lausen_1992(statistic: float, min_share: float) -> float:
    """Return the asymptotic p of the largest of all cuts between two shares, as if the marker were continuous."""
    if statistic < 1:
        return 1.0
    b, odds = statistic, ((1 - min_share) / min_share) ** 2
    density = np.exp(-b * b / 2) / np.sqrt(2 * np.pi)
    return float(min(1.0, 4 * density / b + density * (b - 1 / b) * np.log(odds)))


def lausen_1994(statistic: float, sizes: Floats, n: int) -> float:
    """Return the improved Bonferroni bound of p, over the cuts that there are; `sizes` of the lower group."""
    from scipy.special import ndtr

    b, low = statistic, np.sort(sizes)
    one, next_ = low[:-1], low[1:]
    apart = np.sqrt(1 - one * (n - next_) / ((n - one) * next_))
    steps = np.exp(-b * b / 2) / np.pi * (apart - (b * b / 4 - 1) * apart**3 / 6)
    return float(min(1.0, 2 * ndtr(-b) + steps.sum()))
