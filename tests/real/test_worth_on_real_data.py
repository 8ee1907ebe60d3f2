"""`worth` on real patients: OAK under every structure, CheckMate 067 from its published curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.answer import Answer

pytestmark = pytest.mark.real

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def oak(shared: Path) -> Answer:
    return coley.ask(coley.read(HERE / "oak_worth"), "worth", draws=600)


@pytest.fixture(scope="module")
def melanoma(shared: Path) -> Answer:
    from coley.questions.worth.answer import answer
    from coley.questions.worth.settings import WorthSettings
    from coley.read.economic_model import read_economic_model

    read = read_economic_model(HERE / "worth_checkmate067" / "model.toml")
    return answer(read.model, read.followed, WorthSettings(draws=600), study="checkmate067", table=read.table)


ATEZOLIZUMAB = "Atezolizumab vs Docetaxel"


def scenario(answer: Answer, name: str) -> dict[str, float]:
    table = answer.tables["scenarios"]
    return table.filter(pl.col("scenario") == name).row(0, named=True)


def test_oak_is_answered_under_every_structure_and_structure_alone_changes_much(oak: Answer) -> None:
    base = scenario(oak, "base case")
    forward = scenario(oak, "structure: state transition, clock forward")
    reset = scenario(oak, "structure: state transition, clock reset")
    # Measured on these patients; a refit by another optimiser may move them in the second digit.
    assert base["added_life_years"] == pytest.approx(0.652, abs=0.02)
    assert forward["added_life_years"] == pytest.approx(0.476, abs=0.02)
    assert reset["added_life_years"] == pytest.approx(0.272, abs=0.02)
    assert base["icer"] < forward["icer"] < reset["icer"]
    assert not any(note for note in oak.tables["scenarios"]["note"] if "dom" not in note), "none failed"


def test_structures_agree_with_what_was_seen_in_oak(shared: Path) -> None:
    """Within the follow-up every structure must give back the patients' own restricted mean."""
    from coley.economics.analysis.evaluate import evaluate, prepare
    from coley.economics.analysis.inputs import base_case
    from coley.read.economic_model import follow_up_of_study, model_of_study
    from coley.stats.survival.kaplan_meier import kaplan_meier

    study = coley.read(HERE / "oak_worth")
    model = model_of_study(study)
    assert model is not None
    followed = follow_up_of_study(study, model)
    short = model.model_copy(update={"horizon_years": 2.0})
    prepared = prepare(short, followed)
    seen = []
    for name in ("docetaxel", "atezolizumab"):
        one = followed[f"{name}.os"]
        curve = kaplan_meier(one.time_years, one.event)
        times = np.linspace(0, 2, 2001)
        at = np.r_[1.0, curve.survival][np.searchsorted(curve.time, times, side="right")]
        seen.append(np.trapezoid(at, times))
    for structure in ("partitioned_survival", "clock_forward", "clock_reset"):
        found = evaluate(prepared, base_case(short, prepared.fitted), structure=structure)
        assert found.life_years[0] == pytest.approx(seen, rel=0.03), structure


def test_crossing_is_counted_and_harmless_in_oak(oak: Answer) -> None:
    check = next(check for check in oak.checks if check.name == "curves_cross")
    assert check.level == "pass"
    assert oak.estimate("cost", group="Docetaxel").value > 0
    # Drugs end with progression: about ten doses of 9,280 USD.
    spent = oak.tables["cost_by_category"].filter(pl.col("category") == "atezolizumab")
    assert spent["value"].item() == pytest.approx(10.1 * 9280, rel=0.03)


def test_the_uncertainty_of_oak_holds_that_of_structure(oak: Answer) -> None:
    added = oak.estimate("added_qalys", group=ATEZOLIZUMAB)
    reset = scenario(oak, "structure: state transition, clock reset")["added_qalys"]
    assert added.low < reset < added.value < added.high
    means = next(check for check in oak.checks if check.name == "draws_agree")
    assert means.level == "warn"
    assert "structure" in means.cause


def test_markers_of_oak_are_judged_by_what_randomised_patients_gained(oak: Answer) -> None:
    btmb = oak.estimate("gain_among_positive", group="bTMB at or above 16")
    pdl1 = oak.estimate("gain_among_positive", group="PD-L1 high at or above 1")
    assert (btmb.n, pdl1.n) == (160, 137)
    for marker, n in (("bTMB at or above 16", 642), ("PD-L1 high at or above 1", 841)):
        over_all = oak.estimate("guided_vs_treat_all", group=marker)
        over_none = oak.estimate("guided_vs_treat_none", group=marker)
        assert over_all.n == n
        assert over_all.low > 0, "at these prices treating fewer is worth more"
        assert over_none.high < 0, "and treating nobody is worth most"
    chosen = oak.estimate("guided_vs_treat_none", group="bTMB: best to treat nobody")
    assert chosen.value == 0


def test_melanoma_cure_fractions_and_years(melanoma: Answer) -> None:
    cured = {
        e.group: e.value
        for e in melanoma.estimates
        if e.name == "cured" and e.note.startswith("log-normal mixture cure")
    }
    assert cured["Nivolumab + ipilimumab"] == pytest.approx(0.496, abs=0.01)
    assert cured["Nivolumab"] == pytest.approx(0.388, abs=0.01)
    assert cured["Ipilimumab"] == pytest.approx(0.191, abs=0.01)
    for label, years in (("Nivolumab + ipilimumab", 12.58), ("Nivolumab", 10.60), ("Ipilimumab", 6.27)):
        assert melanoma.estimate("life_years", group=label).value == pytest.approx(years, rel=0.02)


def test_the_next_qaly_of_both_drugs_costs_about_92_000_pounds(melanoma: Answer) -> None:
    frontier = melanoma.tables["frontier"]
    both = frontier.filter(pl.col("strategy") == "Nivolumab + ipilimumab").row(0, named=True)
    assert both["compared_with"] == "Nivolumab"
    assert both["icer"] == pytest.approx(92_000, rel=0.05)
    status = dict(zip(frontier["strategy"], frontier["status"], strict=True))
    assert "dominated" in status["Ipilimumab"]
    assert melanoma.headline.startswith("Nivolumab against Ipilimumab")


def test_drugs_cost_what_the_observed_curves_say(melanoma: Answer) -> None:
    """Doses at the Kaplan-Meier estimate, without any model: almost all of them are given within the follow-up."""
    from coley.read.economic_model import read_economic_model
    from coley.stats.survival.kaplan_meier import kaplan_meier

    followed = read_economic_model(HERE / "worth_checkmate067" / "model.toml").followed

    def doses(place: str, weeks: np.ndarray) -> float:
        one, years = followed[place], weeks * 7 / 365.25
        curve = kaplan_meier(one.time_years, one.event)
        free = np.r_[1.0, curve.survival][np.searchsorted(curve.time, years, side="right")]
        return float((free * 1.035**-years).sum())

    weights = np.random.default_rng(1).normal(83.38, 18.01, 100_000)
    per_dose = 3750 * np.ceil(np.maximum(3 * weights, 1) / 50).mean()  # both vials cost the same for a mg
    by_hand = {
        ("Nivolumab", "nivolumab"): doses("nivolumab.pfs", 4 * np.arange(27)) * 2 * 2633,
        ("Nivolumab", "administration"): doses("nivolumab.pfs", 4 * np.arange(27)) * 207.59,
        ("Ipilimumab", "ipilimumab"): doses("ipilimumab.pfs", 3 * np.arange(4)) * per_dose,
    }
    table = melanoma.tables["cost_by_category"]
    for (strategy, category), cost in by_hand.items():
        found = table.filter((pl.col("strategy") == strategy) & (pl.col("category") == category))
        assert found["value"].item() == pytest.approx(cost, rel=0.025), (strategy, category)


def test_every_input_of_melanoma_names_its_source(melanoma: Answer) -> None:
    levels = {check.name: check.level for check in melanoma.checks}
    assert levels["sources"] == "pass"
    assert levels["adds_up"] == "pass"
    assert levels["background_mortality"] == "pass"
    assert levels["horizon"] == "pass"


def test_without_cure_or_with_a_floor_melanoma_is_another_answer(melanoma: Answer) -> None:
    table = melanoma.tables["scenarios"].filter(pl.col("strategy") == "Nivolumab + ipilimumab")
    years = dict(zip(table["scenario"], table["added_life_years"], strict=True))
    assert years["no cure in any curve"] < years["base case"]
    short = years["horizon of 5 years"]
    assert short < 0.4 * years["base case"], "most of what is gained lies beyond five years"
