"""A method: metadata and one pure function on arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from coley.model.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Method:
    """What a method is, what it needs, where it fails and where it comes from.

    Attributes
    ----------
    name
        The name under which estimates cite it ("kaplan_meier").
    title
        Its name in the field ("Kaplan-Meier estimator").
    summary
        One sentence.
    needs
        The data it takes.
    limits
        When not to believe it.
    references
        Full citations; the report prints those of the methods that were used.
    function
        The pure function itself.
    """

    name: str
    title: str
    summary: str
    needs: str
    limits: str
    references: tuple[str, ...]
    function: Callable[..., Any]


METHODS: Registry[Method] = Registry("method")


def method(
    name: str, *, title: str, summary: str, needs: str, limits: str, references: Iterable[str]
) -> Callable[[F], F]:
    """Register the decorated function as a method and return it unchanged."""

    def register(function: F) -> F:
        METHODS.add(name, Method(name, title, summary, needs, limits, tuple(references), function))
        return function

    return register


def citations(names: Iterable[str]) -> tuple[str, ...]:
    """Return the references of the named methods, each once, sorted."""
    return tuple(sorted({reference for name in set(names) for reference in METHODS[name].references}))
