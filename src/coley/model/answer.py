"""The answer to a question, and its parts; immutable, and the same shape for every question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Level = Literal["pass", "warn", "fail"]


def _finite(number: float | None) -> float | None:
    """None stands for "cannot be estimated" and "not reached": JSON has neither NaN nor infinity."""
    return float(number) if number is not None and math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval, its n and its method.

    Attributes
    ----------
    name
        The quantity ("hazard_ratio", "response_rate", "median").
    value, low, high
        The estimate and its interval in `unit`; None where the data do not determine it (a median
        that was not reached).
    n, events
        Patients and events that the number rests on.
    unit
        "ratio", "months", "proportion", "probability", "points" ...
    method
        Name of the registered method that made it.
    level
        Coverage of the interval.
    endpoint, group
        "os", "pfs", "response"; the patients or the contrast that it is about.
    p, p_adjusted, multiplicity
        Two-sided p value, the same after correction, and the correction with its family in words.
    note
        What a reader must know beside the number.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    method: str
    events: int | None = None
    level: float = 0.95
    endpoint: str = ""
    group: str = ""
    p: float | None = None
    p_adjusted: float | None = None
    multiplicity: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "p", "p_adjusted"):
            object.__setattr__(self, name, _finite(getattr(self, name)))
        object.__setattr__(self, "n", int(self.n))
        object.__setattr__(self, "events", None if self.events is None else int(self.events))


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a finding: file, lines, column and the values seen there."""

    file: str = ""
    lines: tuple[int, ...] = ()
    column: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was examined: pass, warn or fail, with the likely cause and the remedy."""

    name: str
    level: Level
    message: str
    remedy: str = ""
    cause: str = ""
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture to be drawn: its kind, the table that holds its data, and options of that kind."""

    kind: str
    table: str
    title: str = ""
    caption: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """What can be said of one thing on a few lines: a marker, a combination, a patient.

    Attributes
    ----------
    title
        The thing.
    mark, mark_words
        A short grade ("B") and what it means ("holds across cohorts").
    lead
        The sentence that the evidence supports.
    lines
        Term and text of each further line.
    """

    title: str
    mark: str
    mark_words: str
    lead: str
    lines: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple((term, text) for term, text in self.lines))


@dataclass(frozen=True, eq=False)
class Answer:
    """What a question found out about a study.

    Attributes
    ----------
    question, title, study
        Name of the question, the question in words, and the name of the study.
    headline
        One sentence with number, interval and n.
    estimates, checks, caveats, cannot_tell
        The numbers; what was examined; what to bear in mind; what these data cannot tell.
    tables
        Name to frame; long format, one row per fact.
    figures
        Drawn from `tables` by the report.
    cards
        What comes of it all, thing by thing, the surest first.
    settings
        Every setting with the value that was used, the seed among them.
    citations
        References of the methods used.
    """

    question: str
    title: str
    study: str
    headline: str
    estimates: tuple[Estimate, ...] = ()
    checks: tuple[Check, ...] = ()
    caveats: tuple[str, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    cards: tuple[Card, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("estimates", "checks", "caveats", "cannot_tell", "figures", "cards", "citations"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("tables", "settings"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        missing = sorted({figure.table for figure in self.figures} - set(self.tables))
        if missing:
            raise ValueError(f"figures of answer {self.question!r} name tables that it lacks: {missing}")

    def __eq__(self, other: object) -> bool:
        from coley.model.answer_json import to_dict

        return isinstance(other, Answer) and to_dict(self) == to_dict(other)

    def __hash__(self) -> int:
        return hash((self.question, self.study, self.headline))

    def replace(self, **changes: Any) -> Answer:
        """Return a copy with the named parts replaced."""
        return replace(self, **changes)

    def estimate(self, name: str, *, endpoint: str = "", group: str = "") -> Estimate:
        """Return the one estimate with this name (and endpoint and group, where given).

        Raises
        ------
        LookupError
            Where no estimate or more than one matches.
        """
        found = [
            e
            for e in self.estimates
            if e.name == name and endpoint in ("", e.endpoint) and group in ("", e.group)
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} estimates match {name=} {endpoint=} {group=}")
        return found[0]

    def __repr__(self) -> str:
        return f"Answer({self.question!r}, {self.study!r}: {self.headline})"
