"""Interaction in Cox and logistic models: against R, under the null, and with a known ratio."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.interaction.relative import treatment_by_marker, treatment_by_marker_response
from coley.stats.tails import chi2_tail


def fits(v):
    survival = {"marker": v["karno"], "per": 10}
    rows = v["time"], v["status"], v["arm"]
    return {
        "plain": treatment_by_marker(*rows, **survival),
        "adjusted": treatment_by_marker(
            *rows,
            covariates=v.select("age", "prior").to_numpy(),
            names=["age", "prior"],
            strata=v["celltype"],
            **survival,
        ),
        "logistic": treatment_by_marker_response(v["y"], v["arm"], v["karno"], per=10, firth=False),
    }


def test_equals_r(veteran, by_r):
    found = fits(veteran)
    for row in by_r("interaction").iter_rows(named=True):
        if row["case"] not in found:
            continue  # weights: test_adjusted.py
        f = found[row["case"]]
        at = f.effect_at([30, 80])
        values = {
            "ratio": f.ratio.value,
            "low": f.ratio.low,
            "high": f.ratio.high,
            "lr": f.likelihood_ratio.statistic,
            "wald": f.wald.statistic,
            "others": f.others.value,
            "treated": f.treated.value,
            "treated_high": f.treated.high,
            "at30": at.value[0],
            "at30_low": at.low[0],
            "at80": at.value[1],
            "at80_high": at.high[1],
        }
        for name, value in values.items():
            assert value == pytest.approx(row[name], rel=1e-6), f"{name}, {row['case']}"
        assert f.likelihood_ratio.p == pytest.approx(chi2_tail(row["lr"], 1), rel=1e-5)


def test_a_binary_marker_equals_lifelines(trial):
    import pandas as pd
    from lifelines import CoxPHFitter

    time, event, arm, high = trial(300, change=-0.5, classes=True)
    found = treatment_by_marker(time, event, arm, marker=high)
    frame = pd.DataFrame({"t": time, "e": event, "arm": arm, "high": high, "both": arm * high})
    theirs = CoxPHFitter().fit(frame, "t", "e").summary.loc["both"]
    assert found.per == 1
    assert found.ratio.value == pytest.approx(theirs["exp(coef)"], rel=2e-4)
    assert found.ratio.high == pytest.approx(theirs["exp(coef) upper 95%"], rel=2e-4)
    assert found.effect_at(1).value[0] == pytest.approx(found.ratio.value * found.effect_at(0).value[0])


def test_units_origin_and_the_other_arm(trial):
    time, event, arm, x = trial(300, change=0.5)
    found = treatment_by_marker(time, event, arm, marker=x)
    moved = treatment_by_marker(time, event, arm, marker=100 + 7 * x)
    assert moved.ratio.value == pytest.approx(found.ratio.value)
    assert moved.per == pytest.approx(7 * found.per)
    np.testing.assert_allclose(moved.effect_at([93, 107]).low, found.effect_at([-1, 1]).low)
    turned = treatment_by_marker(time, event, 1 - arm, marker=x)
    assert turned.ratio.value == pytest.approx(1 / found.ratio.value)
    assert turned.others.value == pytest.approx(found.treated.value)
    assert turned.likelihood_ratio.p == pytest.approx(found.likelihood_ratio.p)
    assert (turned.n, turned.events) == (found.n[::-1], found.events[::-1])


def test_size_and_coverage(trial):
    """300 sets, a standard error of 1.3 points."""
    null, covers = [], []
    for seed in range(300):
        time, event, arm, x = trial(200, change=0.0, seed=seed)
        found = treatment_by_marker(time, event, arm, marker=x, per=1)
        null.append(found.likelihood_ratio.p < 0.05)
        covers.append(found.ratio.low < 1 < found.ratio.high)
    assert abs(np.mean(null) - 0.05) < 0.038
    assert abs(np.mean(covers) - 0.95) < 0.038


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("n", [100, 200])
def test_where_the_effect_is_the_same_it_is_called_different_in_five_of_a_hundred(trial, n, classes):
    """4,000 trials: a standard error of 0.34 points, and the level is met within one."""
    found = [
        treatment_by_marker(time, event, arm, marker=x).likelihood_ratio.p
        for time, event, arm, x in (trial(n, seed=1000 * n + i, classes=classes) for i in range(4000))
    ]
    assert abs(np.mean(np.array(found) < 0.05) - 0.05) < 0.01


def test_recovers_a_known_ratio(trial):
    time, event, arm, x = trial(6000, own=0.4, effect=-0.3, change=-0.5, seed=5)
    found = treatment_by_marker(time, event, arm, marker=x, per=1)
    assert found.ratio.low < np.exp(-0.5) < found.ratio.high
    assert found.others.low < np.exp(0.4) < found.others.high
    assert found.treated.low < np.exp(-0.1) < found.treated.high
    at = found.effect_at([0.0, 1.0])
    assert at.low[0] < np.exp(-0.3) < at.high[0]
    assert at.low[1] < np.exp(-0.8) < at.high[1]
    assert found.likelihood_ratio.p < 1e-10


def test_a_treatment_given_to_whole_strata_has_a_ratio_and_no_effect(trial):
    time, event, arm, x = trial(400, change=-0.6, seed=2)
    found = treatment_by_marker(time, event, arm, marker=x, strata=arm)
    assert np.isnan(found.effect_at(0).value).all()
    assert found.ratio.high < 1
    assert found.likelihood_ratio.p < 0.05


def test_firth_is_finite_where_an_arm_has_no_responder():
    rng = np.random.default_rng(3)
    arm, x = np.arange(80) % 2, rng.normal(size=80)
    y = (rng.random(80) < 0.4) & (arm == 1)
    found = treatment_by_marker_response(y, arm, x)
    assert np.isfinite([found.ratio.value, found.ratio.low, found.ratio.high]).all()
    assert found.likelihood_ratio.p > 0.01
    assert (found.likelihood_ratio.p < 0.05) == (not found.ratio.low < 1 < found.ratio.high)
    with pytest.raises(NotEstimable):
        treatment_by_marker_response(y, arm, x, firth=False)


def test_refuses_a_step_of_nothing(trial):
    time, event, arm, x = trial(50)
    with pytest.raises(InvalidSetting, match="step"):
        treatment_by_marker(time, event, arm, marker=x, per=0)
