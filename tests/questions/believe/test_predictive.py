"""Interactions with treatment: against lifelines and direct calls, who is compared with whom, what is corrected."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import Study
from coley.questions.believe.cohorts import Cohorts
from coley.questions.believe.predictive import contrasts
from coley.stats.interaction.relative import treatment_by_marker_response

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
People = Callable[..., Cohorts]
Believe = Callable[..., Answer]

MARKERS = ("albumin_g_dl", "platelets", "hla_loh")


def two_arms(frame: Frames, seed: int = 1, n: int = 300, **columns: object) -> pl.DataFrame:
    return frame(seed, n, treatment_class=["PD1", "control"] * (n // 2), **columns)


def oracle(
    table: pl.DataFrame, name: str, strata: list[str] | None = None
) -> tuple[float, float, float, float]:
    """The ratio of hazard ratios of lifelines with its limits, and the likelihood-ratio p of the product."""
    import pandas as pd
    from scipy.stats import chi2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of pandas
        from lifelines import CoxPHFitter

        x = table[name].cast(pl.Float64).to_numpy()
        binary = set(x.tolist()) <= {0.0, 1.0}
        z = x if binary else (x - x.mean()) / x.std(ddof=1)
        treated = (table["treatment_class"] != "control").to_numpy().astype(float)
        data = pd.DataFrame(
            {
                "t": table["os_months"],
                "e": table["os_event"],
                "z": z,
                "treated": treated,
                "product": z * treated,
            }
        )
        if strata:
            data["stratum"] = table.select(pl.concat_str(strata)).to_series().to_list()
        given = {"strata": ["stratum"]} if strata else {}
        main = ["t", "e", "z"] + ([] if strata == ["cohort"] else ["treated"])
        main += ["stratum"] if strata else []
        full = CoxPHFitter().fit(data[[*main, "product"]], "t", "e", **given)
        without = CoxPHFitter().fit(data[main], "t", "e", **given)
    b, se = full.params_["product"], full.standard_errors_["product"]
    low, high = np.exp(b - 1.959964 * se), np.exp(b + 1.959964 * se)
    p = chi2.sf(2 * (full.log_likelihood_ - without.log_likelihood_), 1)
    return float(np.exp(b)), float(low), float(high), float(p)


def test_ratios_of_hazard_ratios_are_those_of_lifelines(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    table = two_arms(frame)
    shown = believe(study(table, randomised=True), markers=MARKERS).tables["interactions"]
    for row in shown.filter(pl.col("endpoint") == "os").iter_rows(named=True):
        expected = oracle(table, row["marker"])
        told = (row["ratio_of_ratios"], row["low"], row["high"], row["p"])
        assert told == pytest.approx(expected, rel=2e-5)
    assert shown.filter(pl.col("endpoint") == "os").height == 3


def test_ratios_of_odds_ratios_are_those_of_a_direct_call(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    table = two_arms(frame)
    shown = believe(study(table, randomised=True), markers=MARKERS).tables["interactions"]
    treated = (table["treatment_class"] == "PD1").to_numpy()
    rows = shown.filter(pl.col("endpoint") == "response")
    assert rows.height == 3
    for row in rows.iter_rows(named=True):
        x = table[row["marker"]].cast(pl.Float64).to_numpy()
        direct = treatment_by_marker_response(table["responder"].to_numpy(), treated, x)
        assert row["ratio_of_ratios"] == pytest.approx(direct.ratio.value, rel=1e-9)
        assert row["p"] == pytest.approx(direct.likelihood_ratio.p, rel=1e-9)


def test_p_is_corrected_by_holm_over_markers_and_endpoints_of_the_comparison(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    from statsmodels.stats.multitest import multipletests

    both = study(
        two_arms(frame, 1),
        two_arms(frame, 2, name="there"),
        randomised=True,
    )
    shown = believe(both, markers=MARKERS).tables["interactions"]
    assert shown["comparison"].unique().sort().to_list() == ["here", "there"]
    for _, rows in shown.group_by("comparison"):
        assert rows.height == 6
        expected = multipletests(rows["p"], method="holm")[1]
        assert rows["p_adjusted"].to_list() == pytest.approx(expected, rel=1e-9)


def test_cohorts_with_two_arms_are_compared_within_and_others_left_out(
    frame: Frames, study: Studies, people: People
) -> None:
    made = people(study(two_arms(frame), frame(2, name="treated only"), randomised=True))
    (only,) = contrasts(made)
    assert (only.name, only.randomised, only.strata) == ("here", True, None)
    assert only.rows.sum() == 300


def test_cohorts_of_one_arm_each_are_compared_with_each_other_and_stratified(
    frame: Frames, study: Studies, people: People, believe: Believe
) -> None:
    """The treatment itself cannot be told from the cohort; its change with the marker can."""
    table = study(
        frame(1, 200, name="treated", treatment_class=["PD1"] * 200),
        frame(2, 200, name="untreated", treatment_class=["control"] * 200),
        randomised=True,
    )
    (only,) = contrasts(people(table))
    assert (only.name, only.randomised) == ("treated against untreated", False)
    answer = believe(table, markers=("albumin_g_dl",))
    row = answer.tables["interactions"].row(by_predicate=pl.col("endpoint") == "os", named=True)
    told = (row["ratio_of_ratios"], row["low"], row["high"], row["p"])
    assert told == pytest.approx(oracle(table.patients, "albumin_g_dl", ["cohort"]), rel=2e-5)
    assert not row["randomised"]
    assert any("was not randomised" in caveat for caveat in answer.caveats)
    assert answer.tables["interactions"].height == 1  # no odds ratios between cohorts


def test_arms_that_nobody_randomised_are_stratified_by_cancer_type(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    table = two_arms(frame, cancer_type=["NSCLC", "Melanoma", "Renal"] * 100)
    row = believe(study(table), markers=("albumin_g_dl",)).tables["interactions"].row(0, named=True)
    told = (row["ratio_of_ratios"], row["low"], row["high"], row["p"])
    assert told == pytest.approx(oracle(table, "albumin_g_dl", ["cancer_type"]), rel=2e-5)


def test_treated_and_control_exchanged_invert_the_ratio(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    table = two_arms(frame)
    other = table.with_columns(pl.col("treatment_class").replace({"PD1": "control", "control": "PD1"}))
    one, two = (
        believe(study(t, randomised=True), markers=MARKERS).tables["interactions"] for t in (table, other)
    )
    np.testing.assert_allclose(one["ratio_of_ratios"], 1 / two["ratio_of_ratios"], rtol=1e-6)
    np.testing.assert_allclose(one["low"], 1 / two["high"], rtol=1e-5)
    np.testing.assert_allclose(one["p"], two["p"], rtol=1e-5)


def test_without_a_control_it_cannot_be_told(frame: Frames, study: Studies, believe: Believe) -> None:
    answer = believe(study(frame()), markers=("albumin_g_dl",))
    assert "interactions" not in answer.tables
    assert any(
        told.startswith("Prognostic or predictive: without a control arm") for told in answer.cannot_tell
    )
    assert dict(answer.cards[0].lines)["Treatment"] == (
        "Prognostic or predictive cannot be told without a control arm."
    )


@pytest.mark.parametrize(("events", "made"), [(20, True), (19, False)])
def test_twenty_events_in_each_arm_are_needed(
    frame: Frames, study: Studies, believe: Believe, events: int, made: bool
) -> None:
    row = pl.int_range(pl.len())
    # even rows are treated: all but `events` of the controls are censored
    table = (
        two_arms(frame, 3, 120).with_columns(os_event=(row % 2 == 0) | (row < 2 * events)).drop("responder")
    )
    answer = believe(study(table, randomised=True), markers=("albumin_g_dl",))
    assert ("interactions" in answer.tables) == made
    assert any("no endpoint has 20 events" in told for told in answer.cannot_tell) != made


def test_survival_of_the_dead_is_no_side_of_a_comparison(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    dead = frame(3, 100, name="dead", treatment_class=["PD1"] * 100).with_columns(
        os_months=pl.when(pl.col("os_event")).then(pl.col("os_months"))
    )
    treated = frame(1, 100, name="treated", treatment_class=["PD1"] * 100)
    control = frame(2, 100, name="control", treatment_class=["control"] * 100)
    answer = believe(study(dead, treated, control), markers=("albumin_g_dl",))
    assert answer.tables["interactions"]["n"].to_list() == [200]
    assert set(answer.tables["interactions_not_randomised"]["n"]) == {200}


def test_a_patient_who_stands_in_two_cohorts_is_compared_once(
    frame: Frames, study: Studies, people: People
) -> None:
    first = frame(1, 100, name="first", treatment_class=["PD1"] * 100)
    again = first.head(30).with_columns(
        pl.format("again-{}", "patient_id").alias("patient_id"), cohort=pl.lit("second")
    )
    second = pl.concat([again, frame(3, 70, name="second", treatment_class=["PD1"] * 70)])
    control = frame(2, 100, name="control", treatment_class=["control"] * 100)
    (only,) = contrasts(people(study(first, second, control)))
    assert only.rows.sum() == 100 + 70 + 100


def test_what_could_have_been_found_is_told(frame: Frames, study: Studies, believe: Believe) -> None:
    shown = believe(study(two_arms(frame), randomised=True), markers=MARKERS).tables["interactions"]
    told = shown.filter(pl.col("endpoint") == "os")["power"]
    assert all(text.endswith("could have been found with 80 % power") for text in told)


def test_each_card_tells_the_interactions_of_its_own_marker(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    answer = believe(study(two_arms(frame), randomised=True), markers=MARKERS)
    for name, card in zip(answer.tables["verdicts"]["marker"], answer.cards, strict=True):
        told = [text for term, text in card.lines if term.startswith("by ")]
        rows = answer.tables["interactions"].filter(pl.col("marker") == name)
        assert len(told) == rows.height == 2
        for text, ratio in zip(told, rows["ratio_of_ratios"], strict=True):
            assert f" {ratio:.2f} (" in text
