"""AUC at a time against riskRegression, the plain AUC, its derivative and coverage."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.judging.roc import auc
from coley.stats.judging.time_dependent_auc import time_dependent_auc


def test_equals_risk_regression(judged):
    data = judged("judged")
    time, n = data["time"] + 0.5 * (1 - data["status"]), len(data)
    for row in judged("time_dependent_auc").iter_rows(named=True):
        found = time_dependent_auc(data[row["model"]], time, data["status"], at=row["times"])
        assert found.value[0] == pytest.approx(row["AUC"], abs=1e-12)
        # riskRegression divides by n - 1
        assert found.se[0] * np.sqrt(n / (n - 1)) == pytest.approx(row["se"], rel=1e-5)


def test_without_censoring_it_is_the_plain_auc(judged):
    data = judged("judged")
    found = time_dependent_auc(data["a"], data["time"], np.ones(160), at=[4, 8])
    for k, t in enumerate((4, 8)):
        plain = auc(data["a"], data["time"] <= t)
        assert found.value[k] == pytest.approx(plain.value, abs=1e-12)
        assert found.se[k] == pytest.approx(plain.wald.se, rel=0.02)  # DeLong divides by m - 1
        assert found.cases[k] == plain.positives
    assert (found.cases + found.controls == 160).all()


def test_influence_is_the_derivative_in_the_case_weight(judged):
    from coley.stats.judging.censoring import censoring
    from coley.stats.judging.time_dependent_auc import _auc_at

    data = judged("judged").head(60)
    risk, time, event = (data[c].to_numpy() for c in ("a", "time", "status"))

    def at(rows):
        x, t, e = risk[rows].astype(float), time[rows].astype(float), event[rows] == 1
        return _auc_at(x, e & (t <= 10), t > 10, censoring(t, e))

    value, influence = at(np.arange(60))
    for i in range(0, 60, 7):
        times = np.full(60, 200)
        times[i] += 1
        moved = (at(np.repeat(np.arange(60), times))[0] - value) * 200
        assert moved == pytest.approx(influence[i], rel=3e-3, abs=1e-6)


def test_coverage():
    rng = np.random.default_rng(21)
    x = rng.normal(size=200_000)
    event = rng.exponential(np.exp(-0.8 * x))
    times = (0.3, 1.0, 2.0)
    truth = np.array([auc(x, event <= t).value for t in times])
    hits = np.zeros(3)
    for _ in range(600):
        x = rng.normal(size=200)
        event, end = rng.exponential(np.exp(-0.8 * x)), rng.uniform(0, 6, 200)
        found = time_dependent_auc(x, np.minimum(event, end), event <= end, at=times)
        hits += (found.low <= truth) & (truth <= found.high)
    np.testing.assert_allclose(hits / 600, 0.95, atol=0.025)


def test_times_that_the_data_cannot_judge_are_said_so():
    rng = np.random.default_rng(1)
    time, event = rng.permutation(np.arange(1, 41)), rng.random(40) < 0.7
    found = time_dependent_auc(rng.normal(size=40), time, event, at=[0.5, 2, 20, 38, 40, 99])
    assert np.isnan(found.value[[0, 4, 5]]).all()
    assert np.isfinite(found.value[[1, 2, 3]]).all()
    assert np.isfinite(found.low).tolist() == [False, False, True, False, False, False]
    assert found.reason[0] == "nobody has had the event yet"
    assert found.reason[5] == "nobody is followed beyond this time"
    assert "too few for limits" in found.reason[3]
    assert found.reason[2] == ""
    assert (found.cases + found.controls + found.censored == 40).all()


def test_invariances(judged):
    data = judged("judged")
    risk, time, event = (data[c].to_numpy() for c in ("a", "time", "status"))
    found = time_dependent_auc(risk, time, event, at=12)
    order = np.random.default_rng(1).permutation(len(risk))
    np.testing.assert_allclose(time_dependent_auc(risk[order], time[order], event[order], at=12).se, found.se)
    turned = time_dependent_auc(-risk, time * 2, event, at=24)
    np.testing.assert_allclose(turned.value, 1 - found.value)
    np.testing.assert_allclose(turned.high, 1 - found.low)


def test_refusals():
    for at in (0, -1, np.nan, [[1]]):
        with pytest.raises(InvalidSetting, match="cannot be judged"):
            time_dependent_auc([1, 2], [1, 2], [1, 1], at=at)
    with pytest.raises(UnreadableInput, match="risk score"):
        time_dependent_auc([1, np.nan], [1, 2], [1, 1], at=1)
