"""What reading rests on, as tables: limits, missing spellings, units, codes, signatures of files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement: what it measures and its size in the first unit of that dimension."""

    name: str
    dimension: str
    size: float


@dataclass(frozen=True, slots=True)
class Signature:
    """The bytes by which a kind of file is known."""

    offset: int
    magic: bytes
    kind: str
    title: str


@cache
def limits() -> Mapping[str, int]:
    """Return the largest sizes that are read, by name.

    Examples
    --------
    >>> limits()["columns"]
    65536
    """
    return {row["name"]: int(row["value"]) for row in _rows("limits")}


@cache
def missing_spellings() -> Mapping[str, str]:
    """Return the spellings of a missing value in lower case, each with the column in which it is a value.

    Examples
    --------
    >>> missing_spellings()["ne"], missing_spellings()["[not available]"]
    ('response', '')
    """
    return {row["spelling"]: row["value_in"] for row in _rows("missing")}


@cache
def codes(scope: str) -> Mapping[str, str]:
    """Return the words known for one column, or for flags in general, with the code that each stands for.

    Examples
    --------
    >>> codes("response")["partial remission"]
    'PR'
    """
    return {row["text"]: row["value"] for row in _rows("codes") if row["scope"] == scope}


@cache
def units() -> Mapping[str, Unit]:
    """Return every known spelling of a unit, normalised, with the unit that it means."""
    found: dict[str, Unit] = {}
    for row in _rows("units"):
        unit = Unit(row["unit"], row["dimension"], float(row["size"]))
        for spelling in (row["unit"], *filter(None, row["spellings"].split("|"))):
            found[spell(spelling)] = unit
    return found


@cache
def signatures() -> tuple[Signature, ...]:
    """Return the first bytes of files that are no tables, or tables of a binary kind."""
    return tuple(
        Signature(int(row["offset"]), bytes.fromhex(row["hex"]), row["kind"], row["title"])
        for row in _rows("signatures")
    )


def spell(unit: str) -> str:
    """Return a unit without case, blanks and typographic variants.

    Examples
    --------
    >>> spell("×10³/µL")
    'x10^3/ul'
    """
    table = str.maketrans(
        {"µ": "u", "μ": "u", "×": "x", "³": "^3", "⁹": "^9", "⁶": "^6", " ": None, "_": None}
    )
    return unit.strip().lower().translate(table)


def factor(unit: str, target: str) -> float:
    """Return the number by which a value in `unit` is multiplied to be in `target`.

    Raises
    ------
    UnreadableInput
        For an unknown unit, and for two units of different dimensions.

    Examples
    --------
    >>> round(factor("days", "months") * 30.4375, 12)
    1.0
    >>> factor("g/L", "g/dL")
    0.1
    """
    if spell(unit) == spell(target):
        return 1.0
    known = units()
    source, goal = known.get(spell(unit)), known.get(spell(target))
    if source is None:
        close = nearest(spell(unit), known)
        raise UnreadableInput(
            f"Unit {unit!r} is not known.",
            remedy=f"Did you mean {close!r}?" if close else f"Give the values in {target}.",
        )
    if goal is None or goal.dimension != source.dimension:
        raise UnreadableInput(
            f"Values in {unit} ({source.dimension}) cannot be turned into {target}.",
            remedy=f"Say the true unit of the column, or give the values in {target}.",
        )
    return source.size / goal.size


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.read").joinpath("resources", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
