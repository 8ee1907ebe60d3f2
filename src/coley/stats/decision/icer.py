"""The incremental ratio of two strategies: where it lies on the plane, and when it has an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FIELLER = "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185."
WILLAN = (
    "Willan AR, O'Brien BJ. Confidence intervals for cost-effectiveness ratios: an application of Fieller's "
    "theorem. Health Econ 1996;5:297-305."
)
BRIGGS = (
    "Briggs AH, Mooney CZ, Wonderling DE. Constructing confidence intervals for cost-effectiveness ratios: an "
    "evaluation of parametric and non-parametric techniques using Monte Carlo simulation. Stat Med "
    "1999;18:3245-3262."
)

INTERVAL = "interval"
TWO_RAYS = "two rays"
WHOLE_LINE = "whole line"


@dataclass(frozen=True, slots=True)
class Icer:
    """An incremental cost-effectiveness ratio, with limits where it has them.

    Attributes
    ----------
    value
        Difference of mean costs over difference of mean effects; NaN where one strategy dominates, for then the
        ratio's size says nothing.
    low, high
        Limits, in the order of the real line.
    kind
        "interval": the ratio lies between the limits. "two rays": it lies below `low` or above `high`, for the
        difference in effects may have either sign. "whole line": no ratio is excluded; limits are NaN.
    position
        "more costly and more effective", "dominant", "dominated", "less costly and less effective" (south-west:
        the ratio is what is saved per unit of effect given up) or what is equal.
    level
        Coverage.
    """

    value: float
    low: float
    high: float
    kind: str
    position: str
    level: float


def position(added_cost: float, added_effect: float) -> str:
    """Say in words where a difference in cost and effect lies on the plane.

    Examples
    --------
    >>> position(-5.0, 0.2), position(-5.0, -0.2)
    ('dominant', 'less costly and less effective')
    """
    if added_cost == 0 and added_effect == 0:
        return "equal in cost and effect"
    if added_effect >= 0 and added_cost <= 0:
        return "dominant"
    if added_effect <= 0 and added_cost >= 0:
        return "dominated"
    return "more costly and more effective" if added_effect > 0 else "less costly and less effective"


@method(
    "fieller",
    title="Fieller interval of a ratio of means",
    summary="Limits of an incremental ratio from the joint normal distribution of both differences.",
    needs="draws of the differences in cost and in effect of two strategies",
    limits="Takes the differences as jointly normal. Where the difference in effects may be nil, the limits "
    "enclose no interval; read the plane and the acceptability curve instead.",
    references=(FIELLER, WILLAN),
)
def fieller(added_cost: ArrayLike, added_effect: ArrayLike, *, level: float = 0.95) -> Icer:
    """Return the incremental ratio with Fieller's limits.

    Parameters
    ----------
    added_cost, added_effect
        Draws of the differences, new less old, (D,), whose spread is that of the estimate (draws of a model's
        parameters, or bootstrap means).
    level
        Coverage.

    Raises
    ------
    UnreadableInput
        Where draws differ in number, or are missing, or fewer than two.
    NotEstimable
        Where there is no difference at all.

    References
    ----------
    Willan and O'Brien 1996, eq. 3: the ratios R with (c - R e)^2 <= z^2 var(c - R e).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> e = rng.normal(0.5, 0.1, 4000)
    >>> found = fieller(1e4 + rng.normal(0, 1500, 4000), e)
    >>> found.kind, round(found.value, -2), round(found.low, -3), round(found.high, -3)
    ('interval', 20000.0, 12000.0, 35000.0)
    """
    c, e = _differences(added_cost, added_effect)
    z = z_of(level)
    mc, me = float(c.mean()), float(e.mean())
    where = position(mc, me)
    (vc, cov), (_, ve) = np.cov(c, e)
    a, b, d = me**2 - z**2 * ve, mc * me - z**2 * cov, mc**2 - z**2 * vc
    root = b**2 - a * d
    if a > 0 and root >= 0:
        low, high = sorted((b + s * np.sqrt(root)) / a for s in (-1, 1))
        kind = INTERVAL
    elif a < 0 and root > 0:
        low, high = sorted((b + s * np.sqrt(root)) / a for s in (-1, 1))
        kind = TWO_RAYS
    else:
        low, high, kind = np.nan, np.nan, WHOLE_LINE
    return Icer(_value(mc, me, where), float(low), float(high), kind, where, level)


@method(
    "icer_percentile",
    title="Percentile interval of an incremental ratio",
    summary="Limits of an incremental ratio from draws ordered by their angle on the cost-effectiveness plane.",
    needs="draws of the differences in cost and in effect of two strategies",
    limits="Where draws lie on both sides of no difference in effect within the interval, the limits enclose no "
    "interval and say so.",
    references=(BRIGGS,),
)
def icer_percentile(added_cost: ArrayLike, added_effect: ArrayLike, *, level: float = 0.95) -> Icer:
    """Return the incremental ratio with the percentile limits of its draws.

    Ratios cannot be sorted as numbers, for those of the south-west and south-east mean other things than their
    sign says; draws are sorted by the angle at which they lie from the mean.

    Parameters
    ----------
    added_cost, added_effect, level
        As for `fieller`.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `fieller`.

    References
    ----------
    Briggs et al 1999, on ordering on the plane.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> e = rng.normal(0.5, 0.1, 4000)
    >>> icer_percentile(1e4 + rng.normal(0, 1500, 4000), e).kind
    'interval'
    """
    c, e = _differences(added_cost, added_effect)
    z_of(level)
    mc, me = float(c.mean()), float(e.mean())
    where = position(mc, me)
    sc, se = np.abs(c).max() or 1.0, np.abs(e).max() or 1.0  # so that both axes count alike
    centre = np.arctan2(mc / sc, me / se)
    turned = np.angle(np.exp(1j * (np.arctan2(c / sc, e / se) - centre)))
    first, last = centre + np.quantile(turned, [(1 - level) / 2, (1 + level) / 2])
    low, high = sorted(float(np.tan(angle) * sc / se) for angle in (first, last))
    # The tangent jumps at a quarter turn, where effects are equal: count the jumps between the limits.
    jumps = int(np.floor(last / np.pi - 0.5) - np.floor(first / np.pi - 0.5))
    kind = (INTERVAL, TWO_RAYS)[jumps] if jumps < 2 and last - first < np.pi else WHOLE_LINE
    if kind == WHOLE_LINE:
        low = high = np.nan
    return Icer(_value(mc, me, where), low, high, kind, where, level)


def _value(mc: float, me: float, where: str) -> float:
    return np.nan if me == 0 or where in ("dominant", "dominated") else mc / me


def _differences(added_cost: ArrayLike, added_effect: ArrayLike) -> tuple[Floats, Floats]:
    c, e = np.asarray(added_cost, dtype=float), np.asarray(added_effect, dtype=float)
    if c.ndim != 1 or c.shape != e.shape or len(c) < 2 or not (np.isfinite(c) & np.isfinite(e)).all():
        raise UnreadableInput(
            "A ratio needs two lists of finite differences of one length, of two draws or more.",
            where=f"costs {c.shape}, effects {e.shape}",
        )
    if not c.any() and not e.any():
        raise NotEstimable("The strategies differ in nothing.", cause="the same strategy entered twice")
    return c, e
