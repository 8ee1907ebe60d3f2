"""What it would be worth to know some parameters: regression of net benefit on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.decision.acceptability import standard_error
from coley.stats.decision.benefit_regression import (
    Benefit,
    BenefitRegression,
    columns_of,
    design_of,
    parameters_of,
    smoother_for,
)
from coley.stats.decision.gaussian_process import QUINONERO, STRONG_2014
from coley.stats.decision.outcomes import names_of, outcomes, thresholds_of
from coley.stats.decision.penalised import WOOD
from coley.stats.threads import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PartialInformation:
    """Expected value of perfect information on groups of parameters.

    Attributes
    ----------
    names
        Of the groups, (G,).
    thresholds
        (K,).
    value, se
        (G, K): money per patient, and the standard error, of draws and regression together. Both are 0 where the
        regression changes the choice in no draw: then nothing is known of the value but that it is small.
    held_out
        (G, K): what deciding by the regression gained on draws that it was not fitted to (each half of the draws
        judged by the other). Expected to lie at or below the truth, as `value` lies at or above it: a gap of
        several standard errors tells of too few draws, or of a regression that does not follow the model.
    smoother
        Of each group.
    n
        Draws.
    """

    names: tuple[str, ...]
    thresholds: Floats
    value: Floats
    se: Floats
    held_out: Floats
    smoother: tuple[str, ...]
    n: int


@method(
    "evppi",
    title="Expected value of partial perfect information, by regression",
    summary="Regresses net benefit on the parameters of interest and takes the mean of the best fitted value less the "
    "best mean: cubic regression splines for up to three, a Gaussian process for more.",
    needs="draws of costs, effects and parameters, and thresholds",
    limits="A regression that misses a sharp bend or an interaction undervalues information, one on few draws "
    "overvalues it; the held-out value brackets it from below.",
    references=(STRONG_2014, WOOD, QUINONERO),
)
def evppi(
    costs: ArrayLike,
    effects: ArrayLike,
    thresholds: ArrayLike,
    *,
    parameters: ArrayLike,
    names: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    smoother: str | None = None,
    seed: int = 1,
) -> PartialInformation:
    """Return the expected value of perfect information on each parameter, or each group of them.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).
    parameters
        Draws x parameters, (D, P), in the same order of draws.
    names
        Of the parameters.
    groups
        Names of the parameters of each group; where None, each parameter by itself.
    smoother
        "splines" (one to three parameters) or "gaussian_process"; where None, by how many there are.
    seed
        Of the draws on which the Gaussian process rests.

    Raises
    ------
    UnreadableInput
        Where draws are missing, too few or differ in number.
    InvalidSetting
        For an unknown parameter, an empty group, or splines of more than three parameters.

    References
    ----------
    Strong, Oakley and Brennan 2014. The standard error is that of the mean gain of the chosen strategies, for an
    error in the regression moves the choice only where strategies are level.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = np.column_stack([rng.normal(1, 1, 4000), rng.normal(0, 2, 4000)])
    >>> effects = np.column_stack([np.zeros(4000), p[:, 0] - p[:, 1]])
    >>> found = evppi(np.zeros_like(effects), effects, 1, parameters=p)  # truth 0.0833 and 0.3956
    >>> found.value[:, 0].round(2)
    array([0.09, 0.39])
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    table = parameters_of(parameters, len(c))
    labels = names_of(names, table.shape[1], stem="parameter")
    chosen = {name: (name,) for name in labels} if groups is None else groups
    # Every second draw first: halves are then slices.
    order = np.concatenate([np.arange(0, len(c), 2), np.arange(1, len(c), 2)])
    benefit, table = Benefit.of(c[order], e[order], k), np.asfortranarray(table[order])
    middle = (len(c) + 1) // 2
    halves = [(half, benefit.part(half)) for half in (slice(0, middle), slice(middle, len(c)))]
    shape = (len(chosen), len(k))
    value, se, held_out = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    columns = [columns_of(members, labels, group) for group, members in chosen.items()]
    points = [table[:, [j for j in at if table[:, j].std() > 0]] for at in columns]
    smoothers = tuple(smoother or smoother_for(x.shape[1]) for x in points)

    with one_blas_thread():
        for g, (x, kind) in enumerate(zip(points, smoothers, strict=True)):
            if x.shape[1]:
                design = design_of(kind, x, benefit.away, seed)
                value[g], se[g], held_out[g] = _gains(design.rows(x), design.penalties, benefit, halves)
    return PartialInformation(tuple(chosen), k, value, se, held_out, smoothers, len(c))


def _gains(
    rows: Floats, penalties: Floats, benefit: Benefit, halves: Sequence[tuple[slice, Benefit]]
) -> tuple[Floats, Floats, Floats]:
    """Return the value, its standard error, and the value on draws held out, at each threshold."""
    whole, *apart = BenefitRegression.of_halves(rows, penalties, benefit, halves)
    value, se, held_out = np.empty((3, len(benefit.thresholds)))
    for i in range(len(value)):
        drawn = benefit.at(i)
        best = benefit.means[i].argmax()
        fitted = whole.fitted(rows, i)
        value[i] = max(float(fitted.max(axis=1).mean() - fitted[:, best].mean()), 0.0)
        se[i] = standard_error(_chosen(drawn, fitted) - drawn[:, best])
        unseen = [
            _chosen(drawn[other], half.fitted(rows[other], i))
            for half, (other, _) in zip(apart, reversed(halves), strict=True)
        ]
        held_out[i] = (sum(part.sum() for part in unseen) - drawn[:, best].sum()) / len(rows)
    return value, se, held_out


def _chosen(drawn: Floats, fitted: Floats) -> Floats:
    """Return the drawn benefit, (n,), of the strategy of the highest fitted one, the first of those that tie."""
    top, chosen = fitted[:, 0].copy(), drawn[:, 0].copy()
    for s in range(1, fitted.shape[1]):
        np.copyto(chosen, drawn[:, s], where=fitted[:, s] > top)
        np.maximum(top, fitted[:, s], out=top)
    return chosen
