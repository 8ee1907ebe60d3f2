"""Concordance of a risk score with survival: Harrell's C, and Uno's that does not depend on censoring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.judging.censoring import censoring
from coley.stats.judging.dominance import dominance
from coley.stats.judging.examined import scores
from coley.stats.judging.intervals import logit_interval, wald_interval
from coley.stats.survival.follow_up import FollowUp, follow_up
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

UNO_C = (
    "Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ. On the C-statistics for evaluating overall adequacy of "
    "risk prediction procedures with censored survival data. Stat Med 2011;30:1105-1117."
)
HARRELL_C = (
    "Harrell FE, Califf RM, Pryor DB, Lee KL, Rosati RA. Evaluating the yield of medical tests. "
    "JAMA 1982;247:2543-2546."
)
THERNEAU_WATSON = (
    "Therneau TM, Watson DA. The concordance statistic and the Cox model. Technical Report 85, Department of "
    "Health Science Research, Mayo Clinic 2015."
)


@dataclass(frozen=True, eq=False)
class Concordance:
    """A concordance: the chance that of two patients the one with the higher risk score has the event first.

    Attributes
    ----------
    interval
        Made on the logit scale; `se` is that of the logit.
    wald
        The symmetric interval; `se` is the infinitesimal jackknife's.
    test
        Of no concordance (C = 0.5), by the same standard error.
    pairs, tied_pairs
        Pairs of which it is known who had the event first, and those among them with equal scores.
    n, events
        Patients, and events (up to tau, where there is one).
    tau
        Events after it are not looked at; None for all.
    influence
        Change of C with the case weight of each patient; the squares sum to the variance.
    """

    interval: Interval
    wald: Interval
    test: Test
    pairs: int
    tied_pairs: int
    n: int
    events: int
    tau: float | None
    influence: Floats = field(repr=False)

    @property
    def value(self) -> float:
        """The concordance."""
        return self.interval.value


@method(
    "harrell_c",
    title="Harrell's C",
    summary="Share of comparable pairs of patients in which the higher risk score had the event first.",
    needs="a risk score, time and event of each patient",
    limits="Depends on how long patients were followed and on the pattern of censoring: not comparable between "
    "cohorts with different follow-up. Optimistic on patients on whom the score was built.",
    references=(HARRELL_C, THERNEAU_WATSON),
)
def harrell_c(
    risk: ArrayLike, time: ArrayLike, event: ArrayLike, *, tau: float | None = None, level: float = 0.95
) -> Concordance:
    """Estimate Harrell's C; pairs with equal scores count one half.

    A pair is comparable where one patient had the event while the other was still followed, a censoring at
    the time of the event included; two events at one time are not comparable.

    Parameters
    ----------
    risk
        Larger where an earlier event is expected.
    time, event
        End of follow-up, and 1 or True where the event happened then.
    tau
        Events after it are not looked at.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where lengths differ or values are missing.
    NotEstimable
        Where no pair is comparable.

    References
    ----------
    Harrell et al. 1982; variance by the infinitesimal jackknife: Therneau and Watson 2015.

    Examples
    --------
    >>> found = harrell_c([5, 4, 3, 1, 2], [1, 2, 3, 4, 5], [1, 1, 0, 1, 0])
    >>> found.value, found.pairs
    (0.875, 8)
    """
    rows = follow_up(time, event)
    return _concordance(scores(risk, len(rows.time), what="The risk score"), rows, tau, level, weighted=False)


@method(
    "uno_c",
    title="Uno's C",
    summary="Concordance up to a time, with pairs weighted for the censoring that hid others like them.",
    needs="a risk score, time and event of each patient, and a time up to which it is judged",
    limits="Assumes censoring that depends neither on the score nor on survival; without a tau well inside the "
    "follow-up a few late events carry large weights.",
    references=(UNO_C, THERNEAU_WATSON),
)
def uno_c(
    risk: ArrayLike, time: ArrayLike, event: ArrayLike, *, tau: float | None = None, level: float = 0.95
) -> Concordance:
    """Estimate Uno's C; pairs with equal scores count one half.

    The standard error is asymptotic, from the derivative in each patient's case weight, in which the curve
    of censoring takes part; it is not resampled.

    Parameters
    ----------
    risk
        Larger where an earlier event is expected.
    time, event
        End of follow-up, and 1 or True where the event happened then.
    tau
        Events after it are not looked at; all where None.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where lengths differ or values are missing.
    NotEstimable
        Where no pair is comparable.

    References
    ----------
    Uno et al. 2011; the standard error follows Therneau and Watson 2015, with the weights no longer held fixed.

    Examples
    --------
    >>> round(uno_c([5, 4, 3, 1, 2], [1, 2, 3, 4, 5], [1, 1, 0, 1, 0], tau=4).value, 4)
    0.7568
    """
    rows = follow_up(time, event)
    return _concordance(scores(risk, len(rows.time), what="The risk score"), rows, tau, level, weighted=True)


def concordance_difference(first: Concordance, second: Concordance) -> tuple[Interval, Test]:
    """Compare two concordances of the same kind of the same patients, in the same order: first minus second.

    Returns
    -------
    tuple
        The difference with its interval, and the test of none.

    Raises
    ------
    InvalidSetting
        Where they are not of the same patients, or not up to the same time.

    References
    ----------
    Therneau and Watson 2015: the influences of a patient on both are subtracted.

    Examples
    --------
    >>> time, event = [1, 2, 3, 4, 5], [1, 1, 0, 1, 1]
    >>> one, two = (harrell_c(risk, time, event) for risk in ([5, 4, 3, 1, 2], [1, 3, 2, 5, 4]))
    >>> round(concordance_difference(one, two)[0].value, 3)
    0.625
    """
    if (first.n, first.pairs, first.tau) != (second.n, second.pairs, second.tau):
        raise InvalidSetting(
            "The two concordances cannot be compared.",
            where=f"n {first.n} and {second.n}; pairs {first.pairs} and {second.pairs}; tau {first.tau} and "
            f"{second.tau}",
            remedy="Judge both scores on the same patients, up to the same time.",
        )
    level = first.interval.level
    value = first.value - second.value
    se = float(np.sqrt(((first.influence - second.influence) ** 2).sum()))
    z = value / se if se > 0 else float("nan")
    return (
        wald_interval(value, se, level=level, least=-1.0, most=1.0),
        Test(z, float("nan"), float(normal_two_sided(z))),
    )


def _concordance(
    risk: Floats, rows: FollowUp, tau: float | None, level: float, *, weighted: bool
) -> Concordance:
    z_of(level)
    n, time = len(risk), rows.time
    counted = rows.event if tau is None else rows.event & (time <= tau)
    follow = censoring(time, rows.event) if weighted else None
    weight = counted / follow.free**2 if follow else counted.astype(float)
    # whoever is censored at the time of an event outlives it
    instant = 2 * np.unique(time, return_inverse=True)[1] + ~rows.event
    before = dominance(instant, risk, weight)  # events before each patient
    after = dominance(-instant, risk, np.ones(n))  # patients after each event
    pairs = float((counted * after.all).sum())
    total = float(weight @ after.all)
    if total == 0:
        raise NotEstimable(
            f"No pair of {n} patients is comparable.",
            cause="no event" if not counted.any() else "nobody is followed beyond the first event",
            remedy="Check the coding of the event and the choice of tau.",
        )
    as_first = after.lower + after.equal / 2
    value = float(weight @ as_first) / total
    first = weight * (as_first - value * after.all)
    later = before.all - before.lower - before.equal / 2 - value * before.all
    influence = first + later
    if follow:
        influence += follow.through(2 * first)
    influence /= total
    se = float(np.sqrt(influence @ influence))
    z = (value - 0.5) / se if se > 0 else float("nan")
    return Concordance(
        interval=logit_interval(value, se, level=level),
        wald=wald_interval(value, se, level=level, least=0.0, most=1.0),
        test=Test(z, float("nan"), float(normal_two_sided(z))),
        pairs=round(pairs),
        tied_pairs=round(float((counted * after.equal).sum())),
        n=n,
        events=int(counted.sum()),
        tau=tau,
        influence=influence,
    )
