"""Ratios of reporting with the intervals that are usual for them, and the chi-square of the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.disproportionality.counts import FOUR_COUNTS
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.disproportionality.counts import PairCounts

    Floats = NDArray[np.float64]

ROTHMAN_2004 = (
    "Rothman KJ, Lanes S, Sacks ST. The reporting odds ratio and its advantages over the proportional "
    "reporting ratio. Pharmacoepidemiol Drug Saf 2004;13:519-523."
)
WOOLF_1955 = (
    "Woolf B. On estimating the relation between blood group and disease. Ann Hum Genet 1955;19:251-253."
)
EVANS_2001 = (
    "Evans SJW, Waller PC, Davis S. Use of proportional reporting ratios (PRRs) for signal generation from "
    "spontaneous adverse drug reaction reports. Pharmacoepidemiol Drug Saf 2001;10:483-486."
)
KATZ_1978 = (
    "Katz D, Baptista J, Azen SP, Pike MC. Obtaining confidence intervals for the risk ratio in cohort "
    "studies. Biometrics 1978;34:469-474."
)
FUSAROLI_2024 = (
    "Fusaroli M, Giunchi V, Battini V, et al. Enhancing transparency in defining studied drugs: the "
    "open-source living DiAna dictionary. Drug Saf 2024;47:271-284."
)
YATES_1934 = (
    "Yates F. Contingency tables involving small numbers and the chi-squared test. Suppl J R Stat Soc "
    "1934;1:217-235."
)


@dataclass(frozen=True, eq=False)
class Tests:
    """One test a pair: statistics, degrees of freedom (arrays or one number for all) and two-sided p."""

    statistic: Floats
    df: Floats | float
    p: Floats

    __test__ = False  # not a test class of pytest


@method(
    "ror",
    title="Reporting odds ratio",
    summary="Odds of the event among reports of the exposure over its odds among the other reports.",
    needs=FOUR_COUNTS,
    limits="The interval is for large counts: with fewer than about 5 reports of both use an exact one, and it "
    "is undetermined where a cell is empty. Compares reporting, not incidence.",
    references=(ROTHMAN_2004, WOOLF_1955),
)
def reporting_odds_ratio(counts: PairCounts, *, level: float = 0.95, continuity: float = 0.0) -> Intervals:
    """Return reporting odds ratios with Wald limits on the log scale.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of each interval.
    continuity
        Added to all four cells of every table that has an empty one; 0.5 is Haldane's and Anscombe's.

    Returns
    -------
    Intervals
        0, infinite or NaN where a cell is empty, the limits NaN there.

    Raises
    ------
    InvalidSetting
        Where `continuity` is negative.

    References
    ----------
    Rothman et al. 2004; Woolf 1955.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = reporting_odds_ratio(PairCounts.of(84, exposed=20643, event=90, total=28909))
    >>> [float(x.round(2)) for x in (found.value[0], found.low[0], found.high[0])]
    [5.62, 2.46, 12.88]
    """
    a, b, c, d = _cells(counts, continuity)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _wald(a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, level)


@method(
    "prr",
    title="Proportional reporting ratio",
    summary="Share of the event among reports of the exposure over its share among the other reports.",
    needs=FOUR_COUNTS,
    limits="The interval is for large counts and undetermined where no report has both or none has the event "
    "alone. Compares reporting, not incidence.",
    references=(EVANS_2001, KATZ_1978),
)
def proportional_reporting_ratio(
    counts: PairCounts, *, level: float = 0.95, continuity: float = 0.0
) -> Intervals:
    """Return proportional reporting ratios with Wald limits on the log scale.

    Parameters
    ----------
    counts, level, continuity
        As for `reporting_odds_ratio`.

    Returns
    -------
    Intervals
        0, infinite or NaN where a cell is empty, the limits NaN there.

    Raises
    ------
    InvalidSetting
        Where `continuity` is negative.

    References
    ----------
    Evans et al. 2001; Katz et al. 1978, method C.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = proportional_reporting_ratio(PairCounts.of(3, exposed=100, event=50, total=20000))
    >>> [float(x.round(2)) for x in (found.value[0], found.low[0], found.high[0])]
    [12.7, 4.02, 40.14]
    """
    a, b, c, d = _cells(counts, continuity)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _wald((a / (a + b)) / (c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), level)


@method(
    "rrr",
    title="Relative reporting ratio",
    summary="Reports with both over those expected if exposure and event were reported independently.",
    needs=FOUR_COUNTS,
    limits="The whole database, the exposure included, is the comparator: drawn towards 1 for common exposures. "
    "The interval takes the two shares for independent, which they are not, and is somewhat too wide.",
    references=(FUSAROLI_2024, KATZ_1978),
)
def relative_reporting_ratio(counts: PairCounts, *, level: float = 0.95) -> Intervals:
    """Return relative reporting ratios, observed over expected, with Wald limits on the log scale.

    The variance of the logarithm, 1/both - 1/exposed + 1/event - 1/total, is that of a ratio of two
    independent shares: the event's among reports of the exposure and its share in the whole database.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of each interval.

    References
    ----------
    Fusaroli et al. 2024, as its package DiAna computes it.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = relative_reporting_ratio(PairCounts.of(3, exposed=100, event=50, total=20000))
    >>> [float(x.round(2)) for x in (found.value[0], found.low[0], found.high[0])]
    [12.0, 3.81, 37.84]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / counts.both - 1 / counts.exposed + 1 / counts.event - 1 / counts.total
        return _wald(counts.both / counts.expected, variance, level)


@method(
    "chi_square",
    title="Chi-square of a pair, with or without Yates's correction",
    summary="Tests whether exposure and event are reported independently.",
    needs=FOUR_COUNTS,
    limits="For expected counts of 5 or more; below, use an exact test. Grows with the database: not a measure "
    "of strength.",
    references=(EVANS_2001, YATES_1934),
)
def chi_square(counts: PairCounts, *, yates: bool = True) -> Tests:
    """Return the chi-square of each table on one degree of freedom; NaN where a margin is empty.

    Parameters
    ----------
    counts
        Of n pairs.
    yates
        Whether the distance from the expected count is lessened by a half, but not beyond 0.

    References
    ----------
    Yates 1934.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> pair = PairCounts.of(3, exposed=100, event=50, total=20000)
    >>> float(chi_square(pair).statistic[0].round(2)), float(chi_square(pair, yates=False).statistic[0].round(2))
    (20.4, 30.48)
    """
    from scipy.special import erfc

    distance = np.abs(counts.both - counts.expected)
    if yates:
        distance = np.maximum(distance - 0.5, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = counts.expected * (1 - counts.exposed / counts.total) * (1 - counts.event / counts.total)
        statistic = distance**2 / variance
    return Tests(statistic, 1.0, erfc(np.sqrt(statistic / 2)))


def sample_odds_ratio(counts: PairCounts) -> Floats:
    """Return ad / bc; 0, infinite or NaN where a cell is empty.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> sample_odds_ratio(PairCounts.of([2, 0], exposed=4, event=4, total=12)).round(2)
    array([3., 0.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = counts.both * counts.neither / (counts.only_exposed * counts.only_event)
    return ratio


def _cells(counts: PairCounts, continuity: float) -> tuple[Floats, Floats, Floats, Floats]:
    if not 0 <= continuity < np.inf:
        raise InvalidSetting(
            f"A continuity correction cannot be {continuity!r}.",
            remedy="Use 0 for none, or 0.5, the usual one.",
        )
    a, b, c, d = counts.both, counts.only_exposed, counts.only_event, counts.neither
    if continuity:
        extra = np.where(np.min([a, b, c, d], axis=0) == 0, continuity, 0.0)
        a, b, c, d = a + extra, b + extra, c + extra, d + extra
    return a, b, c, d


def _wald(ratio: Floats, variance: Floats, level: float) -> Intervals:
    """Return ratios with limits on the log scale, NaN where the ratio or its variance is 0 or infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        known = np.isfinite(variance) & (ratio > 0) & np.isfinite(ratio)
        factor = np.exp(z_of(level) * np.sqrt(np.where(known, np.maximum(variance, 0.0), np.nan)))
    return Intervals(ratio, ratio / factor, ratio * factor, level)
