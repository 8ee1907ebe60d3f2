"""Rates of many strata, each drawn towards the common rate as far as its own size allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.proportions import counts, wilson
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Intervals, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CHRISTIANSEN_MORRIS = (
    "Christiansen CL, Morris CN. Hierarchical Poisson regression modeling. J Am Stat Assoc 1997;92:618-632."
)
BETA_BINOMIAL = (
    "Griffiths DA. Maximum likelihood estimation for the beta-binomial distribution and an application to "
    "the household distribution of the total number of cases of a disease. Biometrics 1973;29:637-648."
)
WIDEST = 14.0  # the first box, in logits: rates and shrinkages from one in a million to its complement
ZOOMS, COARSE = 5, 24  # narrowing grids that find where the posterior lies, and their nodes a side
NODES = 28, 28  # of the quadrature over mu and over B
EVEN = 256  # nodes a side of the grid for marginal quantiles
NEGLIGIBLE = 10.0  # log posterior below its top that is left out: a share of 1e-5
BISECTIONS = 27  # of the unit interval: quantiles to 1e-8


@dataclass(frozen=True, eq=False)
class ShrunkenRates:
    """Rates of strata under a beta-binomial model.

    Attributes
    ----------
    rates
        Posterior mean of each stratum's rate, with its equal-tailed credible interval.
    raw
        The proportions as observed, with Wilson intervals.
    overall
        Mean rate over strata (of the distribution that they come from).
    between
        Standard deviation of true rates between strata; the value is its posterior median. It is positive by
        construction: whether strata differ at all is for `heterogeneity` to say.
    new_stratum
        Where the true rate of a further stratum of the same kind would lie.
    shrinkage
        How far each rate is drawn to the mean: 0 not at all, 1 wholly.
    heterogeneity
        Pearson's chi-squared test of one common rate.
    n, events, level
        Patients, events, and coverage of the intervals.
    """

    rates: Intervals
    raw: Intervals
    overall: Interval
    between: Interval
    new_stratum: Interval
    shrinkage: Floats
    heterogeneity: Test
    n: int
    events: int
    level: float


@method(
    "beta_binomial_shrinkage",
    title="Beta-binomial shrinkage of rates",
    summary="Draws the rates of strata towards their mean, by the posterior of a beta-binomial model.",
    needs="events and patients of each stratum",
    limits="Takes strata to be of one kind (exchangeable): one that is known to differ is drawn to the mean "
    "all the same. With few strata the spread between them is largely the prior's.",
    references=(CHRISTIANSEN_MORRIS, BETA_BINOMIAL),
)
def beta_binomial_shrinkage(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> ShrunkenRates:
    """Estimate the rates of many strata together.

    Events are binomial in each stratum, and true rates come from a beta distribution of mean mu and size M
    (its two parameters together). The prior is uniform on mu and on the shrinkage B = M / (M + m) of the
    stratum of median size m, which is proper: one stratum, or strata that do not differ, are no special
    case. The posterior is integrated over (mu, B) by Gauss-Legendre quadrature, so that the uncertainty of
    both is in every interval and nothing is random.

    Parameters
    ----------
    events, n
        Counts of each stratum; strata of nobody are given the distribution of a new stratum.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where a count is missing, negative, or larger than its n.
    NotEstimable
        Where there are no patients.

    References
    ----------
    Christiansen and Morris 1997, section 2 (uniform shrinkage prior); Griffiths 1973, eq. 2.1.

    Examples
    --------
    >>> shrunk = beta_binomial_shrinkage([0, 3, 8, 1], [4, 12, 20, 2])
    >>> shrunk.rates.value.round(2)
    array([0.24, 0.29, 0.36, 0.35])
    """
    z_of(level)
    x, size = counts(events, n)
    x, size = x.ravel(), size.ravel()
    if size.sum() == 0:
        raise NotEstimable("No patients in any stratum.")
    inner, even = _posterior(x, size, float(np.median(size[size > 0])))
    tails = (1 - level) / 2, (1 + level) / 2

    a = x[:, None] + inner.precision * inner.mu
    b = (size - x)[:, None] + inner.precision * (1 - inner.mu)
    low, high = (_mixture_quantile(a, b, inner.weight, tail) for tail in tails)
    anew, bnew = (inner.precision * inner.mu)[None], (inner.precision * (1 - inner.mu))[None]
    new = [float(_mixture_quantile(anew, bnew, inner.weight, tail)[0]) for tail in tails]
    spread = np.sqrt(even.mu * (1 - even.mu) / (even.precision + 1))
    mean = float(inner.weight @ inner.mu)
    overall = [_quantile(even.mu, even.weight, tail) for tail in tails]
    between = [_quantile(spread, even.weight, tail) for tail in (0.5, *tails)]
    return ShrunkenRates(
        rates=Intervals((a / (a + b)) @ inner.weight, low, high, level),
        raw=wilson(x, size, level=level),
        overall=Interval(mean, overall[0], overall[1], level),
        between=Interval(between[0], between[1], between[2], level),
        new_stratum=Interval(mean, new[0], new[1], level),
        shrinkage=(inner.precision / (inner.precision + size[:, None])) @ inner.weight,
        heterogeneity=_pearson(x, size),
        n=int(size.sum()),
        events=int(x.sum()),
        level=level,
    )


@dataclass(frozen=True, eq=False)
class _Grid:
    """Nodes of mu and M with their posterior weights."""

    mu: Floats
    precision: Floats
    weight: Floats


def _posterior(x: Floats, size: Floats, typical: float) -> tuple[_Grid, _Grid]:
    """Return the posterior on quadrature nodes, to integrate, and on an even grid, for marginal quantiles."""
    box = np.array([[-WIDEST, WIDEST], [-WIDEST, WIDEST]])
    for _ in range(ZOOMS):  # the posterior of a large study is a needle in the first box
        axes = [np.linspace(low, high, COARSE) for low, high in box]
        log = _log_posterior(x, size, typical, *axes)
        near = log > log.max() - NEGLIGIBLE
        for k, axis in enumerate(axes):
            inside = np.flatnonzero(near.any(axis=1 - k))
            box[k] = axis[max(inside[0] - 1, 0)], axis[min(inside[-1] + 1, COARSE - 1)]

    rules = [np.polynomial.legendre.leggauss(n) for n in NODES]
    middle, half = box.mean(axis=1), np.diff(box, axis=1)[:, 0] / 2
    u, v = (middle[k] + half[k] * rules[k][0] for k in range(2))
    log = _log_posterior(x, size, typical, u, v)
    inner = _grid(u, v, typical, log + np.log(np.outer(rules[0][1], rules[1][1])))

    # The log posterior is smooth, so that the polynomial through the nodes gives it anywhere.
    at = np.linspace(-1, 1, EVEN)
    legendre = np.polynomial.legendre.legvander
    left, right = (
        np.linalg.solve(legendre(rule[0], n - 1).T, legendre(at, n - 1).T)
        for rule, n in zip(rules, NODES, strict=True)
    )
    even = _grid(middle[0] + half[0] * at, middle[1] + half[1] * at, typical, left.T @ log @ right)
    return inner, even


def _grid(u: Floats, v: Floats, typical: float, log: Floats) -> _Grid:
    weight = np.exp(log - log.max()).ravel()
    mu, precision = np.broadcast_arrays(1 / (1 + np.exp(-u))[:, None], typical * np.exp(v))
    kept = weight > weight.max() * np.exp(-NEGLIGIBLE)
    return _Grid(mu.ravel()[kept], precision.ravel()[kept], weight[kept] / weight[kept].sum())


def _log_posterior(x: Floats, size: Floats, typical: float, u: Floats, v: Floats) -> Floats:
    """Log posterior density on logits u of mu and v of the shrinkage B, u along the rows."""
    from scipy.special import betaln, expit

    mu, precision = expit(u)[:, None, None], (typical * np.exp(v))[None, :, None]
    a, b = precision * mu, precision * (1 - mu)
    likelihood = (betaln(x + a, size - x + b) - betaln(a, b)).sum(axis=-1)
    # uniform priors of mu and B, on the scale of their logits
    prior = -np.logaddexp(0, u) - np.logaddexp(0, -u), -np.logaddexp(0, v) - np.logaddexp(0, -v)
    density: Floats = likelihood + prior[0][:, None] + prior[1]
    return density


def _mixture_quantile(a: Floats, b: Floats, weight: Floats, tail: float) -> Floats:
    """Return a quantile of mixtures of beta distributions (rows of a and b), by bisection."""
    from scipy.special import betainc

    low, high = np.zeros(len(a)), np.ones(len(a))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = betainc(a, b, middle[:, None]) @ weight < tail
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    quantile: Floats = (low + high) / 2
    return quantile


def _quantile(values: Floats, weight: Floats, tail: float) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) - weight[order] / 2
    return float(np.interp(tail, reached, values[order]))


def _pearson(x: Floats, size: Floats) -> Test:
    seen = size > 0
    x, size = x[seen], size[seen]
    rate, df = x.sum() / size.sum(), len(x) - 1
    if df == 0 or rate in (0.0, 1.0):
        return Test(float("nan"), float(df), float("nan"))
    statistic = float(((x - size * rate) ** 2 / (size * rate * (1 - rate))).sum())
    return Test(statistic, df, chi2_tail(statistic, df))
