"""Maximum likelihood of the two-gamma prior: found from several starts on squashed pairs, finished on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.disproportionality.mgps.likelihood import Likelihood, coordinates, mixture_at
from coley.stats.disproportionality.mgps.mixture import GammaMixture, pairs
from coley.stats.disproportionality.mgps.squash import WIDTH, squash
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DUMOUCHEL = (
    "DuMouchel W. Bayesian data mining in large frequency tables, with an application to the FDA spontaneous "
    "reporting system. Am Stat 1999;53:177-190."
)
PREGIBON = (
    "DuMouchel W, Pregibon D. Empirical Bayes screening for multi-item associations. "
    "Proc 7th ACM SIGKDD 2001:67-76."
)
NAMES = ("alpha1", "beta1", "alpha2", "beta2", "p")
# Shapes, means and the odds of the two components stay between these, beyond which a gamma is a point (or one at
# none), a component is empty, and the likelihood changes no more.
LIMITS = np.log([(1e-4, 1e8), (1e-6, 1e6), (1e-4, 1e8), (1e-6, 1e6), (1e-6, 1e6)])
# From the logarithms of shapes and means to those of shapes and rates.
TO_RATES = np.array(
    [[1, 0, 0, 0, 0], [1, -1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, -1, 0], [0, 0, 0, 0, 1]], np.float64
)
# DuMouchel 1999 starts from the first; the others spread over what is met in reports, devices and food.
TRUNCATIONS = ("mixture", "components")
STARTS = (
    (0.2, 0.1, 2.0, 4.0, 1 / 3),
    (0.2, 0.06, 1.4, 1.8, 0.1),
    (1.0, 0.3, 2.0, 2.0, 0.05),
    (0.5, 0.05, 50.0, 50.0, 0.5),
    (5.0, 1.0, 0.5, 1.0, 0.2),
    (0.05, 0.01, 500.0, 500.0, 0.8),
    (0.2, 0.1, 5e3, 5e3, 0.5),
    (1.0, 1.0, 1e5, 1e5, 0.5),
    (50.0, 5.0, 0.5, 1.0, 0.2),
)
# The starts search among coarser points than the best of them ends on: they need to find the hill, not its top.
COARSE, MOST = 0.5, 800
# Starts that end this close in log-likelihood found the same maximum.
SAME = 1e-3
# A hill lower by less than this among coarse points may be the higher one among all.
NEARLY = 10.0
# Newton's steps on all pairs, with the curvature of the points: one or two, for both have nearly the same maximum.
FINISHING_STEPS, FINISHED = 8, 1e-7
# Loss of log-likelihood that is rounding; gradient per pair that is level; part of a standard error that is small.
ROUNDING, LEVEL, SMALL_PART = 1e-9, 1e-6, 1e-3
# A coordinate that came this near to its limit is at it: a component that narrow is a point, whatever its shape.
EDGE = 1e-2
# A maximum is flat, and its Hessian tells nothing, where one direction curves this much less than another.
FLAT = 1e-9


@dataclass(frozen=True, eq=False)
class MgpsFit:
    """The prior that makes the counts most likely.

    Attributes
    ----------
    prior
        Two gammas; the first is the one with the larger mean.
    log_likelihood
        Of all pairs, at that prior.
    least
        Smallest count that was listed.
    pairs, points
        How many pairs were fitted, and to how many points they were squashed.
    converged
        Whether the gradient vanishes there.
    boundary
        Hyperparameters that ended at the edge of their range: the likelihood has no maximum in them. A shape there
        is a component that is a point, or one at none; its rate goes with it.
    starts
        Log-likelihood that each start reached, on coarsely squashed points.
    covariance
        (5, 5), of log alpha1, log beta1, log alpha2, log beta2 and logit p, from the observed information; NaN
        for those at the boundary, and where the likelihood is flat. It takes pairs to be independent.
    """

    prior: GammaMixture
    log_likelihood: float
    least: int
    pairs: int
    points: int
    converged: bool
    boundary: tuple[str, ...]
    starts: tuple[float, ...]
    covariance: Floats

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Shape and rate of each gamma, and the weight `p` of the first."""
        (a1, a2), (b1, b2), p = self.prior.shapes, self.prior.rates, self.prior.weights[0]
        return dict(zip(NAMES, map(float, (a1, b1, a2, b2, p)), strict=True))

    @property
    def agreeing_starts(self) -> int:
        """How many starts found the best maximum."""
        return int(sum(max(self.starts) - value < SAME for value in self.starts))

    def intervals(self, level: float = 0.95) -> dict[str, Interval]:
        """Return Wald intervals, made on the scale of logarithms (`p`: of its logit)."""
        from scipy.special import expit

        theta, se, z = TO_RATES @ coordinates(self.prior), np.sqrt(np.diag(self.covariance)), z_of(level)
        back = [np.exp] * 4 + [expit]
        return {
            name: Interval(float(f(t)), float(f(t - z * s)), float(f(t + z * s)), level, float(s))
            for name, f, t, s in zip(NAMES, back, theta, se, strict=True)
        }


@method(
    "mgps",
    title="Multi-item gamma Poisson shrinker",
    summary="Fits a mixture of two gammas to all relative reporting ratios, by maximum likelihood.",
    needs="count and expected count of every pair of exposure and event",
    limits="All pairs share one prior, and are taken to be independent. With few pairs, or none that stands out, "
    "the hyperparameters are not determined and end at the boundary; scores may still be steady.",
    references=(DUMOUCHEL, PREGIBON),
)
def mgps(
    n: ArrayLike,
    expected: ArrayLike,
    *,
    least: int = 1,
    truncation: str = "mixture",
    width: float = WIDTH,
) -> MgpsFit:
    """Fit the two-gamma prior of MGPS.

    Parameters
    ----------
    n
        (pairs,) reports with both exposure and event.
    expected
        (pairs,) reports expected if they were independent, within strata or not. Pairs that expect none are left out.
    least
        Smallest count that is fitted: 1 (as is usual) for pairs that were reported at all, whose likelihood is
        truncated accordingly; 0 where the pairs include those that were never reported, as in a whole table.
    truncation
        How the likelihood allows for pairs that are not listed, where `least` is not 0. "mixture": the mixture is
        truncated, and `p` is a share of all pairs, as the posterior takes it to be. "components": each gamma is
        truncated by itself, and `p` is a share of the listed pairs; so it was published (2001) and is done in
        openEBGM and PhViD. Where most pairs expect less than one report the second cannot be believed: in
        simulations its credible intervals of 90 % held the truth in 25 %, and those of the first in 90 %.
    width
        Of the bins that squash pairs before the search; the search ends on all pairs, so that the answer does
        not depend on it. See `squash`.

    Raises
    ------
    UnreadableInput
        Where counts are impossible.
    NotEstimable
        Where there are fewer than five different pairs to fit five hyperparameters to.

    References
    ----------
    DuMouchel 1999, section 4; truncation and squashing: DuMouchel and Pregibon 2001, section 3.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> expected = rng.gamma(0.5, 4, size=4000)
    >>> signal = rng.random(4000) < 0.1
    >>> n = rng.poisson(expected * np.where(signal, rng.gamma(6, 1, 4000), rng.gamma(4, 1 / 4, 4000)))
    >>> fit = mgps(n, expected, least=0)
    >>> {name: round(value, 1) for name, value in fit.hyperparameters.items()}
    {'alpha1': 4.4, 'beta1': 0.8, 'alpha2': 4.3, 'beta2': 4.5, 'p': 0.1}
    """
    if least < 0 or int(least) != least:
        raise InvalidSetting(f"The smallest listed count cannot be {least!r}.", remedy="Choose 0, 1 or more.")
    counts, e = pairs(n, expected)
    listed = (counts >= least) & np.isfinite(e)
    exact = squash(counts[listed], e[listed], width=0.0)
    if len(exact) < len(NAMES):
        raise NotEstimable(
            f"{len(exact)} different pairs cannot determine the {len(NAMES)} hyperparameters of MGPS.",
            cause=f"{int(listed.sum())} of {len(counts)} pairs have a count of at least {least} and expect any",
            remedy="Give all pairs of the database, not those of one drug; or use the information component.",
        )
    if truncation not in TRUNCATIONS:
        raise InvalidSetting(
            f"There is no truncation named {truncation!r}.", remedy=f"Choose one of {', '.join(TRUNCATIONS)}."
        )
    each = truncation == "components"
    full = Likelihood(exact, least, each=each)
    points = squash(counts[listed], e[listed], width=width)
    coarse = squash(points.n, points.expected, width=COARSE, weight=points.weight).thinned(MOST)
    hills = [
        _climb(Likelihood(coarse, least, each=each), coordinates(prior)) for prior in map(_prior, STARTS)
    ]
    rough = Likelihood(points, least, each=each)
    theta, _ = max((_climb(rough, hill) for hill in _highest(hills)), key=lambda end: end[1])
    theta, value, covariance, converged = _finish(theta, full=full, rough=rough)
    if theta[1] < theta[3]:  # the first is to be the one with the larger mean
        swap, sign = [2, 3, 0, 1, 4], np.array([1, 1, 1, 1, -1])
        theta, covariance = (sign * theta[swap]), np.outer(sign, sign) * covariance[swap][:, swap]
    covariance = TO_RATES @ covariance @ TO_RATES.T
    boundary = tuple(name for name, inside in zip(NAMES, _inside(theta), strict=True) if not inside)
    return MgpsFit(
        mixture_at(theta),
        value,
        int(least),
        int(full.pairs),
        len(points),
        converged,
        boundary,
        tuple(end[1] for end in hills),
        covariance,
    )


def _prior(start: tuple[float, ...]) -> GammaMixture:
    a1, b1, a2, b2, p = start
    return GammaMixture(np.array([p, 1 - p]), np.array([a1, a2]), np.array([b1, b2]))


def _climb(likelihood: Likelihood, start: Floats) -> tuple[Floats, float]:
    """Return the coordinates and the log-likelihood at the top of the hill on which a start lies."""
    from scipy.optimize import minimize

    def depth(theta: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(theta)
        return -value / likelihood.pairs, -gradient / likelihood.pairs

    # SLSQP: in five dimensions a dense quadratic model is cheap, and it follows a flat ridge where L-BFGS zigzags
    options = {"maxiter": 1000, "ftol": 1e-13}
    end = minimize(depth, start, jac=True, method="SLSQP", bounds=LIMITS, options=options)
    return np.array(end.x), -float(end.fun) * likelihood.pairs


def _highest(hills: list[tuple[Floats, float]]) -> list[Floats]:
    """Return the tops of different hills that are so nearly the highest that finer points may change their order."""
    hills = sorted(hills, key=lambda end: -end[1])
    chosen = hills[:1]
    for place, height in hills[1:]:
        if chosen[-1][1] - height > SAME and chosen[0][1] - height < NEARLY:
            chosen.append((place, height))
    return [place for place, _ in chosen]


def _inside(theta: Floats) -> NDArray[np.bool_]:
    """Return which coordinates are inside their limits."""
    inside: NDArray[np.bool_] = (theta > LIMITS[:, 0] + EDGE) & (theta < LIMITS[:, 1] - EDGE)
    return inside


def _finish(theta: Floats, *, full: Likelihood, rough: Likelihood) -> tuple[Floats, float, Floats, bool]:
    """Take Newton's steps on all pairs with the curvature of the squashed points, inside the limits."""
    covariance = np.full((5, 5), np.nan)
    value, gradient = full(theta)
    free = _inside(theta)
    information = _information(rough, theta)[np.ix_(free, free)]
    curvature = np.linalg.eigvalsh(information)
    if not len(curvature) or curvature[0] <= FLAT * curvature[-1]:
        return theta, value, covariance, bool(np.abs(gradient[free]).max(initial=0.0) < LEVEL * full.pairs)
    inverse = np.linalg.inv(information)
    for _ in range(FINISHING_STEPS):
        step = inverse @ gradient[free]
        if np.abs(step).max() < FINISHED:
            break
        candidate = theta.copy()
        candidate[free] += step
        candidate = np.clip(candidate, *LIMITS.T)
        new_value, new_gradient = full(candidate)
        if not new_value >= value - ROUNDING * abs(value):
            break
        theta, value, gradient = candidate, new_value, new_gradient
        if not _inside(theta)[free].all():
            return _finish(theta, full=full, rough=rough)
    covariance[np.ix_(free, free)] = inverse
    # a step left to take that is a small part of a standard error is no step at all
    left = np.abs(inverse @ gradient[free])
    return theta, value, covariance, bool((left < SMALL_PART * np.sqrt(np.diag(inverse))).all())


def _information(likelihood: Likelihood, theta: Floats) -> Floats:
    """Return minus the Hessian, by central differences of the gradient."""
    width = 1e-4
    rows = [
        (likelihood(theta - width * unit)[1] - likelihood(theta + width * unit)[1]) / (2 * width)
        for unit in np.eye(len(theta))
    ]
    information = np.array(rows)
    return (information + information.T) / 2
