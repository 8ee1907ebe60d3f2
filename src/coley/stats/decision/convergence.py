"""Whether the draws are enough: Monte Carlo errors, and how many draws would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.outcomes import outcomes, thresholds_of
from coley.stats.decision.perfect_information import evpi
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HATSWELL = (
    "Hatswell AJ, Bullement A, Briggs A, Paulden M, Stevenson MD. Probabilistic sensitivity analysis in "
    "cost-effectiveness models: determining model convergence in cohort models. PharmacoEconomics 2018;36:1421-1426."
)


@dataclass(frozen=True, slots=True)
class Convergence:
    """One quantity, and the draws it needs.

    Attributes
    ----------
    quantity
        "incremental_cost", "incremental_effect", "incremental_net_benefit", "probability_best" or "evpi".
    strategy
        Column to which it belongs; -1 for the EVPI.
    value, se
        Estimate and its Monte Carlo standard error.
    tolerance
        Half-width that is wanted, in the unit of the quantity.
    draws_needed
        For a Monte Carlo interval of that half-width.
    enough
        Whether there are as many.
    """

    quantity: str
    strategy: int
    value: float
    se: float
    tolerance: float
    draws_needed: int
    enough: bool


@method(
    "monte_carlo_convergence",
    title="Convergence of probabilistic results",
    summary="Monte Carlo standard error of incremental costs, effects and net benefit, of the probability of being "
    "best and of the EVPI, and the draws that each needs.",
    needs="draws of costs and effects of each strategy, a threshold, and the precision wanted",
    limits="Takes draws as independent: for Latin hypercubes and Sobol points errors are smaller than told.",
    references=(HATSWELL,),
)
def convergence(
    costs: ArrayLike,
    effects: ArrayLike,
    threshold: float,
    *,
    tolerance_money: float,
    tolerance_effect: float,
    tolerance_probability: float = 0.01,
    comparator: int = 0,
    level: float = 0.95,
) -> tuple[Convergence, ...]:
    """Return the Monte Carlo error of each summary, and the draws needed for the precision wanted.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S), with two draws or more.
    threshold
        What a unit of effect is worth.
    tolerance_money, tolerance_effect, tolerance_probability
        Half-widths wanted of the Monte Carlo intervals; a hundredth of probability is what a curve can show.
    comparator
        Column against which the others are set.
    level
        Coverage of the Monte Carlo intervals.

    Raises
    ------
    UnreadableInput
        Where draws are missing or their shapes differ.
    InvalidSetting
        For a tolerance that is not positive, a single draw, or no such comparator.

    References
    ----------
    Hatswell et al 2018.

    Examples
    --------
    >>> gain = np.random.default_rng(1).normal(0.1, 0.2, 1000)
    >>> effects = np.column_stack([np.zeros(1000), gain])
    >>> found = convergence(0 * effects, effects, 1, tolerance_money=0.01, tolerance_effect=0.01)
    >>> found[2].quantity, found[2].draws_needed, found[2].enough
    ('incremental_effect', 1497, False)
    """
    c, e = outcomes(costs, effects)
    (k,) = thresholds_of(threshold)
    z = z_of(level)
    if len(c) < 2 or not 0 <= comparator < c.shape[1]:
        raise InvalidSetting(f"Two draws and a comparator among {c.shape[1]} strategies are needed.")
    if min(tolerance_money, tolerance_effect, tolerance_probability) <= 0:
        raise InvalidSetting("A tolerance must be positive.")
    shares = acceptability(c, e, k)
    information = evpi(c, e, k)
    dc, de = c - c[:, [comparator]], e - e[:, [comparator]]
    root = np.sqrt(len(c))
    found = []

    def add(quantity: str, strategy: int, value: float, se: float, tolerance: float) -> None:
        needed = int(np.ceil(len(c) * (z * se / tolerance) ** 2))
        found.append(
            Convergence(quantity, strategy, float(value), float(se), tolerance, needed, needed <= len(c))
        )

    differences = (
        ("incremental_cost", dc, tolerance_money),
        ("incremental_effect", de, tolerance_effect),
        ("incremental_net_benefit", k * de - dc, tolerance_money),
    )
    for s in range(c.shape[1]):
        if s != comparator:
            for quantity, values, tolerance in differences:
                add(quantity, s, values[:, s].mean(), values[:, s].std(ddof=1) / root, tolerance)
        add("probability_best", s, shares.probability[0, s], shares.se[0, s], tolerance_probability)
    add("evpi", -1, information.value[0], information.se[0], tolerance_money)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Running:
    """Summaries of the first draws, as their number grows.

    Attributes
    ----------
    draws
        (T,).
    net_benefit, probability
        (T, S).
    evpi
        (T,).
    """

    draws: NDArray[np.int64]
    net_benefit: Floats
    probability: Floats
    evpi: Floats


def running(costs: ArrayLike, effects: ArrayLike, threshold: float, *, points: int = 50) -> Running:
    """Return summaries of the first 2, ..., D draws, at `points` numbers of them spread evenly.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S), in the order in which they were made.
    threshold
        What a unit of effect is worth.
    points
        How many numbers of draws.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `convergence`.

    Examples
    --------
    >>> effects = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, 3.0], [0.0, 1.0]])
    >>> running(0 * effects, effects, 1, points=3).net_benefit[:, 1]
    array([0., 1., 1.])
    """
    c, e = outcomes(costs, effects)
    (k,) = thresholds_of(threshold)
    if len(c) < 2 or points < 2:
        raise InvalidSetting("Two draws, and two points, are the least.")
    draws = np.unique(np.linspace(2, len(c), points).astype(np.int64))
    at = draws - 1
    benefit = k * e - c
    mean = np.cumsum(benefit, axis=0)[at] / draws[:, None]
    wins = benefit == benefit.max(axis=1, keepdims=True)
    share = np.cumsum(wins / wins.sum(axis=1, keepdims=True), axis=0)[at] / draws[:, None]
    top = np.cumsum(benefit.max(axis=1))[at] / draws
    return Running(draws, mean, share, np.maximum(top - mean.max(axis=1), 0.0))
