"""irAEs as events of single patients, on the page: held to what was put in, and to the cohort."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.economics.analysis.test_transitions import fitted_model, follow
from tests.economics.conftest import TEXT
from tests.economics.model_file.test_individuals import COLITIS
from tests.questions.worth.conftest import ask

from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings

LABEL, GROUP = "Immunotherapy", "Immunotherapy vs Chemotherapy"


def with_colitis(words: dict[str, Any], **own: Any) -> dict[str, Any]:
    words["strategies"]["new"].pop("adverse_events")
    words["strategies"]["new"]["iraes"] = {"colitis": COLITIS | own}
    words["individuals"] = {"patients": 2000, "draws": 200}
    return words


@pytest.fixture(scope="module")
def told_of_iraes() -> Answer:
    import tomllib

    return ask(with_colitis(tomllib.loads(TEXT)))


def test_events_are_what_was_put_in(told_of_iraes: Answer) -> None:
    """12 of 100 have it, 60 % in high grade, 90 % of these in hospital for 8 days, 3 % of these die."""
    row = told_of_iraes.tables["irae_events"].row(0, named=True)
    assert (row["strategy"], row["irae"]) == (LABEL, "colitis")
    assert row["any_grade"] == pytest.approx(12, rel=5e-3)
    assert row["grade_3_or_more"] == pytest.approx(12 * 0.6, rel=0.03)
    assert row["admissions"] == pytest.approx(12 * 0.6 * 0.9, rel=0.04)
    assert row["days_in_hospital"] == pytest.approx(8 * row["admissions"])
    assert row["deaths"] == pytest.approx(0.03 * row["grade_3_or_more"])
    assert row["stops"] < 12 * (0.4 * 0.1 + 0.6 * 0.6), "some had stopped before"
    estimate = told_of_iraes.estimate("irae_events", group=LABEL)
    assert (estimate.value, estimate.n) == (row["any_grade"], 40_000)
    assert told_of_iraes.estimate("irae_deaths", group=LABEL).note == "within the curves already"


def test_limits_are_those_of_the_inputs_not_of_the_luck_of_patients(told_of_iraes: Answer) -> None:
    """Incidence is 12 % with a standard error of 2 %; of 2,000 patients luck would add 0.7 %."""
    estimate = told_of_iraes.estimate("irae_events", group=LABEL)
    assert (estimate.high - estimate.low) / (2 * 1.96) == pytest.approx(2.0, rel=0.15)
    high = told_of_iraes.estimate("irae_events_of_grade_3_and_above", group=LABEL)
    assert (high.high - high.low) / (2 * 1.96) == pytest.approx(0.6 * 2.0, rel=0.15)
    stops = told_of_iraes.estimate("irae_stops", group=LABEL)
    assert stops.value < 0.98 * 12 * (0.4 * 0.1 + 0.6 * 0.6), "of some treatment had ended already"
    assert (stops.low + stops.high) / 2 == pytest.approx(stops.value, rel=0.035), (
        "incidence is a little skewed"
    )
    days = told_of_iraes.estimate("irae_days_in_hospital", group=LABEL)
    assert (days.high - days.low) / days.value == pytest.approx((high.high - high.low) / high.value, rel=0.02)


def test_care_and_losses_are_those_of_the_events(told_of_iraes: Answer) -> None:
    row = told_of_iraes.tables["irae_events"].row(0, named=True)
    by_hand = 0.12 * 0.4 * 500 + 0.12 * 0.6 * (1500 + 0.9 * 8 * 2000)
    assert row["cost_per_patient"] == pytest.approx(by_hand, rel=0.03)
    assert told_of_iraes.estimate("irae_care", group=LABEL).value == pytest.approx(row["cost_per_patient"])
    weeks = 6 / np.log(2)  # the mean of an exponential time of this median
    lost = 0.12 * (0.4 * 0.05 + 0.6 * 0.2) * weeks * 7 / 365.25
    assert row["qalys_lost_per_patient"] == pytest.approx(lost, rel=0.1), "but for those who die meanwhile"
    assert told_of_iraes.estimate("irae_qalys_lost", group=LABEL).value == row["qalys_lost_per_patient"]


def test_totals_add_up_and_stand_beside_the_other_structures(told_of_iraes: Answer) -> None:
    table = told_of_iraes.tables["individual_patients"]
    rows = {(row["strategy"], row["measure"]): row for row in table.iter_rows(named=True)}
    new, old = rows[LABEL, "cost"], rows["Chemotherapy", "cost"]
    care, saved = (
        told_of_iraes.estimate(name, group=LABEL).value for name in ("irae_care", "irae_drugs_not_given")
    )
    assert new["individual_patients"] - new["cohort"] == pytest.approx(care - saved, rel=1e-6)
    assert old["individual_patients"] == old["cohort"]
    lost = told_of_iraes.estimate("irae_qalys_lost", group=LABEL).value
    qalys = rows[LABEL, "qalys"]
    assert qalys["cohort"] - qalys["individual_patients"] == pytest.approx(lost, rel=1e-6)
    assert rows[LABEL, "life_years"]["individual_patients"] == rows[LABEL, "life_years"]["cohort"]
    scenarios = told_of_iraes.tables["scenarios"]
    base = scenarios.filter(pl.col("scenario") == "base case").row(0, named=True)
    alone = scenarios.filter(pl.col("scenario").str.starts_with("individual patients, no irAEs")).row(
        0, named=True
    )
    with_iraes = scenarios.filter(pl.col("scenario").str.starts_with("individual patients with irAEs")).row(
        0, named=True
    )
    assert alone["added_qalys"] == pytest.approx(base["added_qalys"], rel=0.05)
    assert alone["added_cost"] == pytest.approx(base["added_cost"], rel=0.05)
    assert with_iraes["added_cost"] == pytest.approx(base["added_cost"] + care - saved, rel=1e-6)
    added = told_of_iraes.estimate("added_cost_with_irae_events", group=GROUP)
    assert added.value == pytest.approx(with_iraes["added_cost"], rel=1e-9)
    assert added.low < added.value < added.high


def test_the_page_says_how_far_patients_and_cohort_agree_and_what_was_assumed(told_of_iraes: Answer) -> None:
    check = next(check for check in told_of_iraes.checks if check.name == "individuals_agree")
    assert check.level == "pass"
    assert "40,000 simulated patients" in check.message
    assert any("hold these deaths already" in caveat for caveat in told_of_iraes.caveats)
    assert any("Karnon" in citation for citation in told_of_iraes.citations)
    assert any("O'Hagan" in citation for citation in told_of_iraes.citations)
    kinds = {figure.kind: figure for figure in told_of_iraes.figures}
    lanes = told_of_iraes.tables[kinds["swimmer"].table]
    assert lanes["patient"].n_unique() == 20


def test_a_model_without_individuals_is_told_nothing_of_them(told: Answer) -> None:
    assert "irae_events" not in told.tables
    assert not [e for e in told.estimates if "irae" in e.name]
    assert not told.tables["scenarios"]["scenario"].str.starts_with("individual").any()


def test_what_cannot_be_lived_is_said_and_the_rest_of_the_page_stands(words: dict[str, Any]) -> None:
    words = with_colitis(words)
    words["individuals"] = {"structure": "clock_reset"}
    found = ask(words)
    assert any("irAEs as events of single patients would change" in said for said in found.cannot_tell)
    assert any("Give their file under data" in said for said in found.cannot_tell), "and how it could be"
    assert "irae_events" not in found.tables
    assert found.estimate("added_qalys", group=GROUP).value > 0


def test_the_structure_of_the_base_case_is_lived(words: dict[str, Any]) -> None:
    followed, _ = follow(400)
    fitted_model(words, "clock_reset")
    words["cycles_per_year"] = 12
    words = with_colitis(words)
    words["individuals"] = {"patients": 200, "draws": 20}
    found = answer(model_of(words), followed, WorthSettings(draws=200), study="two arms")
    names = found.tables["scenarios"]["scenario"].to_list()
    assert "individual patients with irAEs (state transition, clock reset)" in names
    assert "structure: partitioned survival" in names


def test_relabelling_changes_no_number(words: dict[str, Any]) -> None:
    one = with_colitis(copy.deepcopy(words), incidence=0.2)
    one["individuals"] = {"patients": 200, "draws": 20}
    other = copy.deepcopy(one)
    other["strategies"]["new"]["iraes"] = {"enteritis": other["strategies"]["new"]["iraes"]["colitis"]}
    tables = [ask(it, draws=200).tables["irae_events"].drop("irae") for it in (one, other)]
    base = [column for column in tables[0].columns if not column.endswith(("_low", "_high"))]
    assert tables[0].select(base).equals(tables[1].select(base))
