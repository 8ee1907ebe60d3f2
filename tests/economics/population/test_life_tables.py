from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.population.life_tables import life_table, life_table_of, life_tables
from coley.model.errors import MissingData, UnknownName, UnreadableInput


@pytest.mark.parametrize("name", life_tables())
def test_every_table_that_coley_brings_covers_a_life(name):
    table = life_table(name)
    assert table.hazards.first_age == 0
    assert table.hazards.last_age >= 100
    adults = table.hazards.values[:, 40:100]  # the very old are few, and their rates uneven
    assert (np.diff(adults, axis=1) > 0).all(), "mortality rises with every year of age after 40"
    assert (adults[0] < adults[1]).all(), "women die later than men"


@pytest.mark.parametrize(
    ("name", "age", "published", "within"),
    [
        # ONS, National life tables, UK, 2018 to 2020, main points (2017 to 2019 had 79.4 and 83.1).
        ("uk-2018-2020", 0, (82.9, 79.0), 0.06),
        ("uk-2018-2020", 65, (21.0, 18.5), 0.06),
        # NCHS, United States life tables 2015; the table is that of the Human Mortality Database.
        ("usa-2015", 0, (81.2, 76.3), 0.25),
    ],
)
def test_life_expectancy_is_what_the_offices_publish(name, age, published, within):
    times = np.linspace(0, 120, 120 * 12 + 1)
    for female, years in zip((True, False), published, strict=True):
        expectancy = np.trapezoid(life_table(name).survival(age, female, after_years=times), times)
        assert expectancy == pytest.approx(years, abs=within)


@given(st.floats(0, 110), st.floats(0, 40), st.booleans())
def test_accumulated_hazard_is_the_integral_of_the_hazard(start, years, female):
    table = life_table("usa-2015")
    edges = np.unique(np.r_[start, np.arange(np.ceil(start), start + years), start + years])
    middle = (edges[1:] + edges[:-1]) / 2
    by_hand = float(np.sum(table.hazard(middle, female) * np.diff(edges))) if len(middle) else 0.0
    lost = table.cumulative_hazard(start + years, female) - table.cumulative_hazard(start, female)
    assert float(lost) == pytest.approx(by_hand, rel=1e-9, abs=1e-12)


def test_a_probability_within_a_year_is_survived_with_its_complement():
    table = life_table_of([60, 61], [0.1, 0.2], [0.3, 0.4], kind="probability")
    assert table.survival(60, [True, False], after_years=1) == pytest.approx([0.9, 0.7])
    assert float(table.survival(60, True, after_years=2)) == pytest.approx(0.9 * 0.8)


def test_row_order_does_not_matter():
    given_ = life_table_of([62, 60, 61], [0.3, 0.1, 0.2], [0.3, 0.1, 0.2], kind="rate")
    assert given_.hazards.values[0] == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("ages", "values", "kind", "says"),
    [
        ([60, 61, 65], [0.1, 0.1, 0.1], "rate", "ages 62, 63, 64 are missing between 60 and 65"),
        ([60, 61, 61], [0.1, 0.1, 0.1], "rate", "age 61 is given more than once"),
        ([60, 60.5, 61], [0.1, 0.1, 0.1], "rate", "ages must be whole years"),
        ([60, 61, 62], [0.1, np.nan, 0.1], "rate", "age 61 is without a value"),
        ([60, 61, 62], [0.1, -0.1, 0.1], "rate", "cannot be negative"),
        ([60, 61, 62], [10, 11, 12], "rate", "a rate of 12 before age 100"),
        ([60, 61, 62], [0.1, 1.0, 0.1], "probability", "a probability of 1 before age 100"),
        ([60, 61, 62], [0.1, 0.1], "rate", "3 ages stand beside"),
    ],
)
def test_a_table_that_cannot_be_one_is_refused(ages, values, kind, says):
    with pytest.raises(UnreadableInput, match=says):
        life_table_of(ages, values, values, kind=kind)


def test_an_age_before_the_table_or_none_at_all_is_refused():
    table = life_table_of([60, 61], [0.1, 0.2], [0.3, 0.4], kind="rate")
    with pytest.raises(MissingData, match="begins at age 60, and age 45 was asked for"):
        table.hazard([65, 45], True)
    with pytest.raises(MissingData, match="a missing age"):
        table.hazard([65, np.nan], True)


def test_an_unknown_table_names_the_nearest():
    with pytest.raises(UnknownName, match="usa-2015"):
        life_table("usa-2016")
