"""The closer look at a marker: areas, concordance, horizon and functional form as by direct calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import Study
from coley.stats.judging.concordance import uno_c
from coley.stats.judging.functional_form import functional_form_cox
from coley.stats.judging.precision_recall import average_precision
from coley.stats.judging.time_dependent_auc import time_dependent_auc

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]


def told(answer: Answer, quantity: str) -> float:
    return float(answer.tables["marker_detail"].filter(pl.col("quantity") == quantity)["value"].item())


def test_measures_are_those_of_direct_calls(frame: Frames, study: Studies, believe: Believe) -> None:
    table = frame(1, 150)
    answer = believe(study(table), markers=("albumin_g_dl",), horizon_months=9.0)
    x, y = table["albumin_g_dl"].to_numpy(), table["responder"].to_numpy()
    time, event = table["os_months"].to_numpy(), table["os_event"].to_numpy()
    # higher albumin is claimed to protect: the risk is its negative
    assert told(answer, "uno_c") == pytest.approx(uno_c(-x, time, event).interval.value, rel=1e-12)
    at = time_dependent_auc(-x, time, event, at=[9.0])
    assert told(answer, "auc_at_9_months") == pytest.approx(float(at.value[0]), rel=1e-12)
    assert told(answer, "average_precision") == pytest.approx(
        average_precision(x, y).interval.value, rel=1e-12
    )
    os = answer.tables["marker_detail"].filter(
        (pl.col("quantity") == "nonlinearity_p") & (pl.col("endpoint") == "os")
    )
    assert os["value"].item() == pytest.approx(
        functional_form_cox(time, event, x).nonlinearity_test.p, rel=1e-9
    )


def test_a_curve_that_bends_is_seen(frame: Frames, study: Studies, believe: Believe) -> None:
    """Both ends of platelets carry risk: a straight line sees nothing."""
    rng = np.random.default_rng(4)
    x = rng.normal(250, 60, 400)
    death, end = rng.exponential(12 / np.exp(0.8 * ((x - 250) / 60) ** 2)), rng.uniform(6, 40, 400)
    table = frame(1, 400, platelets=x, os_months=np.minimum(death, end), os_event=death <= end).drop(
        "responder"
    )
    answer = believe(study(table), markers=("platelets",))
    assert told(answer, "nonlinearity_p") < 1e-6
    figure = next(f for f in answer.figures if f.table == "form_platelets")
    assert "A straight line fits worse" in figure.caption


def test_a_claim_turned_round_gives_the_other_side_of_one_half(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    """Albumin is claimed to protect and NLR to harm: the same numbers under either name lie about a half."""
    table = frame(1, 150)
    as_nlr = table.rename({"albumin_g_dl": "nlr"})
    one, two = (
        told(believe(study(t), markers=(name,)), "uno_c")
        for t, name in ((table, "albumin_g_dl"), (as_nlr, "nlr"))
    )
    assert one > 0.5 > two
    assert one + two == pytest.approx(1, abs=1e-9)


def test_areas_carry_delongs_interval_and_the_cohort(frame: Frames, study: Studies, believe: Believe) -> None:
    from sklearn.metrics import roc_auc_score

    table = frame(1, 150)
    e = believe(study(table), markers=("albumin_g_dl",)).estimate("auc", endpoint="response")
    assert e.value == pytest.approx(roc_auc_score(table["responder"], table["albumin_g_dl"]), rel=1e-12)
    assert e.group == "Albumin, here"
    assert e.low is not None
    assert e.high is not None
    assert 0 < e.low < e.value < e.high < 1


@pytest.mark.parametrize(("n", "made"), [(40, True), (39, False)])
def test_forty_patients_are_needed(
    frame: Frames, study: Studies, believe: Believe, n: int, made: bool
) -> None:
    assert ("marker_detail" in believe(study(frame(1, n)), markers=("albumin_g_dl",)).tables) == made


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_caption_of_a_curve_says_what_its_test_found(
    frame: Frames, study: Studies, believe: Believe, seed: int
) -> None:
    answer = believe(study(frame(seed, 120).drop("responder")), markers=("platelets",))
    figure = next(f for f in answer.figures if f.table == "form_platelets")
    assert ("A straight line fits worse" in figure.caption) == (told(answer, "nonlinearity_p") < 0.05)


def test_roc_curves_call_responders_by_the_side_that_is_claimed(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    """Albumin is claimed to go with response and NLR with resistance: that curve is of its negative."""
    from sklearn.metrics import roc_auc_score

    table = frame(1, 150).with_columns(nlr=10 - pl.col("albumin_g_dl"))
    answer = believe(study(table), markers=("albumin_g_dl", "nlr", "platelets"))
    curves = answer.tables["roc"]
    area = dict(curves.select("group", "auc").unique().iter_rows())
    y = table["responder"].to_numpy()
    assert area["Albumin"] == pytest.approx(roc_auc_score(y, table["albumin_g_dl"]), rel=1e-9)
    nlr = area["Neutrophil to lymphocyte ratio"]
    assert nlr == pytest.approx(roc_auc_score(y, -table["nlr"].to_numpy()), rel=1e-9)
    own = curves.filter(pl.col("group") == "Neutrophil to lymphocyte ratio")
    assert float(np.trapezoid(own["value"], own["x"])) == pytest.approx(nlr, abs=1e-9)
