"""What a rule of the linter is: metadata and a pure function; and the registry that holds the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.registry import Registry
from coley.read.doctor.examination import Findings

if TYPE_CHECKING:
    from coley.read.linter.case import Case


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the linter looks at in predictions.

    Attributes
    ----------
    name, title, looks_for
        Name of its checks; a heading; what it would find, as a phrase.
    applies
        Whether a case holds what the rule looks at.
    function
        From the case to its findings; empty where there are none.
    """

    name: str
    title: str
    looks_for: str
    applies: Callable[[Case], bool]
    function: Callable[[Case], Findings]


RULES: Registry[Rule] = Registry("rule")


def rule(
    name: str, *, title: str, looks_for: str, applies: Callable[[Case], bool]
) -> Callable[[Callable[[Case], Findings]], Callable[[Case], Findings]]:
    """Register the decorated function as a rule and return it unchanged."""

    def register(function: Callable[[Case], Findings]) -> Callable[[Case], Findings]:
        RULES.add(name, Rule(name, title, looks_for, applies, function))
        return function

    return register
