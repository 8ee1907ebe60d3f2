"""Invented names: distinct, pronounceable, and never near a real checkpoint inhibitor."""

from __future__ import annotations

from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from coley.toy.reports.facts import oncology_drugs
from coley.toy.reports.names import brand_name, drug_name, misspelt, term_name, written


def test_names_are_distinct_over_all_ranks() -> None:
    n = 20_000
    for make in (drug_name, term_name, brand_name):
        assert len({make(rank) for rank in range(n)}) == n
    generic, brand = ({make(rank).upper() for rank in range(n)} for make in (drug_name, brand_name))
    assert not generic & brand


def test_no_invented_drug_resembles_a_real_one() -> None:
    real = [name.lower() for drug in oncology_drugs() for name in (drug.name, *drug.written)]
    for rank in range(0, 3000, 40):
        for name in (drug_name(rank), brand_name(rank).lower()):
            assert max(SequenceMatcher(None, name, other).ratio() for other in real) < 0.8


@given(rank=st.integers(0, 50_000), ways=st.integers(4, 200))
def test_every_way_of_writing_is_different(rank: int, ways: int) -> None:
    names = written(rank, ways)
    assert len(set(names)) == len(names) == ways


@given(rank=st.integers(0, 50_000), at=st.integers(0, 30))
def test_a_misspelling_keeps_its_letters_or_loses_one(rank: int, at: int) -> None:
    name = drug_name(rank)
    wrong = misspelt(name, at)
    assert wrong != name
    assert sorted(wrong) == sorted(name) or len(wrong) == len(name) - 1
