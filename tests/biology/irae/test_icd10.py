"""ICD-10 codes to organ classes: the longest code of the list decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.irae import organ_class_of_icd10, organ_classes
from coley.biology.irae.terms import resource


@pytest.mark.parametrize(
    ("code", "organ"),
    [
        ("I40", "cardiovascular"),
        ("I40.1", "cardiovascular"),
        ("E27.49", "endocrine"),
        ("K52.9", "gastrointestinal"),
        ("k75.4", "hepatic"),
        ("J84.114", "lung"),
        ("G04.81", "nervous_system"),
        ("M60.10", "musculoskeletal"),
        ("H35.383", "ocular"),
        ("N14.2", "renal"),
        ("D61.9", "haematological"),
        ("R21", "skin"),
        ("I31.9", "cardiovascular"),
        ("I31.2", None),  # only I31.9 is on the list, not its parent
        ("J18", None),
        ("", None),
        ("E", None),
    ],
)
def test_codes(code: str, organ: str | None) -> None:
    assert organ_class_of_icd10(code) == organ


def test_the_list_is_whole() -> None:
    rows = list(resource("icd10.csv"))
    assert len(rows) == 89
    assert all(row["organ_class"] in organ_classes() and row["source"] for row in rows)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(row["code"] for row in resource("icd10.csv"))), st.text("0123456789", max_size=2)
)
def test_dots_and_case_do_not_matter_and_subdivisions_follow_their_parent(code: str, more: str) -> None:
    told = organ_class_of_icd10(code + more)
    assert told == organ_class_of_icd10((code + more).replace(".", "").lower())
    assert told is not None
