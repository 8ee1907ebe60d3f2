"""Distributional cost-effectiveness: health by subgroup before and after, and what less inequality is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.equity import ASARIA
from coley.economics.policy.increment import share_between, shares_of, summary
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ATKINSON = "Atkinson AB. On the measurement of inequality. J Econ Theory 1970;2:244-263."


@dataclass(frozen=True, eq=False)
class Distributional:
    """Health before and after, by subgroup, and what inequality is worth.

    Attributes
    ----------
    change
        (D, G) net health benefit per member of each subgroup, opportunity costs taken off.
    mean_change
        Mean over the population, with limits over draws.
    ede_change
        Change of the equally distributed equivalent: the health which, if all had it, would be as good as what there
        is; with limits.
    equity
        The latter less the former: what the change of inequality is worth, in the unit of health; with limits.
    probability
        Share of draws in which the equally distributed equivalent rises.
    atkinson_before, atkinson_after
        Atkinson's index, of the means over draws.
    aversion
        The parameter used.
    """

    change: Floats
    mean_change: Interval
    ede_change: Interval
    equity: Interval
    probability: float
    atkinson_before: float
    atkinson_after: float
    aversion: float


@method(
    "distributional",
    title="Distributional cost-effectiveness with Atkinson's index",
    summary="Net health benefit by subgroup set upon lifetime health before, and the change of the equally distributed "
    "equivalent.",
    needs="lifetime health of each subgroup of the population before, draws of its health gained and of what the money "
    "would have brought it",
    limits="Aversion to inequality is a judgement; inequality within subgroups is not seen; health must be positive.",
    references=(ASARIA, ATKINSON),
)
def distributional(
    baseline: ArrayLike,
    gained: ArrayLike,
    forgone: ArrayLike,
    *,
    shares: ArrayLike,
    aversion: float,
    level: float = 0.95,
) -> Distributional:
    """Return the change of mean health and of its distribution.

    Parameters
    ----------
    baseline
        (G,) lifetime health (quality-adjusted life expectancy at birth) of each subgroup of the population.
    gained, forgone
        (D, G) or (G,) health gained per member of each subgroup, and health lost to it by what the money no longer
        buys.
    shares
        (G,) of the population.
    aversion
        Atkinson's parameter, 0 or more; at 1 the equivalent is the geometric mean.
    level
        Share of draws within the limits.

    Raises
    ------
    UnreadableInput
        Where shapes do not fit or a number is missing.
    InvalidSetting
        Where aversion is negative, shares do not add up, or health is not positive.

    References
    ----------
    Asaria et al 2016; Atkinson 1970: (sum s h^(1 - a))^(1 / (1 - a)), 1 - that over the mean.

    Examples
    --------
    >>> found = distributional([60, 75], [[0.02, 0.0]], [[0.005, 0.005]], shares=[0.5, 0.5], aversion=10)
    >>> round(found.mean_change.value, 4), found.equity.value > 0
    (0.005, True)
    """
    share_between(level, "The level")
    before = draws_of(baseline, "Lifetime health")
    s = shares_of(shares)
    gain, loss = (np.atleast_2d(np.asarray(x, dtype=np.float64)) for x in (gained, forgone))
    if (
        any(x.shape[1:] != before.shape or not np.isfinite(x).all() for x in (gain, loss))
        or s.shape != before.shape
    ):
        raise UnreadableInput(
            "Health gained and forgone must be finite, draws x subgroups, for the subgroups of baseline and shares.",
            where=f"{gain.shape}, {loss.shape}, {before.shape}, {s.shape}",
        )
    if not (np.isfinite(aversion) and aversion >= 0):
        raise InvalidSetting(f"Aversion to inequality is 0 or more, not {aversion:g}.")
    change = gain - loss
    after = before + change
    if (before <= 0).any() or (after <= 0).any():
        raise InvalidSetting("Lifetime health must stay positive in every subgroup.")
    mean = change @ s
    equivalent = equally_distributed(after, s, aversion) - equally_distributed(before, s, aversion)
    middle = after.mean(axis=0)
    return Distributional(
        change,
        summary(mean, level),
        summary(equivalent, level),
        summary(equivalent - mean, level),
        float((equivalent > 0).mean()),
        float(1 - equally_distributed(before, s, aversion) / (before @ s)),
        float(1 - equally_distributed(middle, s, aversion) / (middle @ s)),
        float(aversion),
    )


def equally_distributed(health: Floats, shares: Floats, aversion: float) -> Floats:
    """Return the equally distributed equivalent over the last axis.

    Examples
    --------
    >>> equally_distributed(np.array([50.0, 80.0]), np.array([0.5, 0.5]), 1.0).round(3)
    np.float64(63.246)
    """
    scale = health.mean(axis=-1, keepdims=True)  # so that high powers stay within floats
    relative = health / scale
    if abs(aversion - 1) < 1e-9:
        equivalent = np.exp(np.log(relative) @ shares)
    else:
        equivalent = (relative ** (1 - aversion) @ shares) ** (1 / (1 - aversion))
    return np.asarray(equivalent * scale[..., 0])[()]
