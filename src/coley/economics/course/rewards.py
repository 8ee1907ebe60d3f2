"""What a course costs and yields: by time in a state, at a move, at the start, or at given times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def _cost(values: Floats, where: str) -> None:
    if (values < 0).any():
        raise UnreadableInput(
            "A cost cannot be negative.",
            where=f"{where}: {values.min():g}",
            remedy="Put a saving on the side of the strategy that has to spend it.",
        )


def _utility(values: Floats, where: str) -> None:
    if (values > 1).any() or (values < -1).any():
        worst = (
            values[np.argmax(np.abs(values))] if values.ndim == 1 else values.flat[np.abs(values).argmax()]
        )
        raise UnreadableInput(
            "A utility lies between -1 and 1 (1 is full health, 0 is as bad as death).",
            where=f"{where}: {worst:g}",
            cause="It is in per cent, or per another time than a year." if worst > 1 else "",
        )


def _anything(values: Floats, where: str) -> None:
    """Nothing is refused."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What rewards of a kind may be: per year in a state, and once at a move or at a time."""

    per_year: Callable[[Floats, str], None]
    once: Callable[[Floats, str], None]


KINDS: Registry[Kind] = Registry("kind of reward")
KINDS.add("cost", Kind(_cost, _cost))
KINDS.add("effect", Kind(_utility, _anything))  # a toxicity takes a piece of a QALY once: negative


@dataclass(frozen=True, eq=False)
class Reward:
    """A cost or an effect that follows patients through their states.

    Numbers may be one value; (D,) with one value a draw; or, where they change with time, (1 or D, T).

    Attributes
    ----------
    name
        Of the category: "drug", "qalys".
    kind
        "cost", or "effect" for what counts as benefit.
    by_state
        State to what a year in it is worth: a utility, or money. If any state is named, all states of the
        living must be (0 is a value).
    on_entry
        State to what entering it brings, once: end-of-life care.
    on_move
        (from, to) to what that move brings, once.
    at_start
        What the start brings, once: adverse events of induction, a test. Not discounted.
    on_treatment, per_treated_year
        The share on treatment, (T,) or (1 or D, T), where that is not a state, and what a year on treatment
        brings: for drugs taken daily. For infusions, `Charges` counts each one.
    multiplier
        (T,) or (1 or D, T): by which `by_state` is multiplied over time, as for utilities that fall with age.

    Raises
    ------
    InvalidSetting
        For a kind that there is not.
    UnreadableInput
        For a missing value, a negative cost, or a utility above 1.

    Examples
    --------
    >>> Reward("qalys", "effect", by_state={"progression_free": 0.75, "progressed": 0.6}).kind
    'effect'
    """

    name: str
    kind: str
    by_state: Mapping[str, ArrayLike] = field(default_factory=dict)
    on_entry: Mapping[str, ArrayLike] = field(default_factory=dict)
    on_move: Mapping[tuple[str, str], ArrayLike] = field(default_factory=dict)
    at_start: ArrayLike = 0.0
    on_treatment: ArrayLike | None = None
    per_treated_year: ArrayLike = 0.0
    multiplier: ArrayLike | None = None

    def __post_init__(self) -> None:
        kind = KINDS[self.kind]
        for state, values in self.by_state.items():
            kind.per_year(numbers(values, f"{self.name}, {state}"), f"{self.name}, {state}")
        on = f"{self.name}, on treatment"
        kind.per_year(numbers(self.per_treated_year, on), on)
        for what, values in (*self.on_entry.items(), *self.on_move.items(), ("start", self.at_start)):
            kind.once(numbers(values, f"{self.name}, {what}"), f"{self.name}, {what}")


@dataclass(frozen=True, eq=False)
class Charges:
    """What is charged at given times to those who are then on treatment: a calendar of doses.

    Attributes
    ----------
    name, kind
        As for `Reward`.
    times_years
        (K,): times of the charges; those at or after the horizon are not made.
    amounts
        (K,) or (1 or D, K): what a patient who is on treatment is charged.
    on_treatment
        (K,) or (1 or D, K): the share of patients on treatment at those times; or
    while_in
        the states in which patients are treated, instead.

    Raises
    ------
    InvalidSetting
        Unless one of `on_treatment` and `while_in` is given.
    UnreadableInput
        Where times and amounts do not fit, or a share is not between 0 and 1.

    Examples
    --------
    >>> three_weekly = np.arange(35) * 21 / 365.25
    >>> Charges("drug", "cost", times_years=three_weekly, amounts=np.full(35, 5260.0),
    ...         while_in=("progression_free",)).name
    'drug'
    """

    name: str
    kind: str
    times_years: ArrayLike = ()
    amounts: ArrayLike = ()
    on_treatment: ArrayLike | None = None
    while_in: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        times, amounts = numbers(self.times_years, self.name), numbers(self.amounts, self.name)
        KINDS[self.kind].once(amounts, self.name)
        if (self.on_treatment is None) == (not self.while_in):
            raise InvalidSetting(
                f"Charges for {self.name!r} need either the share on treatment or the states of the treated."
            )
        if times.ndim != 1 or amounts.shape[-1:] != times.shape or (times < 0).any():
            raise UnreadableInput(
                f"Charges for {self.name!r} need one amount for each time, and times of 0 or later.",
                where=f"times {times.shape}, amounts {amounts.shape}",
            )
        if self.on_treatment is None:
            return
        share = numbers(self.on_treatment, self.name)
        if share.shape[-1:] != times.shape or not ((share >= 0) & (share <= 1)).all():
            raise UnreadableInput(
                f"The share on treatment for {self.name!r} must hold a value between 0 and 1 for each time.",
                where=f"shape {share.shape}, from {share.min():g} to {share.max():g}",
            )


def numbers(values: ArrayLike, where: str) -> Floats:
    """Return finite float64 values.

    Raises
    ------
    UnreadableInput
        Where a value is missing or infinite.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise UnreadableInput(
            "A value is missing or infinite.", where=where, remedy="Give 0 where nothing is meant."
        )
    return array
