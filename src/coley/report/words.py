"""Names in words, beside the formatters of numbers, which live with the nouns: questions need them too."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.words import (
    NOT_ESTIMABLE,
    NOT_REACHED,
    decimals_for,
    format_estimate,
    format_interval,
    format_level,
    format_number,
    format_p,
    format_share,
    is_count,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NOT_ESTIMABLE",
    "NOT_REACHED",
    "counted",
    "decimals_for",
    "format_bytes",
    "format_estimate",
    "format_interval",
    "format_level",
    "format_number",
    "format_p",
    "format_share",
    "in_words",
    "is_count",
    "is_known",
    "join_words",
]


LONGEST_PLAIN = 4  # digits: a year is written without a comma


@cache
def _table(kind: str) -> dict[str, str]:
    text = files("coley.report").joinpath("resources/words.csv").read_text("utf-8")
    return {row["key"]: row["words"] for row in csv.DictReader(text.splitlines()) if row["kind"] == kind}


def is_known(key: str, *, kind: str) -> bool:
    """Say whether the resource table has a name for a key.

    >>> is_known("wilson", kind="method")
    True
    """
    return key in _table(kind)


def in_words(key: str, *, kind: str = "name") -> str:
    """Return the name that a reader knows for a key of an answer.

    Parameters
    ----------
    key
        "hazard_ratio", "os", "survival_os".
    kind
        "name", "table", "endpoint", "method": which names of the resource table to look among.

    Examples
    --------
    >>> in_words("hazard_ratio"), in_words("os", kind="endpoint"), in_words("survival_at_12_months")
    ('Hazard ratio', 'Overall survival', 'Survival at 12 months')
    >>> in_words("net_benefit_at_25000")
    'Net benefit at 25,000'
    """
    if is_known(key, kind=kind):
        return _table(kind)[key]
    words = [_table("word").get(word.lower(), _grouped(word)) for word in key.replace("_", " ").split()]
    text = " ".join(words)
    plain = words and words[0] not in _table("word").values()
    return text[:1].upper() + text[1:] if plain else text


def _grouped(word: str) -> str:
    """Return a word; a number too long for the eye with its thousands apart."""
    return f"{int(word):,}" if word.isdecimal() and len(word) > LONGEST_PLAIN else word


def counted(count: int, thing: str) -> str:
    """Write a count with its noun.

    >>> counted(1, "row"), counted(2500, "patient")
    ('1 row', '2,500 patients')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def format_bytes(size: int) -> str:
    """Write the size of a file.

    >>> format_bytes(812), format_bytes(150_400), format_bytes(2_509_140)
    ('812 bytes', '150 kB', '2.5 MB')
    """
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1e3:.0f} kB" if size < 999_500 else f"{size / 1e6:.1f} MB"


def join_words(items: Iterable[str], *, last: str = "and") -> str:
    """Join words as a sentence does.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    *head, tail = list(items) or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail
