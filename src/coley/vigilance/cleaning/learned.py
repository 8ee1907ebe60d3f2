"""Names that no dictionary knows, learned from rows that give the same name and its ingredient."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from coley.vigilance.cleaning.dictionary import LEARNED, UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coley.vigilance.cleaning.dictionary import Key, Match

    Names = tuple[str, ...]


def learn(
    written: Sequence[Key], found: Sequence[Match], rows: Sequence[int], *, share: float, fewest: int
) -> list[Match]:
    r"""Return the matches, where names without an ingredient have that of other rows with the same name.

    Extracts before the third quarter of 2014 give names alone, later ones the active ingredient too, coded by FDA.

    Parameters
    ----------
    written
        Name and ingredient as written, each pair once.
    found
        What each stands for by the dictionary.
    rows
        How many rows have it.
    share, fewest
        A name is learned if it stands with an ingredient in `fewest` rows or more, and `share` of these rows, or
        more, agree on one.

    Examples
    --------
    >>> from coley.vigilance.cleaning.matchers import known_drugs
    >>> written = [("LIPITOR", "ATORVASTATIN CALCIUM"), ("Lipitor 10 mg", None)]
    >>> learn(written, known_drugs(written), [40, 3], share=0.95, fewest=5)[1].ingredients
    ('atorvastatin',)
    """
    bare = [
        place
        for place, ((_, ingredient), match) in enumerate(zip(written, found, strict=True))
        if not ingredient and match.how == UNMATCHED and match.alone
    ]
    wanted = {names for place in bare for names in _ways(found[place].alone)}
    votes: dict[Names, Counter[Names]] = defaultdict(Counter)
    for (_, ingredient), match, n in zip(written, found, rows, strict=True):
        if ingredient and match.ingredients and match.alone in wanted:
            votes[match.alone][tuple(sorted(match.ingredients))] += n
    meaning = {
        names: top[0][0]
        for names, counted in votes.items()
        if counted.total() >= fewest and (top := counted.most_common(1))[0][1] >= share * counted.total()
    }
    told = list(found)
    for place in bare:
        match = found[place]
        ingredients = _meant(match.alone, meaning)
        if set(ingredients) != set(match.ingredients):
            told[place] = replace(match, ingredients=ingredients, how=LEARNED)
    return told


def _ways(names: Names) -> set[Names]:
    """Return the name as a whole, and each product that it joins."""
    return {names, *((name,) for name in names)} - {()}


def _meant(names: Names, meaning: Mapping[Names, Names]) -> Names:
    whole = meaning.get(names)
    parts = (one for name in names for one in meaning.get((name,), (name,)))
    return whole or tuple(dict.fromkeys(parts))
