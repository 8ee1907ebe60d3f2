"""Numbers in words: decimals by the width of the interval, and no number that says more than is known."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.answer import Estimate
from coley.model.words import (
    decimals_for,
    format_estimate,
    format_interval,
    format_number,
    format_p,
    format_share,
)

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
RATIOS = st.floats(1e-6, 1e3)


def read(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("given_as", "unit", "written"),
    [
        ((0.729, 0.618, 0.859), "ratio", "0.73 (0.62–0.86)"),
        ((0.9731, 0.9482, 0.9979), "ratio", "0.973 (0.948–0.998)"),
        ((3.21, 0.41, 25.6), "ratio", "3.21 (0.41–25.60)"),
        ((0.2, 0.0004, 9.5), "ratio", "0.20 (<0.01 to 9.50)"),
        ((0.88, 0.81, 0.96), "ratio", "0.88 (0.81–0.96)"),
        ((44.11, 30.98, 62.82), "ratio", "44 (31–63)"),
        ((16.37, 11.61, 23.08), "ratio", "16.4 (11.6–23.1)"),
        ((20.61, 5.11, 83.2), "ratio", "20.6 (5.1–83.2)"),
        ((12.0, 0.94, 150.0), "ratio", "12.00 (0.94–150.00)"),
        ((1243.2, 980.1, 1577.0), "ratio", "1,243 (980–1,577)"),
        ((1523.4, 1.9, None), "ratio", "1,523 (2 to not estimable)"),
        ((13.8, 11.8, 15.7), "months", "13.8 months (11.8–15.7)"),
        ((2.8, 2.6, 3.0), "months", "2.8 months (2.6–3.0)"),
        ((None, 12.13, None), "months", "not reached (12.1 to not reached)"),
        ((None, None, None), "ratio", "not estimable"),
        ((58 / 425, 0.107, 0.172), "proportion", "13.6 % (10.7–17.2)"),
        ((0.41, 0.29, 0.53), "proportion", "41 % (29–53)"),
        ((-0.031, -0.08, 0.01), "points", "−3.1 percentage points (−8.0 to 1.0)"),
        ((-0.009, -0.06, 0.041), "points", "−0.9 percentage points (−6.0 to 4.1)"),
        ((41.0, 29.0, 53.0), "percent", "41 % (29–53)"),
        ((0.0, 0.0, 0.0), "proportion", "0 % (0–0)"),
    ],
)
def test_intervals_as_journals_print_them(
    given_as: tuple[float | None, ...], unit: str, written: str
) -> None:
    value, low, high = given_as
    assert format_interval(value, low, high, unit=unit) == written


@given(RATIOS)
def test_no_ratio_is_written_as_zero(value: float) -> None:
    assert read(format_interval(value, None, None, unit="ratio").lstrip("<")) > 0


@given(st.lists(NUMBERS, min_size=3, max_size=3))
def test_all_numbers_of_an_interval_have_the_same_decimals(numbers: list[float]) -> None:
    low, value, high = sorted(numbers)
    found = re.findall(r"\d(?:\.(\d+))?(?![\d,.])", format_interval(value, low, high))
    assert len({len(decimals) for decimals in found}) == 1


@given(st.floats(-1e3, 1e3), st.floats(0.01, 9.99))
def test_rounding_moves_no_bound_by_more_than_a_twentieth_of_the_width(low: float, width: float) -> None:
    written = format_number(low, decimals=decimals_for(low, low + width))
    assert abs(read(written) - low) <= 0.05 * width + 1e-9


@given(st.floats(0, 1))
def test_a_p_value_is_never_zero_nor_one(p: float) -> None:
    text = format_p(p)
    assert not re.fullmatch(r"[01](\.0*)?", text)
    assert (p < 0.001) == (text == "<0.001")


@given(st.floats(0.001, 0.99))
def test_a_p_value_keeps_its_side_of_the_habitual_limit(p: float) -> None:
    shown = float(format_p(p).lstrip("<>"))
    assert abs(shown - p) <= 0.0051
    if abs(p - 0.05) > 0.0005:
        assert (shown < 0.05) == (p < 0.05)


@given(NUMBERS)
def test_a_number_can_be_read_back(value: float) -> None:
    assert math.isclose(read(format_number(value)), value, rel_tol=0.006, abs_tol=6e-5)


def test_no_minus_zero_and_no_nan() -> None:
    assert format_number(-0.0004, decimals=2) == "0.00"
    assert format_number(math.nan) == format_number(math.inf) == "not estimable"


def test_shares_carry_their_denominator() -> None:
    assert format_share(0, 40) == "0 of 40 (0 %)"
    counted = Estimate(
        "response_rate", 58 / 425, 0.107, 0.172, n=425, unit="proportion", method="wilson", events=58
    )
    assert format_estimate(counted) == "13.6 % (10.7–17.2), 58 of 425"
    modelled = Estimate("explained", 0.21, 0.14, 0.38, n=850, unit="proportion", method="cox", events=569)
    assert format_estimate(modelled) == "21 % (14–38)"


def test_an_interval_of_no_width_to_speak_of_has_the_most_decimals() -> None:
    assert decimals_for(0.0, 2e-309) == 4
