"""What a marker adds to the clinic: a direct call on the same columns, and a clinical model that is a fair rival."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.biology.factors import factor_matrix
from coley.model.answer import Answer
from coley.model.study import Study
from coley.questions.believe.added_value import Added, added_part, clinical_columns
from coley.questions.believe.cohorts import cohorts
from coley.questions.believe.markers.collect import collect
from coley.questions.believe.settings import BelieveSettings
from coley.stats.judging.added_value import added_value, added_value_survival

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]

SPLIT = {"folds": 5, "repeats": 2, "seed": 3}


def added(study: Study, *names: str, endpoint: str = "response", **settings: object) -> tuple[Added, ...]:
    chosen = BelieveSettings(markers=names, **{**SPLIT, **settings})
    who = cohorts(study, chosen)
    return added_part(who, collect(who, chosen)[0].markers, endpoint, chosen)[1]


def aged(frame: Frames, seed: int = 1, n: int = 200, **effects: float) -> pl.DataFrame:
    age = np.random.default_rng(100 + seed).normal(62, 9, n)
    return frame(seed, n, age_years=age, **effects)


@pytest.mark.parametrize("endpoint", ["response", "os"])
def test_the_gain_is_that_of_a_direct_call(frame: Frames, study: Studies, endpoint: str) -> None:
    table = aged(frame)
    (one,) = added(study(table), "albumin_g_dl", endpoint=endpoint, clinical=("age_years",))
    X = factor_matrix(table, ("age_years",)).matrix
    x = table["albumin_g_dl"].to_numpy()
    options = {**SPLIT, "level": 0.95}
    if endpoint == "response":
        direct = added_value(table["responder"].to_numpy(), X, x, **options)
    else:
        time, event = table["os_months"].to_numpy(), table["os_event"].to_numpy()
        direct = added_value_survival(time, event, X, marker=x, **options)
    change = direct.discrimination.change
    assert (one.gain, one.low, one.high) == pytest.approx((change.value, change.low, change.high), rel=1e-9)
    assert one.p == pytest.approx(direct.likelihood_ratio.p, rel=1e-9)
    assert (one.n, one.measure) == (200, "AUC" if endpoint == "response" else "C")


def test_a_marker_is_not_compared_with_a_model_that_holds_it(frame: Frames, study: Studies) -> None:
    assert not added(study(aged(frame)), "albumin_g_dl", clinical=("albumin_g_dl",))
    (alone,) = added(study(aged(frame)), "albumin_g_dl", clinical=("age_years",))
    (both,) = added(study(aged(frame)), "albumin_g_dl", clinical=("albumin_g_dl", "age_years"))
    assert both == alone


def test_the_clinical_model_holds_no_marker_of_the_tumour(frame: Frames, study: Studies) -> None:
    table = aged(frame).with_columns(
        tmb_per_mb=pl.lit(1.0), pdl1_tps=pl.lit(1.0), msi=pl.lit(value=True), ecog=pl.lit(1)
    )
    settings = BelieveSettings()
    told = clinical_columns(cohorts(study(table), settings), settings)
    assert set(told) == {"age_years", "ecog", "albumin_g_dl", "platelets"}


def test_ten_outcomes_are_spent_on_each_column(frame: Frames, study: Studies, believe: Believe) -> None:
    rng = np.random.default_rng(7)
    many = {
        name: rng.normal(3, 1, 120) for name in ("age_years", "nlr", "ldh_uln", "sld_mm", "haemoglobin_g_dl")
    }
    table = frame(1, 120, **{k: np.abs(v) for k, v in many.items()})
    events = min(table["responder"].sum(), 120 - table["responder"].sum())
    answer = believe(study(table), markers=("hla_loh",))
    used = answer.tables["added_value"]["clinical_model"].item().split(", ")
    assert len(used) == events // 10 - 1


def test_a_useful_marker_adds_and_an_idle_one_seldom_seems_to(frame: Frames, study: Studies) -> None:
    """25 cohorts; a likelihood-ratio test at 5 % errs in more than 5 with a probability of 0.001."""
    useful = idle = gained = 0
    for seed in range(25):
        told = {
            a.marker: a
            for a in added(
                study(aged(frame, seed, on_response=1.2)), "albumin_g_dl", "hla_loh", clinical=("age_years",)
            )
        }
        useful += told["albumin_g_dl"].p < 0.05
        idle += told["hla_loh"].p < 0.05
        gained += told["albumin_g_dl"].gain > told["hla_loh"].gain
    assert useful >= 24
    assert idle <= 5
    assert gained >= 24


@pytest.mark.parametrize(("responders", "made"), [(20, True), (19, False)])
def test_twenty_of_either_outcome_are_needed(
    frame: Frames, study: Studies, responders: int, made: bool
) -> None:
    table = aged(frame).with_columns(responder=pl.int_range(pl.len()) < responders)
    assert bool(added(study(table), "albumin_g_dl", clinical=("age_years",))) == made


def test_what_cannot_be_compared_is_said(frame: Frames, study: Studies, believe: Believe) -> None:
    answer = believe(study(frame(1, 60).drop("platelets", "hla_loh")), markers=("albumin_g_dl",))
    assert any(told.startswith("What a marker adds to the clinic") for told in answer.cannot_tell)
    assert dict(answer.cards[0].lines)["Clinic"].startswith("Not compared with a clinical model")


def test_a_marker_known_in_a_part_of_the_patients_is_not_compared(frame: Frames, study: Studies) -> None:
    row = pl.int_range(pl.len())
    for least, made in ((40, True), (41, False)):  # of 200, four fifths must be known
        table = aged(frame).with_columns(albumin_g_dl=pl.when(row >= least).then(pl.col("albumin_g_dl")))
        assert bool(added(study(table), "albumin_g_dl", clinical=("age_years",))) == made


def test_the_cohort_a_model_was_made_from_is_not_compared(frame: Frames, study: Studies) -> None:
    rng = np.random.default_rng(9)
    made, elsewhere = (
        frame(
            seed,
            150,
            name=name,
            tmb_per_mb=rng.lognormal(1.8, 1, 150),
            prior_systemic=rng.random(150) < 0.5,
            nlr=rng.lognormal(1.2, 0.6, 150),
            age_years=rng.normal(63, 9, 150),
            cancer_type=["NSCLC"] * 150,
        )
        for seed, name in ((1, "Chowell_train"), (2, "elsewhere"))
    )
    told = added(study(made, elsewhere), "loris", "hla_loh", clinical=("platelets",))
    assert [(a.marker, a.cohort) for a in told] == [
        ("hla_loh", "Chowell_train"), ("loris", "elsewhere"), ("hla_loh", "elsewhere"),
    ]  # fmt: skip
