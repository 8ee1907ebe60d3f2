"""A part of an answer: what one step of a question contributes; parts add up to the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Card, Check, Estimate, Figure


@dataclass(frozen=True, eq=False)
class Part:
    """Estimates, checks, caveats, tables, figures and cards of one step; `a + b` joins two in order.

    Examples
    --------
    >>> (Part(caveats=("short follow-up",)) + Part(caveats=("one centre",))).caveats
    ('short follow-up', 'one centre')
    """

    estimates: tuple[Estimate, ...] = ()
    checks: tuple[Check, ...] = ()
    caveats: tuple[str, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    cards: tuple[Card, ...] = ()

    def __add__(self, other: Part) -> Part:
        twice = set(self.tables) & set(other.tables)
        if twice:
            raise ValueError(f"two parts bring the same tables: {sorted(twice)}")
        return Part(
            self.estimates + other.estimates,
            self.checks + other.checks,
            self.caveats + other.caveats,
            self.cannot_tell + other.cannot_tell,
            {**self.tables, **other.tables},
            self.figures + other.figures,
            self.cards + other.cards,
        )

    def estimate(self, name: str, *, endpoint: str = "", group: str = "") -> Estimate | None:
        """Return the first estimate with this name, endpoint and group, or None."""
        for found in self.estimates:
            if found.name == name and endpoint in ("", found.endpoint) and group in ("", found.group):
                return found
        return None
