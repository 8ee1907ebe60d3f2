"""The likelihood of counts under a prior of two gammas, and its gradient, on the scale of logarithms and a logit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.disproportionality.mgps.mixture import GammaMixture, log_rising
from coley.stats.disproportionality.mgps.squash import Points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Likelihood:
    """Log-likelihood of points under a mixture of two gammas, optionally truncated.

    The model is that of DuMouchel 1999, eq. 4. The five coordinates are the logarithms of each component's shape and
    mean, and the logit of the first one's weight: shape and mean hardly depend on each other, while shape and rate
    do, ever more as a component narrows.
    A listed pair has a count of at least `least`. Truncation is then either of each component by itself, so that
    the weights are shares of listed pairs, or of the mixture, so that they are shares of all pairs.

    Parameters
    ----------
    points
        Counts, expected counts and weights.
    least
        Smallest count that a pair must have to be listed: 1 where pairs that were never reported are left out,
        and 0 where all are there.
    each
        Whether each component is truncated by itself.
    """

    def __init__(self, points: Points, least: int, *, each: bool) -> None:
        from scipy.special import gammaln

        self.points, self.least, self.each = points, least, each
        self.pairs = float(points.weight.sum())
        self.counts, self.place = np.unique(points.n, return_inverse=True)
        log_factorials = float(points.weight @ gammaln(points.n + 1))
        self.constant = float(points.weight @ (points.n * np.log(points.expected))) - log_factorials

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient at five coordinates."""
        from scipy.special import digamma, expit

        from coley.stats.disproportionality.mgps.likelihood_kernel import likelihood

        shapes, rates = np.exp(theta[[0, 2]]), np.exp(theta[[0, 2]] - theta[[1, 3]])
        chances = np.array([expit(theta[4]), expit(-theta[4])])
        counts = self.counts[:, None]
        rising = log_rising(counts, shapes) - counts * np.log(rates)
        slope = digamma(counts + shapes) - digamma(shapes)
        points = (self.points.n, self.points.expected, self.points.weight, self.place)
        value, gradient = likelihood(points, (rising, slope), (shapes, rates, chances), self.least, self.each)
        gradient[[0, 2]] += gradient[[1, 3]]
        gradient[[1, 3]] *= -1.0
        return value + self.constant, gradient


def mixture_at(theta: Floats) -> GammaMixture:
    """Return the prior at five coordinates."""
    from scipy.special import expit

    return GammaMixture(
        np.array([expit(theta[4]), expit(-theta[4])]),
        np.exp(theta[[0, 2]]),
        np.exp(theta[[0, 2]] - theta[[1, 3]]),
    )


def coordinates(prior: GammaMixture) -> Floats:
    """Return the five coordinates of a prior of two gammas.

    Examples
    --------
    >>> prior = GammaMixture.of([1 / 3, 2 / 3], shapes=[0.2, 2], rates=[0.1, 4])
    >>> mixture_at(coordinates(prior)).shapes.round(12)
    array([0.2, 2. ])
    """
    (a1, a2), (b1, b2), (p, q) = np.log(prior.shapes), np.log(prior.rates), prior.weights
    return np.array([a1, a1 - b1, a2, a2 - b2, np.log(p) - np.log(q)])
