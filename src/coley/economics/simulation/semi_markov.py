"""Patients who move through states in continuous time, one by one: a semi-Markov model of any shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.discounting import Discount
from coley.economics.course.rewards import Reward, numbers
from coley.economics.simulation.clocks import Background, Hazard, side_by_side
from coley.economics.simulation.discounts import pieces
from coley.economics.simulation.work import blocks_of, by_draw, key_of, moments, spread
from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.simulation.semi_markov_kernel import Model

    Floats = NDArray[np.float64]

INCERTI = (
    "Incerti D, Jansen JP. hesim: health economic simulation modeling and decision analysis. arXiv "
    "2102.09437; 2021."
)
PUTTER = (
    "Putter H, Fiocco M, Geskus RB. Tutorial in biostatistics: competing risks and multi-state models. Stat Med "
    "2007;26:2389-2430."
)


@dataclass(frozen=True, eq=False)
class Walked:
    """What became of N patients in each of D draws; means over patients, (D, ...).

    Attributes
    ----------
    strategy
        Its name.
    costs, effects
        (D,) discounted.
    costs_se, effects_se
        (D,) Monte Carlo standard errors of those means, for patients drawn at random.
    by_category
        Name of each reward to its discounted mean, (D,).
    states, state_years, discounted_state_years
        Names, and (D, S) years in each, the latter discounted as effects.
    moves
        (from, to) to the mean number of such moves, (D,).
    times_years, occupancy
        (T,) and (D, T, S) shares in each state; empty unless asked for.
    by_patient
        (D, N, 2) costs and effects of every patient, for comparisons under the same luck.
    """

    strategy: str
    costs: Floats
    effects: Floats
    costs_se: Floats
    effects_se: Floats
    by_category: Mapping[str, Floats]
    states: tuple[str, ...]
    state_years: Floats
    discounted_state_years: Floats
    moves: Mapping[tuple[str, str], Floats]
    times_years: Floats
    occupancy: Floats
    by_patient: Floats


@method(
    "semi_markov_simulation",
    title="Individual-level continuous-time semi-Markov simulation",
    summary="Draws for each patient the times of all moves out of a state; the first happens; repeats to the horizon.",
    needs="a hazard for each move, on a clock from the start or from the entry of the state",
    limits="Means carry a Monte Carlo error, which is given. Moves out of a state are independent given what the "
    "hazards know of a patient.",
    references=(PUTTER, INCERTI),
)
def semi_markov(
    states: Sequence[str],
    moves: Mapping[tuple[str, str], Hazard | Background],
    rewards: Sequence[Reward] = (),
    *,
    patients: int,
    seed: int,
    horizon_years: float,
    draws: int = 1,
    start: str | Sequence[str] | None = None,
    costs: Discount | None = None,
    effects: Discount | None = None,
    times_years: ArrayLike = (),
    strategy: str = "",
    threads: int | None = None,
) -> Walked:
    """Walk patients through states.

    Parameters
    ----------
    states
        Names; a state with no move out of it is kept for ever.
    moves
        (from, to) to the hazard of that move. A pair of states may have one move.
    rewards
        What is counted: `by_state`, `on_entry`, `on_move` and `at_start` of `Reward`, numbers or (D,).
    patients, draws
        N and D. Hazards hold 1 or N patients, and 1 or D draws.
    seed
        Of luck. Luck belongs to (draw, patient, move, visit): strategies run with one seed share it.
    horizon_years
        Where it ends.
    start
        State at the start, one for all or one a patient; the first unless given.
    costs, effects
        How they are discounted, 3.5 % a year unless given.
    times_years
        (T,) at which shares in the states are wanted.
    strategy
        Name.
    threads
        All cores unless given; the result is the same.

    Raises
    ------
    InvalidSetting
        Where numbers of draws or patients do not fit, or a reward asks for what a walk does not know.
    UnknownName
        For a state that there is not.
    UnreadableInput
        Where a reward leaves out a state that can be left, or holds a number that cannot be.
    NotEstimable
        Where someone moves for ever without time passing.

    References
    ----------
    Putter et al. 2007; Incerti and Jansen 2021 (individual-level continuous-time state transition models).

    Examples
    --------
    >>> moves = {("well", "ill"): Hazard("exponential", [0.5]), ("ill", "dead"): Hazard("exponential", [1.0])}
    >>> care = Reward("care", "cost", by_state={"well": 100.0, "ill": 1000.0, "dead": 0.0})
    >>> found = semi_markov(("well", "ill", "dead"), moves, [care], patients=20_000, seed=1, horizon_years=100,
    ...                     costs=Discount(0.0))
    >>> bool(abs(found.costs[0] - 1200) < 4 * found.costs_se[0]), found.costs.shape
    (True, (1,))
    """
    from coley.economics.simulation.semi_markov_kernel import walk

    names, key = tuple(states), key_of(seed)
    if patients < 1 or draws < 1 or not (np.isfinite(horizon_years) and horizon_years > 0):
        raise InvalidSetting(
            "A simulation needs a patient, a draw and a horizon above zero.",
            where=f"{patients} patients, {draws} draws, {horizon_years} years",
        )
    times = np.sort(np.asarray(times_years, dtype=np.float64))
    if len(times) and not (times[0] >= 0 and times[-1] <= horizon_years):
        raise InvalidSetting("Times of occupancy lie between 0 and the horizon.", where=f"{times[[0, -1]]}")
    ordered = [r for kind in ("cost", "effect") for r in rewards if r.kind == kind]
    discounts = [pieces(d or Discount(), horizon_years) for d in (costs, effects)]
    model, worth = _model(names, moves, ordered, draws, (start, patients), discounts)
    clocks = side_by_side(list(moves.values()), draws=draws, patients=patients, horizon_years=horizon_years)
    blocks = blocks_of(draws, patients)
    S, K = len(names), len(moves)
    spent, moved = np.zeros((len(blocks), S, 3)), np.zeros((len(blocks), K, 3))
    changes = np.zeros((len(blocks), len(times) + 1, S)) if len(times) else np.zeros((len(blocks), 1, S))
    by_patient, spreads = np.empty((draws, patients, 2)), np.zeros((len(blocks), 4))

    def run(part: slice) -> int:
        return int(
            walk(
                key, blocks[part], *clocks, model, float(horizon_years), times,
                spent[part], moved[part], changes[part], by_patient, spreads[part],
            )
        )  # fmt: skip

    if any(spread(run, len(blocks), threads=threads)):
        raise NotEstimable(
            "A patient moves between states without end.", cause="a hazard that is infinite, in a loop"
        )
    years, times_moved = by_draw(spent, draws) / patients, by_draw(moved, draws) / patients
    occupancy = by_draw(changes, draws).cumsum(axis=1)[:, :-1] / patients
    mean, se = moments(spreads, blocks, draws)
    return Walked(
        strategy, mean[:, 0], mean[:, 1], se[:, 0], se[:, 1],
        {reward.name: worth[reward.name].of(years, times_moved) for reward in ordered},
        names, years[..., 0], years[..., 2],
        {pair: times_moved[:, k, 0] for k, pair in enumerate(moves)},
        times, occupancy, by_patient,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Worth:
    """What a reward brings per year in each state (D, S), at each move (D, K) and at the start (D,).

    `discounted` is where years and moves are discounted as it is: 1 as costs, 2 as effects.
    """

    of_state: Floats
    of_move: Floats
    at_start: Floats
    discounted: int

    def of(self, years: Floats, moves: Floats) -> Floats:
        """Return what it brings, (D,), in years (D, S, 3) and moves (D, K, 3)."""
        spent, moved = (
            self.of_state * years[..., self.discounted],
            self.of_move * moves[..., self.discounted],
        )
        return np.asarray(self.at_start + spent.sum(axis=1) + moved.sum(axis=1))


def _model(
    states: tuple[str, ...],
    moves: Mapping[tuple[str, str], Hazard | Background],
    rewards: Sequence[Reward],
    draws: int,
    start: tuple[str | Sequence[str] | None, int],
    discounts: Sequence[Floats],
) -> tuple[Model, dict[str, Worth]]:
    from coley.economics.simulation.semi_markov_kernel import Model

    def index(state: str) -> int:
        if state not in states:
            raise UnknownName("state", state, states)
        return states.index(state)

    pairs = [(index(a), index(b)) for a, b in moves]
    if not pairs or any(a == b for a, b in pairs):
        raise InvalidSetting("A model has moves, and a move leads to another state.")
    worth: dict[str, Worth] = {}
    for reward in rewards:
        if reward.on_treatment is not None or reward.multiplier is not None:
            raise InvalidSetting(
                f"The reward {reward.name!r} changes with time by a curve; a walk knows only states and moves.",
                remedy="Give what depends on treatment as a state, or use the simulation of treated patients.",
            )
        of_state, of_move = np.zeros((draws, len(states))), np.zeros((draws, len(pairs)))
        where = (reward.name, draws)
        for state, value in reward.by_state.items():
            of_state[:, index(state)] = _of_draws(value, *where)
        left = dict.fromkeys(states[a] for a, _ in pairs)
        unnamed = [state for state in left if state not in reward.by_state]
        if reward.by_state and unnamed:
            raise UnreadableInput(
                f"The reward {reward.name!r} has no value for the state {unnamed[0]!r}.",
                remedy="Give every state that can be left a value; 0 is one.",
            )
        for state, value in reward.on_entry.items():
            for k, (_, to) in enumerate(pairs):
                if to == index(state):
                    of_move[:, k] += _of_draws(value, *where)
        for (a, b), value in reward.on_move.items():
            if (index(a), index(b)) not in pairs:
                raise InvalidSetting(
                    f"The reward {reward.name!r} is paid at a move that there is not: {a} to {b}."
                )
            of_move[:, pairs.index((index(a), index(b)))] += _of_draws(value, *where)
        at_start = _of_draws(reward.at_start, *where)
        worth[reward.name] = Worth(of_state, of_move, at_start, 1 if reward.kind == "cost" else 2)
    first, n = start
    begins = np.array([index(s) for s in ([first or states[0]] if isinstance(first, str | None) else first)])
    if len(begins) not in (1, n):
        raise InvalidSetting(f"There are {n} patients, and {len(begins)} states at the start.")
    origin = np.array([a for a, _ in pairs])

    def both(values: Callable[[Worth], Floats], shape: tuple[int, ...]) -> Floats:
        """Return sums over the rewards of each kind, (D, ..., 2)."""
        kinds = [[values(w) for w in worth.values() if w.discounted == kind] for kind in (1, 2)]
        return np.stack([sum(parts, np.zeros(shape)) for parts in kinds], axis=-1)

    of_move = both(lambda w: w.of_move, (draws, len(pairs)))
    model = Model(
        np.array([b for _, b in pairs]),
        np.searchsorted(np.sort(origin), np.arange(len(states) + 1)),
        np.argsort(origin, kind="stable"),
        np.ascontiguousarray(np.broadcast_to(begins, (n,))),
        both(lambda w: w.of_state, (draws, len(states))),
        of_move,
        both(lambda w: w.at_start, (draws,)),
        np.array([any((w.of_move[:, k] != 0).any() for w in worth.values()) for k in range(len(pairs))]),
        *discounts,
    )
    return model, worth


def _of_draws(value: ArrayLike, name: str, draws: int) -> Floats:
    found = numbers(value, name)
    if found.ndim > 1 or found.size not in (1, draws):
        raise InvalidSetting(
            f"The reward {name!r} holds an array of shape {found.shape}; the simulation has {draws} draws."
        )
    return np.broadcast_to(found.ravel(), (draws,))
