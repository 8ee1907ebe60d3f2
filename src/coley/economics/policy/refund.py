"""Outcome-based prices: part of the price is paid back for patients in whom the treatment failed by a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of, share_of
from coley.economics.policy.increment import Increment, share_between, together
from coley.economics.policy.price import CRUMB, PROBABILITIES
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CARLSON = (
    "Carlson JJ, Sullivan SD, Garrison LP, Neumann PJ, Veenstra DL. Linking payment to health outcomes: a taxonomy "
    "and examination of performance-based reimbursement schemes. Health Policy 2010;96:179-190."
)
BARROS = (
    "Barros PP. The simple economics of risk-sharing agreements between the NHS and the pharmaceutical industry. "
    "Health Econ 2011;20:461-470."
)


@dataclass(frozen=True, eq=False)
class Refund:
    """Shares of the price to be paid back, by threshold.

    A share above 1 says that no refund for these patients meets the threshold; 0, that none is needed.

    Attributes
    ----------
    thresholds
        (K,).
    expected
        (K,): mean net benefit is nil.
    low, high
        (K,): limits of the shares that each draw would need.
    probabilities, with_probability
        (P,) and (P, K): the strategy is worth its cost in at least that share of draws.
    net_price
        (K,): expected price after the refund `expected` (at most all of it), as a multiple of the list price.
    level, n
        Share of draws between the limits; draws.
    """

    thresholds: Floats
    expected: Floats
    low: Floats
    high: Floats
    probabilities: tuple[float, ...]
    with_probability: Floats
    net_price: Floats
    level: float
    n: int


@method(
    "refundable_cost",
    title="Drug cost spent on patients who fail by a date",
    summary="Integrates what a patient's drug has cost until failure over the distribution of times to failure.",
    needs="a curve of time to failure, and the cumulative cost of a patient who stays on treatment, on one grid",
    limits="Patients are paid for until they fail; failures are dated to the middle of their interval of the grid.",
    references=(CARLSON,),
)
def refundable_cost(
    times_years: ArrayLike,
    free: ArrayLike,
    cumulative_cost: ArrayLike,
    *,
    stages: Sequence[tuple[float, float]],
) -> Floats:
    """Return the expected refund per patient, (D,), under refunds staged by time of failure.

    Parameters
    ----------
    times_years
        (T,) rising, from 0.
    free
        (D, T) or (T,) share of patients that have not failed (progressed or died, or not responded).
    cumulative_cost
        (D, T) or (T,) what the drug has cost a patient on treatment until each time, discounted or not.
    stages
        (until_years, share) in rising order: of the cost of patients who fail after the stage before and by
        `until_years`, that share is paid back. One stage of 0.5 years and share 1 refunds all failures by month 6.

    Raises
    ------
    UnreadableInput
        Where the grid does not rise, a curve rises, or the grid ends before the last stage.
    InvalidSetting
        Where stages do not rise or a share is none.

    References
    ----------
    Carlson et al 2010.

    Examples
    --------
    Half of the patients fail in the first half-year, at 100 a year of cost:

    >>> refundable_cost([0, 0.5, 1], [1, 0.5, 0.5], [0, 50, 100], stages=[(0.5, 1.0)])
    array([12.5])
    """
    times, survival, cost = _curves(times_years, free, cumulative_cost)
    ends = draws_of([until for until, _ in stages], "The end of a stage", unit="years")
    shares = share_of([share for _, share in stages], "The share refunded")
    if not (np.diff(ends) > 0).all() or not ends[0] > 0:
        raise InvalidSetting("Stages of a refund must end at rising times.", where=f"{ends.tolist()}")
    if ends[-1] > times[-1] + CRUMB:
        raise UnreadableInput(
            f"The curve ends at {times[-1]:g} years and the refund at {ends[-1]:g}.",
            remedy="Carry the curve on; it is not extrapolated.",
        )
    if not np.isclose(times[:, None], ends, atol=CRUMB).any(axis=0).all():
        raise UnreadableInput("The end of each stage must be a time of the grid.", where=f"{ends.tolist()}")
    failed = -np.diff(survival, axis=1)
    spent = (cost[:, 1:] + cost[:, :-1]) / 2
    stage = np.searchsorted(ends, times[1:] - CRUMB, side="left")
    rate = np.append(shares, 0.0)[stage]
    return np.asarray((failed * spent * rate).sum(axis=1), dtype=np.float64)


@method(
    "nonresponder_cost",
    title="Drug cost spent until a date on patients who have not responded by it",
    summary="What all patients have cost until the date, less what responders have, who were treated throughout.",
    needs="the share that has responded by the date, a time-on-treatment curve, and the cumulative cost of a patient "
    "who stays on treatment",
    limits="Responders are taken to be on treatment at the date; a response that comes later is refunded all the same.",
    references=(CARLSON,),
)
def nonresponder_cost(
    times_years: ArrayLike,
    on_treatment: ArrayLike,
    cumulative_cost: ArrayLike,
    *,
    response: ArrayLike,
    by_years: float,
) -> Floats:
    """Return the expected drug cost per patient that falls on non-responders by a date, (D,).

    Parameters
    ----------
    times_years
        (T,) rising, from 0; `by_years` is one of them.
    on_treatment
        (D, T) or (T,) share of patients still treated.
    cumulative_cost
        (D, T) or (T,) what the drug has cost a patient on treatment until each time.
    response
        (D,) share of patients who have responded by the date.
    by_years
        The date.

    Raises
    ------
    UnreadableInput
        Where grid or curves cannot be used.
    InvalidSetting
        Where more patients respond than are still treated at the date.

    References
    ----------
    Carlson et al 2010.

    Examples
    --------
    Nobody stops; 100 are paid by the date, on each of the 60 % who have not responded:

    >>> nonresponder_cost([0, 0.5], [1, 1], [0, 100], response=0.4, by_years=0.5)
    array([60.])
    """
    times, treated, cost = _curves(times_years, on_treatment, cumulative_cost)
    at = np.flatnonzero(np.isclose(times, by_years, atol=CRUMB))
    if not len(at) or at[0] == 0:
        raise UnreadableInput(
            "The date of a refund must be a time of the grid after 0.", where=f"{by_years:g} years"
        )
    end = int(at[0])
    share = share_of(response, "The share of responders")
    if (share > treated[:, end] + CRUMB).any():
        raise InvalidSetting(
            "More patients respond than are still on treatment at the date of the refund.",
            where=f"{float(share.max()):g} of {float(treated[:, end].min()):g} at {by_years:g} years",
        )
    until = treated[:, : end + 1]
    everybody = (np.diff(cost[:, : end + 1], axis=1) * (until[:, 1:] + until[:, :-1]) / 2).sum(axis=1)
    return np.asarray(everybody - share * cost[:, end], dtype=np.float64)


@method(
    "refund_at_threshold",
    title="Refund at which a treatment meets a threshold",
    summary="The share of the price to pay back for patients in whom treatment failed by a date, so that a strategy "
    "meets a threshold on average or with a given probability.",
    needs="draws of the difference in cost and effect, and of the cost spent on patients who fail by that date",
    limits="Failure must be seen and reported; collecting it costs money that is not in here unless it is added to the "
    "costs. A refund moves money, not health.",
    references=(CARLSON, BARROS),
)
def refund_at_threshold(
    added: Increment,
    refundable: ArrayLike,
    thresholds: ArrayLike,
    *,
    probabilities: Sequence[float] = PROBABILITIES,
    level: float = 0.95,
) -> Refund:
    """Return the share to be refunded at each threshold.

    Parameters
    ----------
    added
        New strategy less comparator, at the list price.
    refundable
        (D,) drug cost per treated patient that falls on patients who fail by the date, from `refundable_cost` with
        a share of 1 or from `nonresponder_cost`: what is paid back where everything is.
    thresholds
        What a unit of effect is worth, (K,).
    probabilities, level
        As for `price_at_threshold`.

    Raises
    ------
    NotEstimable
        Where nothing is spent on patients who fail.
    InvalidSetting
        Where more is refundable than is spent on the drug.

    References
    ----------
    Carlson et al 2010. Net benefit with a refund r is k e - cost + r refundable.

    Examples
    --------
    >>> from coley.economics.policy.increment import increment
    >>> added = increment([50_000, 60_000], [0.5, 0.6], [45_000, 52_000])
    >>> refund_at_threshold(added, [10_000, 12_000], [90_000]).expected.round(3)
    array([0.5])
    """
    cost, effect, drug, back = together(
        added.cost, added.effect, added.drug, draws_of(refundable, "The refundable cost")
    )
    if not (back > 0).all():
        raise NotEstimable(
            "Nothing is spent on patients who fail by that date, so that no refund changes the price.",
            where=f"{int((back <= 0).sum())} of {len(back)} draws",
        )
    if (back > drug * (1 + CRUMB)).any():
        raise InvalidSetting(
            "More would be refunded than is spent on the drug.",
            cause="refundable cost and drug cost at different prices, or one of them discounted",
        )
    k = thresholds_of(thresholds)
    sought = tuple(share_between(p, "A probability") for p in probabilities)
    needed = np.sort((cost - k[:, None] * effect) / back, axis=1)
    draws = len(back)
    at = [max(int(np.ceil(draws * p - CRUMB)) - 1, 0) for p in sought]
    expected = np.maximum((cost.mean() - k * effect.mean()) / back.mean(), 0)
    low, high = np.quantile(needed, [(1 - level) / 2, (1 + level) / 2], axis=1)
    net = 1 - np.minimum(expected, 1) * back.mean() / drug.mean()
    return Refund(
        k,
        expected,
        np.maximum(low, 0),
        np.maximum(high, 0),
        sought,
        np.maximum(needed[:, at].T, 0),
        net,
        level,
        draws,
    )


def _curves(
    times_years: ArrayLike, free: ArrayLike, cumulative_cost: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    times = np.asarray(times_years, dtype=np.float64)
    curves = [np.atleast_2d(np.asarray(x, dtype=np.float64)) for x in (free, cumulative_cost)]
    if (
        times.ndim != 1
        or len(times) < 2
        or times[0] != 0
        or not (np.diff(times) > 0).all()
        or any(curve.shape[1:] != times.shape or not np.isfinite(curve).all() for curve in curves)
    ):
        raise UnreadableInput(
            "A refund needs rising times from 0, (T,), and a curve and a cumulative cost at each of them.",
            where=f"times {times.shape}, curves {[curve.shape for curve in curves]}",
        )
    survival, cost = curves
    if (survival < 0).any() or (survival > 1).any() or (np.diff(survival) > CRUMB).any():
        raise UnreadableInput(
            "The share of patients who have not failed must fall from 1 and stay within 0 to 1."
        )
    return times, survival, cost
