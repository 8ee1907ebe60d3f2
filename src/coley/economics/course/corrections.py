"""Within-cycle corrections: how values at the ends of cycles become values over cycles.

A correction is two linear maps. `states` turns the values of being in a state at the n + 1 ends of n cycles
into the weights of the occupancies at those ends; `flows` turns the values of a transition made at those ends
into the weights of what flowed during the n cycles. Both take values (..., n + 1) and the cycles' lengths in
years (n,). A value of a state is per year, one of a flow is per transition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correction:
    """A within-cycle correction: its name, what it assumes, and its two maps."""

    name: str
    summary: str
    states: Callable[[Floats, Floats], Floats]
    flows: Callable[[Floats, Floats], Floats]


CORRECTIONS: Registry[Correction] = Registry("within-cycle correction")


def _add(name: str, summary: str, states: Callable[..., Floats], flows: Callable[..., Floats]) -> None:
    CORRECTIONS.add(name, Correction(name, summary, states, flows))


def one_length(lengths: Floats, name: str) -> float:
    """Return the length of all cycles, in years.

    Raises
    ------
    InvalidSetting
        Where cycles differ in length.
    """
    if np.ptp(lengths) > 1e-9 * lengths.max():
        raise InvalidSetting(
            f"The within-cycle correction {name!r} needs cycles of one length.",
            where=f"cycles of {lengths.min():g} to {lengths.max():g} years",
            remedy="Take half_cycle, which is right for any lengths.",
        )
    return float(lengths.mean())


def _trapezoid(values: Floats, lengths: Floats) -> Floats:
    return np.asarray(values * (np.append(lengths, 0.0) + np.append(0.0, lengths)) / 2)


def _middle(values: Floats, lengths: Floats) -> Floats:
    return np.asarray((values[..., :-1] + values[..., 1:]) / 2)


def _every_end(values: Floats, lengths: Floats) -> Floats:
    return np.asarray(values * np.append(lengths, lengths[-1]))


def _start(values: Floats, lengths: Floats) -> Floats:
    return np.asarray(values * np.append(lengths, 0.0))


def _end(values: Floats, lengths: Floats) -> Floats:
    return np.asarray(values * np.append(0.0, lengths))


def _at_end(values: Floats, lengths: Floats) -> Floats:
    return values[..., 1:]


def _at_start(values: Floats, lengths: Floats) -> Floats:
    return values[..., :-1]


def _life_table(values: Floats, lengths: Floats) -> Floats:
    per_cycle = values[..., :-1] * lengths
    none = np.zeros((*values.shape[:-1], 1))
    return np.asarray(np.concatenate([per_cycle, none], -1) + np.concatenate([none, per_cycle], -1)) / 2


def _simpson(values: Floats, lengths: Floats) -> Floats:
    cycles = len(lengths)
    if cycles % 2:
        raise InvalidSetting(
            f"Simpson's rule needs an even number of cycles, and there are {cycles}.",
            remedy="Add or drop a cycle, or take half_cycle.",
        )
    weights = np.where(np.arange(cycles + 1) % 2, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    return np.asarray(values * weights * (one_length(lengths, "simpson") / 3))


def _swapped(points: int) -> Floats:
    weights = np.where(np.arange(points) % 2, 2.0, 4.0) / 3
    weights[[0, -1]] = 1 / 3
    return weights


def _simpson_swapped(values: Floats, lengths: Floats) -> Floats:
    length = one_length(lengths, "simpson_swapped_as_published")
    return np.asarray(values * _swapped(len(lengths) + 1) * length)


def _simpson_swapped_flows(values: Floats, lengths: Floats) -> Floats:
    return (values * _swapped(len(lengths) + 1))[..., 1:]


_add(
    "half_cycle",
    "Trapezoid: patients move, on average, half-way through a cycle of any length.",
    _trapezoid,
    _middle,
)
_add("simpson", "Simpson's 1/3 rule; refuses an odd number of cycles.", _simpson, _middle)
_add(
    "life_table",
    "The mean of the occupancies at both ends of a cycle, valued and discounted as at its start.",
    _life_table,
    _at_start,
)
_add("start", "Patients move at the ends of cycles: overstates time in states that empty.", _start, _at_end)
_add("end", "Patients move at the starts of cycles: understates time in states that empty.", _end, _at_end)
_add(
    "none",
    "Every end counts a whole cycle, the first and the last too: n + 1 cycles' worth, as in the DARTH tutorials.",
    _every_end,
    _at_end,
)
_add(
    "simpson_swapped_as_published",
    "The weights 1/3, 2/3, 4/3, ... of the DARTH tutorials, which are Simpson's with 2/3 and 4/3 swapped: wrong, "
    "kept to reproduce published tables. Transitions are weighted by the same numbers.",
    _simpson_swapped,
    _simpson_swapped_flows,
)
