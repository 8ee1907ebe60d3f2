"""Patients of OAK lived one by one, with the irAEs of atezolizumab from published tables."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import coley
from coley.economics.analysis.evaluate import prepare
from coley.economics.analysis.individuals import live, simulated_part
from coley.economics.analysis.inputs import drawn
from coley.economics.model_file.parse import model_of
from coley.economics.model_file.schema import Model
from coley.model.answer import Answer

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
ATEZOLIZUMAB = "Atezolizumab"


@pytest.fixture(scope="module")
def oak(shared: Path) -> tuple[Model, dict[str, Any]]:
    from coley.read.economic_model import follow_up_of_study

    words = tomllib.loads((HERE / "oak_worth" / "model.toml").read_text("utf-8"))
    words.pop("guided")
    model = model_of(words)
    return model, dict(follow_up_of_study(coley.read(HERE / "oak_worth"), model))


@pytest.fixture(scope="module")
def told(oak: tuple[Model, dict[str, Any]]) -> Answer:
    from coley.questions.worth.answer import answer
    from coley.questions.worth.settings import WorthSettings

    model, followed = oak
    return answer(model, followed, WorthSettings(draws=400), study="oak")


def test_without_iraes_the_patients_of_oak_are_its_cohort_under_every_structure(
    oak: tuple[Model, dict[str, Any]],
) -> None:
    model, followed = oak
    prepared = prepare(model, followed)
    inputs = drawn(model, prepared.fitted, draws=200, seed=1)
    spec = model.individuals
    assert spec is not None
    few = spec.model_copy(update={"patients": 200, "draws": 20})
    for structure in ("partitioned_survival", "clock_forward", "clock_reset"):
        found = live(prepared, followed, inputs, seed=5, spec=few.model_copy(update={"structure": structure}))
        for name in ("docetaxel", "atezolizumab"):
            alone = found.base[name].without
            for effects, value, se in (
                (False, alone.costs, alone.costs_se),
                (True, alone.effects, alone.effects_se),
            ):
                exact = simulated_part(prepared, found.cohort_base, name, effects=effects)
                assert abs(value - exact)[0] < 3.5 * se[0], (structure, name, effects)


def test_iraes_come_as_often_as_in_the_trial_that_counted_them(told: Answer) -> None:
    """BIRCH, 659 patients: rash 70, diarrhoea 71, hypothyroidism 30, pneumonitis 26 (11 severe), colitis 10."""
    table = {row["irae"]: row for row in told.tables["irae_events"].iter_rows(named=True)}
    counted = {"rash": 70, "diarrhoea": 71, "hypothyroidism": 30, "pneumonitis": 26, "colitis": 10}
    assert set(table) == set(counted)
    for irae, n in counted.items():
        again = table[irae]["recurrences"]
        assert table[irae]["any_grade"] - again == pytest.approx(100 * n / 659, rel=0.01), irae
    severe = table["pneumonitis"]
    assert severe["grade_3_or_more"] == pytest.approx(100 * 11 / 659, rel=0.06)
    assert severe["deaths"] == pytest.approx(severe["grade_3_or_more"] * 22 / 75, rel=1e-3)
    assert table["hypothyroidism"]["lasting"] == pytest.approx(
        0.83 * table["hypothyroidism"]["any_grade"], rel=0.03
    )


def test_what_iraes_do_to_a_hundred_patients_of_oak(told: Answer) -> None:
    """Measured; a refit may move them in the second digit."""

    def of(name: str) -> tuple[float, float, float]:
        found = told.estimate(name, group=ATEZOLIZUMAB)
        assert found.low < found.value < found.high
        return found.low, found.value, found.high

    assert of("irae_events")[1] == pytest.approx(31.6, rel=0.03)
    assert of("irae_events_of_grade_3_and_above")[1] == pytest.approx(4.4, rel=0.06)
    assert of("irae_days_in_hospital")[1] == pytest.approx(25.6, rel=0.08)
    assert of("irae_stops")[1] == pytest.approx(3.8, rel=0.08)
    assert of("irae_deaths")[1] == pytest.approx(0.52, rel=0.1)
    assert of("irae_care")[1] == pytest.approx(830, rel=0.08)
    assert of("irae_drugs_not_given")[1] == pytest.approx(3800, rel=0.15)
    assert of("irae_qalys_lost")[1] == pytest.approx(0.0048, rel=0.08)


def test_the_row_of_single_patients_stands_beside_those_of_the_structures(told: Answer) -> None:
    rows = {row["scenario"]: row for row in told.tables["scenarios"].iter_rows(named=True)}
    base = rows["base case"]
    alone = rows["individual patients, no irAEs (partitioned survival)"]
    with_iraes = rows["individual patients with irAEs (partitioned survival)"]
    reset = rows["structure: state transition, clock reset"]
    assert alone["added_life_years"] == pytest.approx(base["added_life_years"], rel=0.04)
    assert alone["added_cost"] == pytest.approx(base["added_cost"], rel=0.03)
    change = with_iraes["added_qalys"] - base["added_qalys"]
    assert change == pytest.approx(-0.0048, rel=0.08)
    assert with_iraes["added_cost"] - base["added_cost"] == pytest.approx(830 - 3800, rel=0.2)
    assert abs(change) < 0.1 * abs(reset["added_qalys"] - base["added_qalys"]), "structure weighs far more"


def test_every_figure_of_an_irae_names_its_source(told: Answer) -> None:
    inputs = told.tables["inputs"].filter(pl.col("input").str.contains(".iraes."))
    assert inputs.height > 40
    assert (inputs["source"].str.len_chars() > 0).all()
    published = inputs.filter(pl.col("source").str.contains("BIRCH|Dolladille|Patrinely|PMC"))
    assert published.height > 20
