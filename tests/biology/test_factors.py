"""Baseline factors become a design matrix that can be read and does not depend on row order."""

from __future__ import annotations

import numpy as np
import polars as pl

from coley.biology.factors import factor_matrix, factors
from coley.model.dictionary import table

FRAME = pl.DataFrame(
    {
        "age_years": [50.0, 60.0, 70.0, None, 55.0, 65.0],
        "tmb_per_mb": [0.0, 1.0, 3.0, 7.0, 15.0, 31.0],
        "sex": ["male", "female", "female", "male", "female", "female"],
        "stage": ["IV"] * 6,
        "site": ["a", "a", "a", "b", "b", "c"],
        "sex_again": ["m", "f", "f", "m", "f", "f"],
        "mostly_missing": [1.0, 2.0, None, None, None, None],
    }
)


def test_scales_are_those_of_the_table() -> None:
    made = factor_matrix(FRAME, ["age_years", "tmb_per_mb"], min_level=1)
    assert made.matrix[2, 0] - made.matrix[1, 0] == 1  # ten years
    np.testing.assert_allclose(made.matrix[:, 1], [0, 1, 2, 3, 4, 5])  # doublings of TMB + 1
    assert made.complete.tolist() == [True, True, True, False, True, True]


def test_categories_are_told_against_the_most_frequent_level() -> None:
    made = factor_matrix(FRAME, ["sex", "site"], min_level=1)
    assert made.levels == ("male vs female", "b vs a", "c vs a")
    assert made.columns_of("site") == [1, 2]


def test_small_levels_are_pooled_or_have_no_value() -> None:
    assert factor_matrix(FRAME, ["site"], min_level=2).levels == ("b vs a",)
    assert not factor_matrix(FRAME, ["site"], min_level=2).complete[5]
    assert factor_matrix(FRAME, ["site"], min_level=3).levels == ("other (2 levels) vs a",)


def test_what_is_left_out_is_said_with_its_reason() -> None:
    made = factor_matrix(FRAME, ["sex", "stage", "sex_again", "mostly_missing"], min_level=1)
    assert made.distinct_factors == ("sex",)
    assert made.left_out["stage"] == "one value for everybody"
    assert made.left_out["sex_again"] == "carries nothing beyond the factors before it"
    assert "67%" in made.left_out["mostly_missing"]


def test_row_order_changes_nothing_but_the_rows() -> None:
    made = factor_matrix(FRAME, ["age_years", "sex", "site"], min_level=1)
    reverse = factor_matrix(FRAME.reverse(), ["age_years", "sex", "site"], min_level=1)
    np.testing.assert_array_equal(made.matrix, reverse.matrix[::-1])
    assert made.levels == reverse.levels


def test_every_known_factor_is_a_baseline_column_of_the_dictionary() -> None:
    assert set(factors()) == set(table("patients").role("baseline"))
