"""Treatment guided by a marker whose cut-off was fixed beforehand, from patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.gains import ATHEY, VICKERS, Gains
from coley.economics.policy.increment import share_between
from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TINY = 1e-300  # where all patients of both groups gain the same


@dataclass(frozen=True, eq=False)
class MarkerGuided:
    """Treating by a marker whose cut-off was fixed beforehand; money per patient who comes.

    Attributes
    ----------
    n, positives
        Patients, and those whom the marker picks.
    among_positive, among_negative
        Gain of treatment among them, per patient of that group.
    difference
        The former less the latter: an interaction of treatment and marker only where `randomised`.
    over_none, over_all, none_to_all
        Net benefit of treating positives less that of treating nobody, and less that of treating everybody, both
        after the cost of the test; and of treating everybody less nobody.
    beats_none, beats_all
        Probability of that, from a normal distribution of the estimate.
    highest_cost
        What a test could cost and the marker still be as good as the better of the two.
    randomised
        Whether gains rest on a randomised comparison.
    """

    n: int
    positives: int
    among_positive: Interval
    among_negative: Interval
    difference: Interval
    over_none: Interval
    over_all: Interval
    none_to_all: Interval
    beats_none: float
    beats_all: float
    highest_cost: float
    randomised: bool


@method(
    "marker_guided",
    title="Treatment guided by a marker with a fixed cut-off",
    summary="Net benefit of treating marker-positive patients, beside treating everybody and nobody.",
    needs="the gain of treatment of each patient, and whether the marker is positive",
    limits="The cut-off must not have been chosen on these patients. Where gains are not randomised, a difference "
    "between positive and negative patients does not tell a predictive marker from a prognostic one.",
    references=(VICKERS, ATHEY),
)
def marker_guided(
    positive: ArrayLike,
    gains: Gains,
    *,
    cost: float = 0.0,
    decided: float = 1.0,
    untold: float = 0.0,
    level: float = 0.95,
) -> MarkerGuided:
    """Return what treating by a marker is worth.

    Parameters
    ----------
    positive
        (n,) 1 or True where the marker is positive.
    gains
        Of the same patients, from `randomised_gains` or `gains_if_caused`.
    cost
        Of the test, per patient tested, in the unit of the gains.
    decided, untold
        Share of patients for whom the test decides, and share treated without a result; the rest are not treated.
    level
        Coverage of the intervals, which are Student's and Welch's.

    Raises
    ------
    UnreadableInput
        Where the marker is missing in a patient.
    NotEstimable
        Where fewer than two patients are positive, or negative.

    References
    ----------
    Athey and Wager 2021.

    Examples
    --------
    >>> from coley.economics.policy.gains import gains_if_caused
    >>> found = marker_guided([1, 1, 1, 0, 0, 0], gains_if_caused([1, 1, 0, 1, 0, 0], 100, 50))
    >>> round(found.over_none.value, 2), round(found.over_all.value, 2)
    (8.33, 8.33)
    """
    value = gains.value
    marker = np.asarray(positive)
    if marker.shape != value.shape or not np.isin(marker, (0, 1)).all():
        raise UnreadableInput(
            "The marker is 0 or 1 in every patient.", where=f"{marker.shape} for {value.shape} gains"
        )
    chosen = marker.astype(bool)
    if min(chosen.sum(), (~chosen).sum()) < 2:
        raise NotEstimable("Two patients or more must be positive, and as many negative.")
    share_between(level, "The level")

    def mean(values: Floats, less: float = 0.0) -> Interval:
        se = float(values.std(ddof=1) / np.sqrt(len(values)))
        return _student(float(values.mean()) - less, se, len(values) - 1, level)

    yes, no = mean(value[chosen]), mean(value[~chosen])
    parts = np.array([yes.se**2, no.se**2]), np.array([chosen.sum(), (~chosen).sum()]) - 1
    freedom = float(
        parts[0].sum() ** 2 / max((parts[0] ** 2 / parts[1]).sum(), TINY)
    )  # Welch and Satterthwaite
    treated = decided * chosen + untold  # chance of each patient to be treated
    over_none, over_all = mean(treated * value, cost), mean((treated - 1) * value, cost)
    return MarkerGuided(
        len(value),
        int(chosen.sum()),
        yes,
        no,
        _student(yes.value - no.value, float(np.hypot(yes.se, no.se)), max(freedom, 1.0), level),
        over_none,
        over_all,
        mean(value),
        above_nil(over_none),
        above_nil(over_all),
        min(over_none.value, over_all.value) + cost,
        gains.randomised,
    )


def _student(value: float, se: float, freedom: float, level: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, (1 + level) / 2)) * se
    return Interval(value, value - half, value + half, level, se)


def above_nil(estimate: Interval) -> float:
    """Return the probability that the estimate is above zero, from a normal distribution."""
    from scipy.special import ndtr

    return float(ndtr(estimate.value / estimate.se)) if estimate.se > 0 else float(estimate.value > 0)
