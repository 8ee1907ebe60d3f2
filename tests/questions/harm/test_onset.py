"""When: onsets by organ class and harm hold what was planted, and are told in words and by dose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.biology.drugs.table import checkpoint_inhibitors
from coley.biology.irae.terms import classes_of
from coley.model.answer import Answer
from coley.questions.harm import signals
from coley.questions.harm.evidence import evidence
from coley.questions.harm.onset.fits import FEWEST, READING
from coley.questions.harm.onset.times import known_onsets
from coley.questions.harm.settings import HarmSettings
from coley.stats.onset.weibull import weibull_onset
from coley.toy.reports import SimulatedReports
from coley.vigilance.database import Database

Make = Callable[..., Database]


def test_each_organ_class_holds_the_dated_reports_of_its_terms(
    simulated: SimulatedReports, whole: Answer
) -> None:
    clean = simulated.clean
    inhibitors = [drug.ingredient for drug in checkpoint_inhibitors()]
    suspect = (
        clean["exposures"]
        .filter(pl.col("ingredient").is_in(inhibitors) & (pl.col("role") != "C"))["report_id"]
        .unique()
    )
    lung = (
        clean["events"]
        .filter(
            pl.col("term").map_elements(lambda term: "lung" in classes_of(term), return_dtype=pl.Boolean)
        )["report_id"]
        .unique()
    )
    days = (
        clean["onsets"]
        .filter(
            pl.col("ingredient").is_in(inhibitors)
            & pl.col("report_id").is_in(suspect.implode())
            & pl.col("report_id").is_in(lung.implode())
        )
        .group_by("report_id")
        .agg(pl.col("days").max())["days"]
        .to_numpy()
    )
    table = whole.tables["onset_organs"]
    row = table.row(
        by_predicate=(pl.col("exposure") == "Any checkpoint inhibitor") & (pl.col("event") == "Lung"),
        named=True,
    )
    assert len(days) > 30
    assert row["reports"] == len(days)
    assert row["median_days"] == np.median(days)


def test_shapes_hold_what_was_planted(simulated: SimulatedReports, whole: Answer) -> None:
    planted = {term.lower(): shape for term, shape in simulated.truth.onset.select("term", "shape").rows()}
    table = whole.tables["onset"].filter(
        (pl.col("exposure") != "Any checkpoint inhibitor") & pl.col("shape_low").is_not_null()
    )
    held = [
        row["shape_low"] <= planted[row["event"].lower()] <= row["shape_high"]
        for row in table.iter_rows(named=True)
        if row["event"].lower() in planted
    ]
    assert len(held) >= 5
    assert np.mean(held) >= 0.7  # a case with two harms has one date, and one of them is not its own


def test_every_regimen_and_drug_with_onsets_enough_has_a_shape_and_a_reading(whole: Answer) -> None:
    table = whole.tables["onset_organs"]
    exposures = set(table["exposure"])
    assert {"Any checkpoint inhibitor", "PD-(L)1 + CTLA-4", "Nivolumab", "PD-1 alone"} <= exposures
    enough = table.filter(pl.col("reports") >= FEWEST)
    assert enough["weibull_shape"].null_count() == 0
    few = table.filter(pl.col("reports") < FEWEST)
    assert few.height
    assert few["weibull_shape"].null_count() == few.height
    told = [e for e in whole.estimates if e.name == "weibull_shape"]
    assert {e.n for e in told} <= set(table["reports"]) | set(whole.tables["onset"]["reports"])
    for estimate in told:
        assert estimate.low is not None
        assert estimate.high is not None
        read = next((name for name, words in READING.items() if estimate.note == words), "")
        assert {"early failure": estimate.high < 1, "wear-out": estimate.low > 1}.get(read, True)


def test_doses_of_an_organ_class_add_up_to_its_reports(whole: Answer) -> None:
    doses = whole.tables["onset_by_dose"].filter(pl.col("agent") == "Nivolumab")
    onsets = whole.tables["onset_organs"].filter(pl.col("exposure") == "Nivolumab")
    organs = [event for event in doses["event"].unique() if not event.startswith("any")]
    assert len(organs) >= 2
    for organ in organs:
        own = doses.filter(pl.col("event") == organ)
        assert own["of"].unique().to_list() == onsets.filter(pl.col("event") == organ)["reports"].to_list()
        assert own["reports"].sum() <= own["of"][0]
        np.testing.assert_allclose(own["share"], own["reports"] / own["of"], rtol=1e-12)


def test_the_combination_is_compared_by_organ_with_p_corrected_within_the_level(whole: Answer) -> None:
    table = whole.tables["onset_compared"]
    assert set(table["level"]) <= {"organ class", "harm of the label"}
    for own in table.partition_by("level"):
        assert (own["p_adjusted"] >= own["p"]).all()
        smallest = float(np.min(own["p"].to_numpy()))
        assert own["p_adjusted"].min() == pytest.approx(min(1.0, smallest * own.height))


def test_a_report_without_a_date_is_none_and_no_report_with_one_is_lost(
    simulated: SimulatedReports, database: Make
) -> None:
    frames = dict(simulated.clean)
    frames["onsets"] = frames["onsets"].clear()
    answer = signals(database(frames), HarmSettings(screen=False))
    assert any(text.startswith("When a reaction begins") for text in answer.cannot_tell)
    assert not [name for name in answer.tables if name.startswith("onset")]


def test_limits_let_no_onset_lie_beyond_the_data(simulated: SimulatedReports, database: Make) -> None:
    known = known_onsets(evidence(database(simulated.clean), HarmSettings()))
    assert (known["days"] <= known["limit"]).all()
    own = known.filter(
        (pl.col("exposure") == "ici") & (pl.col("level") == "organ") & (pl.col("event") == "hepatic")
    )
    fit = weibull_onset(own["days"].to_numpy(), limit=own["limit"].to_numpy())
    assert fit.n == own.height
