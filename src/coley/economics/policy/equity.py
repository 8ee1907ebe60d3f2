"""Results with health weighted by who gains it: by severity, or by subgroup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.increment import shares_of, together
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.decision.icer import Icer, icer_percentile
from coley.stats.decision.outcomes import thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NICE = "NICE health technology evaluations: the manual (PMG36), section 6.2. 2022."
ASARIA = (
    "Asaria M, Griffin S, Cookson R. Distributional cost-effectiveness analysis: a tutorial. Med Decis Making "
    "2016;36:8-19."
)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Incremental results with weighted effects.

    Attributes
    ----------
    costs, effects
        (D,) added cost, and added effect after weighting.
    icer
        Ratio of the means, with limits.
    weight
        Mean weighted effect over mean effect: what the weights do on average; NaN where nothing is gained.
    thresholds, probability
        (K,) and the share of draws in which the weighted net benefit is positive.
    net_benefit
        (K,) mean.
    """

    costs: Floats
    effects: Floats
    icer: Icer
    weight: float
    thresholds: Floats
    probability: Floats
    net_benefit: Floats


@method(
    "severity_weighted",
    title="Severity-weighted results",
    summary="Added effects multiplied by a weight of severity; ratio, net benefit and probability of value after it.",
    needs="draws of added cost and effect, and a weight from QALY shortfall",
    limits="The same weight on gains and losses. Weights are those of one payer from one date on; a weight next to a "
    "step of the scheme is uncertain, for which give one weight a draw.",
    references=(NICE,),
)
def severity_weighted(
    added_cost: ArrayLike,
    added_effect: ArrayLike,
    weight: ArrayLike,
    *,
    thresholds: ArrayLike,
    level: float = 0.95,
) -> Weighted:
    """Return results with effects weighted by severity.

    Parameters
    ----------
    added_cost, added_effect
        (D,) new less old; two draws or more.
    weight
        One weight or (D,), from `population.shortfall.severity_weight`.
    thresholds
        What an unweighted unit of effect is worth, (K,).
    level
        Coverage of the limits of the ratio.

    Raises
    ------
    InvalidSetting
        Where a weight is not positive, or draws do not go together.

    References
    ----------
    NICE PMG36, section 6.2.

    Examples
    --------
    >>> found = severity_weighted([30_000, 34_000], [0.9, 1.1], 1.2, thresholds=[25_000, 35_000])
    >>> round(found.icer.value), found.net_benefit.round()
    (26667, array([-2000., 10000.]))
    """
    factor = draws_of(weight, "A severity weight")
    if (factor <= 0).any():
        raise InvalidSetting("A weight is positive; 1 leaves effects as they are.")
    c, e, w = together(
        draws_of(added_cost, "An added cost", low=-np.inf),
        draws_of(added_effect, "An added effect", low=-np.inf),
        factor,
    )
    return _weighted(c, e, e * w, thresholds, level)


@method(
    "equity_weighted",
    title="Equity-weighted results",
    summary="Added effects of subgroups, weighted by what the user gives each, and added up by their shares.",
    needs="draws of added cost and effect by subgroup, the subgroups' shares and weights",
    limits="Weights are a judgement, not an estimate: show the unweighted results beside them. Costs are not weighted.",
    references=(ASARIA,),
)
def equity_weighted(
    added_cost: ArrayLike,
    added_effect: ArrayLike,
    weights: ArrayLike,
    *,
    shares: ArrayLike,
    thresholds: ArrayLike,
    level: float = 0.95,
) -> Weighted:
    """Return results over subgroups with weights.

    Parameters
    ----------
    added_cost, added_effect
        (D, G) new less old, per patient of each subgroup; two draws or more.
    weights
        (G,) of a unit of effect in each subgroup, relative to the unit that the threshold is for.
    shares
        (G,) of patients; they add up to 1.
    thresholds
        What an unweighted unit of effect is worth, (K,).
    level
        Coverage of the limits of the ratio.

    Raises
    ------
    UnreadableInput
        Where shapes do not fit or a number is missing.
    InvalidSetting
        Where shares do not add up to 1, or no weight is positive.

    References
    ----------
    Asaria et al 2016, on direct equity weights.

    Examples
    --------
    >>> found = equity_weighted([[1e4, 2e4], [1e4, 2e4]], [[0.5, 0.5], [0.5, 0.5]], [1, 2], shares=[0.5, 0.5],
    ...                         thresholds=[20_000])
    >>> found.icer.value, found.weight
    (20000.0, 1.5)
    """
    c, e = (np.asarray(x, dtype=np.float64) for x in (added_cost, added_effect))
    w, s = draws_of(weights, "An equity weight"), shares_of(shares)
    if (
        c.ndim != 2
        or c.shape != e.shape
        or not (np.isfinite(c) & np.isfinite(e)).all()
        or c.shape[1:] != w.shape
    ):
        raise UnreadableInput(
            "Costs and effects must be finite tables, draws x subgroups, with a weight for each subgroup.",
            where=f"{c.shape}, {e.shape}, {w.shape}",
        )
    if s.shape != w.shape or not w.any():
        raise InvalidSetting("Each subgroup needs a share and a weight, and some weight must be positive.")
    return _weighted(c @ s, e @ s, e @ (s * w), thresholds, level)


def _weighted(c: Floats, plain: Floats, e: Floats, thresholds: ArrayLike, level: float) -> Weighted:
    k = thresholds_of(thresholds)
    benefit = k[:, None] * e - c
    mean = float(plain.mean())
    return Weighted(
        c,
        e,
        icer_percentile(c, e, level=level),
        float(e.mean()) / mean if mean else np.nan,
        k,
        (benefit > 0).mean(axis=1),
        benefit.mean(axis=1),
    )
