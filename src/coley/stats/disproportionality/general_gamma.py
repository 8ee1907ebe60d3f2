"""The general-gamma prior: a mixture of as many gammas as the table asks for, by a sparse Dirichlet and ECM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.disproportionality.mgps.mixture import GammaMixture, pairs
from coley.stats.disproportionality.mgps.squash import Points, squash

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TAN = (
    "Tan Y, Markatou M, Chakraborty S. Flexible empirical Bayesian approaches to pharmacovigilance for simultaneous "
    "signal detection and signal strength estimation in spontaneous reporting systems data. "
    "Stat Med 2025;44:e70195."
)
# The means of the first components are this many, in equal steps of the logarithm over the ratios that are seen.
COMPONENTS = 60
# Width of the bins that squash pairs, for a count of none: see `squash`.
WIDTH = 0.1
# A gamma narrower than this is a point; the likelihood changes no more. A wider one is nearly all at none.
SHAPES = (1e-3, 1e7)
# No step of Newton's method changes a mean or a shape by more than this factor of e.
LONGEST = 1.5
# The log posterior must rise by this much for one more iteration to be worth it. Where the prior is smooth, overlapping
# components starve each other slowly; further iterations leave fewer of them, and change no posterior that can be seen.
RISE = 1e-3
MAX_ITERATIONS = 1000
# Components whose means and shapes agree to this, in the logarithm, are one.
SAME = 1e-5


@dataclass(frozen=True, eq=False)
class GeneralGammaFit:
    """A prior of many gammas.

    Attributes
    ----------
    prior
        The components that are left, in order of their means.
    alpha
        Concentration of the Dirichlet distribution of the weights.
    log_likelihood
        Of all pairs, without the penalty.
    pairs
        How many were fitted.
    iterations, converged
        Of the search: how many, and whether the log posterior had stopped rising.
    """

    prior: GammaMixture
    alpha: float
    log_likelihood: float
    pairs: int
    iterations: int
    converged: bool

    @property
    def parameters(self) -> int:
        """Three a component, as Tan 2025 counts them."""
        return 3 * len(self.prior.weights)

    @property
    def aic(self) -> float:
        """Akaike's criterion, by which `alpha` may be chosen."""
        return 2 * self.parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(np.log(self.pairs)) * self.parameters - 2 * self.log_likelihood


@method(
    "general_gamma",
    title="General-gamma empirical Bayes prior",
    summary="Fits a mixture of as many gammas as the table asks for to all relative reporting ratios.",
    needs="count and expected count of every cell of a table, those never reported included",
    limits="The likelihood has many maxima, and components narrow to points, so that intervals of single cells "
    "say less than they seem to; the prior is taken as known. A ratio of reporting, not of risk.",
    references=(TAN,),
)
def general_gamma(
    n: ArrayLike, expected: ArrayLike, *, alpha: float = 0.5, components: int = COMPONENTS
) -> GeneralGammaFit:
    """Fit a mixture of gammas whose empty components a sparse Dirichlet prior removes.

    Each iteration finds the cells' shares in the components, then the weights, and takes one step of Newton's
    method in the logarithm of each component's mean, and one in that of its shape. These two hardly depend on each
    other; steps in shape and rate, which do, stall long before the maximum.

    Parameters
    ----------
    n, expected
        (pairs,) counts, and expected counts; pairs that expect none are left out.
    alpha
        Concentration of the Dirichlet distribution, from 0 (fewest components) up to, but not including, 1.
    components
        How many to start with.

    Raises
    ------
    UnreadableInput
        Where counts are impossible.
    InvalidSetting
        Where `alpha` or `components` is out of range.
    NotEstimable
        Where fewer than two different pairs are left.

    References
    ----------
    Tan 2025, section 3.2: the model, and the removal of components; ECM as above.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> expected = rng.gamma(2, 10, size=1000)
    >>> n = rng.poisson(expected * rng.choice([0.5, 1, 4], p=[0.3, 0.6, 0.1], size=1000))
    >>> prior = general_gamma(n, expected).prior
    >>> means = prior.shapes / prior.rates
    >>> [float(prior.weights[abs(np.log(means / point)) < 0.3].sum().round(1)) for point in (0.5, 1, 4)]
    [0.3, 0.6, 0.1]
    """
    if not 0 <= alpha < 1 or components < 2:
        raise InvalidSetting(
            f"A Dirichlet of concentration {alpha!r} over {components!r} components is not sparse.",
            remedy="Choose a concentration from 0 to below 1, as 0.5, and 2 components or more.",
        )
    counts, e = pairs(n, expected)
    known = np.isfinite(e)
    points = squash(counts[known], e[known], width=WIDTH)
    if len(points) < 2:
        raise NotEstimable(f"{len(points)} different pairs tell nothing of how ratios vary.")
    weights, means, shapes = _first(points, components)
    value, converged, iterations = -np.inf, False, 0
    while iterations < MAX_ITERATIONS:
        iterations += 1
        logs = GammaMixture(weights, shapes, shapes / means).log_components(points.n, points.expected)
        top = logs.max(axis=1)
        shares = np.exp(logs - top[:, None])
        total = shares.sum(axis=1)
        shares *= (points.weight / total)[:, None]
        log_likelihood = float(points.weight @ (top + np.log(total)))
        held = shares.sum(axis=0)
        kept = held > 1 - alpha
        if not kept.any():
            kept = held == held.max()
        penalised = log_likelihood + (alpha - 1) * float(np.log(weights).sum())
        if kept.all() and abs(penalised - value) < RISE:
            converged = True
            break
        value = penalised if kept.all() else -np.inf
        shares, held = shares[:, kept], held[kept]
        weights = np.maximum(held - (1 - alpha), 1e-300)
        weights = weights / weights.sum()
        means = _next_means(means[kept], shapes[kept], shares=shares, points=points)
        shapes = _next_shapes(means, shapes[kept], shares=shares, points=points)
        weights, means, shapes = _merged(weights, means, shapes)
    prior = GammaMixture(weights, shapes, shapes / means)
    each = prior.log_components(counts[known], e[known])
    log_likelihood = float(np.logaddexp.reduce(each, axis=1).sum())
    return GeneralGammaFit(prior, alpha, log_likelihood, int(known.sum()), iterations, converged)


def _first(points: Points, components: int) -> tuple[Floats, Floats, Floats]:
    """Return the first components: side by side over the ratios that were seen, each reaching to the next."""
    seen = points.n > 0
    ratios = np.r_[points.n[seen] / points.expected[seen], 1.0]
    # a pair that was never reported pulls no further down than one report would
    ratios = np.r_[ratios, np.clip(1 / points.expected[~seen], ratios.min() / 10, 1.0)]
    low, high = np.log(ratios.min()), np.log(ratios.max())
    means = np.exp(np.linspace(low, high, components))
    apart = max((high - low) / max(components - 1, 1), 0.01)
    return np.full(components, 1 / components), means, np.full(components, 1 / apart**2)


def _next_means(means: Floats, shapes: Floats, *, shares: Floats, points: Points) -> Floats:
    """Take a step of Newton's method in the logarithm of each mean, in which the likelihood is concave."""
    n, me = points.n[:, None], points.expected[:, None] * means
    drawn = (shapes + n) / (shapes + me)
    slope = (shares * (n - drawn * me)).sum(axis=0)
    curve = (shares * drawn * me * shapes / (shapes + me)).sum(axis=0)
    step = np.clip(slope / np.maximum(curve, 1e-300), -LONGEST, LONGEST)
    return np.asarray(means * np.exp(step))


def _next_shapes(means: Floats, shapes: Floats, *, shares: Floats, points: Points) -> Floats:
    """Take a step of Newton's method in the logarithm of each shape; uphill where it is not concave."""
    from scipy.special import digamma, zeta

    distinct, place = np.unique(points.n, return_inverse=True)
    first = digamma(distinct[:, None] + shapes) - digamma(shapes)
    second = zeta(2.0, distinct[:, None] + shapes) - zeta(2.0, shapes)
    n, me = points.n[:, None], points.expected[:, None] * means
    whole = shapes + me
    slope = (shares * (first[place] - np.log1p(me / shapes) + (me - n) / whole)).sum(axis=0)
    bend = (shares * (second[place] + me / (shapes * whole) - (me - n) / whole**2)).sum(axis=0)
    uphill, curve = shapes * slope, shapes * slope + shapes**2 * bend
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(curve < 0, -uphill / curve, np.sign(uphill) * LONGEST)
    return np.asarray(np.clip(shapes * np.exp(np.clip(step, -LONGEST, LONGEST)), *SHAPES))


def _merged(weights: Floats, means: Floats, shapes: Floats) -> tuple[Floats, Floats, Floats]:
    """Return components in order of their means, with those that have become one merged."""
    order = np.lexsort((shapes, means))
    weights, means, shapes = weights[order], means[order], shapes[order]
    apart = (np.diff(np.log(means)) > SAME) | (np.abs(np.diff(np.log(shapes))) > SAME)
    first = np.flatnonzero(np.r_[True, apart])
    return np.add.reduceat(weights, first), means[first], shapes[first]
