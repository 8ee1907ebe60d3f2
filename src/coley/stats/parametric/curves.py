"""What a family says at given parameters: curves at times (..., T) and numbers (...) for parameters (..., P)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.parametric.data import ORIGIN
from coley.stats.parametric.quadrature import panels
from coley.stats.parametric.survivals import SURVIVALS
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from coley.stats.parametric.family import Family, Floats, Theta

# Edges of quadrature halve towards zero this often: what lies below the first is 1/16384 of the horizon.
HALVINGS = 14
# Values of curves that are worked out together: few enough to stay in the processor's cache.
BLOCK = 65_536


def log_survival(family: Family, parameters: ArrayLike, times: ArrayLike) -> Floats:
    """Return the logarithm of survival.

    Parameters
    ----------
    family
        Of distributions.
    parameters
        (..., P) natural, in the order of `family.parameters`: (P,) or, for draws, (D, P).
    times
        (T,) not negative.

    Raises
    ------
    InvalidSetting
        Where a parameter is out of its range or a time is negative.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> log_survival(FAMILIES["weibull"], [[1.0, 10.0], [2.0, 10.0]], [0.0, 20.0])
    array([[-0., -2.],
           [-0., -4.]])
    """

    def curve(theta: Theta, t: Floats) -> Floats:
        return family.log_hazard_survival(theta, t)[1]

    return _curves(*_broadcast(family, parameters, times), curve, at_zero=-0.0)


def survival(family: Family, parameters: ArrayLike, times: ArrayLike) -> Floats:
    """Return survival; parameters, times, shapes and errors as for `log_survival`.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> survival(FAMILIES["exponential"], [0.1], [0.0, 10.0]).round(4)
    array([1.    , 0.3679])
    """

    def from_logarithm(theta: Theta, t: Floats) -> Floats:
        return np.exp(family.log_hazard_survival(theta, t)[1])

    curve = SURVIVALS.get(family, from_logarithm)
    return _curves(*_broadcast(family, parameters, times), curve, at_zero=1.0)


def cumulative_hazard(family: Family, parameters: ArrayLike, times: ArrayLike) -> Floats:
    """Return the cumulative hazard; parameters, times, shapes and errors as for `log_survival`.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> cumulative_hazard(FAMILIES["log_logistic"], [1.0, 5.0], [5.0]).round(4)
    array([0.6931])
    """
    return np.asarray(0.0 - log_survival(family, parameters, times))


def hazard(family: Family, parameters: ArrayLike, times: ArrayLike) -> Floats:
    """Return the hazard, per unit of time; parameters, times, shapes and errors as for `log_survival`.

    At time zero it is the limit from the right, which may be very large. It is NaN where a spline falls.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> hazard(FAMILIES["gompertz"], [0.1, 0.02], [0.0, 10.0]).round(4)
    array([0.02  , 0.0544])
    """

    def curve(theta: Theta, t: Floats) -> Floats:
        return np.exp(family.log_hazard_survival(theta, t)[0])

    return _curves(*_broadcast(family, parameters, times), curve)


def quantile(family: Family, parameters: ArrayLike, shares: ArrayLike) -> Floats:
    """Return the times by which given shares have had the event; infinite where they never have.

    Parameters
    ----------
    family, parameters
        As for `log_survival`.
    shares
        (Q,) between 0 and 1; 0.5 for the median.

    Raises
    ------
    InvalidSetting
        Where a share is not between 0 and 1, or a parameter is out of its range.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> quantile(FAMILIES["log_normal"], [2.0, 1.0], [0.5]).round(4)
    array([7.3891])
    """
    p = np.atleast_1d(np.asarray(shares, dtype=float))
    if not ((p > 0) & (p < 1)).all():
        raise InvalidSetting(f"Quantiles are of shares between 0 and 1, not {p[~((p > 0) & (p < 1))][:3]}.")
    theta = _theta(family, parameters)
    with np.errstate(all="ignore"):
        return np.asarray(family.time_at(theta, np.log1p(-p)))


def mean(family: Family, parameters: ArrayLike) -> Floats:
    """Return the mean time, infinite where there is none; parameters and errors as for `log_survival`.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> mean(FAMILIES["gamma"], [[2.0, 0.1], [3.0, 0.1]]).round(4)
    array([20., 30.])
    """
    theta = [value[..., 0] for value in _theta(family, parameters)]
    with np.errstate(all="ignore"):
        return np.asarray(family.mean(theta))


def restricted_mean(family: Family, parameters: ArrayLike, horizon: float) -> Floats:
    """Return the mean time lived before the horizon: the area under the curve (Gauss-Legendre in panels).

    Parameters
    ----------
    family, parameters
        As for `log_survival`.
    horizon
        In the unit of time.

    Raises
    ------
    InvalidSetting
        Where the horizon is not above zero, or a parameter is out of its range.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> restricted_mean(FAMILIES["exponential"], [[0.1], [0.2]], 10.0).round(6)
    array([6.321206, 4.323324])
    """
    if not (np.isfinite(horizon) and horizon > 0):
        raise InvalidSetting(f"A mean cannot be restricted to {horizon!r}.", remedy="Give a time above zero.")
    edges = horizon * 0.5 ** np.arange(HALVINGS, -1, -1.0)
    inner = [b for b in family.breaks if 0 < b < horizon]
    nodes, weights = panels(np.unique(np.concatenate([[0.0], edges, inner])))
    return np.asarray(survival(family, parameters, nodes) @ weights)


def random_times(family: Family, parameters: ArrayLike, n: int, *, seed: int | np.random.Generator) -> Floats:
    """Draw n times for each row of parameters, by inverting survival; infinite for those who are cured.

    Parameters
    ----------
    family, parameters
        As for `log_survival`.
    n
        Times a row.
    seed
        Seed or generator.

    Returns
    -------
    (..., n) times.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> t = random_times(FAMILIES["weibull"], [2.0, 10.0], 100_000, seed=1)
    >>> t.shape, bool(abs(t.mean() - 8.862) < 0.05)
    ((100000,), True)
    """
    theta = _theta(family, parameters)
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        return np.asarray(family.time_at(theta, -rng.standard_exponential((*theta[0].shape[:-1], n))))


def _theta(family: Family, parameters: ArrayLike) -> Theta:
    """Return each parameter with an axis at the end for time, examined."""
    natural = np.asarray(parameters, dtype=float)
    family.working(natural)
    return [natural[..., j, None] for j in range(natural.shape[-1])]


def _broadcast(family: Family, parameters: ArrayLike, times: ArrayLike) -> tuple[Theta, Floats]:
    t = np.atleast_1d(np.asarray(times, dtype=float))
    if t.ndim != 1 or not (t >= 0).all():
        raise InvalidSetting(
            "Times of a curve are a row of numbers that are not negative.", where=f"{t.shape}"
        )
    return _theta(family, parameters), t


def _curves(
    theta: Theta, t: Floats, curve: Callable[[Theta, Floats], Floats], *, at_zero: float | None = None
) -> Floats:
    """Return a curve of each row of parameters, (..., T); those of many draws in blocks, on all cores."""
    later = np.maximum(t, ORIGIN)
    shape = np.broadcast_shapes(*(value.shape for value in theta), t.shape)
    out = np.empty(shape)

    def fill(rows: slice | tuple[()]) -> None:
        with np.errstate(all="ignore"):
            out[rows] = curve([value[rows] for value in theta], later)

    size = max(1, BLOCK // max(1, len(t)))
    if len(shape) == 2 and shape[0] > size:
        in_blocks(fill, shape[0], size=size)
    else:
        fill(())
    if at_zero is not None:
        out[..., t == 0] = at_zero
    return out
