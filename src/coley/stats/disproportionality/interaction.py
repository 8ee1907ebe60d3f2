"""Two exposures together against each alone: what is reported beyond that which the two would explain.

What the two would explain together is a matter of definition, and the answer depends on it:

* additive: the excess of reporting with both is the sum of the excesses with each (`omega`, `additive_excess`,
  `relative_excess`). Independent mechanisms add; this is the baseline that finds most interactions.
* multiplicative: the ratio with both is the product of the ratios with each (`ratio_of_odds_ratios`,
  `ratio_of_shares`). Each exposure then raises reporting by the same factor, whatever the other; a baseline
  that is already high, so that few combinations exceed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.information import NOREN_2013, SHRINKAGE, shrunken_log2
from coley.stats.proportions import WILSON, wilson
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NOREN_2008 = (
    "Norén GN, Sundberg R, Bate A, Edwards IR. A statistical methodology for drug-drug interaction "
    "surveillance. Stat Med 2008;27:3057-3070."
)
GOSHO_2017 = (
    "Gosho M, Maruo K, Tada K, Hirakawa A. Utilization of chi-square statistics for screening adverse "
    "drug-drug interactions in spontaneous reporting systems. Eur J Clin Pharmacol 2017;73:779-786."
)
THAKRAR_2007 = (
    "Thakrar BT, Grundschober SB, Doessegger L. Detecting signals of drug-drug interactions in a spontaneous "
    "reports database. Br J Clin Pharmacol 2007;64:489-495."
)
ROTHMAN_1976 = "Rothman KJ. The estimation of synergy or antagonism. Am J Epidemiol 1976;103:506-511."
ZOU_2008 = (
    "Zou GY. On the estimation of additive interaction by use of the four-by-two table and beyond. "
    "Am J Epidemiol 2008;168:212-224."
)


# What every measure of interaction needs, as the catalogue says it.
FOUR_GROUPS = "reports and events with neither of two exposures, with each alone, and with both"


@dataclass(frozen=True, eq=False)
class FourGroups:
    """Reports with neither of two exposures, with the first alone, with the second alone, and with both.

    Attributes
    ----------
    events, reports
        (4, n) numbers of reports with the event, and of all reports, in that order of groups.

    Examples
    --------
    >>> groups = FourGroups.of(events=[90, 20, 30, 40], reports=[9000, 1000, 1000, 500])
    >>> groups.shares[:, 0]
    array([0.01, 0.02, 0.03, 0.08])
    """

    events: Floats
    reports: Floats

    @classmethod
    def of(cls, events: ArrayLike, reports: ArrayLike) -> FourGroups:
        """Return groups, having made sure that they can be.

        Parameters
        ----------
        events, reports
            (4,) or (4, n) counts: neither, first alone, second alone, both.

        Raises
        ------
        UnreadableInput
            Where there are not four groups, or a count is missing, negative, or exceeds its reports.
        """
        given = [np.asarray(x, dtype=np.float64) for x in (events, reports)]
        e, n = np.broadcast_arrays(*(x[:, None] if x.ndim == 1 else x for x in given))
        if e.ndim != 2 or len(e) != 4:
            raise UnreadableInput(
                "Two exposures make four groups: neither, the first alone, the second alone, and both.",
                where=f"shape {e.shape}",
            )
        wrong = ~((e >= 0) & (e <= n) & np.isfinite(n))
        if wrong.any():
            group, row = (int(i[0]) for i in np.nonzero(wrong))
            raise UnreadableInput(
                "Events must be counts of reports, none negative and no more than the reports of their group.",
                where=f"row {row + 1}, group {group + 1} of 4: {e[group, row]:g} of {n[group, row]:g}",
                cause="groups that overlap: reports with both exposures belong to the fourth group alone",
            )
        return cls(e, n)

    def __len__(self) -> int:
        return int(self.events.shape[1])

    @property
    def shares(self) -> Floats:
        """Share of the event among the reports of each group; NaN for a group without reports."""
        with np.errstate(invalid="ignore"):
            return self.events / self.reports

    @property
    def odds(self) -> Floats:
        """Odds of the event among the reports of each group."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.events / (self.reports - self.events)


def expected_with_both(groups: FourGroups) -> Floats:
    """Return the reports expected with both exposures and the event if the excesses of their odds add.

    An exposure that is reported less often than neither counts as neither, so that a protective one does not
    make the other one's ordinary reporting a signal. NaN where one of the first three groups has no reports.

    References
    ----------
    Norén et al. 2008, eq. 4 to 6.

    Examples
    --------
    >>> expected_with_both(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500])).round(3)
    array([19.801])
    """
    neither, first, second, _ = groups.odds
    odds = np.maximum(neither, first) + np.maximum(neither, second) - neither
    with np.errstate(invalid="ignore"):
        share: Floats = np.where(np.isinf(odds), 1.0, odds / (1 + odds))
    expected: Floats = share * groups.reports[3]
    return expected


@method(
    "omega",
    title="Omega shrinkage measure of interaction",
    summary="Binary logarithm of observed over expected reports with both exposures, odds adding, shrunken.",
    needs=FOUR_GROUPS,
    limits="The expected count is taken as known: its own uncertainty is not in the interval, which is too "
    "short where the exposures alone have few reports (prefer `interaction_test`). Compares reporting, not incidence.",
    references=(NOREN_2008, NOREN_2013),
)
def omega(groups: FourGroups, *, level: float = 0.95) -> Intervals:
    """Return Omega of each row; the lower limit at the level 0.95 is Omega025.

    The baseline is additive: the odds with both are those with neither and the two excesses.

    Parameters
    ----------
    groups
        n rows.
    level
        Credibility of each interval.

    Returns
    -------
    Intervals
        In bits: above 0 where more is reported with both than the sum of the excesses explains.

    References
    ----------
    Norén et al. 2008, eq. 10 and the gamma posterior of its appendix.

    Examples
    --------
    >>> found = omega(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500]))[0]
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.996, 0.514, 1.409)
    """
    z_of(level)
    tail = (1 - level) / 2
    rate = expected_with_both(groups) + SHRINKAGE
    low, high, value = shrunken_log2(groups.events[3], rate, (tail, 1 - tail, None))
    return Intervals(value, low, high, level)


@method(
    "interaction_chi",
    title="Chi statistic of interaction",
    summary="Distance of the reports with both exposures from those expected, odds adding, in its own deviations.",
    needs=FOUR_GROUPS,
    limits="A rule of thumb (above 2 is a signal), not a test: the expected count is taken as known, and a single "
    "report with a tiny expected count exceeds 2.",
    references=(GOSHO_2017,),
)
def interaction_chi(groups: FourGroups) -> Floats:
    """Return (observed - expected - 1/2) / sqrt(expected) of each row, on the additive baseline of `omega`.

    Parameters
    ----------
    groups
        n rows.

    References
    ----------
    Gosho et al. 2017.

    Examples
    --------
    >>> interaction_chi(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500])).round(3)
    array([4.427])
    """
    expected = expected_with_both(groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi: Floats = (groups.events[3] - expected - 0.5) / np.sqrt(expected)
    return chi


@method(
    "additive_excess",
    title="Excess of reporting with both exposures, additive",
    summary="Share of the event with both exposures, less that with each alone, plus that with neither.",
    needs=FOUR_GROUPS,
    limits="A difference of shares of reports, which depend on what else is reported; it is not a difference of "
    "risks.",
    references=(THAKRAR_2007, WILSON, ZOU_2008),
)
def additive_excess(groups: FourGroups, *, level: float = 0.95) -> Intervals:
    """Return the share with both that the sum of the excesses leaves unexplained, with square-and-add limits.

    Parameters
    ----------
    groups
        n rows.
    level
        Coverage of each interval.

    Returns
    -------
    Intervals
        0 where the excesses add; NaN where a group has no reports.

    References
    ----------
    Thakrar et al. 2007 (the additive model); Zou 2008 (limits from those of each share, here Wilson's).

    Examples
    --------
    >>> found = additive_excess(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500]))[0]
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.04, 0.0135, 0.0695)
    """
    shares = wilson(groups.events, groups.reports, level=level)
    signs = np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    below, above = shares.value - shares.low, shares.high - shares.value
    value = (signs * shares.value).sum(axis=0)
    low = np.sqrt((np.where(signs > 0, below, above) ** 2).sum(axis=0))
    high = np.sqrt((np.where(signs > 0, above, below) ** 2).sum(axis=0))
    return Intervals(value, value - low, value + high, level)


@method(
    "relative_excess",
    title="Relative excess of reporting due to interaction (RERI of reporting odds ratios)",
    summary="Odds ratio with both exposures, less that of each alone, plus 1, all against neither.",
    needs=FOUR_GROUPS,
    limits="For counts of some size: undetermined where a group has no event, or nothing but events.",
    references=(ROTHMAN_1976, ZOU_2008),
)
def relative_excess(groups: FourGroups, *, level: float = 0.95) -> Intervals:
    """Return ROR(both) - ROR(first) - ROR(second) + 1, with limits from those of the three ratios.

    The three share their comparator and are correlated through it, which the limits take into account.

    Parameters
    ----------
    groups
        n rows.
    level
        Coverage of each interval.

    Returns
    -------
    Intervals
        0 where the excesses of the odds add; NaN where a cell is empty.

    References
    ----------
    Rothman 1976; Zou 2008, eq. 7.

    Examples
    --------
    >>> found = relative_excess(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500]))[0]
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (4.53, 1.59, 8.35)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / groups.events + 1 / (groups.reports - groups.events)
        ratio = groups.odds[1:] / groups.odds[0]
        own = variance[1:] + variance[0]
        factor = np.exp(z_of(level) * np.sqrt(np.where(np.isfinite(own), own, np.nan)))
        below, above = ratio - ratio / factor, ratio * factor - ratio
        value = ratio[2] - ratio[0] - ratio[1] + 1
        shared = variance[0] / np.sqrt(
            own[[0, 0, 1]] * own[[1, 2, 2]]
        )  # first-second, first-both, second-both
        low = _square_and_add(below[2], above[0], above[1], shared)
        high = _square_and_add(above[2], below[0], below[1], shared)
    return Intervals(value, value - low, value + high, level)


def _square_and_add(both: Floats, first: Floats, second: Floats, shared: Floats) -> Floats:
    """Return the distance of a limit of both - first - second from the distances of their limits."""
    square: Floats = both**2 + first**2 + second**2
    square = square + 2 * (shared[0] * first * second - shared[1] * first * both - shared[2] * second * both)
    return np.sqrt(np.maximum(square, 0.0))


@method(
    "ratio_of_odds_ratios",
    title="Ratio of reporting odds ratios (multiplicative interaction)",
    summary="Odds ratio of one exposure with the other over its odds ratio without: the interaction of a "
    "logistic regression.",
    needs=FOUR_GROUPS,
    limits="Two exposures whose excesses merely add have a ratio below 1. Undetermined where a cell is empty.",
    references=(NOREN_2008,),
)
def ratio_of_odds_ratios(groups: FourGroups, *, level: float = 0.95) -> Intervals:
    """Return ROR(both) / (ROR(first) ROR(second)) with Wald limits on the log scale.

    Parameters
    ----------
    groups
        n rows.
    level
        Coverage of each interval.

    Returns
    -------
    Intervals
        1 where the odds ratios multiply; limits NaN where a cell is empty.

    References
    ----------
    Norén et al. 2008, section 2.1 (logistic regression with an interaction, saturated).

    Examples
    --------
    >>> found = ratio_of_odds_ratios(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500]))[0]
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.392, 0.698, 2.773)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 / groups.events + 1 / (groups.reports - groups.events)).sum(axis=0)
        return _product(groups.odds, variance, level)


@method(
    "ratio_of_shares",
    title="Ratio of proportional reporting ratios (multiplicative interaction)",
    summary="Proportional reporting ratio of one exposure with the other over that without.",
    needs=FOUR_GROUPS,
    limits="Two exposures whose excesses merely add have a ratio below 1. Undetermined where no event was "
    "reported in a group.",
    references=(THAKRAR_2007,),
)
def ratio_of_shares(groups: FourGroups, *, level: float = 0.95) -> Intervals:
    """Return PRR(both) / (PRR(first) PRR(second)) with Wald limits on the log scale.

    Parameters
    ----------
    groups
        n rows.
    level
        Coverage of each interval.

    Returns
    -------
    Intervals
        1 where the ratios multiply; limits NaN where a group has no event.

    References
    ----------
    Thakrar et al. 2007 (the multiplicative model: log-linear, saturated).

    Examples
    --------
    >>> found = ratio_of_shares(FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500]))[0]
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.333, 0.685, 2.594)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 / groups.events - 1 / groups.reports).sum(axis=0)
        return _product(groups.shares, variance, level)


def _product(rates: Floats, variance: Floats, level: float) -> Intervals:
    neither, first, second, both = rates
    ratio = both * neither / (first * second)
    known = np.isfinite(variance) & (ratio > 0) & np.isfinite(ratio)
    factor = np.exp(z_of(level) * np.sqrt(np.where(known, variance, np.nan)))
    return Intervals(ratio, ratio / factor, ratio * factor, level)
