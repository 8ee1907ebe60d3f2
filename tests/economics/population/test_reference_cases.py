from __future__ import annotations

from datetime import date

import pytest

from coley.economics.population.facts import rows
from coley.economics.population.reference_cases import reference_case, reference_cases
from coley.model.errors import UnknownName


def test_every_row_is_dated_sourced_and_in_range():
    for case in reference_cases():
        date.fromisoformat(case.from_date)
        assert case.source
        assert "memory" not in case.source
        assert 0 <= case.discount_effects <= case.discount_costs <= 0.06
        assert list(case.thresholds) == sorted(case.thresholds)
        assert case.severity in {"", *(row["scheme"] for row in rows("severity"))}


def test_nice_before_and_after_april_2026():
    before, now = reference_case("nice-2022"), reference_case("nice-2026")
    assert before.thresholds == (20_000, 30_000)
    assert now.thresholds == (25_000, 35_000)
    assert before.from_date < now.from_date == "2026-04-01"


def test_an_unknown_case_names_the_nearest():
    with pytest.raises(UnknownName, match="nice-2026"):
        reference_case("nice2026")
