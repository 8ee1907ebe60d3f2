"""The one sentence: what a strategy adds, for how much, and how surely that is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.words import format_interval, format_number
from coley.questions.worth.worked import interval
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.frontier import incremental_analysis

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
    ahead = ""
    if len(worked.names) > 2:  # of two, the better one is the best
        highest = acceptability(worked.drawn.costs, worked.drawn.effects, worked.threshold)
        ahead = f" and best of all {len(worked.names)} in {highest.probability[0, shown]:.0%}"
    currency = worked.model.currency
    if worked.certain:
        return f"{_known(worked, shown)} How sure that is cannot be told: no input has an interval."
    loses, more = added < 0, "less" if added < 0 else "more"
    gained = format_interval(abs(float(added)), *((-high, -low) if loses else (low, high)), unit="QALYs")
    less = cost < 0
    ends = sorted((-cheapest, -dearest) if less else (dearest, cheapest))
    direction = "less" if less else "more"
    spent = f"{_money(abs(float(cost)))} ({_money(ends[0])} to {_money(ends[1])}) {currency} {direction}"
    ratio = f", {_money(float(cost / added))} {currency} per QALY" if cost > 0 and added > 0 else ""
    return (
        f"{worked.labels[shown]} against {worked.labels[against]}: {gained} {more} for {spent} a "
        f"patient{ratio}; "
        f"better in {chance:.0%} of {len(every):,} draws{ahead} at {worked.threshold:,.0f} {currency} per QALY."
        f"{_next(worked, shown)}"
    )


def _known(worked: Worked, shown: int) -> str:
    """Return what a strategy adds where every input is known exactly."""
    against, currency = worked.comparator, worked.model.currency
    cost, added = (
        float(values[0, shown] - values[0, against]) for values in (worked.base.costs, worked.base.effects)
    )
    ratio = f", {_money(cost / added)} {currency} per QALY" if cost > 0 and added > 0 else ""
    return (
        f"{worked.labels[shown]} against {worked.labels[against]}: {format_number(abs(added))} QALYs "
        f"{'less' if added < 0 else 'more'} for {_money(abs(cost))} {currency} {'less' if cost < 0 else 'more'} a "
        f"patient{ratio}."
    )


def _next(worked: Worked, shown: int) -> str:
    """Name the strategy that follows on the frontier: what the next QALY would cost."""
    found = incremental_analysis(worked.base.costs[0], worked.base.effects[0], names=worked.labels)
    for name, before, icer in zip(found.names, found.compared_with, found.icer, strict=True):
        if before == worked.labels[shown] and icer > worked.threshold:
            return f" {name} would cost {_money(float(icer))} {worked.model.currency} for each QALY more."
    return ""


def _money(amount: float) -> str:
    return format_number(round(amount))
