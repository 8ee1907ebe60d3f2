"""Distributions of several parameters that belong together: shares, regression coefficients, bootstrap rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.decision.distributions import Distribution
from coley.stats.decision.outcomes import names_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Negative eigenvalues of a covariance, as parts of the largest, that are rounding of printed digits.
ROUNDING = 1e-8
TINY = 1e-290  # doubles end soon below


def dirichlet(counts: ArrayLike, *, labels: Sequence[str] | None = None) -> Distribution:
    """Return the distribution of shares that sum to 1, from counts (with any prior added).

    Parameters
    ----------
    counts
        Positive, (m,).
    labels
        Of the shares.

    Raises
    ------
    InvalidSetting
        Where a count is not positive, or there are fewer than two.

    References
    ----------
    Briggs AH, Ades AE, Price MJ. Probabilistic sensitivity analysis for decision trees with multiple branches:
    use of the Dirichlet distribution in a Bayesian framework. Med Decis Making 2003;23:341-350.

    Examples
    --------
    >>> dirichlet([30, 50, 20]).mean
    (0.3, 0.5, 0.2)
    """
    a = np.asarray(counts, dtype=float)
    if a.ndim != 1 or len(a) < 2 or not np.isfinite(a).all() or not (a > 0).all():
        raise InvalidSetting(
            f"A Dirichlet distribution needs two positive counts or more; these are {a.tolist()!r:.80}.",
            remedy="Add a prior, as 0.5, to counts of none.",
        )

    def draw(u: Floats) -> Floats:
        from scipy.special import gammaincinv, gammaln

        gammas = gammaincinv(a, u)
        # Of small counts some are too small for a double; their logarithms follow from the first term of the series.
        with np.errstate(divide="ignore"):
            logs = np.where(gammas > TINY, np.log(gammas), (np.log(u) + gammaln(a + 1)) / a)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    mean = a / a.sum()
    sd = np.sqrt(mean * (1 - mean) / (a.sum() + 1))
    return _joint("dirichlet", (mean, sd), draw, inputs=len(a), labels=labels)


def multivariate_normal(
    mean: ArrayLike, covariance: ArrayLike, *, labels: Sequence[str] | None = None
) -> Distribution:
    """Return the distribution of estimates with a covariance, as of a fitted survival model.

    Parameters
    ----------
    mean, covariance
        (m,) and (m, m); the covariance may be singular.
    labels
        Of the parameters.

    Raises
    ------
    InvalidSetting
        Where shapes do not fit, or the covariance is not symmetric or has a negative variance in some direction.

    Examples
    --------
    >>> multivariate_normal([0.1, 2.0], [[0.04, 0.01], [0.01, 0.09]]).sd
    (0.2, 0.3)
    """
    m, v = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    if m.ndim != 1 or v.shape != (len(m), len(m)) or not (np.isfinite(m).all() and np.isfinite(v).all()):
        raise InvalidSetting(f"{m.shape} means need a covariance of as many rows and columns, not {v.shape}.")
    if not np.allclose(v, v.T, rtol=1e-6, atol=0):
        raise InvalidSetting("A covariance must be symmetric.", cause="one triangle only was entered")
    values, vectors = np.linalg.eigh((v + v.T) / 2)
    if values[0] < -ROUNDING * max(values[-1], 0.0) or values[-1] < 0:
        raise InvalidSetting(
            "This covariance gives a combination of parameters a negative variance.",
            where=f"smallest eigenvalue {values[0]:.3g}",
            cause="a correlation mistyped, or standard deviations where variances are due",
        )
    # The symmetric root does not depend on the order of the parameters.
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    def draw(u: Floats) -> Floats:
        from scipy.special import ndtri

        return np.asarray(m + ndtri(u) @ root)

    return _joint(
        "multivariate_normal", (m, np.sqrt(np.maximum(np.diag(v), 0))), draw, inputs=len(m), labels=labels
    )


def empirical(values: ArrayLike, *, labels: Sequence[str] | None = None) -> Distribution:
    """Return the distribution that takes one of the given rows at random: bootstrap replicates, posterior draws.

    Parameters
    ----------
    values
        Rows x parameters, (n, m), or a list (n,); each row stays together.
    labels
        Of the parameters.

    Raises
    ------
    InvalidSetting
        Where there is no row, or a value is missing.

    Examples
    --------
    >>> found = empirical([1.0, 2.0, 4.0])
    >>> found.draw(np.array([[0.1], [0.5], [0.99]])).ravel()
    array([1., 2., 4.])
    """
    rows = np.asarray(values, dtype=float)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise InvalidSetting("An empirical distribution needs rows of finite values.", where=f"{rows.shape}")

    def draw(u: Floats) -> Floats:
        return rows[np.minimum((u[:, 0] * len(rows)).astype(np.int64), len(rows) - 1)]

    return _joint("empirical", (rows.mean(axis=0), rows.std(axis=0)), draw, inputs=1, labels=labels)


def _joint(
    family: str,
    moments: tuple[Floats, Floats],
    draw: Callable[[Floats], Floats],
    *,
    inputs: int,
    labels: Sequence[str] | None,
) -> Distribution:
    mean, sd = (tuple(float(x) for x in part) for part in moments)
    named = () if len(mean) == 1 and labels is None else names_of(labels, len(mean), stem="")
    named = tuple(name.strip() for name in named)
    return Distribution(family, {}, mean, sd, draw, inputs, named)
