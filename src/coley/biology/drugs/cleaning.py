"""Names of drugs as they are written, made comparable: folded, split, without doses, forms and salts."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from coley.biology.drugs.table import resource

# Codes of the WHO Drug Dictionary between slashes: "LEVOTHYROXINE /00068001/".
_DICTIONARY_CODE = re.compile(r"/\d{5,}/?")
_DOSE = re.compile(
    r"(?<![a-z0-9-])\d+(?:[.,]\d+)*\s*"
    r"(?:mg|mcg|µg|ug|ng|g|gm|kg|ml|l|iu|u|units?|mmol|meq|mci|mbq|gbq|%)(?![a-z])"
    r"(?:\s*(?:/|per)\s*\d*[.,]?\d*\s*(?:ml|l|mg|g|kg|m2|m²|h|hr|hour|day|d|dose|actuation)(?![a-z]))?"
)
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]?")
# A slash divides two names only where words stand on both sides: not in "mg/ml" or "n/a".
_HARD = re.compile(r"[\\;+|]|(?<=[a-z]{4})\s*/\s*(?=[a-z]{4})")
_SPACE = re.compile(r"\s+")
_NOISE = re.compile(r"[®™©\ufffd\x00-\x1f\x7f-\x9f\"*]")
_US_SUFFIX = re.compile(r"^(.{4,})-[a-z]{4}$")


def fold(text: str) -> str:
    """Return a name in lower case and plain letters, without dictionary codes, marks and loose ends.

    Examples
    --------
    >>> fold("  Opdivo®  /09146801/ ."), fold("NÍVOLUMAB")
    ('opdivo', 'nivolumab')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _NOISE.sub(" ", text))
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = _NOISE.sub(" ", text.lower())
    if "/" in text:
        text = _DICTIONARY_CODE.sub(" ", text)
    return _SPACE.sub(" ", text).strip(" .,:_-'")


def compact(text: str) -> str:
    """Return letters and digits alone, so that "BMS 936558" is "bms936558".

    Examples
    --------
    >>> compact("bms-936 558")
    'bms936558'
    """
    return "".join(filter(str.isalnum, text))


def without_dose(text: str) -> str:
    """Return folded text without amounts and strengths.

    Examples
    --------
    >>> without_dose("opdivo 40 mg/4 ml")
    'opdivo'
    """
    return _SPACE.sub(" ", _DOSE.sub(" ", text)).strip(" .,:_-") if any(map(str.isdigit, text)) else text


def unbracket(text: str) -> tuple[str, list[str]]:
    """Return what stands outside brackets, and what stands inside each of them.

    Examples
    --------
    >>> unbracket("opdivo (nivolumab) inj")
    ('opdivo inj', ['nivolumab'])
    """
    if not any(bracket in text for bracket in "([{"):
        return text, []
    inside = [part.strip() for part in _BRACKETS.findall(text) if part.strip()]
    return _SPACE.sub(" ", _BRACKETS.sub(" ", text)).strip(" )]}.,-"), inside


def split_ingredients(text: str) -> list[str]:
    r"""Split folded text where one product ends and the next begins.

    Examples
    --------
    >>> split_ingredients("carbidopa\\levodopa"), split_ingredients("yervoy + opdivo")
    (['carbidopa', 'levodopa'], ['yervoy', 'opdivo'])
    """
    return [part for part in (piece.strip(" .,:-") for piece in _HARD.split(text)) if part]


def without_suffix(text: str) -> str:
    """Return a name without the four letters that the FDA adds to biologicals, if it has them.

    Examples
    --------
    >>> without_suffix("infliximab-dyyb"), without_suffix("trastuzumab")
    ('infliximab', 'trastuzumab')
    """
    found = _US_SUFFIX.match(text)
    return found[1] if found else text


def ingredient_name(text: str) -> str:
    """Return the ingredient of one folded name: dose, form and salt are dropped, and the name remains.

    A salt of a mere cation keeps its anion (calcium carbonate), and nothing is taken from a name of one word.

    Examples
    --------
    >>> ingredient_name("methotrexate sodium 2.5 mg tablets"), ingredient_name("calcium carbonate")
    ('methotrexate', 'calcium carbonate')
    >>> ingredient_name("infliximab-dyyb")
    'infliximab'
    """
    forms, fillers, salts, cations = (_words(kind) for kind in ("form", "filler", "salt", "cation"))
    words = without_dose(text).split()
    while len(words) > 1 and words[-1].strip(".,") in forms:
        words.pop()
    if not fillers.issuperset(words):
        while words[0] in fillers:
            del words[0]
    while len(words) > 1 and words[-1].strip(".,") in salts and not cations.issuperset(words[:-1]):
        words.pop()
    name = " ".join(words).strip(" .,:_-") or text
    base = without_suffix(name)
    return base if base.endswith("mab") else name


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(row["word"] for row in resource("words.csv") if row["kind"] == kind)
