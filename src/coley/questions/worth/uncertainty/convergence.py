"""Whether the draws are enough, and whether they say what the base case says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Estimate
from coley.model.part import Part
from coley.model.words import format_number
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.convergence import convergence
from coley.stats.proportions import wilson
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from coley.questions.worth.worked import Worked

LEVEL = 0.95  # of intervals of Monte Carlo error
PRECISE = 0.05  # of a chance: Monte Carlo error above it leaves the choice to the seed
LEVEL_WITHIN = 1e-6  # of a net benefit: nobody would tell strategies apart by less
MOST_DRAWS = 1_000_000  # that a model file may ask for
HALF = 4  # times as many draws have half the error
FEW = 2  # strategies, of which one is best wherever it is better than the other: nothing more to tell


def convergence_part(worked: Worked) -> Part:
    """Return Monte Carlo errors as checks, and how probably each of several strategies is the best of all."""
    if worked.drawn.draws < 2:
        return Part()
    return Part(estimates=_chances(worked), checks=(_enough(worked), _same_choice(worked)))


def _enough(worked: Worked) -> Check:
    """Whether more draws could turn the choice: its lead over the next against the Monte Carlo error of it."""
    costs, effects, k = worked.drawn.costs, worked.drawn.effects, worked.threshold
    mean = (k * effects - costs).mean(axis=0)
    best, second = (int(i) for i in np.argsort(-mean, kind="stable")[:2])
    lead = float(mean[best] - mean[second])
    found = {
        one.quantity: one
        for one in convergence(
            costs[:, [best, second]],
            effects[:, [best, second]],
            k,
            tolerance_money=max(lead, LEVEL_WITHIN * float(np.abs(mean).max()), LEVEL_WITHIN),
            tolerance_effect=1.0,
            level=LEVEL,
        )
        if one.strategy != 0
    }
    difference = found["incremental_net_benefit"]
    chance = acceptability(costs, effects, k)
    z = z_of(LEVEL)
    draws, currency = worked.drawn.draws, worked.model.currency
    told = (
        f"{draws:,} draws tell by how much {worked.labels[best]} is better than {worked.labels[second]} to within "
        f"{format_number(round(z * difference.se))} {currency} a patient (it is {format_number(round(lead))}), and how "
        f"probably it is the best to within {z * chance.se[0, best]:.1%}; {HALF * draws:,} would halve both"
    )
    settled = difference.enough or difference.se == 0
    widest = z * float(chance.se[0].max())
    if settled and widest <= PRECISE:
        return Check("enough_draws", "pass", f"{told}.")
    needed = max(difference.draws_needed, int(np.ceil(draws * (widest / PRECISE) ** 2)))
    if settled:
        return Check("enough_draws", "warn", f"{told}.", f"Ask for {_round_up(needed):,} draws.")
    remedy = f"Ask for {_round_up(needed):,} draws, or say" if needed <= MOST_DRAWS else "Say"
    return Check(
        "enough_draws",
        "warn",
        f"{told}. Which of the two is better on average is not settled by so many draws.",
        f"{remedy} that the two are as good as level.",
    )


def _same_choice(worked: Worked) -> Check:
    """Whether the base case and the mean of the draws choose alike: the mean is what a decision goes by."""
    k = worked.threshold
    base = k * worked.base.effects[0] - worked.base.costs[0]
    mean = (k * worked.drawn.effects - worked.drawn.costs).mean(axis=0)
    against = worked.comparator
    first, second = int(base.argmax()), int(mean.argmax())
    if first == second:
        shown = first if first != against else max(worked.others, key=lambda i: mean[i])
        in_base, on_average = (float(values[shown] - values[against]) for values in (base, mean))
        return Check(
            "base_case_and_draws",
            "pass",
            f"The base case and the mean of the draws both choose {worked.labels[first]}; the net benefit of "
            f"{worked.labels[shown]} against {worked.labels[against]} is {format_number(round(in_base))} "
            f"{worked.model.currency} in the base case and {format_number(round(on_average))} on average.",
        )
    return Check(
        "base_case_and_draws",
        "warn",
        f"The base case chooses {worked.labels[first]}, the mean of the draws {worked.labels[second]}.",
        "Go by the mean of the draws: it weighs what is uncertain, the structures among it.",
        cause="the model is not linear in what is uncertain, or structures disagree",
    )


def _chances(worked: Worked) -> tuple[Estimate, ...]:
    """Return how probably each strategy is the best of all, where there are more than two."""
    if len(worked.names) <= FEW:
        return ()
    draws = worked.drawn.draws
    found = acceptability(worked.drawn.costs, worked.drawn.effects, worked.thresholds)
    estimates = []
    for j, threshold in enumerate(worked.thresholds):
        for i, label in enumerate(worked.labels):
            share = float(found.probability[j, i])
            limits = wilson(round(share * draws), draws)
            estimates.append(
                Estimate(
                    f"probability_best_at_{threshold:.0f}",
                    share,
                    limits.low.item(),
                    limits.high.item(),
                    n=draws,
                    unit="probability",
                    method="acceptability",
                    level=0.95,
                    group=label,
                    note=f"best of all {len(worked.names)}; interval of Monte Carlo error alone",
                )
            )
    return tuple(estimates)


def _round_up(draws: int) -> int:
    """Return the next number of draws with two digits: nobody asks for 18,437."""
    step = int(10 ** max(len(str(draws)) - 2, 0))
    return -(-draws // step) * step
