"""Published figures of irAEs: each with its source, read as they are, and never filled in."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.simulation.iraes import SHARES, irae_facts, known_iraes
from coley.model.errors import MissingData, UnknownName

REST = {"fatal": 0.0, "admitted": 0.5, "persists": 0.0, "recurs": 0.288, "stops_low": 0.0, "stops_high": 0.7}


def test_every_fact_has_a_source_and_is_possible() -> None:
    for row in irae_facts():
        assert row["source"]
        assert "memory" not in row["source"] + row["note"]
        value = float(row["value"])
        assert 0 <= value <= 1 if row["unit"] == "share" else value > 0
        if row["n"] and row["of"]:
            assert value == pytest.approx(int(row["n"]) / int(row["of"]), abs=6e-6)
    keys = [(row["irae"], row["quantity"], row["regimen"]) for row in irae_facts()]
    assert len(set(keys)) == len(keys)


def test_high_grades_are_part_of_all_grades() -> None:
    found = {(row["irae"], row["regimen"], row["quantity"]): float(row["value"]) for row in irae_facts()}
    for (irae, regimen, quantity), value in found.items():
        if quantity == "grade_3_or_more":
            assert value <= found[irae, regimen, "any_grade"]


def test_published_figures_are_read_as_they_are() -> None:
    """Hepatitis under both: 18 % any grade, 8 % grade 3 and above, 11 of 33 recur, onset at a median of 37.1 weeks."""
    hepatitis = {i.name: i for i in known_iraes("nivolumab+ipilimumab", assumed={"every": REST})}["hepatitis"]
    assert hepatitis.chance == 0.18
    assert hepatitis.high == pytest.approx(8 / 18)
    assert hepatitis.recurs == pytest.approx(11 / 33, abs=1e-5)
    shape, scale = np.asarray(hepatitis.onset.parameters)[0]
    assert scale * np.log(2) ** (1 / shape) == pytest.approx(37.1 * 7 / 365.25)
    thyroid = {i.name: i for i in known_iraes("nivolumab+ipilimumab, adjuvant", assumed={"every": REST})}[
        "hypothyroidism"
    ]
    assert thyroid.persists == pytest.approx(
        73 / 88, abs=1e-5
    )  # published before what is assumed of every irAE


def test_what_is_assumed_of_one_irae_goes_before_what_is_published() -> None:
    assumed = {"every": REST, "rash": {"chance": 0.5, "loss_low": 0.02}}
    rash = known_iraes("ipilimumab", assumed=assumed)[0]
    assert (rash.name, rash.chance, rash.loss_low) == ("rash", 0.5, 0.02)


def test_what_nobody_knows_is_asked_for() -> None:
    with pytest.raises(MissingData, match="Of rash, fatal, persists, admitted"):
        known_iraes("nivolumab", assumed={})
    for share in SHARES[2:]:
        without = {name: value for name, value in REST.items() if name != share}
        with pytest.raises(MissingData, match=share):
            known_iraes("nivolumab", assumed={"every": without})


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UnknownName, match="durvalumab"):
        known_iraes("durvalumab", assumed={"every": REST})
    with pytest.raises(UnknownName, match="colitus"):
        known_iraes("nivolumab", assumed={"every": REST, "colitus": {"fatal": 0.1}})
    with pytest.raises(UnknownName, match="mortality"):
        known_iraes("nivolumab", assumed={"every": REST | {"mortality": 0.1}})
