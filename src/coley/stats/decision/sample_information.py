"""What a study of a given size would be worth, from studies simulated for every draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.outcomes import outcomes, thresholds_of
from coley.stats.decision.partial_information import evppi

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

STRONG_2015 = (
    "Strong M, Oakley JE, Brennan A, Breeze P. Estimating the expected value of sample information using the "
    "probabilistic sensitivity analysis sample: a fast, nonparametric regression-based method. Med Decis Making "
    "2015;35:570-583."
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
