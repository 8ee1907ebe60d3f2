"""What cleaning kept and what it dropped: every step adds up, or the log is not made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coley.vigilance.cleaning.duplicates import Duplicates


@dataclass(frozen=True, slots=True)
class Step:
    """One step of cleaning: before + gained = dropped + after.

    Attributes
    ----------
    name
        What was done.
    unit
        What is counted: reports, drug rows ...
    before, after
        How many went in and came out.
    dropped
        How many were dropped, by reason.
    gained
        How many were added, as by combination products, each row of which names several ingredients.
    """

    name: str
    unit: str
    before: int
    after: int
    dropped: dict[str, int] = field(default_factory=dict)
    gained: int = 0

    def __post_init__(self) -> None:
        if self.before + self.gained != self.after + sum(self.dropped.values()):
            raise ArithmeticError(f"Cleaning does not add up: {self}")


@dataclass(frozen=True, slots=True)
class CleaningLog:
    """Every step of cleaning, and what else was seen.

    Attributes
    ----------
    steps
        In the order in which they were done.
    noted
        What was set to missing or left unmatched, each with its count: nothing was dropped for it.
    unmatched
        The commonest drug names that no dictionary knew, with their rows.
    learned
        The commonest drug names that no dictionary knew and other rows told, each with what it was taken for.
    duplicates
        The pairs for review and the model behind them; not part of the JSON, and None where none were sought.
    """

    steps: tuple[Step, ...]
    noted: dict[str, int]
    unmatched: dict[str, int] = field(default_factory=dict)
    learned: dict[str, str] = field(default_factory=dict)
    duplicates: Duplicates | None = field(default=None, compare=False, repr=False)

    def step(self, name: str) -> Step:
        """Return the step of that name.

        Raises
        ------
        KeyError
            Where no step is named so.
        """
        return {step.name: step for step in self.steps}[name]

    def to_json(self) -> str:
        """Return the log as JSON."""
        content = {
            "steps": [asdict(step) for step in self.steps],
            "noted": self.noted,
            "unmatched": self.unmatched,
            "learned": self.learned,
        }
        return json.dumps(content, indent=1)

    @classmethod
    def from_json(cls, text: str) -> CleaningLog:
        """Return the log that `to_json` wrote."""
        read: dict[str, Any] = json.loads(text)
        return cls(
            tuple(Step(**step) for step in read["steps"]), read["noted"], read["unmatched"], read["learned"]
        )
