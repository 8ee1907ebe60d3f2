"""A part of an answer: what one step of a question contributes; parts add up to the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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

    def under(self, topic: str) -> Part:
        """Return the part with its estimates under a topic: those that name no endpoint of their own.

        Examples
        --------
        >>> from coley.model.answer import Estimate
        >>> cost = Estimate("cost", 2.0, 1.0, 3.0, n=9, unit="EUR", method="psa")
        >>> life = Estimate("rmst", 1.0, 0.5, 1.5, n=9, unit="years", method="rmst", endpoint="os")
        >>> part = Part(estimates=(cost, life))
        >>> [one.endpoint for one in part.under("money").estimates]
        ['money', 'os']
        """
        return replace(
            self, estimates=tuple(replace(one, endpoint=one.endpoint or topic) for one in self.estimates)
        )

    def estimate(self, name: str, *, endpoint: str = "", group: str = "") -> Estimate | None:
        """Return the first estimate with this name, endpoint and group, or None."""
        for found in self.estimates:
            if found.name == name and endpoint in ("", found.endpoint) and group in ("", found.group):
                return found
        return None
