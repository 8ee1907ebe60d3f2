"""Discount factors against their definitions, and the refusal of percentages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.model.errors import InvalidSetting, UnknownName

TIMES = np.array([0.0, 0.25, 1.0, 10.0, 30.0, 31.5, 80.0])


@given(st.floats(0, 0.2))
def test_definitions(rate):
    np.testing.assert_allclose(Discount(rate).factors(TIMES), (1 + rate) ** -TIMES)
    np.testing.assert_allclose(Discount(rate, compounding="continuous").factors(TIMES), np.exp(-rate * TIMES))


def test_steps_follow_the_green_book():
    """3.5 % for 30 years, 3 % until 75, then 2.5 %: each year at its own rate, without a jump."""
    green_book = Discount(0.035, steps=((30, 0.03), (75, 0.025)))
    assert green_book == Discount(0.035, steps=[[30, 0.03], [75, 0.025]])
    found = green_book.factors(np.arange(101))
    yearly = np.r_[
        1.0, np.cumprod(1 / (1 + np.r_[np.full(30, 0.035), np.full(45, 0.03), np.full(25, 0.025)]))
    ]
    np.testing.assert_allclose(found, yearly)


def test_start_and_whole_years():
    np.testing.assert_allclose(Discount(0.05, start_years=1).factors([0, 0.5, 1, 2]), [1, 1, 1, 1 / 1.05])
    months = np.arange(25) / 12
    expected = 1.03 ** -np.repeat([0.0, 1.0, 2.0], [12, 12, 1])
    np.testing.assert_allclose(Discount(0.03, whole_years=True).factors(months), expected)
    assert (NO_DISCOUNT.factors(TIMES) == 1).all()


@pytest.mark.parametrize("rate", [3.5, -0.01, 0.35, np.nan])
def test_refuses_what_is_no_rate(rate):
    with pytest.raises(InvalidSetting, match="discount rate"):
        Discount(rate)


def test_refusals():
    with pytest.raises(InvalidSetting) as found:
        Discount(3.5)
    assert "Write 0.035" in str(found.value)
    with pytest.raises(InvalidSetting, match="Steps"):
        Discount(0.035, steps=((30, 0.03), (20, 0.025)))
    with pytest.raises(UnknownName):
        Discount(0.035, compounding="anual")
