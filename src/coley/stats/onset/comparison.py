"""Whether times to onset differ between groups of reports, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.multiplicity import WILKS
from coley.stats.onset.weibull import WEIBULL, WeibullOnset, weibull_onset
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class OnsetComparison:
    """Groups of reports compared by their times to onset.

    Attributes
    ----------
    groups
        The label of each group and the distribution fitted to it, in order of label.
    test
        Likelihood-ratio test of one distribution for all; NaN where a group's own is not determined.
    median_ratio
        Second group's median over the first's, where there are two; NaN otherwise.
    """

    groups: dict[str, WeibullOnset]
    test: Test
    median_ratio: Interval


@method(
    "weibull_onset_comparison",
    title="Likelihood-ratio test of times to onset",
    summary="Tests whether groups of reports share one Weibull distribution of time to onset.",
    needs="whole days from start to event and a group of each report; days to the closing of the data if known",
    limits="Groups that started at different times before the data were closed differ without truncation. Says "
    "nothing of how often events come.",
    references=(WEIBULL, WILKS),
)
def compare_onset(
    days: ArrayLike, group: ArrayLike, *, limit: ArrayLike | None = None, level: float = 0.95
) -> OnsetComparison:
    """Compare the times to onset of two groups or more.

    Parameters
    ----------
    days, limit
        As for `weibull_onset`.
    group
        Label of each report.
    level
        Coverage of the intervals.

    Raises
    ------
    InvalidSetting
        Where there is one group only, or labels do not match the days.
    UnreadableInput
        Where a day is missing, negative, not whole, or after its limit.

    References
    ----------
    Wilks 1938, with two degrees of freedom for each group after the first.

    Examples
    --------
    >>> days, drug = [0, 2, 5, 9, 13, 20, 34, 30, 41, 55, 60, 72, 90, 99], ["a"] * 7 + ["b"] * 7
    >>> found = compare_onset(days, drug)
    >>> round(found.test.statistic, 2), found.test.df, round(found.median_ratio.value, 1)
    (17.37, 2.0, 7.7)
    """
    onset, labels = np.atleast_1d(np.asarray(days, dtype=float)), np.atleast_1d(np.asarray(group))
    names = sorted(set(labels.tolist()), key=str)
    if onset.shape != labels.shape or len(names) < 2:
        raise InvalidSetting(
            "A comparison needs a group for each report, and two groups or more.",
            where=f"{onset.size} days, {labels.size} labels, {len(names)} groups",
        )
    last = None if limit is None else np.broadcast_to(np.asarray(limit, dtype=float), onset.shape)

    def fit(rows: NDArray[np.bool_]) -> WeibullOnset:
        return weibull_onset(onset[rows], limit=None if last is None else last[rows], level=level)

    fits = {str(name): fit(labels == name) for name in names}
    pooled, parts = fit(np.ones(len(onset), bool)), list(fits.values())
    df = 2.0 * (len(names) - 1)
    if any(np.isnan(one.shape.value) for one in (*parts, pooled)):
        test = Test(np.nan, df, np.nan)
    else:
        statistic = max(2 * (sum(one.loglik for one in parts) - pooled.loglik), 0.0)
        test = Test(statistic, df, chi2_tail(statistic, df))
    return OnsetComparison(fits, test, _median_ratio(parts, level))


def _median_ratio(fits: list[WeibullOnset], level: float) -> Interval:
    if len(fits) != 2:
        return Interval(np.nan, np.nan, np.nan, level)
    one, two = (fit.median for fit in fits)
    log, se = float(np.log(two.value / one.value)), float(np.hypot(one.se, two.se))
    low, high = np.exp([log - z_of(level) * se, log + z_of(level) * se])
    return Interval(float(np.exp(log)), float(low), float(high), level, se)
