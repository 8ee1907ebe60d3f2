"""Competing risks: how many have had each of several events, of which the first rules out the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.model.method import method
from coley.stats.survival.follow_up import FollowUp, follow_up
from coley.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

AALEN_JOHANSEN = (
    "Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored "
    "observations. Scand J Stat 1978;5:141-150."
)
PINTILIE = "Pintilie M. Competing Risks: A Practical Perspective. Wiley 2006."
GRAY = (
    "Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. "
    "Ann Stat 1988;16:1141-1154."
)


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """The share that has had each event by each time; the shares and those free of all add up to 1.

    Attributes
    ----------
    causes
        Codes of the events, the rows of the arrays below.
    time
        Distinct times of follow-up, rising, beginning with 0; the columns.
    incidence, low, high, se
        Just after each time, causes x times; limits are NaN before the first event of a cause.
    events
        Of each cause at each time.
    free
        Kaplan-Meier curve of being free of all events, with numbers at risk and censored.
    """

    causes: tuple[int, ...]
    time: Floats
    incidence: Floats
    low: Floats
    high: Floats
    se: Floats
    events: Integers
    free: SurvivalCurve

    def milestone(self, at: float, cause: int) -> Interval:
        """Return the share that has had an event of the cause by a time; NaN beyond the last follow-up.

        Before the first event of the cause the upper limit is the exact binomial one for those at risk.
        """
        if cause not in self.causes:
            raise UnknownName("cause", str(cause), map(str, self.causes))
        level, step = self.free.level, int(self.free.position(at))
        if at > self.time[-1] and self.free.survival[-1] > 0:
            return Interval(np.nan, np.nan, np.nan, level)
        found = tuple(
            float(part[self.causes.index(cause), step])
            for part in (self.incidence, self.low, self.high, self.se)
        )
        if found[0] > 0:
            return Interval(found[0], found[1], found[2], level, found[3])
        followed = self.free.n_at_risk(at)
        high = 1 - (0.5 - level / 2) ** (1 / followed) if followed else float("nan")
        return Interval(0.0, 0.0, high, level)


@method(
    "aalen_johansen",
    title="Aalen-Johansen estimator of cumulative incidence",
    summary="The share of patients that has had an event of one cause by a time, where other events rule it out.",
    needs="time and cause of the first event of each patient (0 where censored); optionally entry times",
    limits="Depends on the competing causes as well: a treatment that prevents death makes room for every other event.",
    references=(AALEN_JOHANSEN, PINTILIE, GRAY),
)
def aalen_johansen(
    time: ArrayLike,
    cause: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    causes: Sequence[int] | None = None,
    level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of each cause.

    Parameters
    ----------
    time
        Time of the first event or end of follow-up, in any unit.
    cause
        Which event it was, 1, 2, ...; 0 where censored.
    entry
        Start of follow-up: at risk in (entry, time].
    causes
        Codes to report; by default those that occur.
    level
        Coverage of the pointwise intervals.

    Raises
    ------
    UnreadableInput
        Where a value is missing, negative or impossible.
    NotEstimable
        Where there is no patient, or neither an event nor a cause named.

    References
    ----------
    Aalen and Johansen 1978; variance as in Gray 1988 (Aalen's, with a correction for ties); interval on the
    complementary log-log scale, Pintilie 2006, section 4.3.

    Examples
    --------
    >>> found = aalen_johansen([1, 2, 3, 4, 5], [1, 2, 0, 1, 0])
    >>> found.incidence.round(2)
    array([[0. , 0.2, 0.2, 0.2, 0.5, 0.5],
           [0. , 0. , 0.2, 0.2, 0.2, 0.2]])
    """
    rows, code = _causes(time, cause, entry)
    known = tuple(int(c) for c in (np.unique(code[code > 0]) if causes is None else causes))
    if not known:
        raise NotEstimable("There is no event of any cause.", where=f"{len(code)} patients, all censored")
    if not set(np.unique(code)) <= {0, *known}:
        raise UnreadableInput(
            f"Events of causes {np.setdiff1d(code, [0, *known]).tolist()} occur that `causes` does not name.",
            remedy="Name every cause: the others rule the first out, and cannot be left away.",
        )
    free = kaplan_meier(rows.time, code > 0, entry=rows.entry, level=level)
    before = np.append(1.0, free.survival[:-1])
    step = np.searchsorted(free.time, rows.time)
    counts = np.array([np.bincount(step[code == c], minlength=len(free.time)) for c in known])
    incidence = np.cumsum(before * _ratio(counts, free.at_risk), axis=1)
    variance = np.array(
        [_variance(f, d, free.events - d, free) for f, d in zip(incidence, counts, strict=True)]
    )
    se = np.sqrt(np.maximum(variance, 0.0))
    inside = (incidence > 0) & (incidence < 1)
    log = np.log(incidence, where=inside, out=np.full_like(incidence, -1.0))
    spread = np.exp(z_of(level) * _ratio(se, np.where(inside, -incidence * log, 0.0)))
    low, high = (np.where(inside, np.exp(log * power), np.nan) for power in (spread, 1 / spread))
    return CumulativeIncidence(known, free.time, incidence, low, high, se, counts, free)


def _causes(time: ArrayLike, cause: ArrayLike, entry: ArrayLike | None) -> tuple[FollowUp, Integers]:
    given = np.asarray(cause)
    if given.dtype.kind not in "biuf" or not np.isin(given, np.arange(given.size + 100)).all():
        raise UnreadableInput(
            "'cause' must hold whole numbers from 0.",
            remedy="Code 0 for censored, 1 for one event, 2 for another.",
        )
    code = given.astype(np.int64)
    rows = follow_up(time, code > 0, entry=entry)
    return rows, code


def _ratio(above: ArrayLike, below: ArrayLike) -> Floats:
    """Divide; 0 where the denominator is 0, where no sum that uses it has anything to add."""
    top, bottom = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    ratio: Floats = np.divide(top, bottom, out=np.zeros(top.shape), where=bottom != 0)
    return ratio


def _tie_correction(events: NDArray[Any], at_risk: NDArray[Any]) -> Floats:
    """Share of the binomial variance that is left when several events fall together."""
    corrected: Floats = np.where(events > 1, 1 - _ratio(events - 1, at_risk - 1), 1.0)
    return corrected


def _variance(incidence: Floats, own: Integers, other: Integers, free: SurvivalCurve) -> Floats:
    """Aalen's variance of an incidence; the squares are expanded, so that one pass serves every time.

    An event of the cause at s moves F(t) by 1 + (F(s) - F(t)) / S(s) parts of S(s-), an event of another cause by
    (F(s) - F(t)) / S(s) parts.
    """
    before = np.append(1.0, free.survival[:-1])
    w1, w2 = (
        before**2 * _tie_correction(d, free.at_risk) * _ratio(d, free.at_risk.astype(float) ** 2)
        for d in (own, other)
    )
    w2 = np.where(free.survival > 0, w2, 0.0)
    h = _ratio(1.0, free.survival)
    g = incidence * h
    a = np.cumsum(w1 * (1 + g) ** 2 + w2 * g**2)
    b = np.cumsum((w1 * (1 + g) + w2 * g) * h)
    c = np.cumsum((w1 + w2) * h**2)
    variance: Floats = a - 2 * incidence * b + incidence**2 * c
    return variance


@method(
    "gray",
    title="Gray's test",
    summary="Compares the cumulative incidence of one cause between groups, competing causes taken into account.",
    needs="time, cause and group of each patient; optionally strata",
    limits="A difference may come from the competing cause: compare that as well.",
    references=(GRAY,),
)
def gray(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    of: int = 1,
    strata: ArrayLike | None = None,
) -> Test:
    """Test whether groups have the same cumulative incidence of one cause.

    Parameters
    ----------
    time, cause, group
        Of each patient; cause 0 where censored.
    of
        The cause that is compared; all others compete.
    strata
        Label of the stratum: patients are compared within it.

    Raises
    ------
    NotEstimable
        Where there is one group only, or no event of the cause.

    References
    ----------
    Gray 1988, section 2, with rho = 0; variance of his section 3.

    Examples
    --------
    >>> test = gray([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 2, 2, 1, 0, 2], [0, 0, 0, 0, 1, 1, 1, 1])
    >>> round(test.statistic, 3), test.df
    (4.094, 1)
    """
    rows, code = _causes(time, cause, None)
    checked = follow_up(rows.time, rows.event, labels={"group": group, "strata": strata})
    labels, member = np.unique(np.asarray(group), return_inverse=True)
    if len(labels) < 2 or not (code == of).any():
        raise NotEstimable(
            "Gray's test needs two groups and an event of the cause.",
            where=f"groups {labels.tolist()}, {int((code == of).sum())} events of cause {of}",
        )
    within = checked.labels["strata"]
    stratum = np.zeros(len(code), dtype=int) if within is None else np.unique(within, return_inverse=True)[1]
    kind = np.where(code == of, 1, np.where(code > 0, 2, 0))
    score, variance = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for s in np.unique(stratum[kind > 0]):
        inside = stratum == s
        one, two = _gray_score(rows.time[inside], kind[inside], member[inside], len(labels))
        score, variance = score + one, variance + two
    u, v = score[1:], variance[1:, 1:]
    df = int(np.linalg.matrix_rank(v, hermitian=True))
    statistic = float(u @ np.linalg.pinv(v, hermitian=True) @ u)
    return Test(statistic, df, chi2_tail(statistic, df) if df else float("nan"))


def _gray_score(time: Floats, kind: Integers, member: NDArray[np.intp], k: int) -> tuple[Floats, Floats]:
    """Score of each group and its covariance; arrays are event times x groups, or times x groups x groups."""
    times = np.unique(time[kind > 0])
    d1, d2, left = np.zeros((3, len(times), k))
    slot = np.searchsorted(times, time, side="right") - 1  # last event time not after the row's end
    for counts, chosen in ((d1, kind == 1), (d2, kind == 2), (left, slot >= 0)):
        np.add.at(counts, (slot[chosen], member[chosen]), 1.0)
    n = left[::-1].cumsum(axis=0)[::-1]
    survival = np.cumprod(1 - _ratio(d1 + d2, n), axis=0)
    before = np.vstack([np.ones(k), survival[:-1]])
    own = np.cumsum(before * _ratio(d1, n), axis=0)  # each group's own incidence
    own_before = np.vstack([np.zeros(k), own[:-1]])

    deaths = d1.sum(axis=1)
    weight = _ratio(n, before)
    total = weight.sum(axis=1)
    at_risk = weight * (1 - own_before)  # of the subdistribution: whoever had another event stays
    score = (d1 - deaths[:, None] * _ratio(at_risk, at_risk.sum(axis=1)[:, None])).sum(axis=0)

    # the covariance takes one incidence for all, as the hypothesis says
    pooled = np.cumsum(_ratio(deaths, total))
    pooled_before = np.append(0.0, pooled[:-1])
    share = _ratio(weight, total[:, None])
    a = weight[:, :, None] * (np.eye(k) - share[:, None, :])
    past = np.cumsum(a * _ratio(deaths, total * (1 - pooled_before))[:, None, None], axis=0)
    future = past[-1] - past
    others = _ratio((1 - pooled)[:, None], survival)
    gone = np.where(survival > 0, 1 - others, 1.0)
    expected = total[:, None] * before
    w1 = _tie_correction(deaths[:, None], expected) * before * _ratio(deaths[:, None], total[:, None] * n)
    w2 = np.where(survival > 0, _tie_correction(d2, n) * before**2 * _ratio(d2, n**2), 0.0)
    e1 = np.where(n[:, None, :] > 0, a + gone[:, None, :] * future, 0.0)
    e2 = others[:, None, :] * future
    covariance = np.einsum("tik,tjk,tk->ij", e1, e1, w1) + np.einsum("tik,tjk,tk->ij", e2, e2, w2)
    return score, covariance
