"""Published figures of irAEs: each with its source, read as they are, and never filled in."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.model_file.individuals import ImmuneEvent
from coley.economics.simulation.iraes import irae_facts, published_iraes
from coley.model.errors import UnknownName

REGIMENS = (
    "ipilimumab", "nivolumab", "nivolumab+ipilimumab", "nivolumab+ipilimumab, adjuvant", "atezolizumab"
)  # fmt: skip


def test_every_fact_has_a_source_and_is_possible() -> None:
    for row in irae_facts():
        assert row["source"]
        assert "memory" not in row["source"] + row["note"]
        value = float(row["value"])
        assert 0 <= value <= 1 if row["unit"] == "share" else value > 0
        if row["n"] and row["unit"] == "share":
            assert value == pytest.approx(int(row["n"]) / int(row["of"]), abs=6e-6)
    keys = [(row["irae"], row["quantity"], row["regimen"]) for row in irae_facts()]
    assert len(set(keys)) == len(keys)
    assert {row["regimen"] for row in irae_facts()} == {"", *REGIMENS}


def test_high_grades_are_part_of_all_grades() -> None:
    found = {(row["irae"], row["regimen"], row["quantity"]): float(row["value"]) for row in irae_facts()}
    for (irae, regimen, quantity), value in found.items():
        if quantity == "grade_3_or_more":
            assert value <= found[irae, regimen, "any_grade"]


def test_published_figures_are_read_as_they_are() -> None:
    """Hepatitis under both: 18 % any grade, 8 % grade 3 and above, 11 of 33 recur, onset at a median of 37.1 weeks."""
    hepatitis = published_iraes("nivolumab + ipilimumab")["hepatitis"]
    assert hepatitis["incidence"].value == 0.18
    assert hepatitis["high_grade"].value == pytest.approx(8 / 18)
    assert hepatitis["recurs"].value == pytest.approx(11 / 33, abs=1e-5)
    assert hepatitis["onset_weeks"].value == 37.1
    assert (hepatitis["admitted"].value, hepatitis["days_in_hospital"].value) == (
        pytest.approx(166 / 294, abs=1e-5), 6,
    )  # fmt: skip
    pneumonitis = published_iraes("atezolizumab")["pneumonitis"]
    assert pneumonitis["incidence"].value == pytest.approx(26 / 659, abs=1e-5)
    assert pneumonitis["high_grade"].value == pytest.approx(11 / 26, abs=1e-3)
    assert pneumonitis["fatal"].value == pytest.approx(22 / 75, abs=1e-5)


def test_counts_give_the_interval_of_wilson() -> None:
    """26 of 659 by hand: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n)."""
    fact = published_iraes("atezolizumab")["pneumonitis"]["incidence"]
    n, p, z = 659, 26 / 659, 1.959963985
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (fact.low, fact.high) == (
        pytest.approx((middle - half) / (1 + z**2 / n), rel=1e-6),
        pytest.approx((middle + half) / (1 + z**2 / n), rel=1e-6),
    )
    onset, none = published_iraes("ipilimumab")["colitis"]["onset_weeks"], published_iraes("ipilimumab")
    assert (onset.low, onset.high) == (None, None), "a median of which no limits are published"
    assert none["hypothyroidism"]["high_grade"].low is None, (
        "none of so many: no distribution of shares has it"
    )


def test_what_belongs_to_one_regimen_stays_there_and_the_rest_holds_everywhere() -> None:
    found = {regimen: published_iraes(regimen) for regimen in REGIMENS}
    assert "stops_high" in found["atezolizumab"]["pneumonitis"]
    assert "stops_high" not in found["nivolumab+ipilimumab, adjuvant"]["pneumonitis"]
    assert "myocarditis" not in found["nivolumab"], "nobody counted it under this regimen"
    assert all(of["every"]["recurs"].value == 0.288 for of in found.values())


@pytest.mark.parametrize("regimen", REGIMENS)
def test_every_figure_is_a_word_of_the_model_file_with_a_distribution(regimen: str) -> None:
    from coley.economics.model_file.individuals import _word

    for irae, facts in published_iraes(regimen).items():
        event = ImmuneEvent.model_validate({word: _word(fact) for word, fact in facts.items()})
        for word, fact in facts.items():
            believed = getattr(event, word).believed().draw(np.linspace(0.001, 0.999, 999)[:, None])
            assert believed.mean() == pytest.approx(fact.value, rel=0.05, abs=1e-3), (irae, word)
            if fact.low is not None and fact.high is not None:
                assert np.quantile(believed, [0.025, 0.975]) == pytest.approx(
                    [fact.low, fact.high], rel=0.35, abs=0.05
                ), (irae, word)


def test_unknown_regimens_are_refused() -> None:
    with pytest.raises(UnknownName, match="durvalumab"):
        published_iraes("durvalumab")
