"""One-sided tests of every pair, for more reports with both than there would be by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.disproportionality.discovery.null_counts import Floats, NullCounts

LANCASTER = "Lancaster HO. Significance tests in discrete distributions. J Am Stat Assoc 1961;56:223-234."
LOADER = (
    "Loader C. Fast and accurate computation of binomial probabilities. Bell Labs technical report, 2000."
)
# How much of the probability of the count itself belongs to the tail.
SHARES = {"mid": 0.5, "exact": 1.0}


@dataclass(frozen=True, eq=False)
class PairTests:
    """One-sided p of each pair, with what it would have been without association.

    Attributes
    ----------
    p
        Small where there are more reports than chance would bring.
    null
        The distribution of each count without association.
    least
        Pairs with fewer reports are not among those tested; p is given that a pair reached it.
    kind
        "mid" or "exact".
    """

    p: Floats
    null: NullCounts
    least: float
    kind: str

    def expected_below(self, thresholds: ArrayLike) -> Floats:
        """Return how many of these pairs would have p at or below each threshold, were none associated.

        Parameters
        ----------
        thresholds
            In ascending order.

        Examples
        --------
        >>> from coley.stats.disproportionality.discovery.null_counts import NullCounts
        >>> tests = one_sided_tests([3, 0], NullCounts.poisson([0.5, 1.0]))
        >>> tests.expected_below([0.1, 0.5]).round(3)
        array([0.171, 1.026])
        """
        from coley.stats.disproportionality.discovery import count_kernel

        levels = np.ascontiguousarray(np.atleast_1d(thresholds), dtype=np.float64)
        found: Floats = count_kernel.expected_below(
            levels, *self.null.columns, self.least, 1 - SHARES[self.kind]
        )
        return found


@method(
    "one_sided_pair_tests",
    title="One-sided tests of pairs of exposure and event",
    summary="Tail of the hypergeometric (Fisher) or Poisson distribution of the number of reports with both.",
    needs="reports with both, and margins or expected counts, of each pair",
    limits="The mid p is near its nominal level on average, not below it for each count. Both take margins as "
    "given: strong signals in a margin raise what is expected of every other pair with it.",
    references=(LANCASTER, LOADER),
)
def one_sided_tests(both: ArrayLike, null: NullCounts, *, least: int = 0, kind: str = "mid") -> PairTests:
    """Test each pair for more reports than chance would bring.

    Parameters
    ----------
    both
        Reports with both, of each pair (n,).
    null
        What they would be without association: `NullCounts.given_margins`, or `NullCounts.poisson`.
    least
        The smallest count a pair could have and still be listed: 0 where every pair is here, those without
        reports too; 1 where the list holds pairs that were seen. The p is given that the count reached it.
    kind
        "mid" counts half the probability of the count itself; "exact" all of it.

    Raises
    ------
    UnreadableInput
        Where counts are missing, not whole, below `least`, or not as many as the null distributions.
    InvalidSetting
        Where the kind is none, or `least` negative.

    References
    ----------
    Lancaster 1961 (mid p); Loader 2000 (probabilities without cancellation).

    Examples
    --------
    >>> from coley.stats.disproportionality.discovery.null_counts import NullCounts
    >>> one_sided_tests([3, 1, 0], NullCounts.poisson([0.5, 0.5, 0.5])).p.round(4)
    array([0.0081, 0.2418, 0.6967])
    >>> one_sided_tests([3, 1], NullCounts.poisson([0.5, 0.5]), least=1).p.round(4)
    array([0.0205, 0.6146])
    """
    if kind not in SHARES:
        raise InvalidSetting(f"There is no p of kind {kind!r}.", remedy=f"Known: {', '.join(SHARES)}.")
    if least < 0:
        raise InvalidSetting(f"The least count of a pair cannot be {least}.")
    x = np.ascontiguousarray(np.atleast_1d(np.asarray(both, dtype=np.float64)))
    bad = ~(x >= least) | (x != np.floor(x))
    if x.shape != null.expected.shape or x.ndim != 1 or bad.any():
        raise UnreadableInput(
            "Each pair needs one whole number of reports, and one distribution.",
            where=f"{x.shape} counts, {null.expected.shape} distributions, {int(bad.sum())} counts missing, not "
            f"whole or below {least}",
            remedy="Set `least` to the smallest count of the pairs that were listed.",
        )
    from coley.stats.disproportionality.discovery import count_kernel

    p = count_kernel.upper_tails(x, *null.columns, float(least), 1 - SHARES[kind]) if len(x) else x
    return PairTests(p, null, float(least), kind)
