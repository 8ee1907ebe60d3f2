"""What a study of a given size would be worth, from studies simulated for every draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.acceptability import standard_error
from coley.stats.decision.benefit_regression import (
    Benefit,
    BenefitRegression,
    design_of,
    parameters_of,
    smoother_for,
)
from coley.stats.decision.outcomes import outcomes, thresholds_of
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.penalised import regress

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

STRONG_2015 = (
    "Strong M, Oakley JE, Brennan A, Breeze P. Estimating the expected value of sample information using the "
    "probabilistic sensitivity analysis sample: a fast, nonparametric regression-based method. Med Decis Making "
    "2015;35:570-583."
)

JALAL_2018 = (
    "Jalal H, Alarid-Escudero F. A Gaussian approximation approach for value of information analysis. Med Decis "
    "Making 2018;38:174-188."
)


@dataclass(frozen=True, eq=False)
class SampleInformation:
    """Expected value of sample information, by the size of the study.

    Attributes
    ----------
    sizes
        (N,).
    thresholds
        (K,).
    value, se
        (N, K): money per patient, and the standard error, which is on the large side: for shrunk regressions by a
        third to two thirds in trials with a few hundred draws.
    prior_size
        (K, S): how many observations what is known is worth, by strategy (NaN for the first, with which the others
        are compared, and where the method does not use it).
    n
        Draws.
    """

    sizes: Floats
    thresholds: Floats
    value: Floats
    se: Floats
    prior_size: Floats
    n: int


@method(
    "evsi_regression",
    title="Expected value of sample information, by regression",
    summary="Regresses net benefit on a summary of a study simulated from each draw.",
    needs="draws of costs and effects, and a summary of the study's data simulated from each draw, for each size",
    limits="As good as the summary: it must hold what the study says about the decision.",
    references=(STRONG_2015,),
)
def evsi_regression(
    costs: ArrayLike,
    effects: ArrayLike,
    thresholds: ArrayLike,
    *,
    summaries: Mapping[float, ArrayLike],
    seed: int = 1,
) -> SampleInformation:
    """Return the expected value of studies whose data were simulated.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).
    summaries
        Size of a study to the summary statistics of one simulated from each draw's parameters, (D,) or (D, Q).
    seed
        Of the Gaussian process, where there are more than three statistics.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `evppi`.

    References
    ----------
    Strong et al 2015.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.normal(1, 1, 4000)
    >>> effects = np.column_stack([np.zeros(4000), p])
    >>> means = {n: p + rng.normal(0, 2 / n**0.5, 4000) for n in (4, 40)}
    >>> evsi_regression(np.zeros_like(effects), effects, 1, summaries=means).value[:, 0].round(2)
    array([0.03, 0.08])
    """
    sizes = sizes_of(list(summaries))
    found = []
    for summary in summaries.values():
        table = np.asarray(summary, dtype=float)
        table = table[:, None] if table.ndim == 1 else table
        names = [f"statistic {j + 1}" for j in range(table.shape[1])]
        found.append(
            evppi(
                costs, effects, thresholds, parameters=table, names=names, groups={"study": names}, seed=seed
            )
        )
    c, _ = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    none = np.full((len(k), c.shape[1]), np.nan)
    return SampleInformation(
        sizes, k, np.vstack([f.value for f in found]), np.vstack([f.se for f in found]), none, len(c)
    )


@method(
    "evsi_two_stage",
    title="Expected value of sample information, by regression in two stages",
    summary="Regresses net benefit on what a study measures, and what is expected from it on a summary of a study "
    "simulated from each draw: the noise of all that the study does not measure is gone before its result is weighed.",
    needs="draws of costs, effects and the quantities measured, and a summary of the study's data simulated from each "
    "draw, for each size",
    limits="The summary may tell of net benefit only through the quantities measured; regressions as for `evppi`.",
    references=(STRONG_2015, JALAL_2018),
)
def evsi_two_stage(
    costs: ArrayLike,
    effects: ArrayLike,
    thresholds: ArrayLike,
    *,
    parameters: ArrayLike,
    summaries: Mapping[float, ArrayLike],
    seed: int = 1,
) -> SampleInformation:
    """Return the expected value of studies whose data were simulated, free of the noise of what they do not measure.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).
    parameters
        Draws of what the study measures, as it would find it without sampling error, (D,) or (D, P).
    summaries
        Size of a study to the summary statistics of one simulated from each draw's parameters, (D,) or (D, Q).
    seed
        Of the Gaussian process, where there are more than three parameters or statistics.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `evppi`.

    References
    ----------
    The regression on summaries is that of Strong et al 2015, the metamodel before it that of Jalal and Alarid-Escudero
    2018; that one may follow the other is the law of total expectation. The standard error is that of the mean gain by
    the choice that the study would lead to, averaged over its results for each draw of the parameters.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.normal(1, 1, 4000)
    >>> effects = np.column_stack([np.zeros(4000), p + rng.normal(0, 2, 4000)])
    >>> means = {n: p + rng.normal(0, 2 / n**0.5, 4000) for n in (4, 40)}
    >>> found = evsi_two_stage(0 * effects, effects, 1, parameters=p, summaries=means)
    >>> found.value[:, 0].round(2)  # truth 0.0251 and 0.0724
    array([0.03, 0.07])
    """
    sizes = sizes_of(list(summaries))
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    benefit = Benefit.of(c, e, k)
    known = _varying(parameters, len(c))
    value, se = np.zeros((2, len(sizes), len(k)))
    none = np.full((len(k), c.shape[1]), np.nan)
    if known.shape[1]:
        first = design_of(smoother_for(known.shape[1]), known, benefit.away, seed)
        rows = first.rows(known)
        regression = BenefitRegression(rows, first.penalties, benefit)
        expected = [regression.fitted(rows, i)[:, 1:] for i in range(len(k))]
        for j, summary in enumerate(summaries.values()):
            seen = _varying(summary, len(c))
            second = design_of(smoother_for(seen.shape[1]), seen, expected[0], seed)
            shown = second.rows(seen)
            for i in range(len(k)):
                coefficients, centres = regress(shown, second.penalties, expected[i])
                after = np.pad(shown @ coefficients + centres, ((0, 0), (1, 0)))
                choice = after.argmax(axis=1)
                best = int(benefit.means[i].argmax())
                gain = after[np.arange(len(after)), choice] - after[:, best]
                value[j, i] = max(float(gain.mean()), 0.0)
                se[j, i] = _error(choice, benefit.at(i), best, rows, first.penalties)
    return SampleInformation(sizes, k, value, se, none, len(c))


def _error(choice: NDArray[np.int64], drawn: Floats, best: int, rows: Floats, penalties: Floats) -> float:
    """Return the standard error of the mean gain by choices of which each draw's chance is regressed on `rows`."""
    made = (choice[:, None] == np.arange(drawn.shape[1])).astype(np.float64)
    coefficients, centres = regress(rows, penalties, made)
    chance = np.clip(rows @ coefficients + centres, 0, 1)
    chance /= chance.sum(axis=1, keepdims=True)
    return float(standard_error((chance * drawn).sum(axis=1) - drawn[:, best]))


def _varying(parameters: ArrayLike, draws: int) -> Floats:
    table = parameters_of(parameters, draws)
    return table[:, table.std(axis=0) > 0]


def sizes_of(sizes: ArrayLike) -> Floats:
    """Examine sizes of studies and return them as an array, (N,).

    Raises
    ------
    InvalidSetting
        Where one is missing or not positive.
    """
    n = np.atleast_1d(np.asarray(sizes, dtype=float))
    if n.ndim != 1 or not len(n) or not np.isfinite(n).all() or not (n > 0).all():
        raise InvalidSetting(f"Sizes of studies must be positive: {n.tolist()!r:.80}.")
    return n
