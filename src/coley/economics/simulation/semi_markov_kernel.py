"""The walk of patients through states; numba, imported only when one is run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coley.economics.simulation.clock_kernel import (
    area,
    compiled,
    factor,
    first_at,
    latent,
    stream,
    summarise,
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
        (1 or D, S, R) per year, (1 or D, K, R) once; at_start (1 or D, R); pays (K,) says which moves
        pay anything.
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
    pays: NDArray[np.bool_]
    costs: int
    cost_discount: Floats
    effect_discount: Floats


@compiled
def walk(
    seed: Any,
    blocks: Integers,
    about: Integers,
    data: Floats,
    model: Model,
    horizon: float,
    times: Floats,
    totals: Floats,
    occupancy: Floats,
    by_patient: Floats,
    spreads: Floats,
) -> int:
    """Walk blocks (B, 3) of draw, first patient and last; return 1 if someone never stops moving.

    Adds to totals (B, R + 2 S + K): rewards, years, years discounted as effects, moves; to occupancy
    (B, T + 1, S), the changes at each time; and fills by_patient (D, N, 2) with costs and effects,
    and spreads (B, 4) with what `work.moments` needs.
    """
    by_cost, by_effect, by_state, by_move = (
        model.cost_discount,
        model.effect_discount,
        model.by_state,
        model.by_move,
    )
    first, leaving, to, pays = model.first, model.leaving, model.to, model.pays
    one_discount = by_cost.shape == by_effect.shape and np.all(by_cost == by_effect)
    whole_cost, whole_effect = area(by_cost, horizon), area(by_effect, horizon)
    states, transitions, rewards, costs = len(first) - 1, len(to), by_state.shape[2], model.costs
    mine = np.zeros(2)  # costs and effects of a patient
    for b in range(len(blocks)):
        d, start, end = blocks[b, 0], blocks[b, 1], blocks[b, 2]
        ds = d if by_state.shape[0] > 1 else 0
        dm = d if by_move.shape[0] > 1 else 0
        d0 = d if model.at_start.shape[0] > 1 else 0
        of_draw = stream(seed, d)
        for n in range(start, end):
            luck = stream(of_draw, n)
            s, t, visit = model.start[n], 0.0, 0
            mine[:] = 0.0
            spent_cost = spent_effect = 0.0  # discount factors integrated up to t
            for r in range(rewards):
                totals[b, r] += model.at_start[d0, r]
                mine[0 if r < costs else 1] += model.at_start[d0, r]
            while True:
                when, move = math.inf, -1
                for i in range(first[s], first[s + 1]):
                    k = leaving[i]
                    at = latent(about, data, k, d, n, t, uniform(luck, k + transitions * visit))
                    if at < when:
                        when, move = at, k
                until, cost, effect = horizon, whole_cost, whole_effect
                if when < horizon:
                    until, cost = when, area(by_cost, when)
                    effect = cost if one_discount else area(by_effect, when)
                for r in range(rewards):
                    value = by_state[ds, s, r] * (cost - spent_cost if r < costs else effect - spent_effect)
                    totals[b, r] += value
                    mine[0 if r < costs else 1] += value
                totals[b, rewards + s] += until - t
                totals[b, rewards + states + s] += effect - spent_effect
                spent_cost, spent_effect = cost, effect
                if len(times):
                    occupancy[b, first_at(times, t), s] += 1.0
                    occupancy[b, first_at(times, until) if until < horizon else len(times), s] -= 1.0
                if when >= horizon:
                    break
                totals[b, rewards + 2 * states + move] += 1.0
                if pays[move]:
                    now_cost, now_effect = factor(by_cost, when), factor(by_effect, when)
                    for r in range(rewards):
                        value = by_move[dm, move, r] * (now_cost if r < costs else now_effect)
                        totals[b, r] += value
                        mine[0 if r < costs else 1] += value
                s, t, visit = to[move], when, visit + 1
                if visit > 100_000:
                    return 1
            by_patient[d, n, 0] = mine[0]
            by_patient[d, n, 1] = mine[1]
        summarise(by_patient[d, start:end], spreads[b])
    return 0
