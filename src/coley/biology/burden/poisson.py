"""The rate of a counted thing, with the interval that is exact for a Poisson count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

GARWOOD = "Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442."


@method(
    "garwood",
    title="Garwood exact Poisson interval",
    summary="Rate of events per unit of exposure, with limits from inverting two one-sided Poisson tests.",
    needs="a count and the exposure in which it was counted",
    limits="Counting error alone: differences between assays, callers and tumour purities are not in it. "
    "Conservative: covers at least, and usually more than, the nominal level.",
    references=(GARWOOD,),
)
def garwood(count: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Intervals:
    """Return rates with exact Poisson intervals.

    Parameters
    ----------
    count, exposure
        Events and the exposure (megabases, person-years) in which they were counted; arrays that
        broadcast. A missing count gives a missing rate.
    level
        Coverage of each interval, at least.

    Raises
    ------
    UnreadableInput
        Where a count is negative or an exposure not positive.

    References
    ----------
    Garwood 1936: the limits are quantiles of gamma distributions.

    Examples
    --------
    >>> rates = garwood([0, 10], 1.1)
    >>> rates.value.round(2), rates.low.round(2), rates.high.round(2)
    (array([0.  , 9.09]), array([0.  , 4.36]), array([ 3.35, 16.72]))
    """
    from scipy.special import gammaincinv

    z_of(level)
    k, t = np.broadcast_arrays(np.atleast_1d(np.asarray(count, dtype=float)), np.asarray(exposure, float))
    bad: Any = (k < 0) | np.isinf(k) | ((~np.isfinite(t) | (t <= 0)) & np.isfinite(k))
    if bad.any():
        raise UnreadableInput(
            "Counts cannot be negative, and exposures must be positive.",
            where=f"counts {k[bad][:3].tolist()} in exposures {t[bad][:3].tolist()}",
        )
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k == 0, 0.0, gammaincinv(np.maximum(k, 1e-300), tail))
        return Intervals(k / t, low / t, gammaincinv(k + 1, 1 - tail) / t, level)
