"""Where the effect in a new cohort is expected, whatever the variance between cohorts may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.pooling.heterogeneity import crossing
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.pooling.studies import Studies

    Floats = NDArray[np.float64]

# The confidence distribution of the variance is cut into so many cells between these tails; what lies above
# counts at the upper end. Four times the cells move no limit by more than a thousandth of its interval's length.
CELLS = 96
BELOW, ABOVE = 1e-3, 1e-4
HALVINGS = 45


def confidence_distribution(studies: Studies) -> tuple[Floats, Floats]:
    """Return variances between cohorts and the confidence in each, markers x cells.

    Q at the true variance is chi-squared with k - 1 df, and falls as the variance rises: the chance that
    chi-squared exceeds Q at a variance is the confidence that the true one is not larger (Viechtbauer 2007).
    """
    from scipy.special import chdtrc, chdtri

    df = np.maximum(studies.k - 1, 1.0)
    least = np.where(studies.there > 0, studies.v, np.inf).min(axis=1)
    low = np.maximum(crossing(studies, chdtri(df, BELOW)), np.where(np.isfinite(least), least, 1.0) * BELOW)
    high = np.maximum(crossing(studies, chdtri(df, 1 - ABOVE)), 2 * low)
    edges = low[:, None] * (high / low)[:, None] ** np.linspace(0, 1, CELLS)
    q = np.stack([studies.spread(studies.weights(tau2)) for tau2 in edges.T], axis=1)
    below = chdtrc(df[:, None], q)
    middle = np.sqrt(edges[:, 1:] * edges[:, :-1])
    variance = np.hstack([np.zeros((len(edges), 1)), middle, edges[:, -1:]])
    confidence = np.hstack([below[:, :1], np.diff(below, axis=1), 1 - below[:, -1:]])
    return variance, confidence


def predictive_limits(studies: Studies, level: float) -> tuple[Floats, Floats]:
    """Return the limits for the effect in a new cohort; NaN with fewer than three cohorts.

    Given the variance, a new effect is normal around the weighted mean with that variance and the mean's own;
    the variance is averaged over its confidence distribution, where the t interval takes one value for it.
    """
    from scipy.special import ndtr

    with np.errstate(invalid="ignore", divide="ignore"):
        variance, confidence = confidence_distribution(studies)
        totals = [studies.weights(tau2) for tau2 in variance.T]
        mean = np.stack([studies.mean(w) for w in totals], axis=1)
        sd = np.sqrt(variance + np.stack([1 / w.sum(axis=1) for w in totals], axis=1))
        limits = []
        for tail in ((1 - level) / 2, (1 + level) / 2):
            low, high = (mean - z_of(level) * sd).min(axis=1), (mean + z_of(level) * sd).max(axis=1)
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                up = (confidence * ndtr((middle[:, None] - mean) / sd)).sum(axis=1) < tail
                low, high = np.where(up, middle, low), np.where(up, high, middle)
            limits.append(np.where(studies.k > 2, (low + high) / 2, np.nan))
    return limits[0], limits[1]
