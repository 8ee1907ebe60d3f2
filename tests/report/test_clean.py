"""Text from data: nothing hidden in it, nothing wider than its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coley.report.clean import AVERAGE, clean, fold, shorten, steady, text_width

TEXTS = st.text(max_size=300)


@given(TEXTS)
def test_clean_text_can_be_written_and_hides_nothing(text: str) -> None:
    kept = clean(text)
    kept.encode("utf-8")
    assert not set(kept) & set("\x00\x1b\u202e\u2066\u200f")
    assert clean(kept) == kept


def test_lone_surrogates_are_dropped() -> None:
    assert clean("a\udc80b") == "ab"


@given(TEXTS, st.integers(4, 60))
def test_shortened_text_fits(text: str, most: int) -> None:
    assert text_width(shorten(text, most), 1) <= max(most * AVERAGE, 1.0) + 1e-9


@given(TEXTS, st.integers(6, 40), st.integers(1, 3))
def test_folded_text_fits_its_lines(text: str, width: int, lines: int) -> None:
    folded = fold(text, width, lines=lines)
    assert 1 <= len(folded) <= lines
    assert all(text_width(line, 1) <= (width + 1) * AVERAGE + 1e-9 for line in folded)


def test_numbers_after_a_right_to_left_name_keep_their_order() -> None:
    assert steady("مريض").endswith("\u200e")
    assert steady("arm A") == "arm A"
