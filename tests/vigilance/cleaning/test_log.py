"""A log that does not add up is not made, and survives JSON."""

from __future__ import annotations

import pytest

from coley.vigilance.cleaning import CleaningLog, Step


def test_a_step_adds_up_or_is_not_made() -> None:
    Step("drugs", "drug rows", 10, 8, {"names no drug": 3}, gained=1)
    with pytest.raises(ArithmeticError, match="does not add up"):
        Step("drugs", "drug rows", 10, 8, {"names no drug": 1})


def test_survives_json() -> None:
    log = CleaningLog((Step("events", "terms", 3, 2, {"twice": 1}),), {"ages": 4}, {"x": 2})
    assert CleaningLog.from_json(log.to_json()) == log
    assert log.step("events").dropped["twice"] == 1
