"""Whether two exposures together are reported with an event more often than they explain: a p value.

Omega takes the count that it expects as known. Where one exposure alone has few reports, that count is mostly
chance, and the lower limit of Omega lies above 0 in 10 to 20 % of combinations that merely add. The test here
lets all four groups vary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coley.model.method import method
from coley.stats.disproportionality.interaction import NOREN_2008, THAKRAR_2007, FourGroups

if TYPE_CHECKING:
    Floats = NDArray[np.float64]

COX_HINKLEY_1974 = "Cox DR, Hinkley DV. Theoretical statistics. London: Chapman and Hall; 1974. Section 9.3."
BERGER_1982 = (
    "Berger RL. Multiparameter hypothesis testing and acceptance sampling. Technometrics 1982;24:295-300."
)
# What the share with both is held against, as signs of the four shares (neither, first, second, both): the sum of
# both excesses, and each exposure alone, so that a protective one does not make the other a signal.
CONTRASTS = ((1, -1, -1, 1), (0, -1, 0, 1), (0, 0, -1, 1))
HALVINGS = 60  # of the interval that holds the multiplier: beyond the precision of float64


@method(
    "interaction_test",
    title="Likelihood-ratio test of more than additive reporting",
    summary="One-sided test of the share reported with both exposures against the sum of both excesses, and against "
    "each exposure alone, all four groups being random.",
    needs="reports and events with neither of two exposures, with each alone, and with both",
    limits="For an event that is rare among reports (counts are taken as Poisson). Compares reporting, not "
    "incidence: other patients, other cancers and other years are given the combination.",
    references=(NOREN_2008, THAKRAR_2007, COX_HINKLEY_1974, BERGER_1982),
)
def interaction_test(groups: FourGroups) -> Floats:
    """Return the one-sided p of each row: small where more is reported with both than the two would bring.

    It is the largest of three p values, since all three must be small: of more than the sum of both excesses, and
    of more than with the first and with the second alone (Norén's baseline counts a protective exposure as none).

    Parameters
    ----------
    groups
        n rows.

    Returns
    -------
    (n,) float64, NaN where a group has no reports.

    References
    ----------
    Thakrar et al. 2007 (excesses of shares that add); Cox and Hinkley 1974 (signed root of the likelihood ratio);
    Berger 1982 (a level-alpha test from several that must all reject).

    Examples
    --------
    >>> adds = FourGroups.of([90, 20, 30, 20], [9000, 1000, 1000, 500])
    >>> more = FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500])
    >>> interaction_test(adds).round(3), interaction_test(more).round(6)
    (array([0.5]), array([0.001607]))
    """
    p: Floats = np.max([_one_sided(groups, np.array(signs, np.float64)) for signs in CONTRASTS], axis=0)
    empty = (groups.reports == 0).any(axis=0)
    return np.where(empty, np.nan, p)


def _one_sided(groups: FourGroups, signs: Floats) -> Floats:
    """Return p of a contrast of Poisson rates above 0: the normal tail of the signed root of its deviance.

    Under the null the rate of group g is x / (n + t s), with one multiplier t for all four: its root is bracketed
    between 0 and the smallest n of the groups that count against the contrast. Where such a group has no event, its
    rate may be anything at t = n, and takes up what is left.
    """
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        used = signs != 0
        x, n = groups.events[used], groups.reports[used]
        s = signs[used, None] * np.ones_like(x)
        contrast = (s * x / n).sum(axis=0)
        s = np.where(contrast < 0, -s, s)

        def left(t: Floats) -> Floats:
            """Return the contrast of the rates at a multiplier: it falls as the multiplier rises."""
            total: Floats = np.where(x > 0, s * x / (n + t * s), 0.0).sum(axis=0)
            return total

        top = np.where(s < 0, n, np.inf).min(axis=0)
        low, high = np.zeros_like(top), top.copy()
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            above = left(middle) > 0
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        own = np.where(x > 0, x * np.log1p(s * low / n) - x * s * low / (n + s * low), 0.0).sum(axis=0)
        rest = np.where(high >= top, np.maximum(left(low), 0.0), 0.0)
        root = np.sqrt(2 * np.maximum(own + top * rest, 0.0))
    p: Floats = ndtr(-np.sign(contrast) * root)
    return p
