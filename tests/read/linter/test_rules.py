"""What each rule says, and where it keeps silent."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Check
from coley.model.study import Study
from coley.read.linter import RULES, lint
from coley.read.linter.repeats import corrected_claim, corrected_p


def study_of(patients: pl.DataFrame, **tables: pl.DataFrame) -> Study:
    truth = patients.drop([c for c in ("_score", "_p", "_y") if c in patients.columns])
    return Study("simulated", {"patients": truth, **tables})


def only(found: list[Check], name: str) -> Check:
    assert [check.name for check in found] == [name]
    return found[0]


def findings(predictions: pl.DataFrame, study: Study, **others: object) -> list[Check]:
    return [check for check in lint(predictions, study, **others) if check.level != "pass"]


def scores_of(patients: pl.DataFrame) -> pl.DataFrame:
    return patients.select("patient_id", pl.col("_score").alias("score"))


# Rows


def test_every_finding_has_cause_remedy_and_place(plants) -> None:
    seen = set()
    for plant in plants.values():
        for check in plant.draw(120, 3).findings:
            seen.add(check.name)
            assert check.remedy
            assert check.cause
            assert check.where is not None
            assert check.message.endswith(".")
    assert len(seen) >= 22


def test_every_rule_that_applies_and_finds_nothing_passes(honest) -> None:
    given = honest(100, 1, shape="plain")
    checks = lint(given.predictions, study_of(given.patients))
    assert {check.level for check in checks} == {"pass"}
    assert {check.name for check in checks} <= set(RULES)


def test_the_tide_fault_names_lines_and_order(plants, tmp_path) -> None:
    from coley.read.linter import read_predictions

    given = plants["tide"].draw(40, 2)
    given.predictions.write_csv(tmp_path / "tide.csv")
    check = only(
        findings(read_predictions(tmp_path / "tide.csv"), study_of(given.patients)), "monotone_in_row_order"
    )
    assert check.level == "fail"
    assert "score falls without exception along the order of the study" in check.message
    assert (check.where.file, check.where.lines[:2], check.where.column) == ("tide.csv", (2, 3), "score")


def test_each_cohort_sorted_by_itself(simulate) -> None:
    parts = [simulate(40, k).with_columns(pl.lit(f"c{k}").alias("cohort")) for k in range(4)]
    patients = pl.concat(parts)
    wrong = pl.concat(p.select("patient_id", p["_score"].sort(descending=True).alias("score")) for p in parts)
    check = only(findings(wrong, study_of(patients)), "monotone_in_row_order")
    assert "within each cohort and outcome" in check.message


def test_the_order_of_the_expression_is_an_order(simulate) -> None:
    patients = simulate(60, 5)
    columns = np.random.default_rng(2).permutation(patients["patient_id"].to_numpy()).tolist()
    expression = pl.DataFrame({"gene": ["A"], **{c: [1.0] for c in columns}})
    wrong = pl.DataFrame({"patient_id": columns, "score": np.sort(patients["_score"].to_numpy())})
    assert findings(wrong, study_of(patients)) == []  # might have been sorted with its ids
    check = only(findings(wrong, study_of(patients, expression=expression)), "monotone_in_row_order")
    assert "the columns of the expression" in check.message


def test_nearly_sorted_is_sorted(simulate) -> None:
    patients = simulate(100, 6)
    score = np.sort(patients["_score"].to_numpy())
    score[[10, 20, 70, 80]] = score[[20, 10, 80, 70]]
    check = only(
        findings(patients.select("patient_id", pl.Series("score", score)), study_of(patients)),
        "monotone_in_row_order",
    )
    assert "rank correlation 0.9" in check.message


def test_a_study_sorted_by_the_score_itself_is_no_failure(simulate) -> None:
    patients = simulate(120, 7).sort("tmb_per_mb")
    tmb = patients.select("patient_id", pl.col("tmb_per_mb").alias("score"))
    assert findings(tmb, study_of(patients)) == []
    made = (
        simulate(120, 8, auc=0.9)
        .sort("_score")
        .with_columns((4 + 0.3 * pl.col("_score")).round(2).alias("albumin_g_dl"))
    )
    assert [c.level for c in findings(scores_of(made), study_of(made))] == ["warn"]


def test_a_study_sorted_by_outcome_is_named(simulate) -> None:
    patients = simulate(80, 9, auc=0.8).sort("_y", "patient_id")
    check = only(findings(scores_of(patients), study_of(patients)), "sorted_outcomes")
    assert check.level == "warn"
    shuffled = scores_of(patients).sample(fraction=1, shuffle=True, seed=1)
    assert findings(shuffled, study_of(patients)) == []


def test_a_shift_in_one_cohort_of_three(simulate) -> None:
    parts = [simulate(60, 20 + k).with_columns(pl.lit(f"c{k}").alias("cohort")) for k in range(3)]
    rolled = pl.concat(
        p.select("patient_id", pl.Series("score", np.roll(p["_score"].to_numpy(), k == 1)))
        for k, p in enumerate(parts)
    )
    found = findings(rolled, study_of(pl.concat(parts)))
    check = only(found, "misaligned_rows")
    assert "score in c1" in check.message
    assert "1 row" in check.message


def test_sorted_ids_against_ids_sorted_by_number(simulate) -> None:
    patients = simulate(60, 11).with_columns(pl.format("P{}", pl.int_range(1, 61)).alias("patient_id"))
    wrong = patients.select("patient_id", patients.sort("patient_id")["_score"].alias("score"))
    check = only(findings(wrong, study_of(patients)), "misaligned_rows")
    assert "sorted ids" in check.message


def test_labels_that_are_opposite(simulate) -> None:
    patients = simulate(60, 12)
    frame = scores_of(patients).with_columns((~patients["_y"]).alias("response"))
    check = only(findings(frame, study_of(patients)), "labels_disagree")
    assert (
        check.message
        == "60 of 60 labels in response are not those of the study; every label is the opposite of the study's."
    )


def test_a_label_or_two_that_were_read_again_are_a_warning(simulate) -> None:
    patients = simulate(60, 13)
    label = patients["_y"].to_numpy().copy()
    label[5] = not label[5]
    check = only(
        findings(scores_of(patients).with_columns(pl.Series("label", label)), study_of(patients)),
        "labels_disagree",
    )
    assert (check.level, check.where.lines) == ("warn", (6,))


# Who was predicted


def test_ids_spelt_otherwise_are_joined_and_told(simulate) -> None:
    patients = simulate(50, 14)
    frame = scores_of(patients).with_columns(pl.col("patient_id").str.to_lowercase().str.replace("k", "k-"))
    check = only(findings(frame, study_of(patients)), "ids")
    assert check.level == "warn"


def test_ids_that_count_rows(plants) -> None:
    check = only(plants["foreign_ids"].draw(60, 1).findings, "ids")
    assert check.level == "fail"
    assert "count the rows" in check.message


def test_patients_that_share_a_number_are_told_apart_by_cohort(simulate) -> None:
    parts = [
        simulate(50, 30 + k).with_columns(
            pl.int_range(50).cast(pl.String).alias("patient_id"), pl.lit(c).alias("cohort")
        )
        for k, c in enumerate("ab")
    ]
    patients = pl.concat(parts)
    frame = patients.select("patient_id", "cohort", pl.col("_score").alias("score")).sample(
        fraction=1, shuffle=True, seed=2
    )
    assert findings(frame, study_of(patients)) == []


def test_a_claim_that_counts_rows(simulate) -> None:
    patients = simulate(60, 15)
    frame = pl.concat(scores_of(patients).with_columns(pl.lit(r).alias("repeat")) for r in range(10))
    claims = [{"test": "chi2", "p": 1e-9, "n": 600}]
    check = only(findings(frame, study_of(patients), protocol={"claims": claims}), "repeated_patients")
    assert "n = 600" in check.message


# Steps, features, cuts


@pytest.mark.parametrize(
    ("steps", "culprits"),
    [
        (["split", "scale", "select", "fit", "cut", "test"], []),
        (["scale", "split", "fit", "test"], ["scale"]),
        (["split", {"step": "SMOTE", "on": "all"}, "fit"], ["SMOTE"]),
        (["feature selection", "ComBat", "cross-validation", "fit"], ["feature selection", "ComBat"]),
        ([{"step": "scale", "on": "train"}, "split", "fit"], []),
    ],
)
def test_steps_that_learnt_from_the_test_patients(honest, steps, culprits) -> None:
    given = honest(60, 1, shape="plain")
    found = findings(given.predictions, study_of(given.patients), protocol={"steps": steps})
    assert [check.where.values[0] for check in found] == culprits


def test_features_scaled_by_training_are_honest_and_each_part_by_itself_is_not(simulate) -> None:
    patients = simulate(100, 16)
    split = pl.Series("split", ["train"] * 70 + ["test"] * 30)
    raw = patients.select("patient_id", "tmb_per_mb", "nlr")
    frame = scores_of(patients).with_columns(split)
    scaled = raw.with_columns(
        (pl.col(c) - pl.col(c).head(70).mean()) / pl.col(c).head(70).std() for c in raw.columns[1:]
    )
    assert findings(frame, study_of(patients), features=scaled) == []
    apart = raw.with_columns(
        ((pl.col(c) - pl.col(c).mean().over(split)) / pl.col(c).std().over(split)) for c in raw.columns[1:]
    )
    check = only(findings(frame, study_of(patients), features=apart), "scaled_before_split")
    assert check.level == "warn"
    assert "each by itself" in check.message


def test_selection_in_training_is_honest(simulate, select) -> None:
    for seed in range(8):
        given = select(simulate(100, seed), np.random.default_rng(seed), share=0.7)
        assert given.findings == []


def test_features_known_only_later(simulate) -> None:
    patients = simulate(60, 17)
    features = patients.select("patient_id", "nlr", pl.col("os_months").alias("Time on treatment"))
    found = {c.name: c for c in findings(scores_of(patients), study_of(patients), features=features)}
    assert set(found) == {"post_baseline", "mirrors_outcome"}
    assert "treated longer" in found["post_baseline"].cause


def best_cut(patients: pl.DataFrame) -> float:
    cuts = np.sort(patients["_score"].to_numpy())[1:]
    y, score = patients["_y"].to_numpy(), patients["_score"].to_numpy()
    return float(max(cuts, key=lambda c: (score[y] >= c).mean() - (score[~y] >= c).mean()))


def test_a_cut_that_was_chosen_on_the_same_rows(simulate) -> None:
    patients = simulate(100, 18, auc=0.5)
    protocol = {"cut": {"value": 0.5, "chosen_on": "same rows"}}
    check = only(findings(scores_of(patients), study_of(patients), protocol=protocol), "optimal_cut")
    assert (check.level, "corrected" in check.message) == ("fail", True)


def test_a_cut_of_the_training_patients_is_honest(simulate) -> None:
    patients = simulate(200, 19, auc=0.8)
    split = pl.Series("split", ["train"] * 140 + ["test"] * 60)
    cut = best_cut(patients.head(140))
    frame = scores_of(patients).with_columns(split, (pl.col("score") >= cut).cast(int).alias("call"))
    assert findings(frame, study_of(patients), protocol={"steps": ["split"], "cut": cut}) == []
    own = best_cut(patients.tail(60))
    check = only(
        findings(frame.drop("call"), study_of(patients), protocol={"steps": ["split"], "cut": own}),
        "optimal_cut",
    )
    assert check.level == "fail"


def test_the_best_log_rank_cut_is_known_too(simulate) -> None:
    from coley.stats.survival.log_rank import log_rank

    patients = simulate(80, 21, auc=0.6)
    score, time, event = (patients[c].to_numpy() for c in ("_score", "os_months", "os_event"))
    cuts = np.sort(score)[8:-8]
    cut = float(max(cuts, key=lambda c: log_rank(time, event, score >= c).statistic))
    found = findings(scores_of(patients), study_of(patients), protocol={"cut": cut})
    assert "log-rank statistic of OS" in only(found, "optimal_cut").message


def test_the_corrected_p_of_a_useless_score_is_uniform(simulate) -> None:
    """Naive p of the best cut: false in far more than 5 %; corrected: in about 5 %."""
    from coley.read.linter.cuts import _of

    naive, corrected = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        best = _of(
            rng.normal(size=80), (rng.random(80) < 0.3).astype(float), "the largest log-rank statistic of OS"
        )
        naive.append(best.p)
        corrected.append(best.corrected)
    assert np.mean(np.array(naive) < 0.05) > 0.25
    assert np.mean(np.array(corrected) < 0.05) == pytest.approx(0.05, abs=0.045)


# Cross-validation


def test_leave_one_out_is_refused_with_its_auc(plants) -> None:
    check = only(plants["leave_one_out"].draw(60, 1).findings, "pooled_leave_one_out")
    assert "one patient in each of 60 folds" in check.message
    assert "0.28 to 0.31" in check.cause


def test_leave_one_out_of_a_useless_feature_is_biased() -> None:
    """The reason for the refusal: a mean in place of a model is exactly wrong, AUC 0."""
    from coley.read.linter.ranks import area

    y = np.random.default_rng(1).random(40) < 0.4
    left = np.array([np.delete(y, i).mean() for i in range(40)])
    assert area(left, y) == 0.0


def test_corrected_t_test_against_the_formula() -> None:
    differences = np.random.default_rng(2).normal(0.02, 0.05, 50)
    naive, corrected = corrected_p(differences, 0.2)
    t = differences.mean() / math.sqrt((1 / 50 + 0.25) * differences.var(ddof=1))
    from scipy.special import stdtr

    assert corrected == pytest.approx(2 * stdtr(49, -abs(t)))
    assert corrected_claim(naive, 50, 0.2) == pytest.approx(corrected)
    assert corrected > naive


def test_the_p_of_netbio_does_not_survive(simulate) -> None:
    patients = simulate(60, 22)
    protocol = {
        "steps": ["split"],
        "claims": [{"test": "paired t-test", "p": 2e-4, "repeats": 100, "test_share": 0.2}],
    }
    check = only(findings(scores_of(patients), study_of(patients), protocol=protocol), "t_test_over_repeats")
    assert check.level == "fail"
    assert "over 100 repeats" in check.message


def test_more_repeats_do_not_make_a_difference_real() -> None:
    rng = np.random.default_rng(3)
    naive, corrected = zip(
        *(corrected_p(rng.normal(0.01, 0.05, j), 0.2) for j in (20, 200, 2000)), strict=True
    )
    assert naive[2] < 1e-8
    assert min(corrected) > 0.2


# Leaks and probabilities


def test_a_good_prognosis_is_no_leak(simulate) -> None:
    for seed in range(5):
        patients = simulate(300, 40 + seed, auc=0.94)
        assert findings(scores_of(patients), study_of(patients)) == []


def test_percentages_are_told_from_linear_predictors(simulate) -> None:
    patients = simulate(60, 23)
    percent = patients.select("patient_id", (100 * pl.col("_p")).alias("prob"))
    assert only(findings(percent, study_of(patients)), "not_probabilities").remedy == "Divide by 100."
    linear = patients.select("patient_id", (5 * pl.col("_score")).alias("prob"))
    assert "calibrate" in only(findings(linear, study_of(patients)), "not_probabilities").remedy


def test_a_score_need_not_be_a_probability(simulate) -> None:
    patients = simulate(200, 24)
    odds = (1 / (1 + (-4 * pl.col("_score") - 2).exp())).alias
    assert findings(patients.select("patient_id", odds("score")), study_of(patients)) == []
    named = findings(patients.select("patient_id", odds("probability")), study_of(patients))
    assert only(named, "miscalibrated").level == "warn"
    said = findings(
        patients.select("patient_id", odds("score")),
        study_of(patients),
        protocol={"probabilities": ["score"]},
    )
    assert only(said, "miscalibrated").level == "warn"


def test_the_order_of_rows_and_columns_changes_nothing(plants) -> None:
    """Faults that do not lie in the order are found alike in any order of the rows."""
    for name in (
        "twin_in_both_parts",
        "labels_disagree",
        "too_sure",
        "folds_of_other_scales",
        "rows_as_patients",
    ):
        if name not in plants:
            continue
        given = plants[name].draw(150, 4)
        shuffled = given.predictions.sample(fraction=1, shuffle=True, seed=5)
        told = [(c.name, c.level) for c in given.findings]
        again = findings(shuffled.select(shuffled.columns[::-1]), study_of(given.patients), **given.others)
        assert told == [(c.name, c.level) for c in again]


def test_a_claim_stands_beside_the_corrected_p(simulate) -> None:
    patients = simulate(100, 31, auc=0.5)
    protocol = {
        "cut": {"value": best_cut(patients), "chosen_on": "all"},
        "claims": [{"test": "chi2", "p": 0.03, "endpoint": "response"}],
    }
    [check] = [
        c
        for c in findings(scores_of(patients), study_of(patients), protocol=protocol)
        if c.name == "optimal_cut"
    ]
    assert "(chi2 claimed with p 0.03)" in check.message
