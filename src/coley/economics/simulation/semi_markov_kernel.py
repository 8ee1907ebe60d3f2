"""The walk of patients through states; numba, imported only when one is run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coley.economics.simulation.clock_kernel import (
    FORWARD,
    LOOKED_UP,
    NEVER,
    area,
    compiled,
    due,
    factor,
    first_at,
    settle,
    stream,
    summarise,
    uniform,
)
from coley.economics.simulation.clock_lanes import areas, nearer, times_of, total_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


LOT = 512  # patients who are walked together, from visit to visit: what is known of them stays in the cache


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
    states, transitions = len(first) - 1, len(to)
    kinds, known = np.empty(transitions, dtype=np.int64), np.empty((transitions, 4))
    # Of the patients of a lot, in their order:
    luck = np.empty(LOT, dtype=np.uint64)
    state, entered = np.empty(LOT, dtype=np.int64), np.empty(LOT, dtype=np.int64)
    since, spent_cost, spent_effect = np.empty(LOT), np.empty(LOT), np.empty(LOT)
    # Of those who move on, and of those who are in one state; then of the latter, in their own order:
    places = np.empty((3, LOT), dtype=np.int64)
    going, following, here = places[0], places[1], places[2]
    their_luck, move = np.empty(LOT, dtype=np.uint64), np.empty(LOT, dtype=np.int64)
    begun, at, when, until = np.empty(LOT), np.empty(LOT), np.empty(LOT), np.empty(LOT)
    cost, effect = np.empty(LOT), np.empty(LOT)
    for b in range(len(blocks)):
        d, begin, end = blocks[b, 0], blocks[b, 1], blocks[b, 2]
        of_state = model.of_state[d if len(model.of_state) > 1 else 0]
        of_move = model.of_move[d if len(model.of_move) > 1 else 0]
        at_start = model.at_start[d if len(model.at_start) > 1 else 0]
        mine = by_patient[d]
        of_draw = stream(seed, d)
        settle(about, data, d, kinds, known)
        for base in range(begin, end, LOT):
            active = min(LOT, end - base)
            for i in range(active):
                luck[i] = stream(of_draw, base + i)
                going[i], state[i], since[i] = i, model.start[base + i], 0.0
                spent_cost[i] = spent_effect[i] = 0.0  # discount factors integrated up to `since`
                mine[base + i, 0], mine[base + i, 1] = at_start[0], at_start[1]
            visit = 0
            while active > 0:
                left = 0
                for s in range(states):  # those who are in it, all at once
                    count = 0
                    for i in range(active):
                        here[count] = going[i]
                        count += state[going[i]] == s
                    if count == 0:
                        continue
                    for i in range(count):
                        begun[i], their_luck[i] = since[here[i]], luck[here[i]]
                        when[i], move[i] = math.inf, -1
                    for m in range(first[s], first[s + 1]):
                        k = leaving[m]
                        event = k + transitions * visit
                        if kinds[k] == NEVER:
                            continue
                        if kinds[k] == LOOKED_UP:
                            for i in range(count):
                                u = uniform(their_luck[i], event)
                                at[i] = due(about, data, k, d, base + here[i], begun[i], u)
                        else:
                            # At the start of both, clocks agree.
                            forward = about[k, FORWARD] > 0 and (visit > 0 or known[k, 3] > 0)
                            times_of(kinds[k], forward, known[k], their_luck, event, begun, count, at)
                        nearer(at, k, count, when, move)
                    for i in range(count):
                        until[i] = when[i] if when[i] < horizon else horizon
                    areas(by_cost, until, count, cost)
                    if one_discount:
                        effect[:count] = cost[:count]
                    else:
                        areas(by_effect, until, count, effect)
                    for i in range(count):
                        j = here[i]
                        of_cost, of_effect = cost[i] - spent_cost[j], effect[i] - spent_effect[j]
                        spent_cost[j], spent_effect[j], since[j] = cost[i], effect[i], until[i]
                        mine[base + j, 0] += of_state[s, 0] * of_cost
                        mine[base + j, 1] += of_state[s, 1] * of_effect
                        at[i], cost[i], effect[i] = until[i] - begun[i], of_cost, of_effect
                    years[b, s, 0] += total_of(at, count)
                    years[b, s, 1] += total_of(cost, count)
                    years[b, s, 2] += total_of(effect, count)
                    if len(times):
                        for i in range(count):
                            occupancy[b, first_at(times, begun[i]), s] += 1.0
                            out = first_at(times, until[i]) if when[i] < horizon else len(times)
                            occupancy[b, out, s] -= 1.0
                    for i in range(count):  # to the next visit, or to a state that is kept to the horizon
                        if when[i] >= horizon:
                            continue
                        j, k = here[i], move[i]
                        moves[b, k, 0] += 1.0
                        if pays[k]:
                            now_cost, now_effect = factor(by_cost, when[i]), factor(by_effect, when[i])
                            mine[base + j, 0] += of_move[k, 0] * now_cost
                            mine[base + j, 1] += of_move[k, 1] * now_effect
                            moves[b, k, 1] += now_cost
                            moves[b, k, 2] += now_effect
                        z = to[k]
                        if first[z] < first[z + 1]:
                            entered[left], following[left] = z, j
                            left += 1
                            continue
                        of_cost, of_effect = whole_cost - spent_cost[j], whole_effect - spent_effect[j]
                        mine[base + j, 0] += of_state[z, 0] * of_cost
                        mine[base + j, 1] += of_state[z, 1] * of_effect
                        years[b, z, 0] += horizon - when[i]
                        years[b, z, 1] += of_cost
                        years[b, z, 2] += of_effect
                        if len(times):
                            occupancy[b, first_at(times, when[i]), z] += 1.0
                            occupancy[b, len(times), z] -= 1.0
                for i in range(left):
                    going[i] = following[i]
                    state[going[i]] = entered[i]
                active = left
                visit += 1
                if visit > 100_000:
                    return 1
        summarise(mine[begin:end], spreads[b])
    return 0
