"""Tail probabilities and quantiles, from scipy.special alone: scipy.stats costs a second to import."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def z_of(level: float) -> float:
    """Return the standard normal quantile of a two-sided interval with the given coverage.

    Raises
    ------
    InvalidSetting
        Where the level is not between 0 and 1.

    Examples
    --------
    >>> round(z_of(0.95), 6)
    1.959964
    """
    if not 0 < level < 1:
        raise InvalidSetting(
            f"The level of an interval cannot be {level!r}.", remedy="Choose one between 0 and 1, as 0.95."
        )
    return NormalDist().inv_cdf(0.5 + level / 2)


def chi2_tail(statistic: float, df: float) -> float:
    """Return the upper tail probability of a chi-squared statistic.

    Examples
    --------
    >>> round(chi2_tail(3.841459, 1), 6)
    0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(df, max(statistic, 0.0)))


def normal_two_sided(z: ArrayLike) -> NDArray[np.float64]:
    """Return the two-sided p of standard normal statistics.

    Examples
    --------
    >>> float(normal_two_sided(1.959964).round(6))
    0.05
    """
    import numpy as np
    from scipy.special import ndtr

    p: Any = 2 * ndtr(-np.abs(np.asarray(z, dtype=float)))
    return np.asarray(p, dtype=float)
