"""Treating again after an immune-related adverse event, against stopping for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of, share_of
from coley.economics.policy.increment import share_between, summary, together
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DOLLADILLE = (
    "Dolladille C, Ederhy S, Sassier M, et al. Immune checkpoint inhibitor rechallenge after immune-related adverse "
    "events in patients with cancer. JAMA Oncol 2020;6:865-871."
)


@dataclass(frozen=True, eq=False)
class Rechallenge:
    """Treating again after an immune-related adverse event, against stopping for good.

    Attributes
    ----------
    costs, effects
        (D, 2) of stopping and of rechallenge, relative to stopping: ready for `stats.decision`.
    net_benefit
        Mean added net benefit of rechallenge, with limits over draws.
    probability
        That it is worth its cost.
    recurrence_bearable
        The probability of recurrence at which expected net benefit is nil, with limits over the draws' own; above 1
        where no recurrence would forbid it, below 0 where not even certainty of none would allow it. Limits are
        infinite where a recurrence costs nothing.
    """

    costs: Floats
    effects: Floats
    net_benefit: Interval
    probability: float
    recurrence_bearable: Interval


@method(
    "value_of_rechallenge",
    title="Value of rechallenge after an immune-related adverse event",
    summary="Added cost and effect of resuming treatment after an adverse event, from what resuming gains and what a "
    "recurrence costs and takes.",
    needs="draws of the probability of recurrence and of death from it, of its cost and lost effect, and of the gain "
    "and the cost of resuming",
    limits="The gain of resuming is confounded unless it was randomised: those who are rechallenged were picked for "
    "it. Recurrence is one event with one mean loss.",
    references=(DOLLADILLE,),
)
def value_of_rechallenge(
    recurrence: ArrayLike,
    gain: ArrayLike,
    drug: ArrayLike,
    *,
    threshold: float,
    event_cost: ArrayLike,
    event_loss: ArrayLike,
    fatal: ArrayLike = 0.0,
    remaining: ArrayLike = 0.0,
    kept: ArrayLike = 1.0,
    level: float = 0.95,
) -> Rechallenge:
    """Return what resuming treatment adds to stopping for good.

    Parameters
    ----------
    recurrence
        (D,) probability that the event, or another immune-related one that stops treatment, comes back.
    gain
        (D,) effect gained by resuming, in patients without recurrence.
    drug
        (D,) cost of resuming, in patients without recurrence.
    threshold
        What a unit of effect is worth.
    event_cost, event_loss
        (D,) cost of a recurrence, and effect lost to it where it is survived.
    fatal
        (D,) probability that a recurrence kills.
    remaining
        (D,) effect that a patient has before him without resuming: what a fatal recurrence takes.
    kept
        (D,) share of gain and of drug cost that remains where the event recurs and treatment stops for good.
    level
        Share of draws within the limits.

    Raises
    ------
    InvalidSetting
        Where a probability is none or draws do not go together.

    References
    ----------
    Expected values over a tree of three ends: no recurrence, recurrence survived, recurrence not survived.

    Examples
    --------
    With recurrence in 28.8 % (Dolladille et al 2020) and made-up worths:

    >>> found = value_of_rechallenge(0.288, 0.4, 12_000, threshold=50_000, event_cost=8_000, event_loss=0.05)
    >>> round(found.net_benefit.value), round(found.recurrence_bearable.value, 4)
    (4976, 0.7619)
    """
    share_between(level, "The level")
    k = float(thresholds_of(threshold)[0])
    p, dies, part, gained, spent, cost, loss, ahead = together(
        share_of(recurrence, "The probability of recurrence"),
        share_of(fatal, "The probability that a recurrence kills"),
        share_of(kept, "The share kept"),
        draws_of(gain, "The gain of resuming", low=-np.inf),
        draws_of(drug, "The cost of resuming", low=-np.inf),
        draws_of(event_cost, "The cost of a recurrence"),
        draws_of(event_loss, "The effect lost to a recurrence"),
        draws_of(remaining, "The effect that remains"),
    )
    # with recurrence less without: a fatal one takes what remained, and the gain with it
    effect_step = part * gained * (1 - dies) - (1 - dies) * loss - dies * ahead - gained
    cost_step = part * spent + cost - spent
    effect, money = gained + p * effect_step, spent + p * cost_step
    benefit = k * effect - money
    each = _bearable(k * gained - spent, cost_step - k * effect_step)
    low = np.quantile(each, (1 - level) / 2, method="lower")  # no interpolation: it may be infinite
    high = np.quantile(each, (1 + level) / 2, method="higher")
    mean = _bearable(
        (k * gained - spent).mean(keepdims=True), (cost_step - k * effect_step).mean(keepdims=True)
    )
    return Rechallenge(
        np.column_stack([np.zeros(len(p)), money]),
        np.column_stack([np.zeros(len(p)), effect]),
        summary(benefit, level),
        float((benefit > 0).mean()),
        Interval(float(mean[0]), float(low), float(high), level),
    )


def _bearable(first: Floats, slope: Floats) -> Floats:
    """Return the recurrence at which a net benefit that starts at `first` has fallen by `slope` times it to nil."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(slope > 0, first / slope, np.where(first > 0, np.inf, -np.inf))
