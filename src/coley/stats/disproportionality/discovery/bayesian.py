"""Error rates of a list of pairs from the posterior probability of each that it is no signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

AHMED = (
    "Ahmed I, Haramburu F, Fourrier-Réglat A, et al. Bayesian pharmacovigilance signal detection methods revisited "
    "in a multiple comparison setting. Stat Med 2009;28:1774-1792."
)


@dataclass(frozen=True, eq=False)
class BayesianRates:
    """What would be true of the list of this pair and of all that are less probably null.

    Attributes
    ----------
    false_discovery
        Expected share of null pairs in the list.
    false_nondiscovery
        Expected share of signals among the pairs left out; NaN where none is left out.
    sensitivity
        Expected share of all signals that are in the list.
    specificity
        Expected share of all null pairs that are left out.
    """

    false_discovery: Floats
    false_nondiscovery: Floats
    sensitivity: Floats
    specificity: Floats

    def called(self, rate: float = 0.05) -> NDArray[np.bool_]:
        """Return which pairs are in the longest list within a false discovery rate."""
        return np.asarray(self.false_discovery <= rate)


@method(
    "bayesian_false_discovery_rate",
    title="Bayesian false discovery rate",
    summary="Mean posterior probability of being null among the pairs of a list, with the sensitivity and "
    "specificity that go with it.",
    needs="posterior probability of each pair that its reporting ratio is at most the threshold of interest",
    limits="As good as the model that gave the probabilities: where its prior is wrong, so is the rate.",
    references=(AHMED,),
)
def bayesian_false_discovery(null_probability: ArrayLike) -> BayesianRates:
    """Return the error rates of every list that the posterior probabilities could make.

    Parameters
    ----------
    null_probability
        Of each pair (n,); pairs of equal probability are called together.

    Raises
    ------
    UnreadableInput
        Where a probability is missing or outside 0 to 1.

    References
    ----------
    Ahmed et al. 2009, section 3.2.

    Examples
    --------
    >>> rates = bayesian_false_discovery([0.01, 0.9, 0.05, 0.5])
    >>> rates.false_discovery.round(3), rates.sensitivity.round(3)
    (array([0.01 , 0.365, 0.03 , 0.187]), array([0.39 , 1.   , 0.764, 0.961]))
    """
    null = np.atleast_1d(np.asarray(null_probability, dtype=float))
    bad = ~((null >= 0) & (null <= 1))
    if bad.any():
        raise UnreadableInput(
            "A posterior probability must lie between 0 and 1.",
            where=f"{int(bad.sum())} of {null.size}, the first {null[bad][0]}",
        )
    levels, of = np.unique(null, return_inverse=True)
    size = np.bincount(of, minlength=len(levels)).astype(float)
    called, false = np.cumsum(size), np.cumsum(size * levels)
    found = called - false
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = BayesianRates(
            false / called,
            (found[-1:] - found) / (called[-1:] - called),
            found / found[-1:],
            1 - false / false[-1:],
        )
    return BayesianRates(
        rates.false_discovery[of], rates.false_nondiscovery[of], rates.sensitivity[of], rates.specificity[of]
    )
