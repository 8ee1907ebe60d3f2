"""Exact odds ratios of reporting: what the margins leave to chance, at any size of database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.counts import FOUR_COUNTS
from coley.stats.disproportionality.ratios import ROTHMAN_2004, sample_odds_ratio
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.disproportionality.counts import PairCounts

    Floats = NDArray[np.float64]

FISHER_1935 = "Fisher RA. The logic of inductive inference. J R Stat Soc 1935;98:39-82."
CORNFIELD_1956 = (
    "Cornfield J. A statistical problem arising from retrospective studies. Proc Third Berkeley Symp Math "
    "Stat Probab 1956;4:135-148."
)
LANCASTER_1961 = (
    "Lancaster HO. Significance tests in discrete distributions. J Am Stat Assoc 1961;56:223-234."
)
BAPTISTA_PIKE = (
    "Baptista J, Pike MC. Algorithm AS 115: exact two-sided confidence limits for the odds ratio in a 2 x 2 "
    "table. J R Stat Soc C 1977;26:214-220."
)
FAGERLAND_2012 = (
    "Fagerland MW. Exact and mid-p confidence intervals for the odds ratio. Stata J 2012;12:505-514."
)

# The part of the probability of the observed table that its own tail takes.
WHOLE, HALF = 1.0, 0.5


@dataclass(frozen=True, eq=False)
class ExactTests:
    """Tests that exposure and event are reported independently of each other, given the margins.

    Attributes
    ----------
    more, fewer, two_sided
        Fisher's p of at least, and of at most, as many reports with both; and of any table no likelier.
    mid_more, mid_fewer, mid_two_sided
        The same with half of the probability of the observed table; the last is twice the smaller tail.
    """

    more: Floats
    fewer: Floats
    two_sided: Floats
    mid_more: Floats
    mid_fewer: Floats
    mid_two_sided: Floats


@method(
    "exact_odds_ratio",
    title="Reporting odds ratio with Fisher's exact interval",
    summary="Conditional maximum likelihood odds ratio, with limits from two one-sided exact tests.",
    needs=FOUR_COUNTS,
    limits="Conservative: covers at least, and with few reports much more than, the nominal level.",
    references=(ROTHMAN_2004, FISHER_1935, CORNFIELD_1956),
)
def exact_odds_ratio(counts: PairCounts, *, level: float = 0.95) -> Intervals:
    """Return conditional odds ratios with central exact limits, as `fisher.test` of R does.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of each interval, at least.

    Returns
    -------
    Intervals
        The estimate is 0 where the margins allow no fewer reports with both, infinite where they allow no
        more, and NaN with limits from 0 to infinity where they leave no choice.

    Raises
    ------
    UnreadableInput
        Where a count is not a whole number.

    References
    ----------
    Cornfield 1956; Fisher 1935.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = exact_odds_ratio(PairCounts.of(2, exposed=51, event=26, total=1000))
    >>> [float(x.round(3)) for x in (found.value[0], found.low[0], found.high[0])]
    [1.572, 0.175, 6.644]
    """
    return _central(counts, level, WHOLE)


@method(
    "mid_p_odds_ratio",
    title="Reporting odds ratio with mid-p exact interval",
    summary="Conditional maximum likelihood odds ratio, with limits from two one-sided mid-p exact tests.",
    needs=FOUR_COUNTS,
    limits="Covers the nominal level about on average; not guaranteed for every odds ratio.",
    references=(ROTHMAN_2004, CORNFIELD_1956, LANCASTER_1961),
)
def mid_p_odds_ratio(counts: PairCounts, *, level: float = 0.95) -> Intervals:
    """Return conditional odds ratios with central mid-p exact limits.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of each interval, on average.

    Raises
    ------
    UnreadableInput
        Where a count is not a whole number.

    References
    ----------
    Lancaster 1961; Fagerland 2012.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = mid_p_odds_ratio(PairCounts.of(2, exposed=51, event=26, total=1000))
    >>> float(found.low[0].round(3)), float(found.high[0].round(3))
    (0.244, 5.92)
    """
    return _central(counts, level, HALF)


@method(
    "baptista_pike",
    title="Reporting odds ratio with Baptista-Pike interval",
    summary="Sample odds ratio, with limits from a two-sided exact test that orders tables by their "
    "probability; mid-p by default.",
    needs=FOUR_COUNTS,
    limits="The two-sided test can accept separate stretches of odds ratios; the limits are the outermost. "
    "Mid-p covers the nominal level about on average; not guaranteed for every odds ratio.",
    references=(BAPTISTA_PIKE, FAGERLAND_2012),
)
def baptista_pike(counts: PairCounts, *, level: float = 0.95, mid_p: bool = True) -> Intervals:
    """Return sample odds ratios with the limits of Baptista and Pike.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of each interval: on average with `mid_p`, at least without.
    mid_p
        Whether the observed table counts for half.

    Raises
    ------
    UnreadableInput
        Where a count is not a whole number.

    References
    ----------
    Baptista and Pike 1977; Fagerland 2012.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = baptista_pike(PairCounts.of(8, exposed=2412, event=95, total=31321))
    >>> [float(x.round(2)) for x in (found.value[0], found.low[0], found.high[0])]
    [1.1, 0.53, 2.24]
    """
    from coley.stats.disproportionality.exact_kernel import likeliest_limits

    cells = _cells(counts)
    limits = np.empty((len(cells), 2))
    likeliest_limits(cells, 1 - level, HALF if mid_p else WHOLE, z_of(level), limits)
    low, high = np.exp(limits).T.reshape(2, *counts.both.shape)
    return Intervals(sample_odds_ratio(counts), low, high, level)


@method(
    "exact_tests",
    title="Fisher's exact test and its mid-p",
    summary="Tests whether exposure and event are reported independently, given the margins.",
    needs=FOUR_COUNTS,
    limits="A small p tells of disproportionate reporting, not of harm; with millions of reports trifles are "
    "significant.",
    references=(FISHER_1935, LANCASTER_1961),
)
def exact_tests(counts: PairCounts) -> ExactTests:
    """Return one-sided and two-sided exact p of each pair, with and without the mid-p correction.

    Parameters
    ----------
    counts
        Of n pairs.

    Raises
    ------
    UnreadableInput
        Where a count is not a whole number.

    References
    ----------
    Fisher 1935; Lancaster 1961.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> tests = exact_tests(PairCounts.of(3, exposed=100, event=50, total=20000))
    >>> float(tests.more[0].round(5)), float(tests.mid_more[0].round(5))
    (0.002, 0.00106)
    """
    from coley.stats.disproportionality.exact_kernel import null_tails

    cells = _cells(counts)
    parts = np.empty((len(cells), 5))
    null_tails(cells, parts)
    above, below, own, less, ties = parts.T.reshape(5, *counts.both.shape)
    mid_more, mid_fewer = above + own / 2, below + own / 2
    return ExactTests(
        more=np.minimum(above + own, 1.0),
        fewer=np.minimum(below + own, 1.0),
        two_sided=np.minimum(less + ties, 1.0),
        mid_more=mid_more,
        mid_fewer=mid_fewer,
        mid_two_sided=2 * np.minimum(mid_more, mid_fewer),
    )


def _central(counts: PairCounts, level: float, share: float) -> Intervals:
    from coley.stats.disproportionality.exact_kernel import central_limits

    cells = _cells(counts)
    limits = np.empty((len(cells), 3))
    central_limits(cells, (1 - level) / 2, share, z_of(level), limits)
    with np.errstate(over="ignore"):
        value, low, high = np.exp(limits).T.reshape(3, *counts.both.shape)
    return Intervals(value, low, high, level)


def _cells(counts: PairCounts) -> Floats:
    """Return the four cells, pairs x 4.

    Raises
    ------
    UnreadableInput
        Where a count is not a whole number.
    """
    parts = (counts.both, counts.only_exposed, counts.only_event, counts.neither)
    cells = np.ascontiguousarray(np.stack([cell.ravel() for cell in parts], axis=1))
    broken = (cells != np.rint(cells)).any(axis=1)
    if broken.any():
        raise UnreadableInput(
            "Exact methods count reports: every cell must be a whole number.",
            where=f"pair {int(np.flatnonzero(broken)[0]) + 1} of {len(cells)}: {cells[broken][0].tolist()}",
            cause="weighted or averaged counts",
            remedy="Count reports without weights, or use `reporting_odds_ratio`.",
        )
    return cells
