"""Reaction terms as they are written, to the way in which preferred terms are written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from coley.biology.irae.terms import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coley.biology.irae.meddra import MedDRA

_SPACE = re.compile(r"\s+")


def standard_term(text: str, *, meddra: MedDRA | None = None) -> str:
    """Return a reaction term in lower case, British spelling and plain letters; "" for none.

    Parameters
    ----------
    text
        The term as written: any case, American or British, with loose ends.
    meddra
        The user's own MedDRA; where it knows the term as a lowest level term, its preferred term is returned.

    Examples
    --------
    >>> standard_term(" Immune-mediated  Enterocolitis. "), standard_term("HEMOLYTIC ANEMIA")
    ('immune-mediated enterocolitis', 'haemolytic anaemia')
    >>> standard_term("Guillain-Barré Syndrome"), standard_term("Systemic lupus erythematosus")
    ('guillain-barre syndrome', 'systemic lupus erythematosus')
    """
    term = text
    if not term.isascii():
        term = term.replace("’", "'").replace("–", "-").replace("‑", "-")
        term = unicodedata.normalize("NFKD", term)
        term = "".join(c for c in term if not unicodedata.combining(c))
    term = _SPACE.sub(" ", term.lower()).strip(" .,;:*")
    if meddra is not None and term in meddra.preferred:
        return meddra.preferred[term]
    for pattern, british in _rules():
        term = pattern.sub(british, term)
    term = _synonyms().get(term, term)
    return meddra.preferred.get(term, term) if meddra is not None else term


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    # A word that is British already must not be changed again: "haem" is not "haaem", nor "oedema" "ooedema".
    return tuple((re.compile(row["pattern"]), row["british"]) for row in resource("spelling.csv"))


@cache
def _synonyms() -> Mapping[str, str]:
    return {row["written"]: row["term"] for row in resource("synonyms.csv")}
