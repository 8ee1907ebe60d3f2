"""The cost-effectiveness plane in numbers: shares of the quadrants, and the ellipse that holds the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.outcomes import outcomes
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BLACK = "Black WC. The CE plane: a graphic representation of cost-effectiveness. Med Decis Making 1990;10:212-214."


@dataclass(frozen=True, eq=False)
class Plane:
    """Draws of each strategy against the comparator; arrays (S,), with NaN at the comparator itself.

    Attributes
    ----------
    added_cost, added_effect
        Means.
    north_east, south_east, south_west, north_west
        Shares of draws: costlier and better; dominant; cheaper and worse; dominated. A difference of exactly
        nil counts as cheaper, and as better.
    covariance
        Of effect and cost (in this order), (S, 2, 2); NaN for a single draw, as the ellipse.
    ellipse
        Points (effect, cost) of the ellipse that holds `level` of a normal distribution with these moments,
        (S, 73, 2).
    level
        Of the ellipse.
    """

    added_cost: Floats
    added_effect: Floats
    north_east: Floats
    south_east: Floats
    south_west: Floats
    north_west: Floats
    covariance: Floats
    ellipse: Floats
    level: float


@method(
    "cost_effectiveness_plane",
    title="Cost-effectiveness plane",
    summary="Shares of draws in each quadrant against a comparator, with the ellipse of their moments.",
    needs="draws of costs and effects of each strategy",
    limits="The ellipse takes the draws as jointly normal; the quadrants do not.",
    references=(BLACK,),
)
def plane(costs: ArrayLike, effects: ArrayLike, *, comparator: int = 0, level: float = 0.95) -> Plane:
    """Return where the draws of each strategy lie against the comparator.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    comparator
        Column against which the others are set.
    level
        Share of a normal distribution that the ellipse holds.

    Raises
    ------
    UnreadableInput
        Where draws are missing or their shapes differ.
    InvalidSetting
        Where there is no such comparator.

    References
    ----------
    Black 1990.

    Examples
    --------
    >>> found = plane([[0.0, 5.0], [0.0, 3.0], [0.0, -1.0]], [[1.0, 1.2], [1.0, 0.9], [1.0, 1.1]])
    >>> [float(share[1].round(3)) for share in (found.north_east, found.south_east, found.north_west)]
    [0.333, 0.333, 0.333]
    """
    c, e = outcomes(costs, effects)
    strategies = c.shape[1]
    if not 0 <= comparator < strategies:
        raise InvalidSetting(f"There is no strategy {comparator} among {strategies}.")
    z_of(level)
    dc, de = c - c[:, [comparator]], e - e[:, [comparator]]
    other = np.arange(strategies) != comparator

    def share(where: NDArray[np.bool_]) -> Floats:
        return np.where(other, where.mean(axis=0), np.nan)

    better, cheaper = de >= 0, dc <= 0
    centre = np.stack([de.mean(axis=0), dc.mean(axis=0)], axis=-1)
    spread = np.stack([de, dc], axis=-1) - centre
    with np.errstate(invalid="ignore"):  # one draw has no spread to tell of
        covariance = np.einsum("dsi,dsj->sij", spread, spread) / np.float64(len(c) - 1)
    covariance[~other] = np.nan
    # The radius whose square holds `level` of a chi-squared of two degrees of freedom.
    radius = np.sqrt(-2 * np.log1p(-level))
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
    ellipse = np.full((strategies, len(angle), 2), np.nan)
    for s in np.flatnonzero(other & (len(c) > 1)):
        values, vectors = np.linalg.eigh(covariance[s])
        ellipse[s] = centre[s] + (vectors * np.sqrt(np.maximum(values, 0)) @ circle).T
    return Plane(
        np.where(other, centre[:, 1], np.nan),
        np.where(other, centre[:, 0], np.nan),
        share(better & ~cheaper),
        share(better & cheaper),
        share(~better & cheaper),
        share(~better & ~cheaper),
        covariance,
        ellipse,
        level,
    )
