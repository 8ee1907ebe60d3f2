"""Published formulas as markers: as published, and no evidence where they were made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.biology.published import apply
from coley.model.answer import Answer
from coley.model.study import Study
from coley.questions.believe.across import Across
from coley.questions.believe.associations import Association
from coley.questions.believe.markers.marker import Found

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Finder = Callable[..., Found]
Judged = Callable[..., tuple[tuple[Association, ...], tuple[Across, ...]]]


def clinic(frame: Frames, seed: int, name: str) -> pl.DataFrame:
    """A cohort with the inputs of LORIS."""
    rng = np.random.default_rng(seed)
    return frame(
        seed,
        80,
        name=name,
        tmb_per_mb=rng.lognormal(1.8, 1, 80),
        prior_systemic=rng.random(80) < 0.5,
        nlr=rng.lognormal(1.2, 0.6, 80),
        age_years=rng.normal(63, 9, 80),
        cancer_type=rng.choice(["NSCLC", "Melanoma"], 80),
    )


def test_a_published_score_is_applied_as_published(frame: Frames, study: Studies, found: Finder) -> None:
    made = study(clinic(frame, 1, "one"))
    loris = next(m for m in found(made).markers if m.name == "loris")
    expected = apply("loris", made.patients).table["value"].to_numpy()
    np.testing.assert_array_equal(loris.values, expected)
    assert (loris.kind, loris.direction) == ("model", 1)
    assert set(loris.from_clinic) >= {"tmb_per_mb", "albumin_g_dl", "nlr"}


def test_the_cohort_it_was_made_from_is_no_evidence(frame: Frames, study: Studies, judged: Judged) -> None:
    names = ("Chowell_train", "elsewhere", "further")
    cohorts = [clinic(frame, seed, name) for seed, name in enumerate(names)]
    each, pooled = judged(study(*cohorts), ["loris", "albumin_g_dl"])
    assert {a.cohort: a.in_sample for a in each if a.marker == "loris"} == {
        "Chowell_train": True, "elsewhere": False, "further": False,
    }  # fmt: skip
    k = {(one.marker, one.endpoint): one.k for one in pooled}
    assert k["loris", "response"] == 2
    assert k["albumin_g_dl", "response"] == 3
    without = judged(study(*cohorts[1:]), ["loris", "albumin_g_dl"])[1]
    assert next(one.limits for one in pooled if one.marker == "loris") == pytest.approx(
        next(one.limits for one in without if one.marker == "loris"), rel=1e-12
    )


def test_the_cohort_it_was_made_from_is_no_side_of_a_comparison(
    frame: Frames, study: Studies, believe: Callable[..., Answer]
) -> None:
    arms = {"Chowell_train": "PD1", "elsewhere": "PD1", "untreated": "control"}
    cohorts = [
        clinic(frame, seed, name).with_columns(treatment_class=pl.lit(arm))
        for seed, (name, arm) in enumerate(arms.items())
    ]
    table = believe(study(*cohorts), markers=("loris", "platelets")).tables["interactions"]
    n = dict(table.filter(pl.col("endpoint") == "os").select("marker", "n").iter_rows())
    assert n == {"loris": 160, "platelets": 240}


def test_judged_in_its_training_set_alone_it_cannot_be_judged(
    frame: Frames, study: Studies, believe: Callable[..., Answer]
) -> None:
    answer = believe(study(clinic(frame, 1, "Chowell_train")), markers=("loris",))
    card = answer.cards[0]
    assert (card.mark, card.lead) == (
        "–",
        "LORIS (pan-cancer) cannot be judged here: it was made from Chowell_train.",
    )


def test_an_input_that_lacks_is_named_where_the_model_was_asked_for(
    frame: Frames, study: Studies, found: Finder
) -> None:
    table = study(clinic(frame, 1, "one").drop("nlr"))
    assert "nlr" in dict(found(table, "loris").refused)["loris"]
    assert "loris" not in dict(found(table).refused)  # nobody asked: not every study is a clinic
    empty = study(clinic(frame, 1, "one").with_columns(nlr=pl.lit(None, dtype=pl.Float64)))
    assert dict(found(empty).refused)["loris"] == "no patient has all of its inputs"


def test_a_patient_with_an_input_missing_has_no_score(frame: Frames, study: Studies, found: Finder) -> None:
    table = clinic(frame, 1, "one").with_columns(nlr=pl.when(pl.int_range(pl.len()) >= 7).then(pl.col("nlr")))
    made = found(study(table), "loris")
    assert made.markers[0].known.tolist() == [False] * 7 + [True] * 73
    assert any("7 of 80 patients have no LORIS" in check.message for check in made.checks)


def test_a_cancer_type_without_a_term_adds_nothing_and_is_named(
    frame: Frames, study: Studies, found: Finder
) -> None:
    table = clinic(frame, 1, "one").with_columns(cancer_type=pl.lit("Unknown primary"))
    made = found(study(table), "loris")
    assert made.markers[0].known.all()
    assert any("no term for Unknown primary: zero was added" in check.message for check in made.checks)
    missing = found(study(table.with_columns(cancer_type=pl.lit(None, dtype=pl.String))), "loris")
    assert not missing.markers  # a type that nobody recorded is no type without a term
