"""The walk of patients through states; numba, imported only when one is run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coley.economics.simulation.clock_kernel import (
    FORWARD,
    LOOKED_UP,
    area,
    compiled,
    due,
    factor,
    first_at,
    settle,
    settled,
    stream,
    summarise,
    uniform,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Model(NamedTuple):
    """S states and K moves; what they are worth as costs and as effects.

    Attributes
    ----------
    to
        (K,) state that each move enters.
    first, leaving
        Moves out of state s are leaving[first[s]:first[s + 1]].
    start
        (N,) state of each patient at the start.
    of_state, of_move, at_start
        (1 or D, S, 2) per year, (1 or D, K, 2) once, (1 or D, 2): costs and effects, sums over the rewards.
    pays
        (K,) which moves are worth anything.
    discounts
        Of costs and of effects, (4, pieces) each.
    """

    to: Integers
    first: Integers
    leaving: Integers
    start: Integers
    of_state: Floats
    of_move: Floats
    at_start: Floats
    pays: NDArray[np.bool_]
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
    years: Floats,
    moves: Floats,
    occupancy: Floats,
    by_patient: Floats,
    spreads: Floats,
) -> int:
    """Walk blocks (B, 3) of draw, first patient and last; return 1 if someone never stops moving.

    Adds to years (B, S, 3) and moves (B, K, 3): as they are, discounted as costs, and as effects (moves that pay);
    to occupancy (B, T + 1, S), the changes at each time; and fills by_patient (D, N, 2) with costs and effects,
    and spreads (B, 4) with what `work.moments` needs.
    """
    by_cost, by_effect = model.cost_discount, model.effect_discount
    first, leaving, to, pays = model.first, model.leaving, model.to, model.pays
    one_discount = by_cost.shape == by_effect.shape and np.all(by_cost == by_effect)
    whole_cost, whole_effect = area(by_cost, horizon), area(by_effect, horizon)
    transitions = len(to)
    kinds, known = np.empty(transitions, dtype=np.int64), np.empty((transitions, 4))
    for b in range(len(blocks)):
        d, begin, end = blocks[b, 0], blocks[b, 1], blocks[b, 2]
        of_state = model.of_state[d if len(model.of_state) > 1 else 0]
        of_move = model.of_move[d if len(model.of_move) > 1 else 0]
        at_start = model.at_start[d if len(model.at_start) > 1 else 0]
        of_draw = stream(seed, d)
        settle(about, data, d, kinds, known)
        for n in range(begin, end):
            luck = stream(of_draw, n)
            s, t, visit = model.start[n], 0.0, 0
            my_cost, my_effect = at_start[0], at_start[1]
            spent_cost = spent_effect = 0.0  # discount factors integrated up to t
            while True:
                when, move = math.inf, -1
                for i in range(first[s], first[s + 1]):
                    k = leaving[i]
                    u, kind = uniform(luck, k + transitions * visit), kinds[k]
                    if kind == LOOKED_UP:
                        at = due(about, data, k, d, n, t, u)
                    else:
                        at = settled(kind, about[k, FORWARD] > 0, known, k, t, u)
                    if at < when:
                        when, move = at, k
                until, cost, effect = horizon, whole_cost, whole_effect
                if when < horizon:
                    until, cost = when, area(by_cost, when)
                    effect = cost if one_discount else area(by_effect, when)
                of_cost, of_effect = cost - spent_cost, effect - spent_effect
                spent_cost, spent_effect = cost, effect
                my_cost += of_state[s, 0] * of_cost
                my_effect += of_state[s, 1] * of_effect
                years[b, s, 0] += until - t
                years[b, s, 1] += of_cost
                years[b, s, 2] += of_effect
                if len(times):
                    occupancy[b, first_at(times, t), s] += 1.0
                    occupancy[b, first_at(times, until) if until < horizon else len(times), s] -= 1.0
                if when >= horizon:
                    break
                moves[b, move, 0] += 1.0
                if pays[move]:
                    now_cost, now_effect = factor(by_cost, when), factor(by_effect, when)
                    my_cost += of_move[move, 0] * now_cost
                    my_effect += of_move[move, 1] * now_effect
                    moves[b, move, 1] += now_cost
                    moves[b, move, 2] += now_effect
                s, t, visit = to[move], when, visit + 1
                if visit > 100_000:
                    return 1
            by_patient[d, n, 0], by_patient[d, n, 1] = my_cost, my_effect
        summarise(by_patient[d, begin:end], spreads[b])
    return 0
