"""Watching pairs quarter by quarter: exact boundaries for the cumulative count, whatever each quarter brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.watching.spending import LAN_DEMETS, spending

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.disproportionality.discovery.null_counts import Floats, NullCounts

JENNISON_TURNBULL = (
    "Jennison C, Turnbull BW. Group sequential methods with applications to clinical trials. Boca Raton: Chapman "
    "and Hall/CRC; 2000."
)
SILVA_KULLDORFF = (
    "Silva IR, Kulldorff M. Continuous versus group sequential analysis for post-market drug and vaccine safety "
    "surveillance. Biometrics 2015;71:851-858."
)
BENJAMINI_HOCHBERG = (
    "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to "
    "multiple testing. J R Stat Soc B 1995;57:289-300."
)
# Sequential p are rounded up to levels this factor apart, from the largest that is of any interest down to the
# smallest that the chances of increments (kept to 1e-16) can tell.
FACTOR, LARGEST, SMALLEST = 1.25, 0.5, 1e-12


@dataclass(frozen=True, eq=False)
class Watch:
    """Pairs watched over looks; arrays are pairs x looks, and looks are counted from 0.

    Attributes
    ----------
    both, expected
        Reports so far with both, and expected so far.
    boundary
        The number of reports so far at which a look alerts; larger than any possible one where it cannot.
    spent
        The exact chance that a pair without association would have alerted by each look.
    first
        The look of the first alert, -1 where there was none (pairs).
    """

    both: Floats
    expected: Floats
    boundary: Floats
    spent: Floats
    first: NDArray[np.intp]

    @property
    def ratio(self) -> Floats:
        """Reports so far over those expected; NaN where none was expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.expected > 0, self.both / self.expected, np.nan)

    @property
    def new(self) -> NDArray[np.bool_]:
        """Which pairs alerted at the last look and at none before."""
        return np.asarray(self.first == self.both.shape[1] - 1)


@method(
    "group_sequential_watch",
    title="Group-sequential watch with error spending",
    summary="Alerts when the reports so far reach an exact boundary, so that a pair without association ever "
    "alerts with at most a chosen chance.",
    needs="reports with both in each quarter, and each quarter's own margins (or known expected counts)",
    limits="The error is per pair; see `watch_discoveries` for many. Exact if each quarter's margins are those of the "
    "reports that came in it; if they are of all reports so far, the error is not held.",
    references=(LAN_DEMETS, JENNISON_TURNBULL, SILVA_KULLDORFF),
)
def group_sequential_watch(
    both: ArrayLike,
    null: NullCounts,
    *,
    alpha: float = 0.05,
    spend: str = "pocock",
    planned: int | None = None,
    least: int = 1,
) -> Watch:
    """Watch pairs look by look, with the chance of ever alerting in error held over all looks.

    Given the margins of a quarter's own reports, the count of both is hypergeometric whatever the shares of
    exposure and event are in that quarter, so that nothing needs to be estimated: quarters add up to a walk
    whose distribution is known exactly. An expected number from all reports so far is none of this: where
    exposure and event both become more common, it is too small, and false alerts follow.

    Parameters
    ----------
    both
        Reports with both that came in each quarter (pairs x looks).
    null
        What each would be without association, of the same shape: `NullCounts.given_margins` of each quarter's
        own margins, or `NullCounts.poisson` where means are known from outside.
    alpha
        The chance that a pair without association ever alerts, at most.
    spend, planned
        As for `spending`.
    least
        Fewer reports than this never alert.

    Raises
    ------
    UnreadableInput
        Where counts are missing, negative, not whole, or not of the shape of the null distributions.
    UnknownName, InvalidSetting
        As for `spending`.

    References
    ----------
    Lan and DeMets 1983; Jennison and Turnbull 2000, chapter 12 (binary data); Silva and Kulldorff 2015.

    Examples
    --------
    >>> from coley.stats.disproportionality.discovery.null_counts import NullCounts
    >>> watch = group_sequential_watch([[0, 1, 2, 4], [1, 0, 0, 1]], NullCounts.poisson(np.full((2, 4), 0.5)))
    >>> watch.boundary[0], watch.first, watch.new
    (array([3., 4., 5., 6.]), array([ 3, -1]), array([ True, False]))
    """
    from coley.stats.disproportionality.watching import walk_kernel

    x = _increments(both, null)
    may = spending(spend, x.shape[1], alpha=alpha, planned=planned)
    bound, spent = walk_kernel.boundaries(*null.columns, may, float(least))
    so_far = np.cumsum(x, axis=1)
    crossed = so_far >= bound
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), -1)
    return Watch(so_far, np.cumsum(null.expected, axis=1), bound, spent, first)


@dataclass(frozen=True, eq=False)
class WatchDiscoveries:
    """Many pairs watched at once.

    Attributes
    ----------
    p
        Sequential p after each look (pairs x looks): it never rises, and a pair without association ever has one
        of a or less with a chance of at most a.
    q
        The false discovery rate at which each pair would be called after each look; it never rises.
    first
        The look at which each pair was first called, -1 where it never was.
    """

    p: Floats
    q: Floats
    first: NDArray[np.intp]

    @property
    def new(self) -> NDArray[np.bool_]:
        """Which pairs were called at the last look and at none before."""
        return np.asarray(self.first == self.p.shape[1] - 1)


@method(
    "watch_discoveries",
    title="False discovery rate of pairs watched over time",
    summary="Benjamini-Hochberg on sequential p values after every look, so that the share of false ones among all "
    "pairs ever called is held.",
    needs="reports with both in each quarter, and each quarter's own margins, of every pair that is watched",
    limits="Conservative for pairs with few reports. The family is fixed: pairs cannot join later.",
    references=(LAN_DEMETS, BENJAMINI_HOCHBERG, JENNISON_TURNBULL),
)
def watch_discoveries(
    both: ArrayLike,
    null: NullCounts,
    *,
    rate: float = 0.05,
    spend: str = "pocock",
    planned: int | None = None,
    least: int = 1,
) -> WatchDiscoveries:
    """Watch many pairs, with the share of false alerts among all alerts held at every look.

    Parameters
    ----------
    both, null, spend, planned, least
        As for `group_sequential_watch`.
    rate
        Share of pairs without association among those ever called, at most.

    Raises
    ------
    UnreadableInput
        Where counts are missing, negative, not whole, or not of the shape of the null distributions.
    UnknownName, InvalidSetting
        As for `spending`; where the rate is not between 0 and 1.

    References
    ----------
    Jennison and Turnbull 2000, section 8.4 (p on termination, here the smallest error at which a boundary of the
    same spending function has been crossed, boundaries being nested); Benjamini and Hochberg 1995.

    Examples
    --------
    >>> from coley.stats.disproportionality.discovery.null_counts import NullCounts
    >>> watch = watch_discoveries([[0, 1, 5, 6], [1, 0, 0, 1]], NullCounts.poisson(np.full((2, 4), 0.5)))
    >>> watch.q[0].round(4), watch.first
    (array([1.    , 1.    , 0.0144, 0.    ]), array([ 2, -1]))
    """
    from coley.stats.disproportionality.watching import walk_kernel
    from coley.stats.multiplicity import benjamini_hochberg

    if not 0 < rate < 1:
        raise InvalidSetting(f"A false discovery rate cannot be {rate!r}.", remedy="Choose one as 0.05.")
    x = _increments(both, null)
    levels = np.exp(np.arange(np.log(LARGEST), np.log(SMALLEST), -np.log(FACTOR)))
    may = np.stack([spending(spend, x.shape[1], alpha=a, planned=planned) for a in levels])
    p = walk_kernel.sequential_p(np.cumsum(x, axis=1), *null.columns, levels, may, float(least))
    q = np.stack([benjamini_hochberg(look) for look in p.T], axis=1)
    called = q <= rate
    return WatchDiscoveries(p, q, np.where(called.any(axis=1), called.argmax(axis=1), -1))


def _increments(both: ArrayLike, null: NullCounts) -> Floats:
    x = np.asarray(both, dtype=np.float64)
    bad = ~(x >= 0) | (x != np.floor(x))
    if x.ndim != 2 or 0 in x.shape or x.shape != null.expected.shape or bad.any():
        raise UnreadableInput(
            "A watch needs a whole number of reports of each pair in each quarter, and one distribution.",
            where=f"counts {x.shape}, distributions {null.expected.shape}, {int(bad.sum())} counts missing, negative "
            "or not whole",
            cause="reports so far in place of each quarter's own",
        )
    return x
