"""The share of false discoveries among the pairs that are called, for counts and for any p values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.disproportionality.discovery.one_sided import PairTests
from coley.stats.multiplicity import BENJAMINI_HOCHBERG, benjamini_hochberg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.disproportionality.discovery.null_counts import Floats

HEYSE = (
    "Heyse JF. A false discovery rate procedure for categorical data. In: Recent advances in biostatistics. "
    "World Scientific; 2011. p. 43-58."
)
DOEHLER = (
    "Döhler S, Durand G, Roquain E. New FDR bounds for discrete and heterogeneous tests. "
    "Electron J Stat 2018;12:1867-1900."
)
STOREY = "Storey JD. A direct approach to false discovery rates. J R Stat Soc B 2002;64:479-498."
DALMASSO = (
    "Dalmasso C, Broët P, Moreau T. A simple procedure for estimating the false discovery rate. "
    "Bioinformatics 2005;21:660-668."
)
AHMED = (
    "Ahmed I, Dalmasso C, Haramburu F, Thiessard F, Broët P, Tubert-Bitter P. False discovery rate estimation "
    "for frequentist pharmacovigilance signal detection methods. Biometrics 2010;66:301-309."
)
# p above which Storey's estimator takes every pair to be null.
MIDDLE = 0.5
# With millions of pairs, thresholds are rounded up to a grid this fine on the log scale, to be shared: the
# estimated rate is larger by no more than about this, relatively.
FINE, MANY = 1e-3, 50_000
# The smallest p whose atoms the walk holds; below it, p is as good as uniform.
SMALLEST = 1e-28


@dataclass(frozen=True, eq=False)
class Discoveries:
    """The smallest false discovery rate at which each pair would be called.

    Attributes
    ----------
    p, q
        One-sided p, and estimated share of false discoveries among this pair and all with smaller p.
    null_share
        Estimated share of tested pairs that are not associated.
    """

    p: Floats
    q: Floats
    null_share: float

    def called(self, rate: float = 0.05) -> NDArray[np.bool_]:
        """Return which pairs are called at a false discovery rate."""
        return np.asarray(self.q <= rate)


def one(tests: PairTests, below: float) -> float:
    """Take every pair to be null, which errs on the safe side."""
    return 1.0


def by_location(tests: PairTests, below: float) -> float:
    """Estimate the share of null pairs from the mean mid p, which is exactly 1/2 without association.

    References
    ----------
    Dalmasso et al. 2005, eq. 3, with their transformation left out; Ahmed et al. 2010.
    """
    return float(min(1.0, 2 * tests.p.mean())) if tests.kind == "mid" else 1.0


def by_upper_half(tests: PairTests, below: float) -> float:
    """Estimate the share of null pairs from those with p above 1/2, over how many there would be.

    References
    ----------
    Storey 2002, eq. 6, the chance of p above 1/2 being that of each pair's count instead of 1/2.
    """
    above = len(tests.p) - below
    return float(min(1.0, ((tests.p > MIDDLE).sum() + 1) / above)) if above > 0 else 1.0


# From the tests, and how many p of null pairs would be at or below 1/2, to the share of null pairs.
NULL_SHARES: dict[str, Callable[[PairTests, float], float]] = {
    "one": one,
    "location": by_location,
    "upper half": by_upper_half,
}


@method(
    "discrete_false_discovery_rate",
    title="False discovery rate of counts",
    summary="Benjamini-Hochberg's rate with the exact chance that each pair's count gives a p this small, and with "
    "the share of null pairs estimated.",
    needs="one-sided tests of pairs, with the distribution of each count",
    limits="Holds for the family that was tested. A null pair is one whose count follows its null distribution: "
    "where signals inflate the margins, the rate is below the nominal one.",
    references=(BENJAMINI_HOCHBERG, HEYSE, DOEHLER, STOREY, DALMASSO, AHMED),
)
def discrete_false_discovery(tests: PairTests, *, null_share: str = "upper half") -> Discoveries:
    """Return the false discovery rate at which each pair would be called.

    Sparse pairs cannot have a small p, so that far fewer than m t of m null p values fall below t. Their
    number is summed here over each pair's own distribution, which is what makes the rate neither larger
    nor much smaller than it says.

    Parameters
    ----------
    tests
        From `one_sided_tests`.
    null_share
        How the share of null pairs is estimated: "upper half" (Storey), "location" (the mean mid p), or "one".

    Raises
    ------
    InvalidSetting
        Where there is no such estimator.

    References
    ----------
    Heyse 2011; Döhler et al. 2018, eq. 3 (discrete); Storey 2002; Ahmed et al. 2010 (in spontaneous reports).

    Examples
    --------
    >>> from coley.stats.disproportionality.discovery.null_counts import NullCounts
    >>> from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
    >>> tests = one_sided_tests([9, 1, 0, 2], NullCounts.poisson([1.0, 0.5, 0.1, 3.0]))
    >>> discrete_false_discovery(tests, null_share="one").q.round(4)
    array([0.    , 0.4688, 0.7066, 0.7066])
    """
    if null_share not in NULL_SHARES:
        known = ", ".join(NULL_SHARES)
        raise InvalidSetting(f"There is no null share by {null_share!r}.", remedy=f"Known: {known}.")
    p = tests.p
    if not len(p):
        return Discoveries(p, p, 1.0)
    levels, of = np.unique(p, return_inverse=True)
    if len(levels) > MANY:
        rounded = np.exp(np.ceil(np.log(np.maximum(p, SMALLEST**2)) / FINE) * FINE)
        levels, of = np.unique(np.where(p < SMALLEST, p, rounded), return_inverse=True)
    half = int(np.searchsorted(levels, MIDDLE))
    below = tests.expected_below(np.insert(levels, half, MIDDLE))
    false = np.where(levels < SMALLEST, len(p) * levels, np.delete(below, half))
    share = NULL_SHARES[null_share](tests, float(below[half]))
    called = np.cumsum(np.bincount(of, minlength=len(levels)))
    q = np.minimum(np.minimum.accumulate((share * false / called)[::-1])[::-1], 1.0)
    return Discoveries(p, q[of], share)


@method(
    "adaptive_false_discovery_rate",
    title="Benjamini-Hochberg with the share of null tests estimated",
    summary="Adjusted p values times the estimated share of tests that are null.",
    needs="p values of a family of tests whose p is uniform without association",
    limits="For discrete counts it is conservative: prefer `discrete_false_discovery_rate` there.",
    references=(BENJAMINI_HOCHBERG, STOREY),
)
def adaptive_false_discovery(p: ArrayLike) -> Discoveries:
    """Return the false discovery rate for p values from elsewhere (stratified, adjusted by a model).

    Parameters
    ----------
    p
        Of one family; NaN marks a test that could not be done, and is not counted.

    Raises
    ------
    UnreadableInput
        Where a value lies outside 0 to 1.

    References
    ----------
    Storey 2002, eq. 6, at 1/2.

    Examples
    --------
    >>> found = adaptive_false_discovery([0.001, 0.002, 0.003, 0.2, 0.7, 0.9])
    >>> round(found.null_share, 2), found.q.round(4)
    (1.0, array([0.006, 0.006, 0.006, 0.3  , 0.84 , 0.9  ]))
    """
    adjusted = benjamini_hochberg(p)
    values = np.atleast_1d(np.asarray(p, dtype=float))
    m = int(np.isfinite(values).sum())
    share = min(1.0, ((values > MIDDLE).sum() + 1) / (m * (1 - MIDDLE))) if m else 1.0
    return Discoveries(values, adjusted * share, float(share))
