"""The one sentence: what a strategy adds, for how much, and how surely that is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.words import format_interval, format_number
from coley.questions.worth.worked import interval

if TYPE_CHECKING:
    from coley.questions.worth.worked import Worked


def headline(worked: Worked) -> str:
    """Return the answer in one sentence."""
    against = worked.comparator
    benefit = worked.threshold * worked.base.effects[0] - worked.base.costs[0]
    best = int(benefit.argmax())
    shown = best if best != against else max(worked.others, key=lambda i: benefit[i])
    added = worked.base.effects[0, shown] - worked.base.effects[0, against]
    low, high = interval(
        worked.drawn.effects[:, shown] - worked.drawn.effects[:, against], worked.settings.level
    )
    cost = worked.base.costs[0, shown] - worked.base.costs[0, against]
    dearest, cheapest = interval(
        worked.drawn.costs[:, shown] - worked.drawn.costs[:, against], worked.settings.level
    )
    every = worked.threshold * worked.drawn.effects - worked.drawn.costs
    chance = float((every[:, shown] > every[:, against]).mean())
    currency = worked.model.currency
    label, other = worked.labels[shown], worked.labels[against]
    gained = format_interval(float(added), low, high, unit="years")
    spent = f"{_money(float(cost))} ({_money(dearest)} to {_money(cheapest)}) {currency}"
    ratio = f", {_money(float(cost / added))} {currency} per QALY" if cost > 0 and added > 0 else ""
    return (
        f"{label} against {other}: {gained.removesuffix(' years')} QALYs more for {spent} more a patient{ratio}; it is "
        f"the better choice in {chance:.0%} of {len(every):,} draws at {worked.threshold:,.0f} {currency} per QALY."
    )


def _money(amount: float) -> str:
    return format_number(round(amount))
