"""What a mutation does to the protein: words of MAF, Sequence Ontology and ANNOVAR as one set of classes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# From the worst for the protein to the mildest: of several effects in one cell ("missense_variant&
# splice_region_variant"), and of several rows of one mutation, the first in this order counts.
CLASSES = (
    "nonsense",
    "frameshift",
    "splice_site",
    "start_lost",
    "stop_lost",
    "inframe_indel",
    "missense",
    "structural",
    "unclear",
    "splice_region",
    "synonymous",
    "noncoding",
    "unknown",
)
UNKNOWN = "unknown"  # a word that no vocabulary has, or no word at all
RANK = {name: rank for rank, name in enumerate(CLASSES)}
_JOINED = ("&", ",", ";", "|", "+")  # how annotators join several effects in one cell


@dataclass(frozen=True, slots=True)
class Rule:
    """Which classes of mutation a burden counts, and why."""

    name: str
    title: str
    classes: tuple[str, ...]
    reason: str
    source: str


@cache
def words() -> Mapping[str, str]:
    """Return the table of words: normalised word to class.

    Examples
    --------
    >>> words()["nonsynonymous_snv"]
    'missense'
    """
    return {_normal(row["word"]): row["class"] for row in _rows("variant_classes.csv")}


@cache
def rules() -> Mapping[str, Rule]:
    """Return the counting rules by name.

    Examples
    --------
    >>> rules()["frameshift"].classes
    ('frameshift',)
    """
    return {
        row["rule"]: Rule(
            row["rule"], row["title"], tuple(row["classes"].split("|")), row["reason"], row["source"]
        )
        for row in _rows("counting_rules.csv")
    }


def rule(name: str) -> Rule:
    """Return one counting rule.

    Raises
    ------
    UnknownName
        Where there is none of that name.
    """
    if name not in rules():
        raise UnknownName("counting rule", name, rules())
    return rules()[name]


def variant_class(word: str | None) -> str:
    """Return the class of one word, or of the worst of several joined in one cell.

    Examples
    --------
    >>> variant_class("Frame_Shift_Del"), variant_class("missense_variant&splice_region_variant")
    ('frameshift', 'missense')
    >>> variant_class("something else"), variant_class(None)
    ('unknown', 'unknown')
    """
    if word is None:
        return UNKNOWN
    table = words()
    whole = _normal(word)
    if whole in table:
        return table[whole]
    parts = [whole]
    for mark in _JOINED:
        parts = [piece for part in parts for piece in part.split(mark)]
    found = [table[part.strip("_ ")] for part in parts if part.strip("_ ") in table]
    return worst(found)


def worst(classes: Iterable[str]) -> str:
    """Return the class that is worst for the protein; `unknown` of none.

    Examples
    --------
    >>> worst(["synonymous", "nonsense"])
    'nonsense'
    """
    return min(classes, key=RANK.__getitem__, default=UNKNOWN)


def _normal(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.biology.burden").joinpath("resources", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
