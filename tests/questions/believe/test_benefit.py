"""What an interaction is worth: direct calls, several trials side by side, and adjustment without randomisation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import Study
from coley.stats.interaction.absolute import absolute_interaction

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]


def two_arms(frame: Frames, seed: int = 1, name: str = "here", n: int = 300) -> pl.DataFrame:
    return frame(seed, n, name=name, treatment_class=["PD1", "control"] * (n // 2))


def test_survival_gained_in_two_classes_is_that_of_a_direct_call(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    table = two_arms(frame)
    answer = believe(study(table, randomised=True), markers=("hla_loh",), horizon_months=9.0)
    found = absolute_interaction(
        table["os_months"].to_numpy(),
        table["os_event"].to_numpy(),
        (table["treatment_class"] == "PD1").to_numpy(),
        positive=table["hla_loh"].to_numpy(),
        at=9.0,
        measure="milestone",
    )
    told = {e.group: e for e in answer.estimates if e.name == "gain_in_survival_at_9_months"}
    yes = next(e for group, e in told.items() if group.endswith(": yes, here"))
    no = next(e for group, e in told.items() if group.endswith(": no, here"))
    assert (yes.value, yes.low, yes.high) == pytest.approx(
        (found.positive.value, found.positive.low, found.positive.high), rel=1e-9
    )
    difference = answer.estimate("difference_of_gain_in_survival_at_9_months")
    assert yes.value is not None
    assert no.value is not None
    assert difference.value == pytest.approx(yes.value - no.value, rel=1e-9)
    assert difference.p == pytest.approx(found.p, rel=1e-9)


def test_each_of_two_trials_has_its_own_curves(frame: Frames, study: Studies, believe: Believe) -> None:
    one, two = two_arms(frame, 1, "first"), two_arms(frame, 2, "second")
    both = believe(study(one, two, randomised=True), markers=("albumin_g_dl",))
    alone = [believe(study(t, randomised=True), markers=("albumin_g_dl",)) for t in (one, two)]
    for table in ("benefit_albumin_g_dl", "predictiveness_albumin_g_dl"):
        drawn = [f.table for f in both.figures if f.table.startswith(table)]
        assert len(drawn) == 2
        for name, answer in zip(drawn, alone, strict=True):
            assert both.tables[name].equals(answer.tables[table])


def test_without_randomisation_every_way_of_adjusting_is_shown_for_every_comparison(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    one, two = (
        two_arms(frame, seed, name).with_columns(
            age_years=pl.Series(np.random.default_rng(100 + seed).normal(60, 9, 300)),
            cancer_type=pl.Series(["NSCLC", "Renal", "Melanoma"] * 100),
        )
        for seed, name in ((1, "first"), (2, "second"))
    )
    answer = believe(study(one, two), markers=("albumin_g_dl",))
    table = answer.tables["interactions_not_randomised"]
    assert table["comparison"].unique(maintain_order=True).to_list() == ["first", "second"]
    alone = believe(study(one), markers=("albumin_g_dl",)).tables["interactions_not_randomised"]
    assert table.filter(pl.col("comparison") == "first").equals(alone)
    assert alone["how"].to_list() == [
        "stratified by cancer type and treatment",
        "stratified by cancer type and cohort",
        "adjusted",
        "weighted",
    ]
    assert alone["ratio_of_hazard_ratios"].is_between(0.3, 3).all()


def test_no_curve_is_drawn_without_randomisation(frame: Frames, study: Studies, believe: Believe) -> None:
    answer = believe(study(two_arms(frame)), markers=("albumin_g_dl",))
    assert not [f for f in answer.figures if f.table.startswith(("benefit", "predictiveness"))]
