"""Names of drugs as they are reported, to ingredients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from coley.biology.drugs import cleaning
from coley.biology.drugs.spelling import Speller
from coley.biology.drugs.table import drug_names, drugs

# How a name was understood, the surest first.
HOW: Mapping[str, str] = {
    "exact": "the nonproprietary name",
    "brand": "a product name",
    "code": "the code of a study",
    "suffix": "the nonproprietary name with a suffix of four letters",
    "abbreviation": "a short form used for regimens",
    "embedded": "a known name within other words",
    "misspelt": "nearest to one known name, and near",
    "class": "the class is named, the agent is not",
    "blinded": "the drug or its control: nobody knows which was given",
    "placebo": "a placebo",
    "cleaned": "not known; the name as written, without dose, form and salt",
    "empty": "nothing was written",
}
_RANK = {how: i for i, how in enumerate(HOW)}
_KIND_HOW = dict.fromkeys(("inn", "translation", "synonym", "earlier name"), "exact") | {
    "local brand": "brand"
}
_BLINDED = re.compile(r"\b(?:double[- ]?)?blind(?:ed)?\b|\bmasked\b|\bcode not broken\b")
_PLACEBO = re.compile(r"\bplacebos?\b")
# "Nivolumab/placebo" is one of the two; "nivolumab; placebo" is both; "nivolumab placebo" is none of the drug.
# A backslash joins the ingredients of one product, and a product of a drug and a placebo is one of the two.
_EITHER = re.compile(r"[/\\]|\bor\b|\bvs\b|\bversus\b")
_PRODUCTS = re.compile(r"[\\;+|]")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 5  # words of the longest name of the table that is looked for within others
_SHORTEST_EMBEDDED = 5  # letters; "ipi", "bcg" or "s-1" within other words may be anything
_SHORTEST_PARTNER = 8  # letters; one slip in a shorter name may be another drug


class Match(NamedTuple):
    """What one reported name stands for: its ingredients, and how that was told (a key of `HOW`)."""

    ingredients: tuple[str, ...]
    how: str

    @property
    def known(self) -> bool:
        """Whether the name was found in the table."""
        return _RANK[self.how] < _RANK["blinded"] or (self.how == "blinded" and bool(self.ingredients))


class Matcher:
    """Matches names as reported to ingredients: exact, code, suffix, within other words, misspelt.

    Give it distinct names: it is meant to be called once for all of them, and the answer joined back.

    Parameters
    ----------
    extra
        Names of your own with their ingredients, which win over the table.

    Examples
    --------
    >>> matcher = Matcher()
    >>> matcher.match(["OPDIVO (NIVOLUMAB) 40MG", "KETRUDA", "BMS 936558", "ipilimumab/nivolumab"])
    [Match(ingredients=('nivolumab',), how='exact'), Match(ingredients=('pembrolizumab',), how='misspelt'), \
Match(ingredients=('nivolumab',), how='code'), Match(ingredients=('ipilimumab', 'nivolumab'), how='exact')]
    >>> matcher.match(["BLINDED NIVOLUMAB", "LEVETIRACETAM 500MG", "alemtuzumab"])
    [Match(ingredients=('nivolumab',), how='blinded'), Match(ingredients=('levetiracetam',), how='cleaned'), \
Match(ingredients=('alemtuzumab',), how='exact')]
    """

    def __init__(self, extra: Mapping[str, Iterable[str]] | None = None) -> None:
        self._exact: dict[str, tuple[tuple[str, ...], str]] = {}
        self._compact: dict[str, tuple[tuple[str, ...], str]] = {}
        self._embedded: dict[str, tuple[tuple[str, ...], str]] = {}
        table = drugs()
        for name in drug_names().values():
            # A drug that is listed only for its name is not looked for within other words: beside
            # "acetaminophen" stands another drug, and that must not be lost.
            grouped = any(table[ingredient].group for ingredient in name.ingredients)
            self._add(name.name, name.ingredients, _KIND_HOW.get(name.kind, name.kind), embedded=grouped)
        for written, ingredients in (extra or {}).items():
            self._add(cleaning.fold(written), tuple(ingredients), "exact", embedded=False)
        words = {word for name in self._exact for word in _WORD.findall(name)}
        self._inhibitors = Speller(misspellable(), words)
        self._partners = Speller(misspellable_partners(), words, bound=lambda _: 1)

    def _add(self, name: str, ingredients: tuple[str, ...], how: str, *, embedded: bool) -> None:
        entry = (ingredients, how)
        key = cleaning.compact(name)
        self._exact[name] = self._compact[key] = entry
        if embedded and how != "abbreviation" and len(key) >= _SHORTEST_EMBEDDED:
            self._embedded[key] = entry

    def match(self, names: Iterable[str | None]) -> list[Match]:
        """Return what each name stands for, in their order.

        Parameters
        ----------
        names
            Names as written: a trade name, an ingredient, several of them, with anything else around them.

        Returns
        -------
        list of Match
            `ingredients` holds standard names for what the table knows, and cleaned names for what stands
            beside it; `how` is the least sure of the ways by which the known ones were told.
        """
        folded = [cleaning.fold(name) if name else "" for name in names]
        distinct = dict.fromkeys(folded)
        open_names = [name for name in distinct if name and name not in self._exact]
        words = {word for name in open_names for word in _WORD.findall(name)}
        corrections = self._partners.correct(words) | self._inhibitors.correct(words)
        memory = {name: self._one(name, corrections) for name in distinct}
        return [memory[name] for name in folded]

    def _one(self, name: str, corrections: Mapping[str, tuple[str, ...]]) -> Match:
        if not name:
            return Match((), "empty")
        if name in self._exact:
            return Match(*self._exact[name])
        blinded = bool(_BLINDED.search(name))
        if _PLACEBO.search(name):
            blinded = blinded or bool(_EITHER.search(name))
            given = [part for part in _PRODUCTS.split(name) if blinded or not _PLACEBO.search(part)]
            if not given:
                return Match((), "placebo")
            name = ";".join(given)
        if blinded:
            name = cleaning.fold(_PLACEBO.sub(" ", _BLINDED.sub(" ", name)))
        known, unknown = self._resolve(name, corrections)
        if blinded:
            return Match(tuple(known), "blinded")
        if known:
            how = max(known.values(), key=_RANK.__getitem__)
            return Match(tuple(dict.fromkeys([*known, *unknown])), how)
        return Match(tuple(dict.fromkeys(unknown)), "cleaned" if unknown else "empty")

    def _resolve(
        self, name: str, corrections: Mapping[str, tuple[str, ...]]
    ) -> tuple[dict[str, str], list[str]]:
        """Return the known ingredients with how each was told, and cleaned names for the rest."""
        outside, brackets = cleaning.unbracket(name)
        parts = cleaning.split_ingredients(outside)
        known: dict[str, str] = {}
        unknown: list[str] = []
        for part in parts:
            found, cleaned = self._piece(part, corrections)
            _merge(known, found)
            if not found:
                unknown.append(cleaned)
        explained: dict[str, str] = {}
        explanations: list[str] = []
        for part in (part for bracket in brackets for part in cleaning.split_ingredients(bracket)):
            found, cleaned = self._piece(part, corrections)
            _merge(explained, found)
            explanations.append(cleaned)
        if explained and len(parts) == 1:
            unknown = []  # the bracket explains a product that the table does not know
        _merge(known, explained)
        specific = {ingredient: how for ingredient, how in known.items() if how != "class"}
        return specific or known, unknown if parts else explanations

    def _piece(self, part: str, corrections: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], str]:
        """Return the known ingredients of one product with how they were told, and its cleaned name."""
        entry = self._whole(part)
        if entry:
            return dict.fromkeys(*entry), part
        entry = self._whole(cleaning.without_suffix(part))
        if entry:
            return dict.fromkeys(entry[0], "suffix"), part
        cleaned = cleaning.ingredient_name(part)
        entry = self._whole(cleaned)
        if entry:
            return dict.fromkeys(*entry), cleaned
        words = _WORD.findall(part)
        found: dict[str, str] = {}
        if all(word in self._exact for word in words):
            for word in words:
                _merge(found, dict.fromkeys(*self._exact[word]))
            return found, cleaned
        start = 0
        while start < len(words):
            width, entry = self._longest(words, start)
            if entry:
                _merge(found, dict.fromkeys(entry[0], entry[1] if entry[1] == "class" else "embedded"))
            elif words[start] in corrections:
                _merge(found, dict.fromkeys(corrections[words[start]], "misspelt"))
            start += width
        return found, cleaned

    def _whole(self, text: str) -> tuple[tuple[str, ...], str] | None:
        return self._exact.get(text) or self._compact.get(cleaning.compact(text))

    def _longest(self, words: list[str], start: int) -> tuple[int, tuple[tuple[str, ...], str] | None]:
        for width in range(min(_LONGEST, len(words) - start), 0, -1):
            entry = self._embedded.get("".join(words[start : start + width]))
            if entry:
                return width, entry
        return 1, None


def misspellable() -> dict[str, tuple[str, ...]]:
    """Return the names that may be misspelt: of checkpoint inhibitors that are sold, by INN or product.

    Those that are only studied are reported by investigators, who copy names; their names would add
    neighbours and no reports.

    Examples
    --------
    >>> names = misspellable()
    >>> names["yervoy"], "nivolumab" in names, "spartalizumab" in names
    (('ipilimumab',), True, False)
    """
    table, names = drugs(), drug_names().values()
    sold = {ingredient for name in names if name.kind == "brand" for ingredient in name.ingredients}
    return {
        name.name: name.ingredients
        for name in names
        if name.kind in ("inn", "brand", "translation")
        and all(i in sold and table[i].targets for i in name.ingredients)
    }


def misspellable_partners() -> dict[str, tuple[str, ...]]:
    """Return the nonproprietary names of what is given with checkpoint inhibitors, if long enough.

    They may carry one slip. They number hundreds, and many differ by two letters from each other.

    Examples
    --------
    >>> names = misspellable_partners()
    >>> "cyclophosphamide" in names, "prednisone" in names, "nivolumab" in names, "imatinib" in names
    (True, True, False, True)
    """
    table = drugs()
    return {
        name.name: name.ingredients
        for name in drug_names().values()
        if name.kind in ("inn", "translation")
        and len(name.name) >= _SHORTEST_PARTNER
        and all(table[i].group and not table[i].targets for i in name.ingredients)
    }


def _merge(known: dict[str, str], found: Mapping[str, str]) -> None:
    """Add what was found; an ingredient that was told in two ways keeps the surer."""
    for ingredient, how in found.items():
        if ingredient not in known or _RANK[how] < _RANK[known[ingredient]]:
            known[ingredient] = how
