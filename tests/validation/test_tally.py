"""Rates and their errors against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from validation import tally


def test_pooled_rates_weigh_databases_by_their_chances() -> None:
    counted = tally.Tally()
    counted.add("a", [True, False, False, False])
    counted.add("a", [True])
    counted.add("a", [])
    assert counted.rate("a").value == pytest.approx(2 / 5)
    assert counted.rate("a").of == 5


def test_errors_are_those_of_independent_databases() -> None:
    rng, counted, means = np.random.default_rng(1), tally.Tally(), []
    for _ in range(400):
        chance = rng.beta(2, 6)  # databases differ
        hits = rng.random(rng.integers(1, 20)) < chance
        counted.add("a", hits)
    for _ in range(300):
        again = tally.Tally()
        for _ in range(100):
            again.add("a", rng.random(rng.integers(1, 20)) < rng.beta(2, 6))
        means.append(again.rate("a").value)
    assert counted.rate("a").error == pytest.approx(np.std(means) / 2, rel=0.15)  # 400 databases against 100


def test_a_database_without_calls_has_no_false_ones_and_counts() -> None:
    counted = tally.Tally()
    counted.false("q", [True, True, False], [True, False, True])
    counted.false("q", [False, False], [True, False])
    found = counted.false_rate("q")
    assert found == tally.Rate(0.25, pytest.approx(np.std([0.5, 0], ddof=1) / np.sqrt(2)), 2)


def test_tables_leave_out_what_is_a_rate_of_nothing() -> None:
    made = tally.table(
        "t", "c", [("one", "x", tally.Rate(0.5, 0.1, 4)), ("two", "y", tally.Rate(np.nan, np.nan, 0))]
    )
    assert made.rows == ("one",)
    assert made.columns == ("x",)
