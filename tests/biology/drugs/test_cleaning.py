"""Names made comparable, whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.drugs.cleaning import (
    compact,
    fold,
    ingredient_name,
    split_ingredients,
    unbracket,
    without_dose,
    without_suffix,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ESOMEPRAZOLE.", "esomeprazole"),
        ("LEVOTHYROXINE /00068001/", "levothyroxine"),
        ("leucovorin /00566701", "leucovorin"),
        ("Keytruda™ \n", "keytruda"),
        ("Nívolumab", "nivolumab"),
        ("OPDIVO\ufffd", "opdivo"),
        ("ＯＰＤＩＶＯ", "opdivo"),
        ("", ""),
    ],
)
def test_fold(written: str, read: str) -> None:
    assert fold(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("metoprolol succinate er 50 mg", "metoprolol succinate er"),
        ("nivolumab 10mg/ml", "nivolumab"),
        ("gemcitabine 1,000 mg/m2", "gemcitabine"),
        ("5-fu", "5-fu"),
        ("vitamin b12", "vitamin b12"),
        ("bms-936558", "bms-936558"),
    ],
)
def test_without_dose(written: str, read: str) -> None:
    assert without_dose(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("levothyroxine sodium 50mcg tablets", "levothyroxine"),
        ("sodium chloride", "sodium chloride"),
        ("ferrous sulfate tab", "ferrous sulfate"),
        ("aluminum magnesium carbonate", "aluminum magnesium carbonate"),
        ("doxorubicin hydrochloride injection usp", "doxorubicin"),
        ("sodium", "sodium"),
        ("investigational product", "investigational product"),
        ("recombinant insulin", "insulin"),
        ("rituximab-pvvr", "rituximab"),
        ("tetra-hydro", "tetra-hydro"),
    ],
)
def test_ingredient_name(written: str, read: str) -> None:
    assert ingredient_name(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("carbidopa\\levodopa", ["carbidopa", "levodopa"]),
        ("etonogestrel/ethinyl estradiol", ["etonogestrel", "ethinyl estradiol"]),
        ("gammagard s/d", ["gammagard s/d"]),
        ("n/a", ["n/a"]),
        ("a;;b", ["a", "b"]),
    ],
)
def test_split_ingredients(written: str, read: list[str]) -> None:
    assert split_ingredients(written) == read


def test_brackets_open_closed_and_nested() -> None:
    assert unbracket("tercian [cyamemazine") == ("tercian", ["cyamemazine"])
    assert unbracket("opdivo (nivolumab) (bms)") == ("opdivo", ["nivolumab", "bms"])
    assert unbracket("plain") == ("plain", [])


def test_suffix_is_four_letters_and_no_more() -> None:
    assert without_suffix("nivolumab-nvhy") == "nivolumab"
    assert without_suffix("relatlimab-nivolumab") == "relatlimab-nivolumab"
    assert without_suffix("ac-abcd") == "ac-abcd"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_cleaning_never_fails(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    for part in split_ingredients(once):
        assert ingredient_name(part)
    assert compact(once) == compact(compact(once))
