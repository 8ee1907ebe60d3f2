"""What treating one patient is worth: numbers whose mean over any group of patients is that group's gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import share_of
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ROBINS = (
    "Robins JM, Rotnitzky A, Zhao LP. Estimation of regression coefficients when some regressors are not always "
    "observed. J Am Stat Assoc 1994;89:846-866."
)
ATHEY = "Athey S, Wager S. Policy learning with observational data. Econometrica 2021;89:133-161."
VICKERS = (
    "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models. "
    "Med Decis Making 2006;26:565-574."
)


@dataclass(frozen=True, eq=False)
class Gains:
    """Worth of treating each patient rather than giving the comparator.

    Attributes
    ----------
    value
        (n,) in money (or in whatever the outcome is measured). A single one means nothing; the mean over a group
        estimates what treating that group gains, per patient.
    randomised
        Whether it rests on a randomised comparison. Where not, it takes the outcome to be caused by treatment.
    """

    value: Floats
    randomised: bool

    def __len__(self) -> int:
        return len(self.value)

    def resampled(self, weights: Floats, first: int = 0) -> Floats:
        """Return gains in resamples of the patients, (B or 1, n); `weights` (B, n) say how often each is in one."""
        return self.value[None]

    def take(self, which: NDArray[np.intp]) -> Gains:
        """Return the gains of some patients, or in another order."""
        return Gains(self.value[which], self.randomised)


@method(
    "randomised_gains",
    title="Gain of treatment by patient from a randomised comparison",
    summary="Scores of each patient whose mean over any group known at the start is the difference between arms there.",
    needs="an outcome of each patient of a randomised trial (pseudo-values where it is censored), the arm, and the "
    "probability of the treated arm",
    limits="For trials randomised with that probability whatever the marker; a single score is mostly noise.",
    references=(ROBINS, ATHEY),
)
def randomised_gains(
    outcome: ArrayLike,
    treated: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    probability: float | None = None,
) -> Gains:
    """Return the gain of treatment as doubly robust scores.

    A score is the difference of the arms' means, plus the patient's distance from his own arm's mean over the
    probability of that arm, with the sign of the arm. Scores are linear in outcomes: whatever rule is judged by them
    is judged without bias on patients whom it was not made from.

    Parameters
    ----------
    outcome
        (n,) net benefit, QALYs or months of each patient.
    treated
        (n,) 1 or True in the treated arm.
    strata
        (n,) groups known at the start, such as a marker with a fixed cut-off, within which arms have means of their
        own: the mean over a stratum is then just the difference between arms in it.
    probability
        Of the treated arm by design; the share seen where None.

    Raises
    ------
    UnreadableInput
        Where outcomes are missing, or an arm is empty in a stratum.
    InvalidSetting
        For a probability of treatment that is not between 0 and 1.

    References
    ----------
    Robins et al 1994; Athey and Wager 2021, eq. 4, with arm means for the regressions.

    Examples
    --------
    >>> found = randomised_gains([5.0, 7.0, 2.0, 2.0], [1, 1, 0, 0])
    >>> found.value, found.value.mean()
    (array([2., 6., 4., 4.]), np.float64(4.0))
    """
    y, a = np.asarray(outcome, dtype=np.float64), np.asarray(treated)
    if y.ndim != 1 or a.shape != y.shape or not np.isfinite(y).all() or not np.isin(a, (0, 1)).all():
        raise UnreadableInput(
            "Each patient needs a finite outcome and an arm, 0 or 1.", where=f"{y.shape} and {a.shape}"
        )
    arm = a.astype(bool)
    if arm.all() or not arm.any():
        raise UnreadableInput(
            "Both arms need patients.", remedy="Without a control arm use `gains_if_caused`."
        )
    pi = (
        float(arm.mean())
        if probability is None
        else float(share_of(probability, "The probability of treatment")[0])
    )
    if not 0 < pi < 1:
        raise InvalidSetting("The probability of treatment lies between 0 and 1.")
    group = np.zeros(len(y), dtype=np.intp) if strata is None else _groups(strata, len(y))
    sizes = [np.bincount(group[part], minlength=group.max() + 1) for part in (arm, ~arm)]
    if min(size.min() for size in sizes) == 0:
        raise UnreadableInput("A stratum has no patient in one of the arms.", remedy="Take fewer strata.")
    one, none = (
        (np.bincount(group[part], y[part], minlength=len(size)) / size)[group]
        for part, size in zip((arm, ~arm), sizes, strict=True)
    )
    return Gains(one - none + np.where(arm, (y - one) / pi, -(y - none) / (1 - pi)), randomised=True)


@method(
    "gains_if_caused",
    title="Gain of treatment by patient, if response is what treatment causes",
    summary="What a response is worth less what treatment costs, for responders; what it costs, for others.",
    needs="the response of each patient, all treated; the worth of a response and the cost of treatment",
    limits="Nobody was randomised: it takes every response to be caused by treatment, responders to gain the same, and "
    "others to gain nothing. A marker that only tells who does well anyway looks as good here as one that tells who "
    "gains.",
    references=(VICKERS,),
)
def gains_if_caused(response: ArrayLike, worth_of_response: float, cost: float) -> Gains:
    """Return the gain of treating each patient under the assumption that treatment causes responses.

    Parameters
    ----------
    response
        (n,) 1 or True where the patient responded.
    worth_of_response
        Money that a response is worth: threshold times QALYs gained by it, less later costs that it brings.
    cost
        Money that treating a patient adds, responding or not. With worth 1 and cost t this is net benefit of decision
        curves at the threshold probability t, times 1 - t.

    Raises
    ------
    UnreadableInput
        Where a response is missing.

    References
    ----------
    Vickers and Elkin 2006.

    Examples
    --------
    >>> gains_if_caused([1, 0, 1], 100_000, 40_000).value
    array([ 60000., -40000.,  60000.])
    """
    y = np.asarray(response)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0, 1)).all():
        raise UnreadableInput(
            "A response is 0 or 1, and none is missing.", remedy="Leave out patients without one."
        )
    return Gains(worth_of_response * y.astype(np.float64) - cost, randomised=False)


def _groups(labels: ArrayLike, n: int) -> NDArray[np.intp]:
    found = np.asarray(labels)
    if found.shape != (n,):
        raise UnreadableInput("Every patient needs a group.", where=f"{found.shape} for {n} patients")
    return np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.intp)
