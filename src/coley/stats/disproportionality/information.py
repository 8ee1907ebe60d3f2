"""The information component: a shrunken logarithm of observed over expected, with credible limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.counts import FOUR_COUNTS
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.disproportionality.counts import PairCounts

    Floats = NDArray[np.float64]

NOREN_2013 = (
    "Norén GN, Hopstadius J, Bate A. Shrinkage observed-to-expected ratios for robust and transparent "
    "large-scale pattern discovery. Stat Methods Med Res 2013;22:57-69."
)
BATE_1998 = (
    "Bate A, Lindquist M, Edwards IR, et al. A Bayesian neural network method for adverse drug reaction signal "
    "generation. Eur J Clin Pharmacol 1998;54:315-321."
)
GOULD_2003 = (
    "Gould AL. Practical pharmacovigilance analysis strategies. Pharmacoepidemiol Drug Saf 2003;12:559-574."
)
NOREN_2006 = (
    "Norén GN, Bate A, Orre R, Edwards IR. Extending the methods used to screen the WHO drug safety database "
    "towards analysis of complex associations and improved accuracy for rare events. Stat Med 2006;25:3740-3757."
)

# Half a report is added to observed and expected: no pair is a signal with fewer than 3 reports (Norén 2013).
SHRINKAGE = 0.5
# From here on five terms of the asymptotic series of digamma and trigamma are exact to 13 digits.
SERIES_FROM = 12
# Draws in memory at once in the Monte Carlo form: 4 gammas each, 64 MB.
DRAWS_AT_ONCE = 2_000_000


@method(
    "information_component",
    title="Information component (IC)",
    summary="Binary logarithm of (observed + 1/2) / (expected + 1/2), with limits of a gamma posterior.",
    needs="reports with both and those expected, from the margins or from strata",
    limits="The margins are taken as known, which is right in large databases only. Compares reporting, not "
    "incidence.",
    references=(NOREN_2013,),
)
def information_component(
    counts: PairCounts,
    *,
    expected: ArrayLike | None = None,
    level: float = 0.95,
    median: bool = False,
) -> Intervals:
    """Return information components; the lower limit at the level 0.95 is IC025.

    Parameters
    ----------
    counts
        Of n pairs.
    expected
        (n,) reports expected, where they do not come from the margins of `counts`: as of `stratified_expected`.
    level
        Credibility of each interval.
    median
        Whether the value is the posterior median instead of the logarithm of the shrunken ratio.

    Returns
    -------
    Intervals
        In bits; NaN where nothing can be expected because no report exists.

    Raises
    ------
    UnreadableInput
        Where an expected count is negative or has another shape.

    References
    ----------
    Norén et al. 2013, eq. 6 and 9.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = information_component(PairCounts.of(3, exposed=100, event=50, total=20000))
    >>> [float(x.round(3)) for x in (found.value[0], found.low[0], found.high[0])]
    [2.222, 0.172, 3.416]
    """
    z_of(level)
    rate = _expected(counts, expected) + SHRINKAGE
    tail = (1 - level) / 2
    middle = 0.5 if median else None
    low, high, centre = shrunken_log2(counts.both, rate, (tail, 1 - tail, middle))
    return Intervals(centre, low, high, level)


@method(
    "information_component_closed",
    title="Information component with limits in closed form",
    summary="The information component, its 95 % limits from a formula fitted to the gamma posterior.",
    needs="reports with both and those expected, from the margins or from strata",
    limits="At 95 % only, and off the posterior limits by up to 0.05 bits, 0.35 without a report: prefer those.",
    references=(NOREN_2013,),
)
def information_component_closed(counts: PairCounts, *, expected: ArrayLike | None = None) -> Intervals:
    """Return information components with the 95 % limits that are printed by spreadsheets and by DiAna.

    Parameters
    ----------
    counts, expected
        As for `information_component`.

    References
    ----------
    Norén et al. 2013, the approximation of the limits.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = information_component_closed(PairCounts.of(3, exposed=100, event=50, total=20000))
    >>> [float(x.round(3)) for x in (found.value[0], found.low[0], found.high[0])]
    [2.222, 0.153, 3.429]
    """
    observed = counts.both + SHRINKAGE
    value = np.log2(observed / (_expected(counts, expected) + SHRINKAGE))
    low = value - 3.3 * observed**-0.5 - 2 * observed**-1.5
    return Intervals(value, low, value + 2.4 * observed**-0.5 - 0.5 * observed**-1.5, 0.95)


@method(
    "bcpnn",
    title="Bayesian confidence propagation neural network, normal form",
    summary="Posterior mean of the information content of a pair, with normal limits from its variance.",
    needs=FOUR_COUNTS,
    limits="Limits are symmetric, which the posterior of a rare pair is not: too low an upper and too high a "
    "lower limit with few reports.",
    references=(BATE_1998, GOULD_2003),
)
def bcpnn(counts: PairCounts, *, level: float = 0.95) -> Intervals:
    """Return the information component under three beta priors, mean and variance in closed form.

    The two margins have uniform priors, and the joint share a prior whose mean is the product of the margins.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Credibility of each interval.

    References
    ----------
    Bate et al. 1998 (the priors); Gould 2003 (the exact mean and variance of the logarithms).

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = bcpnn(PairCounts.of(57, exposed=124, event=105, total=1155))
    >>> [float(x.round(4)) for x in (found.value[0], found.low[0])]
    [2.2214, 1.7126]
    """
    n = counts.total
    prior = (n + 2) ** 2 / ((counts.exposed + 1) * (counts.event + 1))
    # moments of the logarithms of three beta variables: the joint share, and the two margins
    joint, joint_whole, left, right, whole = (
        _polygammas(x) for x in (counts.both + 1, n + prior, counts.exposed + 1, counts.event + 1, n + 2)
    )
    mean = (joint[0] - joint_whole[0] - left[0] - right[0] + 2 * whole[0]) / np.log(2)
    variance = (joint[1] - joint_whole[1] + left[1] + right[1] - 2 * whole[1]) / np.log(2) ** 2
    half = z_of(level) * np.sqrt(variance)
    return Intervals(mean, mean - half, mean + half, level)


@method(
    "bcpnn_monte_carlo",
    title="Bayesian confidence propagation neural network, Dirichlet form",
    summary="Information content of a pair under a Dirichlet prior on its four cells, by Monte Carlo.",
    needs=FOUR_COUNTS,
    limits="Carries Monte Carlo error, about 1 % of the width of an interval at 10,000 draws; slow for millions "
    "of pairs.",
    references=(NOREN_2006,),
)
def bcpnn_monte_carlo(
    counts: PairCounts, *, level: float = 0.95, draws: int = 10_000, seed: int = 1
) -> Intervals:
    """Return the information component under a Dirichlet prior worth half a report with both.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Credibility of each interval.
    draws
        From the posterior of each pair.
    seed
        Of the generator.

    Returns
    -------
    Intervals
        The information content at the posterior means of the shares, with equal-tailed limits, in bits.

    Raises
    ------
    InvalidSetting
        Where fewer than 100 draws are asked for.

    References
    ----------
    Norén et al. 2006, section 3.2.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> found = bcpnn_monte_carlo(PairCounts.of(25, exposed=1126, event=87, total=572_573))
    >>> [float(x.round(1)) for x in (found.value[0], found.low[0], found.high[0])]
    [5.2, 4.6, 5.7]
    """
    z_of(level)
    if draws < 100:
        raise InvalidSetting(
            f"{draws} draws cannot give the limits of an interval.", remedy="Use at least 100, better 10,000."
        )
    rng = np.random.default_rng(seed)
    exposed, event, n = counts.exposed.ravel(), counts.event.ravel(), counts.total.ravel()
    q = [(exposed + 0.5) / (n + 1), (event + 0.5) / (n + 1)]
    strength = 0.5 / (q[0] * q[1])
    cells = np.stack(
        [
            counts.both.ravel() + strength * q[0] * q[1],
            counts.only_exposed.ravel() + strength * q[0] * (1 - q[1]),
            counts.only_event.ravel() + strength * (1 - q[0]) * q[1],
            counts.neither.ravel() + strength * (1 - q[0]) * (1 - q[1]),
        ]
    )
    a, b, c, d = cells
    value = np.log2(a * cells.sum(axis=0) / ((a + b) * (a + c)))
    tail = (1 - level) / 2
    low, high = np.empty((2, len(value)))
    step = max(1, DRAWS_AT_ONCE // draws)
    for start in range(0, len(value), step):
        block = slice(start, start + step)
        a, b, c, d = rng.standard_gamma(cells[:, block], size=(draws, 4, len(value[block]))).swapaxes(0, 1)
        information = np.log2(a * (a + b + c + d) / ((a + b) * (a + c)))
        low[block], high[block] = np.quantile(information, (tail, 1 - tail), axis=0)
    shape = counts.both.shape
    return Intervals(value.reshape(shape), low.reshape(shape), high.reshape(shape), level)


def shrunken_log2(
    observed: Floats, rate: Floats, probabilities: tuple[float, float, float | None]
) -> tuple[Floats, ...]:
    """Return logarithms of quantiles of a gamma posterior: shape `observed` + 1/2, the given rate.

    Counts are whole numbers and few differ, so that quantiles are found for each count once. None asks for the
    logarithm of shape over rate instead of a quantile.

    Examples
    --------
    >>> import numpy as np
    >>> [x.round(3) for x in shrunken_log2(np.array([3.0]), np.array([0.75]), (0.025, 0.975, None))]
    [array([0.172]), array([3.416]), array([2.222])]
    """
    from scipy.special import gammaincinv

    distinct, place = np.unique(observed, return_inverse=True)
    shape = distinct + SHRINKAGE
    scale = np.log2(rate)
    return tuple(
        np.log2(shape if p is None else gammaincinv(shape, p))[place].reshape(observed.shape) - scale
        for p in probabilities
    )


def _polygammas(x: Floats) -> tuple[Floats, Floats]:
    """Return digamma and trigamma: by their series, many times faster than scipy's trigamma, where x is large."""
    from scipy.special import digamma, polygamma

    y = 1 / x
    z = y * y
    first = np.log(x) - y / 2 - z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z / 240)))
    second = y + z / 2 + y * z * (1 / 6 - z * (1 / 30 - z * (1 / 42 - z / 30)))
    small = x < SERIES_FROM
    if small.any():
        distinct, place = np.unique(x[small], return_inverse=True)  # counts: few of them differ
        first[small], second[small] = digamma(distinct)[place], polygamma(1, distinct)[place]
    return first, second


def _expected(counts: PairCounts, expected: ArrayLike | None) -> Floats:
    if expected is None:
        return counts.expected
    given = np.asarray(expected, dtype=np.float64)
    if given.shape != counts.both.shape or not (given >= 0).all():
        raise UnreadableInput(
            f"Every one of {counts.both.size} pairs needs one expected count, none negative.",
            where=f"shape {given.shape} against {counts.both.shape}",
            cause="expected counts of other pairs, or missing ones",
        )
    return given
