from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from coley.toy.facts import immune_events, rows

TABLES = [path.name for path in (files("coley.toy") / "resources").iterdir() if path.name.endswith(".csv")]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_none_is_from_memory(name):
    table = list(csv.DictReader((files("coley.toy") / "resources" / name).read_text("utf-8").splitlines()))
    sources = [key for key in table[0] if key.endswith("source")]
    assert sources
    for row in table:
        for key in sources:
            if key == "fatality_source" and float(row["fatal_percent_of_treated"]) == 0:
                continue
            assert row[key], (name, row)
            assert "memory" not in row[key]
            assert "unverified" not in row[key]


def test_fatal_events_sum_to_the_published_incidence():
    # 0.43 % of patients in randomised trials of anti-PD-1 or anti-PD-L1 died of an adverse event.
    table = immune_events()
    total = (table.incidence["pd1"] * table.fatal).sum()
    assert total == pytest.approx(0.0043, abs=0.0001)


def test_severe_events_are_a_part_of_all_events():
    table = immune_events()
    for regimen, share in table.severe.items():
        assert ((share >= 0) & (share <= 1)).all(), regimen
    assert (table.fatal <= 1).all()


def test_shares_of_choices_sum_to_one():
    assert sum(float(row["share"]) for row in rows("escape")) == pytest.approx(1)
