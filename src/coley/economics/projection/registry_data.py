"""External data: survival of registries, as counts by interval, to a curve with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.projection.curve import Curve, curve_of_rates
from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def curve_of_counts(
    times_years: ArrayLike,
    start_years: ArrayLike,
    alive: ArrayLike,
    *,
    survived: ArrayLike,
    stop_years: ArrayLike,
    draws: int = 0,
    seed: int = 1,
) -> Curve:
    """Return a curve with a constant hazard within each interval of a registry.

    Parameters
    ----------
    times_years
        (T,) grid of the curve.
    start_years, stop_years
        (K,) ends of the intervals, each beginning where the one before it ended. Before the first the curve has no
        hazard: it is then survival given that one lived so long, to be spliced on at that time or later.
    alive, survived
        (K,) patients alive at the start of each interval, and how many of them survived it.
    draws, seed
        Number of draws from the posterior of each interval (Jeffreys' prior); 0 gives the estimate, one draw.

    Raises
    ------
    UnreadableInput
        For intervals with gaps, and counts that cannot be.
    """
    start, stop, n, r = (np.asarray(x, dtype=np.float64) for x in (start_years, stop_years, alive, survived))
    if start[0] < 0 or not np.allclose(start[1:], stop[:-1]) or not (stop > start).all():
        raise UnreadableInput(
            "Intervals of a registry follow each other without a gap.",
            remedy="Give each interval once, in order.",
        )
    if not ((r >= 0) & (r <= n) & (n > 0)).all():
        raise UnreadableInput("Of those alive at the start of an interval, some or all survive it.")
    rng = np.random.default_rng(seed)
    share = rng.beta(r + 0.5, n - r + 0.5, (draws, len(n))) if draws else (r + 0.5)[None] / (n + 1)
    rates = -np.log(share) / (stop - start)
    if start[0] > 0:
        start, rates = np.r_[0.0, start], np.pad(rates, ((0, 0), (1, 0)))
    return curve_of_rates(times_years, start, rates)
