"""The cheapest combination of vials, against enumeration of all combinations."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.economics.doses.vials import cheapest_vials
from coley.model.errors import InvalidSetting


def enumerated(mg, price, dose):
    """The best of all combinations: cost, then mg, then vials."""
    ranges = [range(int(np.ceil(dose / size)) + 1) for size in mg]
    rows = [
        (round(float(np.dot(counts, price)), 6), float(np.dot(counts, mg)), sum(counts))
        for counts in product(*ranges)
        if np.dot(counts, mg) >= dose - 1e-9
    ]
    return min(rows)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([40, 50, 100, 120, 240, 300]), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(1, 40), min_size=3, max_size=3),
    st.integers(0, 620),
)
def test_equals_enumeration(mg, price, dose):
    price = price[: len(mg)]
    cover = cheapest_vials(mg, price, largest_mg=640)
    j = cover.which(dose)
    assert (
        round(float(cover.cost[j]), 6),
        float(cover.total_mg[j]),
        int(cover.counts[j].sum()),
    ) == enumerated(mg, price, dose)


def test_the_order_of_vials_is_free():
    one = cheapest_vials([40, 100, 240], [439, 1097, 2633], largest_mg=700)
    two = cheapest_vials([240, 40, 100], [2633, 439, 1097], largest_mg=700)
    doses = np.linspace(0, 700, 1401)
    np.testing.assert_array_equal(one.cost[one.which(doses)], two.cost[two.which(doses)])
    np.testing.assert_array_equal(one.counts[one.which(doses)], two.counts[two.which(doses)][:, [1, 2, 0]])


def test_a_dose_of_whole_vials_takes_no_more():
    cover = cheapest_vials([40], [439], largest_mg=480)
    doses = 3.0 * np.array([80.0, 80.0 + 1e-13, 80.01])
    assert cover.cost[cover.which(doses)].tolist() == [6 * 439, 6 * 439, 7 * 439]
    assert cover.cost[cover.which(0)] == 0


def test_ties_go_to_less_waste_and_then_to_fewer_vials():
    tie = cheapest_vials([100, 120], [10, 10], largest_mg=100)
    assert tie.total_mg[tie.which(90)] == 100
    same = cheapest_vials([40, 240], [10, 60], largest_mg=480)
    assert same.counts[same.which(240)].tolist() == [0, 1]
    free = cheapest_vials([40], [0], largest_mg=80)
    assert free.counts[free.which(70)].tolist() == [2]


def test_one_large_dear_vial_is_left_alone():
    # 1,000 for 100 mg against 1 for 40 mg: many small ones are cheaper, and the rule must see it.
    cover = cheapest_vials([100, 40], [1000, 1], largest_mg=1000)
    assert cover.cost[cover.which(1000)] == 25


def test_refusals():
    for arguments, word in (
        (([0], [1], 10), "vial"),
        (([40], [-1], 10), "price"),
        (([40, 100], [1], 10), "prices"),
        (([0.001], [1], 1e6), "units"),
    ):
        mg, price, largest = arguments
        with pytest.raises(InvalidSetting) as error:
            cheapest_vials(mg, price, largest_mg=largest)
        assert word in str(error.value)
    cover = cheapest_vials([40], [1], largest_mg=80)
    for dose in (-1, 81, np.nan):
        with pytest.raises(InvalidSetting, match="80 mg"):
            cover.which(dose)
