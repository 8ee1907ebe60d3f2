from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.survival.kaplan_meier import kaplan_meier
from coley.stats.survival.two_groups import two_curves, two_groups


def test_the_treated_come_first():
    one, two = two_curves([1, 2, 3, 4, 5], [1, 1, 0, 1, 1], [0, 1, 1, 0, 0], level=0.9)
    np.testing.assert_array_equal(one.survival, kaplan_meier([2, 3], [1, 0]).survival)
    np.testing.assert_array_equal(two.survival, kaplan_meier([1, 4, 5], [1, 1, 1]).survival)
    assert one.level == two.level == 0.9


@pytest.mark.parametrize("treated", [[0, 1], [False, True], [0.0, 1.0]])
def test_zero_and_one_are_understood_in_any_type(treated):
    assert two_groups([1, 2], [1, 1], treated)[1].tolist() == [False, True]


@pytest.mark.parametrize("treated", [["0", "1"], [1, 2], [0.0, np.nan], [0], [None, 1]])
def test_anything_else_is_refused(treated):
    with pytest.raises(UnreadableInput):
        two_groups([1, 2], [1, 1], treated)


def test_an_empty_group_is_counted():
    with pytest.raises(NotEstimable, match="0 treated, 2 others"):
        two_groups([1, 2], [1, 1], [0, 0])
