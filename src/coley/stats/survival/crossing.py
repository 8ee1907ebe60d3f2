"""Whether two survival curves cross, beyond what chance does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.survival.two_groups import two_curves

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.survival.kaplan_meier import SurvivalCurve

    Floats = NDArray[np.float64]

DRAWS = 2000  # of the difference under no difference: the 95 % point of its maximum is known to about 1 %
GRID = 200  # times at which the maximum is looked for; neighbours are nearly the same
LEAST_EVENTS = 3  # in each group before the normal approximation is asked to hold
LEAST_AT_RISK = 5  # in each group for the same reason


@dataclass(frozen=True, slots=True)
class Crossing:
    """Whether two curves cross, and when.

    Attributes
    ----------
    supported
        Whether each group lies ahead of the other beyond the simultaneous band at some time.
    time
        The last crossing between a supported lead of one group and a supported lead of the other; NaN
        where there is none.
    first_ahead, then_ahead
        1 where the treated lead, -1 where the others do, 0 where neither is supported.
    critical
        How many standard errors a lead must reach anywhere to be supported.
    observed
        Times at which the estimated curves change places, supported or not.
    """

    supported: bool
    time: float
    first_ahead: int
    then_ahead: int
    critical: float
    observed: tuple[float, ...]


@method(
    "crossing_curves",
    title="Crossing of survival curves",
    summary="Says whether each group lies ahead of the other at some time, beyond a band that holds at all times.",
    needs="time, event and one of two groups for each patient",
    limits="A crossing that is not supported may still be there: small groups rarely support one.",
    references=(
        "Parzen MI, Wei LJ, Ying Z. Simultaneous confidence intervals for the difference of two survival functions. "
        "Scand J Stat 1997;24:309-314.",
        "Klein JP, Logan B, Harhoff M, Andersen PK. Analyzing survival curves at a fixed point in time. "
        "Stat Med 2007;26:4505-4519.",
    ),
)
def crossing_curves(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, level: float = 0.95, seed: int = 1
) -> Crossing:
    """Say whether two survival curves cross beyond what chance explains.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the treated.
    level
        Coverage of the band, at all times together.
    seed
        Of the draws from which the width of the band comes.

    Raises
    ------
    NotEstimable
        Where a group is empty.

    References
    ----------
    Band by simulation of the Gaussian limit, as Parzen, Wei and Ying 1997; on the complementary log-log
    scale, which Klein et al. 2007 found to hold its level in small groups.

    Examples
    --------
    >>> found = crossing_curves([1, 2, 3, 4, 5, 6], [1] * 6, [1, 0, 0, 0, 1, 1])
    >>> found.supported, found.observed
    (False, (3.0,))
    """
    curves = two_curves(time, event, treated, level=level)
    times = np.union1d(curves[0].time, curves[1].time)
    times = times[times <= min(curve.time[-1] for curve in curves)]
    sign = np.sign(
        curves[0].survival[curves[0].position(times)] - curves[1].survival[curves[1].position(times)]
    )
    observed = tuple(times[_turns(sign)].tolist())

    steps = [curve.position(times) for curve in curves]
    usable = np.logical_and.reduce(
        [
            (np.cumsum(curve.events)[step] >= LEAST_EVENTS)
            & (curve.at_risk[step] >= LEAST_AT_RISK)
            & (curve.survival[step] > 0)
            for curve, step in zip(curves, steps, strict=True)
        ]
    )
    if not usable.any():
        return Crossing(False, float("nan"), 0, 0, float("nan"), observed)
    times, sign = times[usable], sign[usable]
    loudness, critical = _standardised(curves, times, level, seed)
    lead = np.where(np.abs(loudness) > critical, np.sign(loudness), 0).astype(int)
    clear = np.flatnonzero(lead)
    if not len(clear):
        return Crossing(False, float("nan"), 0, 0, critical, observed)
    turns = np.flatnonzero(np.diff(lead[clear]))
    if not len(turns):
        side = int(lead[clear[0]])
        return Crossing(False, float("nan"), side, side, critical, observed)
    before, after = clear[turns[-1]], clear[turns[-1] + 1]
    changed = before + np.flatnonzero(sign[before : after + 1] == lead[after])[0]
    return Crossing(True, float(times[changed]), int(lead[before]), int(lead[after]), critical, observed)


def _turns(sign: Floats) -> NDArray[np.intp]:
    """Positions at which the sign becomes the opposite of the last one that was not 0."""
    known = np.flatnonzero(sign)
    turns: NDArray[np.intp] = known[1:][np.diff(sign[known]) != 0]
    return turns


def _standardised(
    curves: tuple[SurvivalCurve, SurvivalCurve], times: Floats, level: float, seed: int
) -> tuple[Floats, float]:
    """Difference of the complementary log-logs over its standard error, and what its maximum reaches by chance."""
    steps = [curve.position(times) for curve in curves]
    logs = [np.log(curve.survival[step]) for curve, step in zip(curves, steps, strict=True)]
    variances = [curve.log_variance[step] for curve, step in zip(curves, steps, strict=True)]
    se = np.sqrt(sum(v / log**2 for v, log in zip(variances, logs, strict=True)))
    loudness = (np.log(-logs[1]) - np.log(-logs[0])) / se

    grid = np.unique(np.linspace(0, len(times) - 1, GRID).astype(int))
    generator = np.random.default_rng(seed)
    noise = np.zeros((DRAWS, len(grid)))
    for v, log in zip(variances, logs, strict=True):
        # the log of a Kaplan-Meier curve has independent increments: a walk with Greenwood's steps
        walk = generator.standard_normal((DRAWS, len(grid))) * np.sqrt(np.diff(v[grid], prepend=0.0))
        noise += walk.cumsum(axis=1) / log[grid]
    return loudness, float(np.quantile(np.abs(noise / se[grid]).max(axis=1), level))
