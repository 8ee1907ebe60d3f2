"""Pairs within strata (age, sex, year, country): one odds ratio for all, its homogeneity, and expected counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.counts import FOUR_COUNTS
from coley.stats.disproportionality.ratios import Tests
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.disproportionality.counts import PairCounts

    Floats = NDArray[np.float64]

MANTEL_HAENSZEL = (
    "Mantel N, Haenszel W. Statistical aspects of the analysis of data from retrospective studies of disease. "
    "J Natl Cancer Inst 1959;22:719-748."
)
ROBINS_1986 = (
    "Robins J, Breslow N, Greenland S. Estimators of the Mantel-Haenszel variance consistent in both sparse "
    "data and large-strata limiting models. Biometrics 1986;42:311-323."
)
BRESLOW_DAY = (
    "Breslow NE, Day NE. Statistical methods in cancer research I: the analysis of case-control studies. "
    "Lyon: IARC; 1980. p. 142."
)
TARONE_1985 = "Tarone RE. On heterogeneity tests based on efficient scores. Biometrika 1985;72:91-95."
DUMOUCHEL_1999 = (
    "DuMouchel W. Bayesian data mining in large frequency tables, with an application to the FDA spontaneous "
    "reporting system. Am Stat 1999;53:177-190."
)


@method(
    "mantel_haenszel",
    title="Mantel-Haenszel reporting odds ratio",
    summary="One odds ratio from tables within strata, with the interval of Robins, Breslow and Greenland.",
    needs=f"{FOUR_COUNTS}, in each stratum",
    limits="Says one number for all strata: look at their homogeneity first. Removes confounding by what the "
    "strata are made of, and by nothing else; strata that hold few reports cost power.",
    references=(MANTEL_HAENSZEL, ROBINS_1986),
)
def mantel_haenszel(counts: PairCounts, *, level: float = 0.95) -> Intervals:
    """Return the common odds ratio of each pair over its strata.

    Parameters
    ----------
    counts
        Of shape (strata, pairs), or (strata,) for one pair. Strata without reports change nothing.
    level
        Coverage of each interval.

    Returns
    -------
    Intervals
        (pairs,); 0, infinite or NaN where no stratum has both products of the diagonals, the limits NaN there.

    References
    ----------
    Mantel and Haenszel 1959; Robins et al. 1986, eq. 3.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> young_and_old = PairCounts.of([4, 20], exposed=[100, 200], event=[30, 90], total=[2000, 1500])
    >>> found = mantel_haenszel(young_and_old)[0]
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (2.088, 1.304, 3.344)
    """
    a, b, c, d, n = _cells(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = a * d / n, b * c / n
        for_one, for_other = (a + d) / n, (b + c) / n
        R, S = one.sum(axis=0), other.sum(axis=0)
        variance = (
            (for_one * one).sum(axis=0) / (2 * R**2)
            + (for_one * other + for_other * one).sum(axis=0) / (2 * R * S)
            + (for_other * other).sum(axis=0) / (2 * S**2)
        )
        ratio = R / S
        half = z_of(level) * np.sqrt(np.where((R > 0) & (S > 0), variance, np.nan))
    return Intervals(ratio, ratio * np.exp(-half), ratio * np.exp(half), level)


@method(
    "cochran_mantel_haenszel",
    title="Cochran-Mantel-Haenszel test",
    summary="Tests whether exposure and event are reported independently within strata.",
    needs=f"{FOUR_COUNTS}, in each stratum",
    limits="Blind to associations that point one way in some strata and the other way in others.",
    references=(MANTEL_HAENSZEL,),
)
def cochran_mantel_haenszel(counts: PairCounts, *, yates: bool = True) -> Tests:
    """Return the test of no association over the strata of each pair, on one degree of freedom.

    Parameters
    ----------
    counts
        Of shape (strata, pairs), or (strata,) for one pair.
    yates
        Whether the distance from the expected count is lessened by a half, but not beyond 0.

    References
    ----------
    Mantel and Haenszel 1959, eq. 1.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> young_and_old = PairCounts.of([4, 20], exposed=[100, 200], event=[30, 90], total=[2000, 1500])
    >>> cochran_mantel_haenszel(young_and_old).statistic.round(2)
    array([8.94])
    """
    from scipy.special import erfc

    a, b, c, d, n = _cells(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(n > 1, (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1)), 0.0).sum(axis=0)
        distance = np.abs((a - (a + b) * (a + c) / n).sum(axis=0))
        if yates:
            distance = np.maximum(distance - 0.5, 0.0)
        statistic = distance**2 / variance
    return Tests(statistic, 1.0, erfc(np.sqrt(statistic / 2)))


@method(
    "breslow_day",
    title="Breslow-Day test of homogeneity, with Tarone's correction",
    summary="Tests whether the odds ratio is the same in all strata.",
    needs=f"{FOUR_COUNTS}, in each stratum",
    limits="For strata with expected counts of 5 or more; says little where reports are few.",
    references=(BRESLOW_DAY, TARONE_1985),
)
def breslow_day(counts: PairCounts, *, tarone: bool = True) -> Tests:
    """Return the test of one common odds ratio; degrees of freedom count the strata that can say something.

    Parameters
    ----------
    counts
        Of shape (strata, pairs), or (strata,) for one pair.
    tarone
        Whether to correct for the Mantel-Haenszel estimate not being that of maximum likelihood.

    Returns
    -------
    Tests
        (pairs,); NaN where fewer than two strata have all four margins, or no common odds ratio exists.

    References
    ----------
    Breslow and Day 1980, eq. 4.30; Tarone 1985, eq. 3.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> young_and_old = PairCounts.of([4, 20], exposed=[100, 200], event=[30, 90], total=[2000, 1500])
    >>> breslow_day(young_and_old).p.round(3)
    array([0.476])
    """
    from scipy.special import chdtrc

    a, b, c, d, _ = _cells(counts)
    n1, n2, m = a + b, c + d, a + c
    ratio = mantel_haenszel(counts).value
    with np.errstate(divide="ignore", invalid="ignore"):
        # expected count under the common ratio: the root of a quadratic that lies between the margins
        slope = n2 - m + ratio * (n1 + m)
        fitted = 2 * ratio * n1 * m / (slope + np.sqrt(slope**2 + 4 * (1 - ratio) * ratio * n1 * m))
        variance = 1 / (1 / fitted + 1 / (n1 - fitted) + 1 / (m - fitted) + 1 / (n2 - m + fitted))
        telling = np.min([n1, n2, m, b + d], axis=0) > 0
        residual = np.where(telling, a - fitted, 0.0)
        variance = np.where(telling, variance, 0.0)
        statistic = np.where(telling, residual**2 / variance, 0.0).sum(axis=0)
        if tarone:
            statistic = statistic - residual.sum(axis=0) ** 2 / variance.sum(axis=0)
    df = telling.sum(axis=0) - 1.0
    known = (df > 0) & np.isfinite(ratio) & (ratio > 0)
    statistic = np.where(known, statistic, np.nan)
    return Tests(statistic, df, np.where(known, chdtrc(np.maximum(df, 1.0), statistic), np.nan))


def stratified_expected(counts: PairCounts) -> Floats:
    """Return the reports expected of each pair if exposure and event were independent within strata.

    Parameters
    ----------
    counts
        Of shape (strata, pairs), or (strata,) for one pair.

    Returns
    -------
    (pairs,) float64, for `information_component` and for empirical Bayes measures.

    References
    ----------
    DuMouchel 1999, section 2.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> young_and_old = PairCounts.of([4, 20], exposed=[100, 200], event=[30, 90], total=[2000, 1500])
    >>> stratified_expected(young_and_old)  # 100 x 30 / 2000 + 200 x 90 / 1500
    array([13.5])
    """
    a, b, c, _, n = _cells(counts)
    with np.errstate(invalid="ignore"):
        expected: Floats = np.where(n > 0, (a + b) * (a + c) / n, 0.0).sum(axis=0)
    return expected


def _cells(counts: PairCounts) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return cells and totals as (strata, pairs), strata without reports left out of every sum.

    Raises
    ------
    UnreadableInput
        Where the counts have more than two dimensions.
    """
    if counts.both.ndim > 2:
        raise UnreadableInput(
            "Counts within strata have the shape (strata, pairs).", where=f"shape {counts.both.shape}"
        )
    wide = [
        cell.reshape(len(cell), -1)
        for cell in (counts.both, counts.only_exposed, counts.only_event, counts.neither, counts.total)
    ]
    a, b, c, d, n = wide
    return a, b, c, d, np.where(n > 0, n, 1.0)  # its cells are 0, and so is whatever is divided by it
