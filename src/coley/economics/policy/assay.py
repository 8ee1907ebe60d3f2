"""A test: what it tells, what it costs, and whom it misses or keeps waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of, share_of
from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.distributions import distribution
from coley.stats.decision.sampling import sample_parameters
from coley.stats.proportions import counts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

PHELPS = (
    "Phelps CE, Mushlin AI. Focusing technology assessment using medical decision theory. Med Decis Making "
    "1988;8:279-289."
)


@dataclass(frozen=True, eq=False)
class Accuracy:
    """What a test tells, draw by draw.

    Attributes
    ----------
    sensitivity, specificity
        (D,) share of patients with the condition (response, benefit, a marker by the reference test) who are
        positive, and of those without it who are negative.
    prevalence
        (D,) share of patients with the condition.
    """

    sensitivity: Floats
    specificity: Floats
    prevalence: Floats


@dataclass(frozen=True, eq=False)
class Assay:
    """What testing costs, and what it misses; made by `assay`.

    Attributes
    ----------
    cost
        (D,) money per patient tested.
    failed
        (D,) share of tests without a result.
    rebiopsied, rebiopsy_cost, failed_again
        (D,) share of those who are biopsied and tested again, what it costs with the test, and the share of those
        whose second test fails.
    treat_untold
        Whether a patient without a result is treated.
    lost_waiting
        (D,) share of patients who can no longer be treated when the result is there.
    """

    cost: Floats
    failed: Floats
    rebiopsied: Floats
    rebiopsy_cost: Floats
    failed_again: Floats
    treat_untold: bool
    lost_waiting: Floats

    @property
    def untold(self) -> Floats:
        """(D,): share of patients who never have a result."""
        return self.failed * (1 - self.rebiopsied * (1 - self.failed_again))

    @property
    def decided(self) -> Floats:
        """(D,): share of patients for whom the result decides, and in time."""
        return (1 - self.lost_waiting) * (1 - self.untold)

    @property
    def treated_untold(self) -> Floats:
        """(D,): share of patients who are treated without a result."""
        return (1 - self.lost_waiting) * self.untold * self.treat_untold

    @property
    def all_costs(self) -> Floats:
        """(D,): money per patient, with second biopsies."""
        return self.cost + self.failed * self.rebiopsied * self.rebiopsy_cost


@method(
    "accuracy_from_counts",
    title="Accuracy of a test from a two-by-two table",
    summary="Draws of sensitivity, specificity and prevalence from beta distributions of their counts.",
    needs="true and false positives and negatives",
    limits="The three are drawn independently, which is right where all patients were tested and compared with the "
    "reference; the prevalence is that of the table's patients, and no other's.",
    references=(PHELPS,),
)
def accuracy_from_counts(
    positives: tuple[int, int], negatives: tuple[int, int], *, draws: int, seed: int, prior: float = 0.5
) -> Accuracy:
    """Draw the accuracy of a test.

    Parameters
    ----------
    positives
        True and false ones: positive patients with the condition, and without it.
    negatives
        True and false ones: negative patients without the condition, and with it.
    draws, seed
        How many, and of what stream.
    prior
        Added to each count: 0.5 is Jeffreys' prior.

    Raises
    ------
    UnreadableInput
        Where a count is missing or negative.
    InvalidSetting
        Where the prior is not positive.

    References
    ----------
    Conjugate beta distributions of three binomial proportions.

    Examples
    --------
    >>> drawn = accuracy_from_counts((80, 30), (70, 20), draws=4000, seed=1)
    >>> drawn.sensitivity.mean().round(2), drawn.specificity.mean().round(2), drawn.prevalence.mean().round(2)
    (np.float64(0.8), np.float64(0.7), np.float64(0.5))
    """
    if not prior > 0:
        raise InvalidSetting(f"The prior adds a positive number to each count, not {prior:g}.")
    (tp, fp), (tn, fn) = positives, negatives
    counts([tp, tn], [tp + fn, tn + fp])  # refuses what is missing or negative
    drawn = sample_parameters(
        {
            "sensitivity": distribution("beta", alpha=tp + prior, beta=fn + prior),
            "specificity": distribution("beta", alpha=tn + prior, beta=fp + prior),
            "prevalence": distribution("beta", alpha=tp + fn + prior, beta=tn + fp + prior),
        },
        draws,
        seed,
    )
    return Accuracy(drawn["sensitivity"], drawn["specificity"], drawn["prevalence"])


def assay(
    cost: ArrayLike,
    *,
    failed: ArrayLike = 0.0,
    rebiopsied: ArrayLike = 0.0,
    rebiopsy_cost: ArrayLike = 0.0,
    failed_again: ArrayLike | None = None,
    treat_untold: bool = True,
    waiting_days: ArrayLike = 0.0,
    hazard_per_year: ArrayLike = 0.0,
    lost_waiting: ArrayLike | None = None,
) -> Assay:
    """Return what testing costs and misses, having examined it.

    Parameters
    ----------
    cost
        Money per patient tested.
    failed, rebiopsied, rebiopsy_cost, failed_again
        Share of tests that fail; of these the share biopsied again, at what cost (the second test included), and the
        share that fails again (as the first where None).
    treat_untold
        Whether patients without a result are treated.
    waiting_days
        Turnaround, during which nothing is given.
    hazard_per_year
        Rate per year at which untreated patients die or become unfit for treatment while they wait.
    lost_waiting
        Share of patients so lost, where it is known instead of the rate.

    Raises
    ------
    InvalidSetting
        Where a share is none, or a cost or a time is negative.

    Examples
    --------
    >>> told = assay(300, failed=0.1, rebiopsied=0.5, rebiopsy_cost=2000, waiting_days=21, hazard_per_year=1.0)
    >>> told.all_costs, told.untold.round(3), told.lost_waiting.round(3)
    (array([400.]), array([0.055]), array([0.056]))
    """
    fails = share_of(failed, "The share of tests that fail")
    days = draws_of(waiting_days, "Turnaround", unit="days")
    rate = draws_of(hazard_per_year, "The hazard while waiting", unit="per year")
    return Assay(
        draws_of(cost, "The cost of a test"),
        fails,
        share_of(rebiopsied, "The share biopsied again"),
        draws_of(rebiopsy_cost, "The cost of a second biopsy"),
        fails if failed_again is None else share_of(failed_again, "The share that fails again"),
        treat_untold,
        1 - np.exp(-rate * days / 365.25)
        if lost_waiting is None
        else share_of(lost_waiting, "The share lost while waiting"),
    )
