"""Whether a study is worth its cost, and of what size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.sample_information import SampleInformation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CONTI = (
    "Conti S, Claxton K. Dimensions of design space: a decision-theoretic approach to optimal research design. Med "
    "Decis Making 2009;29:643-660."
)


@dataclass(frozen=True, eq=False)
class SamplingBenefit:
    """Expected net benefit of sampling.

    Attributes
    ----------
    sizes, thresholds
        (N,), (K,).
    value, se
        (N, K): value of the study to its population less its cost, and the standard error of the former.
    best_size
        (K,): the size of the largest; 0 where no study is worth its cost.
    at_edge
        (K,): whether that is the largest size tried, so that a larger one may be better still.
    """

    sizes: Floats
    thresholds: Floats
    value: Floats
    se: Floats
    best_size: Floats
    at_edge: NDArray[np.bool_]


@method(
    "enbs",
    title="Expected net benefit of sampling",
    summary="Value of a study's information to the patients whom the decision concerns, less what the study costs.",
    needs="expected value of sample information by size, the population, and what a study costs",
    limits="Takes the study's answer to be acted upon at once; where the population shrinks while the study runs, it "
    "has to be given so.",
    references=(CONTI,),
)
def enbs(
    information: SampleInformation,
    population: ArrayLike,
    *,
    fixed_cost: float,
    cost_per_participant: float,
) -> SamplingBenefit:
    """Return the net benefit of studies, and the size at which it is largest.

    Parameters
    ----------
    information
        Expected value of sample information, per patient, by size.
    population
        Patients who profit, discounted (`decision_population`): one number, or one for each size, (N,), where larger
        studies take longer.
    fixed_cost, cost_per_participant
        Of the study, in the money of the information.

    Raises
    ------
    InvalidSetting
        For negative costs or populations, or populations that are not one for each size.

    References
    ----------
    Conti and Claxton 2009.

    Examples
    --------
    >>> p = np.random.default_rng(1).normal(1, 1, 4000)
    >>> effects = np.column_stack([np.zeros(4000), 1000 * p])
    >>> from coley.stats.decision.evsi_shrinkage import evsi_gaussian
    >>> information = evsi_gaussian(
    ...     np.zeros_like(effects), effects, 1, parameters=p, prior_size=4, sizes=[10, 30, 100, 300]
    ... )
    >>> enbs(information, 5000, fixed_cost=1e5, cost_per_participant=500).best_size
    array([100.])
    """
    patients = np.asarray(population, dtype=float)
    if patients.shape not in ((), information.sizes.shape):
        raise InvalidSetting(f"Give one population, or one for each of {len(information.sizes)} sizes.")
    if not (np.isfinite(patients).all() and (patients >= 0).all()):
        raise InvalidSetting("A population cannot be negative.")
    if not (
        np.isfinite([fixed_cost, cost_per_participant]).all() and min(fixed_cost, cost_per_participant) >= 0
    ):
        raise InvalidSetting(f"A study cannot cost {fixed_cost} and {cost_per_participant} a participant.")
    many = np.broadcast_to(patients, information.sizes.shape)[:, None]
    cost = (fixed_cost + cost_per_participant * information.sizes)[:, None]
    value = many * information.value - cost
    best = value.argmax(axis=0)
    worth_it = value.max(axis=0) > 0
    return SamplingBenefit(
        information.sizes,
        information.thresholds,
        value,
        many * information.se,
        np.where(worth_it, information.sizes[best], 0.0),
        worth_it & (information.sizes[best] == information.sizes.max()),
    )
