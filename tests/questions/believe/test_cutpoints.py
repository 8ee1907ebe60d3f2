"""Cut-points: published ones where they lie, and best ones that pay for the search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import Study
from coley.stats.cutpoint.best import best_cutpoint
from coley.stats.cutpoint.fixed import fixed_cutpoint
from coley.stats.cutpoint.outcomes import Response, Survival

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]


@pytest.fixture
def burdened(frame: Frames) -> pl.DataFrame:
    """A cohort whose burden lies at the published cut-point of ten in some, just below and above it in others."""
    tmb = np.tile([2.0, 5.0, 9.99, 10.0, 14.0, 30.0], 20)
    return frame(1, 120, tmb_per_mb=tmb)


def rows(answer: Answer, kind: str) -> pl.DataFrame:
    return answer.tables["cutpoints"].filter(pl.col("kind") == kind)


def test_a_published_cut_point_counts_those_at_or_above_it(
    burdened: pl.DataFrame, study: Studies, believe: Believe
) -> None:
    told = rows(believe(study(burdened), markers=("tmb_per_mb",)), "published").row(0, named=True)
    assert (told["n"], told["n_high"]) == (120, 60)
    assert told["events_high"] == burdened.filter(pl.col("tmb_per_mb") >= 10)["responder"].sum()
    assert told["cut"] == "10 mutations per Mb"
    assert "KEYNOTE-158" in told["source"]


@pytest.mark.parametrize("endpoint", ["response", "os"])
def test_effects_are_those_of_direct_calls(
    burdened: pl.DataFrame, study: Studies, believe: Believe, endpoint: str
) -> None:
    answer = believe(study(burdened), markers=("albumin_g_dl",), endpoint=endpoint, seed=4)
    x = burdened["albumin_g_dl"].to_numpy()
    outcome: Response | Survival = Response(burdened["responder"].to_numpy())
    if endpoint == "os":
        outcome = Survival(burdened["os_months"].to_numpy(), burdened["os_event"].to_numpy())
    best = best_cutpoint(x, outcome, samples=99, bootstraps=20, seed=4)
    fixed = fixed_cutpoint(x, outcome, 3.5)
    for kind, effect, p in (
        ("best of these data, corrected", best.shrunken, best.p),
        ("published", fixed.effect, fixed.p),
    ):
        told = rows(answer, kind).row(0, named=True)
        assert told["p"] == pytest.approx(p, rel=1e-9)
        shown = [
            np.log(v) if fixed.effect_name.startswith("log ") else v for v in (told["value"], told["low"])
        ]
        assert shown == pytest.approx([effect.value, effect.low], rel=1e-9)


def test_the_best_cut_is_drawn_towards_no_effect(
    burdened: pl.DataFrame, study: Studies, believe: Believe
) -> None:
    answer = believe(study(burdened), markers=("albumin_g_dl", "platelets"), endpoint="os", bootstraps=100)
    told = rows(answer, "best of these data, corrected")
    shrunken, naive = told["value"].log().abs(), told["naive_effect"].log().abs()
    assert (shrunken < naive).all()


def test_few_patients_flags_and_scores_of_expression_are_not_searched(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    assert "cutpoints" not in believe(study(frame(1, 49)), markers=("albumin_g_dl",)).tables
    assert "cutpoints" in believe(study(frame(1, 50)), markers=("albumin_g_dl",)).tables
    assert "cutpoints" not in believe(study(frame(1, 120)), markers=("hla_loh",)).tables
    table = frame(1, 120)
    scored = study(table).with_table(
        "scores", pl.DataFrame({"sample_id": table["patient_id"], "mine": table["albumin_g_dl"]})
    )
    assert "cutpoints" not in believe(scored, markers=("mine",)).tables


def test_the_figure_is_of_the_largest_cohort_and_marks_the_cut(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    small, large = frame(1, 60, name="small"), frame(2, 120, name="large")
    for both in ((small, large), (large, small)):
        answer = believe(study(*both), markers=("albumin_g_dl",))
        (figure,) = (f for f in answer.figures if f.kind == "cutpoint")
        assert figure.title.endswith(", large")
        told = rows(answer, "best of these data, corrected").filter(pl.col("cohort") == "large")
        assert told["cut"].item() == f"{figure.options['chosen']:.4g} g/dL"
        profile = answer.tables[figure.table]
        assert profile.sort("value")["x"][-1] == pytest.approx(figure.options["chosen"], abs=0.02)
