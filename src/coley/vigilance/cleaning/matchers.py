"""What names and terms are matched with where the caller gives nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.vigilance.cleaning.dictionary import BLINDED, UNMATCHED, Match
from coley.vigilance.cleaning.facts import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coley.biology.drugs import Match as Told
    from coley.vigilance.cleaning.dictionary import Key

    Terms = Callable[[str], str]

NOT_THE_DRUG = (BLINDED, "placebo")  # as `coley.biology.drugs` calls them


def as_written(names: Sequence[Key]) -> list[Match]:
    r"""Match no name: the ingredient as written, else the name as written, in lower case.

    Examples
    --------
    >>> as_written([("OPDUALAG", "NIVOLUMAB\\RELATLIMAB"), ("Aspirin.", None), (None, None)])[0].ingredients
    ('nivolumab', 'relatlimab')
    """
    return [Match(_parts(ingredient) or _parts(name), UNMATCHED) for name, ingredient in names]


def known_drugs(names: Sequence[Key]) -> list[Match]:
    """Match names to the active ingredients of `coley.biology.drugs`.

    The ingredient as written is FDA's own coding of the product and comes first, if the table knows it; then
    the name, if the table knows that; else the ingredient stands, and last the name, cleaned of doses, forms
    and salts. A product that was blinded stands for no ingredient, even where FDA gives the drug as its ingredient:
    it may have been the control. Nor does the placebo of a drug.

    Examples
    --------
    >>> [match.ingredients for match in known_drugs([("KETRUDA", None), ("MK-3475", "PEMBROLIZUMAB")])]
    [('pembrolizumab',), ('pembrolizumab',)]
    """
    from coley.biology.drugs import Matcher

    matcher = Matcher()
    of_names = matcher.match([name for name, _ in names])
    of_ingredients = matcher.match([ingredient for _, ingredient in names])
    return [_of_pair(*pair) for pair in zip(of_ingredients, of_names, strict=True)]


def _of_pair(of_ingredient: Told, of_name: Told) -> Match:
    for told in (of_name, of_ingredient):
        if told.how in NOT_THE_DRUG:
            return Match((), told.how)
    found = min(of_ingredient, of_name, key=lambda match: (not match.known, not match.ingredients))
    how = found.how if found.known else UNMATCHED
    return Match(found.ingredients, how, () if of_name.known else of_name.ingredients)


def terms_matcher(standard: Terms) -> Callable[[Sequence[Key]], list[Match]]:
    """Return a matcher of terms from a function that gives one term its standard spelling."""

    def match(keys: Sequence[Key]) -> list[Match]:
        spelt = (standard(term) if term else "" for (term,) in keys)
        return [Match((term,) if term else (), "term") for term in spelt]

    return match


def indications_matcher(standard: Terms) -> Callable[[Sequence[Key]], list[Match]]:
    """Return the same for indications, where terms that say "unknown" name nothing."""
    unknown = {row["term"] for row in facts("no_indication")}
    return terms_matcher(lambda term: "" if (spelt := standard(term)) in unknown else spelt)


def lower(term: str) -> str:
    """Return a term in lower case with single spaces.

    Examples
    --------
    >>> lower(" Immune-mediated  hepatitis ")
    'immune-mediated hepatitis'
    """
    return " ".join(term.lower().split())


def _parts(written: str | None) -> tuple[str, ...]:
    parts = (lower(part).rstrip(".") for part in (written or "").split("\\"))
    return tuple(part for part in parts if part)
