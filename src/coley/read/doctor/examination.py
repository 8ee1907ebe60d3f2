"""What an examination is: metadata and a pure function; and the two registries that hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.question import Need
from coley.model.registry import Registry

if TYPE_CHECKING:
    from coley.model.study import Study

Findings = list[Check]


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing the doctor looks at in a study.

    Attributes
    ----------
    name, title, looks_for
        Name of its checks; a heading; what it would find, as a phrase.
    needs
        It runs where the study meets any one of these.
    function
        From the study to its findings; empty where there are none.
    """

    name: str
    title: str
    looks_for: str
    needs: tuple[Need, ...]
    function: Callable[[Study], Findings]

    def applies(self, study: Study) -> bool:
        """Say whether the study holds what the examination looks at."""
        return any(
            study.has(need.table, *need.columns)
            and (not need.any_of or any(study.has(need.table, column) for column in need.any_of))
            for need in self.needs
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing the doctor looks at in two studies side by side; attributes as in `Examination`."""

    name: str
    title: str
    looks_for: str
    function: Callable[[Study, Study], Findings]


EXAMINATIONS: Registry[Examination] = Registry("examination")
COMPARISONS: Registry[Comparison] = Registry("comparison")


def examination(
    name: str, *, title: str, looks_for: str, needs: tuple[Need, ...]
) -> Callable[[Callable[[Study], Findings]], Callable[[Study], Findings]]:
    """Register the decorated function as an examination and return it unchanged."""

    def register(function: Callable[[Study], Findings]) -> Callable[[Study], Findings]:
        EXAMINATIONS.add(name, Examination(name, title, looks_for, needs, function))
        return function

    return register


def comparison(
    name: str, *, title: str, looks_for: str
) -> Callable[[Callable[[Study, Study], Findings]], Callable[[Study, Study], Findings]]:
    """Register the decorated function as a comparison of two studies and return it unchanged."""

    def register(function: Callable[[Study, Study], Findings]) -> Callable[[Study, Study], Findings]:
        COMPARISONS.add(name, Comparison(name, title, looks_for, function))
        return function

    return register
