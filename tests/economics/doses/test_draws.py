"""Numbers that may be drawn: what is taken and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.model.errors import InvalidSetting


def test_one_number_and_draws_are_arrays_of_draws():
    assert draws_of(3, "x").shape == (1,)
    assert draws_of([1, 2, 3], "x").tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf, [1, -2], [[1.0]], [], "ten", None])
def test_what_is_no_number_is_refused_by_name(bad):
    with pytest.raises(InvalidSetting, match="The price"):
        draws_of(bad, "The price")


@pytest.mark.parametrize(("given", "meant"), [(20, "0.2"), (3.5, "0.035"), ([0.1, 35.0], "0.35")])
def test_a_percentage_is_told_from_a_fraction(given, meant):
    with pytest.raises(InvalidSetting) as error:
        share_of(given, "The discount")
    assert "looks like a percentage" in error.value.cause
    assert f"Write {meant} " in error.value.remedy


def test_draws_of_different_numbers_do_not_go_together():
    assert count_of_draws(np.ones(1), np.ones((5, 2)), np.ones(5)) == 5
    with pytest.raises(InvalidSetting, match="4 and 5"):
        count_of_draws(np.ones(4), np.ones(5))
