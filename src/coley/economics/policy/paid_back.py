"""What patients cost, and what an agreement pays back for those in whom the treatment failed by a date."""

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

CRUMB = 1e-9  # a share of patients that is none
CARLSON = (
    "Carlson JJ, Sullivan SD, Garrison LP, Neumann PJ, Veenstra DL. Linking payment to health outcomes: a taxonomy "
    "and examination of performance-based reimbursement schemes. Health Policy 2010;96:179-190."
)


@dataclass(frozen=True, eq=False)
class PaidBack:
    """Patients in groups, each with what its drug costs and what of that is paid back.

    Attributes
    ----------
    chance
        (D, C) probability of each group; rows add up to 1.
    spent, back
        (D, C) money for a patient of the group.
    """

    chance: Floats
    spent: Floats
    back: Floats

    @property
    def spending(self) -> Floats:
        """(D,): expected cost of the drug per patient, before anything is paid back."""
        return np.asarray((self.chance * self.spent).sum(axis=1))

    @property
    def refund(self) -> Floats:
        """(D,): expected money paid back per patient."""
        return np.asarray((self.chance * self.back).sum(axis=1))

    @property
    def refunded(self) -> Floats:
        """(D,): share of patients for whom something is paid back."""
        return np.asarray((self.chance * (self.back > 0)).sum(axis=1))


@method(
    "refundable_cost",
    title="Drug cost spent on patients who fail by a date",
    summary="Adds up, dose by dose, what patients have cost until they fail, over those who fail by the date.",
    needs="the amounts of all doses, the share still treated and the share that has not failed at each dose, and the "
    "share that has not failed at each date",
    limits="Whoever stops treatment first is taken to fail first; where treatment ends with failure that is exact. "
    "Doses given after failure are not paid back.",
    references=(CARLSON,),
)
def refundable_cost(
    amounts: ArrayLike, treated: ArrayLike, *, free: ArrayLike, free_at_ends: ArrayLike, shares: ArrayLike
) -> PaidBack:
    """Return what is paid back where refunds are staged by time of failure.

    Patients are put in the order in which they leave treatment, and fail. Whoever stands at u in it (0 leaves last)
    gets the doses at which more than u are treated, and fails in the first stage at whose end no more than u are free.

    Parameters
    ----------
    amounts
        (K,) or (D, K) money of each dose for a patient who gets it, in the order of time.
    treated
        (K,) or (D, K) share of patients still treated at each dose.
    free
        (K,) or (D, K) share that has not failed (progressed or died) at each dose.
    free_at_ends
        (J,) or (D, J) share that has not failed at the end of each stage.
    shares
        (J,) of the cost until failure, the part that is paid back for those who fail in the stage.

    Raises
    ------
    UnreadableInput
        Where shapes differ, or shares of patients are none.
    InvalidSetting
        Where a share paid back is none.

    References
    ----------
    Carlson et al 2010.

    Examples
    --------
    Two doses of 100; half of the patients progress between them, and nothing is charged to them later:

    >>> found = refundable_cost([100, 100], [1, 0.5], free=[1, 0.5], free_at_ends=[0.5], shares=[1.0])
    >>> found.spending, found.refund
    (array([150.]), array([50.]))
    """
    money = _rows(amounts, "amounts")
    on, well, ends = (
        _falling(given, name)
        for given, name in ((treated, "treated"), (free, "free"), (free_at_ends, "free at the ends"))
    )
    parts = share_of(shares, "The share refunded")
    if not on.shape[1] == well.shape[1] == money.shape[1] or ends.shape[1] != len(parts):
        raise UnreadableInput(
            "Every dose needs an amount and two shares of patients, and every stage its share.",
            where=f"amounts {money.shape}, treated {on.shape}, free {well.shape}, ends {ends.shape}",
        )
    draws = max(len(one) for one in (money, on, well, ends))
    nothing, doses = np.zeros_like(money), np.minimum(on, well)
    edges = [np.ones((1, 1)), on, doses, ends]
    cost = [np.zeros((1, 1)), money, nothing, np.zeros((1, ends.shape[1]))]
    until_failure = [np.zeros((1, 1)), nothing, money, np.zeros((1, ends.shape[1]))]
    passed = [np.zeros((1, 1)), nothing, nothing, np.ones((1, ends.shape[1]))]
    edge, order = _ordered(_side_by_side(edges, draws))

    def gathered(steps: list[Floats]) -> Floats:
        return np.cumsum(np.take_along_axis(_side_by_side(steps, draws), order, axis=1), axis=1)

    rate = np.append(parts, 0.0)[np.rint(gathered(passed)).astype(np.int64)]
    return PaidBack(_between(edge), gathered(cost), gathered(until_failure) * rate)


@method(
    "nonresponder_cost",
    title="Drug cost spent until a date on patients who have not responded by it",
    summary="Adds up, dose by dose, what patients without a response have cost until the date.",
    needs="the amounts of all doses, the share still treated at each dose and at the date, and the share that has "
    "responded by the date",
    limits="Responders are taken to be on treatment at the date, and to stay on it as long as others do; a response "
    "that comes later is refunded all the same.",
    references=(CARLSON,),
)
def nonresponder_cost(
    amounts: ArrayLike,
    treated: ArrayLike,
    *,
    before: int,
    treated_at_date: ArrayLike,
    response: ArrayLike,
    share: float = 1.0,
) -> PaidBack:
    """Return what is paid back for patients who have not responded by a date.

    Parameters
    ----------
    amounts, treated
        As for `refundable_cost`.
    before
        How many of the doses are given before the date.
    treated_at_date
        (1,) or (D,) share of patients still treated at the date.
    response
        (1,) or (D,) share of patients who have responded by the date.
    share
        Of the cost until the date, the part that is paid back.

    Raises
    ------
    UnreadableInput
        Where shapes differ, or shares of patients are none.
    InvalidSetting
        Where more patients respond than are still treated at the date.

    References
    ----------
    Carlson et al 2010.

    Examples
    --------
    Nobody stops; 100 are paid by the date, on each of the 60 % who have not responded:

    >>> nonresponder_cost([100, 100], [1, 1], before=1, treated_at_date=1, response=0.4).refund
    array([60.])
    """
    money, on = _rows(amounts, "amounts"), _falling(treated, "treated")
    at_date = share_of(treated_at_date, "The share treated at the date")[:, None]
    responded = share_of(response, "The share of responders")[:, None]
    part = float(share_of(share, "The share refunded")[0])
    if on.shape[1] != money.shape[1]:
        raise UnreadableInput(
            "Every dose needs an amount and a share of patients treated.",
            where=f"amounts {money.shape}, treated {on.shape}",
        )
    if (responded > at_date + CRUMB).any():
        raise InvalidSetting(
            "More patients respond than are still on treatment at the date of the refund.",
            where=f"{float(responded.max()):g} of {float(at_date.min()):g}",
        )
    draws = max(len(one) for one in (money, on, at_date, responded))
    early = np.where(np.arange(money.shape[1]) < before, money, 0.0)
    edge, order = _ordered(_side_by_side([np.ones((1, 1)), on, at_date], draws))
    spent, due = (
        np.cumsum(
            np.take_along_axis(
                _side_by_side([np.zeros((1, 1)), steps, np.zeros((1, 1))], draws), order, axis=1
            ),
            axis=1,
        )
        for steps in (money, early)
    )
    among = np.divide(responded, at_date, out=np.zeros((draws, 1)), where=at_date > 0)
    responders = np.where(edge <= at_date, np.minimum(among, 1.0), 0.0)
    chance = _between(edge)
    return PaidBack(
        np.concatenate([chance * responders, chance * (1 - responders)], axis=1),
        np.concatenate([spent, spent], axis=1),
        np.concatenate([np.zeros_like(due), part * due], axis=1),
    )


def _rows(values: ArrayLike, name: str) -> Floats:
    found = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if found.ndim != 2 or not np.isfinite(found).all():
        raise UnreadableInput(f"Of a refund, {name} must be numbers by draw and dose, none missing.")
    return found


def _falling(values: ArrayLike, name: str) -> Floats:
    """Return shares of patients (D, K), which must not rise; crumbs are smoothed away."""
    found = _rows(values, name)
    if (found < -CRUMB).any() or (found > 1 + CRUMB).any() or (np.diff(found) > CRUMB).any():
        raise UnreadableInput(
            f"The share of patients {name} must fall from 1 and stay within 0 to 1.",
            cause="doses or stages that do not stand in the order of time",
        )
    return np.asarray(np.minimum.accumulate(np.clip(found, 0, 1), axis=1))


def _side_by_side(parts: list[Floats], draws: int) -> Floats:
    return np.concatenate([np.broadcast_to(part, (draws, part.shape[1])) for part in parts], axis=1)


def _ordered(edges: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return edges from the last patient to the first, and the order in which they then stand."""
    order = np.argsort(-edges, axis=1, kind="stable")
    return np.take_along_axis(edges, order, axis=1), order


def _between(edge: Floats) -> Floats:
    """Return the share of patients below each edge and above the next."""
    return np.asarray(-np.diff(edge, axis=1, append=0.0))
