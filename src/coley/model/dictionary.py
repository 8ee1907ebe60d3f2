"""The data dictionary: which tables and columns a study may hold, with units, ranges, codes and synonyms.

The dictionary itself is the table `dictionary.csv` beside this file; this module only loads it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from coley.model.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "number", "integer", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dictionary.

    Attributes
    ----------
    table, name
        Where it belongs and what it is called.
    kind
        text, number, integer or flag (true or false).
    unit
        Unit of the values; empty for text.
    low, high
        The widest range in which a value can be true; None where there is no bound.
    codes
        The values it may take; empty where free.
    required
        Whether the table is unusable without it.
    role
        key, design, outcome, baseline, measure or other; baseline columns are candidate factors.
    meaning
        In one phrase.
    synonyms
        Normalised foreign name to the unit or coding that the name declares ("" where it declares none).
    """

    table: str
    name: str
    kind: Kind
    unit: str
    low: float | None
    high: float | None
    codes: tuple[str, ...]
    required: bool
    role: str
    meaning: str
    synonyms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the dictionary: its columns by name."""

    name: str
    columns: Mapping[str, Column]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is unusable."""
        return tuple(c.name for c in self.columns.values() if c.required)

    def role(self, *roles: str) -> tuple[str, ...]:
        """Names of the columns with one of the roles, in order."""
        return tuple(c.name for c in self.columns.values() if c.role in roles)


def normalise(name: str) -> str:
    """Return a column name with case, spaces and punctuation removed.

    Examples
    --------
    >>> normalise("Overall Survival (Months)")
    'overallsurvivalmonths'
    """
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def tables() -> Mapping[str, Table]:
    """Return the whole dictionary, table by table.

    Examples
    --------
    >>> tables()["patients"].columns["os_months"].unit
    'months'
    """
    text = files("coley.model").joinpath("dictionary.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, Column]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["table"], {})[row["column"]] = _column(row)
    return {name: Table(name, columns) for name, columns in found.items()}


def table(name: str) -> Table:
    """Return one table of the dictionary.

    Raises
    ------
    UnknownName
        Where the dictionary has no such table.
    """
    known = tables()
    if name not in known:
        raise UnknownName("table", name, known)
    return known[name]


def _column(row: dict[str, str]) -> Column:
    kind = row["kind"]
    if kind not in ("text", "number", "integer", "flag"):
        raise ValueError(f"dictionary.csv: {row['table']}.{row['column']} has the unknown kind {kind!r}")
    synonyms = {row["column"]: "", **dict(_synonym(text) for text in _split(row["synonyms"]))}
    return Column(
        table=row["table"],
        name=row["column"],
        kind=kind,  # type: ignore[arg-type]  # narrowed above
        unit=row["unit"],
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        codes=tuple(_split(row["codes"])),
        required=row["required"] == "yes",
        role=row["role"],
        meaning=row["meaning"],
        synonyms={normalise(name): unit for name, unit in synonyms.items()},
    )


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _synonym(text: str) -> tuple[str, str]:
    name, _, unit = text.partition("@")
    return name, unit
