"""A mixture of gamma distributions as the prior of a relative reporting ratio, and the posterior it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Above this shape the difference of two log-gammas loses digits, and Stirling's series has them all.
LARGE = 1e5


@dataclass(frozen=True, eq=False)
class Posterior:
    """Posterior distributions of the relative reporting ratio, one mixture of gammas a pair.

    Attributes
    ----------
    weights, shapes, rates
        (pairs, components); NaN for a pair that has no expected count.
    """

    weights: Floats
    shapes: Floats
    rates: Floats

    @property
    def mean(self) -> Floats:
        """Posterior means."""
        total: Floats = (self.weights * self.shapes / self.rates).sum(axis=1)
        return total

    @property
    def geometric_mean(self) -> Floats:
        """Exponentials of the posterior means of the logarithm: EBGM."""
        from scipy.special import digamma

        total: Floats = np.exp((self.weights * (digamma(self.shapes) - np.log(self.rates))).sum(axis=1))
        return total

    def above(self, threshold: float) -> Floats:
        """Posterior probabilities that the ratio is larger than a threshold."""
        from scipy.special import gammaincc

        total: Floats = (self.weights * gammaincc(self.shapes, self.rates * threshold)).sum(axis=1)
        return total


@dataclass(frozen=True, eq=False)
class GammaMixture:
    """A prior of the relative reporting ratio: a weighted mixture of gamma distributions.

    Attributes
    ----------
    weights, shapes, rates
        (components,); a component has mean shape / rate and variance shape / rate^2.

    Examples
    --------
    >>> prior = GammaMixture.of([1 / 3, 2 / 3], shapes=[0.2, 2], rates=[0.1, 4])
    >>> posterior = prior.posterior([5, 0], [1.2, 1.2])
    >>> posterior.geometric_mean.round(3), posterior.above(1.0).round(3)
    (array([3.043, 0.069]), array([0.95 , 0.034]))
    """

    weights: Floats
    shapes: Floats
    rates: Floats

    @classmethod
    def of(cls, weights: ArrayLike, *, shapes: ArrayLike, rates: ArrayLike) -> GammaMixture:
        """Return a mixture, having made sure that it is one.

        Raises
        ------
        InvalidSetting
            Where weights do not sum to one, or a shape or rate is not positive.
        """
        w, a, b = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, np.float64)) for x in (weights, shapes, rates))
        )
        if not ((w >= 0).all() and abs(w.sum() - 1) < 1e-8 and (a > 0).all() and (b > 0).all()):
            raise InvalidSetting(
                "This is not a mixture of gamma distributions.",
                where=f"weights {w.tolist()}, shapes {a.tolist()}, rates {b.tolist()}",
                remedy="Weights sum to one and are not negative; shapes and rates are positive.",
            )
        return cls(np.array(w), np.array(a), np.array(b))

    def posterior(self, n: ArrayLike, expected: ArrayLike) -> Posterior:
        """Return the posterior of each pair, given its count and its expected count.

        Raises
        ------
        UnreadableInput
            Where a count is negative or missing, or reports were counted where none is expected.
        """
        counts, e = pairs(n, expected)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = self.log_components(counts, e)
            logs -= logs.max(axis=1, keepdims=True)
            weights = np.exp(logs)
            weights /= weights.sum(axis=1, keepdims=True)
        return Posterior(weights, self.shapes + counts[:, None], self.rates + e[:, None])

    def log_components(self, n: Floats, expected: Floats) -> Floats:
        """Return the log of weight times negative binomial probability, (pairs, components)."""
        from scipy.special import gammaln

        distinct, place = np.unique(n, return_inverse=True)
        rising = log_rising(distinct[:, None], self.shapes) - gammaln(distinct + 1)[:, None]
        with np.errstate(divide="ignore"):
            e, logs = expected[:, None], np.log(self.weights)
            logs = logs + rising[place] - (self.shapes + n[:, None]) * np.log1p(e / self.rates)
        logs += np.where(n > 0, n * np.log(np.where(n > 0, expected, 1.0)), 0.0)[:, None]
        result: Floats = logs - n[:, None] * np.log(self.rates)
        return result


def log_rising(n: Any, shape: Any) -> Any:
    """Return log Gamma(n + shape) - log Gamma(shape), exact also where the shape is huge.

    Examples
    --------
    >>> float(log_rising(2, 1e12).round(9))
    55.262042232
    """
    from scipy.special import gammaln

    n, shape = np.broadcast_arrays(np.asarray(n, np.float64), np.asarray(shape, np.float64))
    result = np.asarray(gammaln(n + shape) - gammaln(shape))
    large = shape > LARGE
    if large.any():
        k, a = n[large], shape[large]
        tail = (1 / (a + k) - 1 / a) / 12
        result[large] = (a + k - 0.5) * np.log1p(k / a) + k * np.log(a) - k + tail
    return result


def pairs(n: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    """Examine counts and expected counts; a pair that expects none and has none becomes NaN in the second.

    Raises
    ------
    UnreadableInput
        Where a count is negative or missing, or reports were counted where none is expected.
    """
    counts, e = (
        np.array(x, np.float64)
        for x in np.broadcast_arrays(np.atleast_1d(np.asarray(n, float)), np.asarray(expected, float))
    )
    e[(counts == 0) & ~(e > 0)] = np.nan
    wrong = ~(np.isfinite(counts) & (counts >= 0)) | ((counts > 0) & ~(e > 0)) | np.isinf(e)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise UnreadableInput(
            f"{int(wrong.sum())} pairs have a count or an expected count that cannot be.",
            where=f"pair {row + 1}: count {counts[row]:g}, expected {np.ravel(expected)[row]:g}"
            if np.size(expected) == counts.size
            else f"pair {row + 1}: count {counts[row]:g}",
            cause="a negative or missing count, or reports counted where margins expect none",
            remedy="Compute expected counts from the same reports as the counts.",
        )
    return counts, e
