"""Which parameters drive the decision: variance shares, curves and a tornado from draws, without the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.benefit_regression import parameters_of
from coley.stats.decision.outcomes import names_of, outcomes, thresholds_of
from coley.stats.decision.penalised import WOOD, regress
from coley.stats.decision.splines import tensor_design
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SALTELLI = (
    "Saltelli A, Annoni P, Azzini I, Campolongo F, Ratto M, Tarantola S. Variance based sensitivity analysis of model "
    "output. Design and estimator for the total sensitivity index. Comput Phys Commun 2010;181:259-270."
)
JALAL_2013 = (
    "Jalal H, Dowd B, Sainfort F, Kuntz KM. Linear regression metamodeling as a tool to summarize and present "
    "simulation model results. Med Decis Making 2013;33:880-890."
)
CURVE = 41  # points of a curve: smooth to the eye


@dataclass(frozen=True, eq=False)
class Influence:
    """Parameters in order of their share of the variance of incremental net benefit, largest first.

    Attributes
    ----------
    names
        (P,).
    share, se
        Part of the variance that the expected net benefit given the parameter has (first-order Sobol' index), and
        its standard error. Shares of independent parameters sum to 1 less what interactions hold; those of
        correlated ones overlap.
    low, high
        Quantiles of each parameter that hold `level` of its draws.
    benefit_low, benefit_high
        Expected incremental net benefit at these, all others as they are drawn: the probabilistic tornado.
    at, benefit
        Values of each parameter between these, (P, 41), and expected incremental net benefit there.
    """

    names: tuple[str, ...]
    share: Floats
    se: Floats
    low: Floats
    high: Floats
    benefit_low: Floats
    benefit_high: Floats
    at: Floats
    benefit: Floats


@method(
    "influence",
    title="Influence of parameters on net benefit, from draws",
    summary="Regresses incremental net benefit on one parameter at a time by splines: share of variance, expected net "
    "benefit along the parameter, and its span between quantiles.",
    needs="draws of costs, effects and parameters, and a threshold",
    limits="One parameter at a time; where parameters are correlated, each also speaks for the others.",
    references=(SALTELLI, JALAL_2013, WOOD),
)
def influence(
    costs: ArrayLike,
    effects: ArrayLike,
    threshold: float,
    *,
    parameters: ArrayLike,
    names: Sequence[str] | None = None,
    strategy: int = 1,
    comparator: int = 0,
    level: float = 0.95,
) -> Influence:
    """Rank parameters by their influence on the incremental net benefit of two strategies.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    threshold
        What a unit of effect is worth.
    parameters
        Draws x parameters, (D, P).
    names
        Of the parameters.
    strategy, comparator
        Columns of the two that are compared.
    level
        Share of draws between the low and the high value of a parameter.

    Raises
    ------
    UnreadableInput
        Where draws are missing, too few or differ in number.
    InvalidSetting
        Where there is no such strategy.

    References
    ----------
    First-order index: Saltelli et al 2010, eq. 1; by a metamodel as in Jalal et al 2013.

    Examples
    --------
    >>> p = np.random.default_rng(1).normal(size=(4000, 2))
    >>> effects = np.column_stack([np.zeros(4000), 2 * p[:, 0] + p[:, 1]])
    >>> influence(np.zeros_like(effects), effects, 1, parameters=p, names=["a", "b"]).share.round(1)
    array([0.8, 0.2])
    """
    c, e = outcomes(costs, effects)
    (k,) = thresholds_of(threshold)
    table = parameters_of(parameters, len(c))
    labels = names_of(names, table.shape[1], stem="parameter")
    if strategy == comparator or not (0 <= strategy < c.shape[1] and 0 <= comparator < c.shape[1]):
        raise InvalidSetting(
            f"Strategies {strategy} and {comparator} are not two of {c.shape[1]}, counted from 0."
        )
    z_of(level)
    benefit = k * (e[:, strategy] - e[:, comparator]) - (c[:, strategy] - c[:, comparator])
    whole = benefit.var()
    low, high = np.quantile(table, [(1 - level) / 2, (1 + level) / 2], axis=0)
    at = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, CURVE)
    share, curve = np.zeros(len(labels)), np.full((len(labels), CURVE), benefit.mean())
    for j in range(len(labels)):
        x = table[:, [j]]
        if whole > 0 and x.std() > 0:
            design = tensor_design(x)
            rows = design.rows(x)
            coefficients, centre = regress(rows, design.penalties, benefit[:, None])
            share[j] = min(float((rows @ coefficients).var() / whole), 1.0)
            curve[j] = (design.rows(at[j][:, None]) @ coefficients + centre)[:, 0]
    # Large-sample error of a squared correlation.
    se = 2 * np.sqrt(share) * (1 - share) / np.sqrt(len(c))
    order = np.argsort(-share, kind="stable")
    return Influence(
        tuple(labels[j] for j in order),
        share[order],
        se[order],
        low[order],
        high[order],
        curve[order, 0],
        curve[order, -1],
        at[order],
        curve[order],
    )
