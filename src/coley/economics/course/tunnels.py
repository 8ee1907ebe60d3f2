"""Tunnel states: a state split by the number of cycles that patients have spent in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from coley.economics.course.courses import named_states, position
from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.courses import Course

    Floats = NDArray[np.float64]

V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Tunnels:
    """A Markov model in which one state remembers how long patients have been in it.

    Attributes
    ----------
    states
        Names of all states: "stable", "progressed 1", "progressed 2", ..., "dead".
    transitions
        (S', S') or (..., S', S') probabilities between them.
    origin
        (S',): the position of the state that each one was split from.
    names
        Names of the states before the split.
    """

    states: tuple[str, ...]
    transitions: Floats
    origin: NDArray[np.intp]
    names: tuple[str, ...]

    def spread(self, by_state: Mapping[str, V]) -> dict[str, V]:
        """Give every tunnel the value of the state that it was split from."""
        return {
            state: by_state[self.names[k]]
            for state, k in zip(self.states, self.origin, strict=True)
            if self.names[k] in by_state
        }

    def gathered(self, course: Course) -> Floats:
        """Return (D, T, S): the occupancy of the states before the split."""
        out = np.zeros((*course.occupancy.shape[:2], len(self.names)))
        for k, at in enumerate(self.origin):
            out[:, :, at] += course.occupancy[:, :, k]
        return out


def tunnels(transitions: ArrayLike, state: str, *, rows: ArrayLike, states: Sequence[str]) -> Tunnels:
    """Split a state by cycles spent in it, so that what happens next may depend on them.

    Parameters
    ----------
    transitions
        (..., S, S): probabilities between the states; the row of `state` is not read.
    state
        Name of the state that is split.
    rows
        (..., K, S): probabilities of leaving it (or staying) in the first, second, ..., K-th cycle in it;
        the last row holds from then on.
    states
        Names of the states.

    Raises
    ------
    UnreadableInput
        Where shapes do not fit.
    UnknownName
        Where `state` is none of the states.

    References
    ----------
    Sonnenberg and Beck 1993.

    Examples
    --------
    >>> split = tunnels(
    ...     [[0.7, 0.2, 0.1], [0, 0, 0], [0, 0, 1]],
    ...     "ill",
    ...     rows=[[0, 0.5, 0.5], [0, 0.8, 0.2]],
    ...     states=("well", "ill", "dead"),
    ... )
    >>> split.states
    ('well', 'ill 1', 'ill 2', 'dead')
    >>> split.transitions
    array([[0.7, 0.2, 0. , 0.1],
           [0. , 0. , 0.5, 0.5],
           [0. , 0. , 0.8, 0.2],
           [0. , 0. , 0. , 1. ]])
    """
    names, _ = named_states(states, None)
    at, n = position(names, state), len(names)
    P, R = np.asarray(transitions, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    if P.shape[-2:] != (n, n) or R.ndim < 2 or R.shape[-1] != n:
        raise UnreadableInput(
            f"Transitions must be (..., {n}, {n}) and rows (..., cycles in the state, {n}).",
            where=f"transitions {P.shape}, rows {R.shape}",
        )
    depth = R.shape[-2]
    lead = np.broadcast_shapes(P.shape[:-2], R.shape[:-2])
    origin = np.concatenate([np.arange(at), np.full(depth, at), np.arange(at + 1, n)])
    kept = np.concatenate(
        [np.arange(at), [at], np.arange(at + depth, n + depth - 1)]
    )  # entry is to the first
    out = np.zeros((*lead, n + depth - 1, n + depth - 1))
    for k, source in enumerate(origin):
        if source != at:
            out[..., k, kept] = P[..., source, :]
            continue
        cycle = k - at
        out[..., k, kept] = R[..., cycle, :]
        out[..., k, at] = 0.0
        out[..., k, at + min(cycle + 1, depth - 1)] = R[..., cycle, at]
    split = tuple(names[s] if s != at else f"{state} {k - at + 1}" for k, s in enumerate(origin))
    return Tunnels(split, out, origin, names)
