"""Misspelt names: what is corrected, and what never is."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.drugs import checkpoint_inhibitors, drug_names
from coley.biology.drugs.matching import misspellable, misspellable_partners
from coley.biology.drugs.spelling import Speller, allowed, distance

NAMES = misspellable()


@cache
def speller() -> Speller:
    return Speller(NAMES, [name for name in drug_names() if name not in NAMES])


def _reference(a: str, b: str) -> int:
    """Optimal string alignment, by its definition."""

    @cache
    def d(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        best = min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            best = min(best, d(i - 2, j - 2) + 1)
        return best

    return d(len(a), len(b))


@settings(max_examples=60, deadline=None)
@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7), st.integers(0, 4))
def test_distance_is_that_of_its_definition_up_to_the_bound(a: str, b: str, bound: int) -> None:
    assert distance(a, b, bound) == min(_reference(a, b), bound + 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(n for n in NAMES if n.isalpha() and len(n) >= 8)), st.data())
def test_one_slip_is_always_understood(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kind = data.draw(st.sampled_from(["put", "drop", "swap"]))
    slip = {
        "put": name[:place] + letter + name[place:],
        "drop": name[:place] + name[place + 1 :],
        "swap": name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
    }[kind]
    if slip not in NAMES:
        assert speller().correct([slip]) == {slip: NAMES[name]}


def test_no_other_drug_is_taken_for_a_checkpoint_inhibitor() -> None:
    others = [word for name in drug_names() if name not in NAMES for word in name.split()]
    assert speller().correct(others) == {}
    # And hardly because they are listed: the bounds alone keep all but one of them apart.
    foreign = [
        name.name for name in drug_names().values() if name.kind not in ("translation", "earlier name")
    ]
    words = {word for name in foreign if name not in NAMES for word in name.split()}
    assert Speller(NAMES, []).correct(words) == {"urelumab": ("avelumab",)}


def test_partners_are_told_apart_by_more_than_the_slip_they_may_carry() -> None:
    partners = misspellable_partners()
    assert not set(partners) & set(NAMES)
    pairs = combinations(filter(str.isalpha, sorted(partners)), 2)
    mixed = {(a, b) for a, b in pairs if partners[a] != partners[b] and distance(a, b, 1) <= 1}
    # Only these; they are names of the table as they stand, so that neither is corrected to the other.
    assert mixed == {("afatinib", "apatinib"), ("apatinib", "lapatinib")}


def test_checkpoint_inhibitors_are_never_confused_with_each_other() -> None:
    inns = [drug.ingredient for drug in checkpoint_inhibitors() if drug.ingredient.isalpha()]
    for inn in inns:
        rest = Speller({name: of for name, of in NAMES.items() if inn not in of}, [])
        assert rest.correct([inn]) == {}, inn


def test_a_word_between_two_names_is_left_alone() -> None:
    two = Speller({"abcdefgh": ("x",), "abcdefkl": ("y",)}, [])
    assert two.correct(["abcdefgl"]) == {}
    assert Speller({"avelumab": ("avelumab",)}, ["belimumab"]).correct(["avelimumab"]) == {}


@pytest.mark.parametrize("word", ["opdi", "yervo", "avel", ""])
def test_too_short_or_too_far(word: str) -> None:
    assert Speller({"opdivo": ("nivolumab",)}, []).correct([word]) == {}
    assert allowed(6) == 1


def test_slips_are_understood_or_left_alone_and_never_taken_for_another_drug() -> None:
    """Random slips in every name, 25 times each: all single ones and nine in ten double ones are understood."""
    rng = np.random.default_rng(7)
    names = [name for name in NAMES if name.isalpha() and len(name) >= 6]
    for slips, least in ((1, 0.998), (2, 0.90)):
        asked = []
        for name in names:
            for _ in range(25):
                word = name
                for _ in range(slips):
                    word = _slip(word, rng)
                if word not in NAMES:
                    asked.append((name, word))
        found = speller().correct([word for _, word in asked])
        told = [(name, word) for name, word in asked if word in found]
        assert all(found[word] == NAMES[name] for name, word in told)
        long = [word for name, word in asked if len(name) >= 9]
        assert sum(word in found for word in long) >= least * len(long)


def _slip(word: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(len(word)))
    letter = "abcdefghijklmnopqrstuvwxyz"[rng.integers(26)]
    start, rest = word[:place], word[place:]
    return [
        start + letter + rest,
        start + rest[1:],
        start + letter + rest[1:],
        start + rest[1::-1] + rest[2:],
    ][rng.integers(4)]
