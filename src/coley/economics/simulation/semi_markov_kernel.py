"""The walk of patients through states; numba, imported only when one is run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coley.economics.simulation.clock_kernel import (
    Clocks,
    area,
    compiled,
    factor,
    first_at,
    latent,
    stream,
    uniform,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Model(NamedTuple):
    """S states, K transitions, R rewards of which the first `costs` are costs.

    Attributes
    ----------
    to
        (K,) state that each transition enters.
    first, leaving
        Transitions out of state s are leaving[first[s]:first[s + 1]].
    start
        (N,) state of each patient at the start.
    by_state, by_move
        (1 or D, S, R) per year, (1 or D, K, R) once; at_start (1 or D, R).
    discounts
        Of costs and of effects, (4, pieces) each.
    """

    to: Integers
    first: Integers
    leaving: Integers
    start: Integers
    by_state: Floats
    by_move: Floats
    at_start: Floats
    costs: int
    cost_discount: Floats
    effect_discount: Floats


@compiled
def walk(
    seed: Any,
    blocks: Integers,
    clocks: Clocks,
    model: Model,
    horizon: float,
    times: Floats,
    totals: Floats,
    occupancy: Floats,
    by_patient: Floats,
) -> int:
    """Walk blocks (B, 3) of draw, first patient and last; return 1 if someone never stops moving.

    Adds to totals (B, R + 2 S + K): rewards, years, years discounted as effects, moves; to occupancy
    (B, T + 1, S), the changes at each time; and fills by_patient (D, N, 2) with costs and effects.
    """
    states, transitions, rewards = len(model.first) - 1, len(model.to), model.by_state.shape[2]
    for b in range(len(blocks)):
        d, start, end = blocks[b, 0], blocks[b, 1], blocks[b, 2]
        ds = d if model.by_state.shape[0] > 1 else 0
        dm = d if model.by_move.shape[0] > 1 else 0
        d0 = d if model.at_start.shape[0] > 1 else 0
        of_draw = stream(seed, d)
        for n in range(start, end):
            luck = stream(of_draw, n)
            s, t, visit = model.start[n], 0.0, 0
            cost = effect = 0.0
            cost_before = effect_before = 0.0  # discount factors integrated up to t
            for r in range(rewards):
                value = model.at_start[d0, r]
                totals[b, r] += value
                if r < model.costs:
                    cost += value
                else:
                    effect += value
            while t < horizon:
                when, move = math.inf, -1
                for i in range(model.first[s], model.first[s + 1]):
                    k = model.leaving[i]
                    at = latent(clocks, k, d, n, t, uniform(luck, k + transitions * visit))
                    if at < when:
                        when, move = at, k
                until = min(when, horizon)
                cost_after, effect_after = (
                    area(model.cost_discount, until),
                    area(model.effect_discount, until),
                )
                lasting_cost, lasting_effect = cost_after - cost_before, effect_after - effect_before
                cost_before, effect_before = cost_after, effect_after
                for r in range(rewards):
                    if r < model.costs:
                        value = model.by_state[ds, s, r] * lasting_cost
                        cost += value
                    else:
                        value = model.by_state[ds, s, r] * lasting_effect
                        effect += value
                    totals[b, r] += value
                totals[b, rewards + s] += until - t
                totals[b, rewards + states + s] += lasting_effect
                if len(times):
                    occupancy[b, first_at(times, t), s] += 1.0
                    occupancy[b, first_at(times, until) if until < horizon else len(times), s] -= 1.0
                if when >= horizon:
                    break
                totals[b, rewards + 2 * states + move] += 1.0
                now_cost, now_effect = factor(model.cost_discount, when), factor(model.effect_discount, when)
                for r in range(rewards):
                    if r < model.costs:
                        value = model.by_move[dm, move, r] * now_cost
                        cost += value
                    else:
                        value = model.by_move[dm, move, r] * now_effect
                        effect += value
                    totals[b, r] += value
                s, t, visit = model.to[move], when, visit + 1
                if visit > 100_000:
                    return 1
            by_patient[d, n, 0] = cost
            by_patient[d, n, 1] = effect
    return 0
