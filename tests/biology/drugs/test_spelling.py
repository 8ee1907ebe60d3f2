"""Misspelt names: what is corrected, and what never is."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.biology.drugs import checkpoint_inhibitors, drug_names
from coley.biology.drugs.matching import misspellable
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


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7), st.integers(0, 4))
def test_distance_is_that_of_its_definition_up_to_the_bound(a: str, b: str, bound: int) -> None:
    assert distance(a, b, bound) == min(_reference(a, b), bound + 1)


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
