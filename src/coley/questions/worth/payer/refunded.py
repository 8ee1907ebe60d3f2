"""One refund of a model worked out: what it pays back, what would be needed, what a payer risks, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.agreements import PaidBackByDraw, base_paid_back, cash, paid_back
from coley.economics.policy.increment import Increment, increment
from coley.economics.policy.payers_risk import payers_risk
from coley.economics.policy.refund import Refund as Needed
from coley.economics.policy.refund import refund_at_threshold
from coley.model.errors import ColeyError

if TYPE_CHECKING:
    from coley.economics.model_file.agreements import Refund
    from coley.economics.policy.payers_risk import PayersRisk
    from coley.questions.worth.worked import Worked

SURE = (0.5, 0.8, 0.95)  # probabilities of being worth it for which a refund is sought


@dataclass(frozen=True, eq=False)
class Refunded:
    """One refund, and what it comes to.

    Attributes
    ----------
    refund, label
        The agreement, and what its strategy is called.
    base, drawn
        What is paid back in the base case and in each draw.
    cost, effect, spent
        Base case, without the refund: what the strategy adds to the comparator, and what it spends on the drug.
    added
        What it adds in each draw; the part of the drug is what the strategy itself spends on it.
    needed
        Share that must be paid back at each threshold.
    risk
        What a payer risks, where the agreement names patients.
    """

    refund: Refund
    label: str
    base: PaidBackByDraw
    drawn: PaidBackByDraw
    cost: float
    effect: float
    spent: float
    added: Increment
    needed: Needed
    risk: PayersRisk | None

    @property
    def group(self) -> str:
        """Under which its estimates stand."""
        return f"{self.label}: {self.refund.drug}, {self.terms}"

    @property
    def method(self) -> str:
        """The method that says what is paid back."""
        return "refundable_cost" if self.refund.stages else "nonresponder_cost"

    @property
    def back(self) -> float:
        """What is paid back per patient in the base case."""
        return float(self.base.agreed[0])

    @property
    def who(self) -> str:
        """For whom something is paid back: "who progressed or died by month 6"."""
        failing = "without a response" if self.refund.non_response is not None else "who progressed or died"
        return f"{failing} by month {self.refund.last_months:g}"

    @property
    def terms(self) -> str:
        """What was agreed: "50 % back on failure by month 6"."""
        found = self.refund
        if found.non_response is not None:
            return (
                f"{100 * found.non_response.share:g} % back without response by month {found.last_months:g}"
            )
        starts = [0.0, *(stage.by_months for stage in found.stages)]
        return ", ".join(
            f"{100 * stage.share:g} % back on failure "
            + (f"in months {start:g} to {stage.by_months:g}" if start else f"by month {stage.by_months:g}")
            for start, stage in zip(starts, found.stages, strict=False)
        )


def placed(error: ColeyError, *places: str) -> ColeyError:
    """Return an error that says first to which part of the model it belongs."""
    where = "; ".join(place for place in (*places, error.where) if place)
    return type(error)(error.what, where=where, cause=error.cause, remedy=error.remedy)


def refunded(worked: Worked, refund: Refund) -> Refunded:
    """Return what a refund of a model comes to.

    Raises
    ------
    NotEstimable
        Where nothing is spent on those for whom something would be paid back.
    InvalidSetting
        Where more patients respond than are treated.
    """
    try:
        return _refunded(worked, refund)
    except ColeyError as error:
        raise placed(error, f"the refund for {refund.drug} under {refund.strategy}") from None


def _refunded(worked: Worked, refund: Refund) -> Refunded:
    prepared, name, base, draws = worked.prepared, refund.strategy, worked.base, worked.drawn
    new, old = worked.names.index(name), worked.comparator
    drawn = paid_back(prepared, refund, worked.inputs, seed=worked.seed)
    added = increment(
        draws.costs[:, new] - draws.costs[:, old],
        draws.effects[:, new] - draws.effects[:, old],
        worked.spent_on(name, refund.drug),
    )
    level, risk = worked.settings.level, None
    if refund.patients is not None:
        risk = payers_risk(
            cash(prepared, refund, worked.inputs, seed=worked.seed),
            refund.patients,
            budget=None if refund.budget is None else refund.budget / refund.patients,
            seed=worked.seed,
            level=level,
        )
    return Refunded(
        refund,
        worked.label(name),
        base_paid_back(prepared, refund),
        drawn,
        float(base.costs[0, new] - base.costs[0, old]),
        float(base.effects[0, new] - base.effects[0, old]),
        float(base.categories[name, refund.drug][0]),
        added,
        refund_at_threshold(
            added, drawn.everything, np.array(worked.thresholds), probabilities=SURE, level=level
        ),
        risk,
    )
