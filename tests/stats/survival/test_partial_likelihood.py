"""Sums over risk sets, against loops that follow the definition word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets


def by_definition(data, b, *, ties):
    """Log partial likelihood, event by event."""
    total = 0.0
    eta = data["X"] @ b
    relative = data["weights"] * np.exp(eta)
    for s in np.unique(data["strata"]):
        inside = data["strata"] == s
        for t in np.unique(data["time"][inside & data["event"]]):
            at_risk = inside & (data["entry"] < t) & (t <= data["time"])
            dead = inside & data["event"] & (data["time"] == t)
            d, mean = dead.sum(), data["weights"][dead].mean()
            total += (data["weights"] * eta)[dead].sum()
            for k in range(d):
                left = k / d if ties == "efron" else 0.0
                total -= mean * np.log(relative[at_risk].sum() - left * relative[dead].sum())
    return total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["efron", "breslow"]), st.integers(1, 4), st.booleans())
def test_value_gradient_and_information(seed, ties, strata, delayed):
    rng = np.random.default_rng(seed)
    n = 30
    time = rng.integers(1, 9, n).astype(float)
    data = {
        "time": time,
        "event": rng.random(n) < 0.6,
        "entry": time - rng.integers(1, 5, n) if delayed else np.full(n, -np.inf),
        "strata": rng.integers(0, strata, n),
        "weights": rng.random(n) + 0.2,
        "X": rng.normal(size=(n, 6)),
    }
    data["event"][0] = True
    sets = risk_sets(
        time, data["event"], entry=data["entry"], strata=data["strata"], weights=data["weights"], ties=ties
    )
    b = rng.normal(size=6) / 2
    for columns in (6, 2):  # on either side of the choice between BLAS and numpy's loops
        X, at = data["X"][:, :columns], b[:columns]
        likelihood = PartialLikelihood(sets, np.ascontiguousarray(X.T[:, sets.rows]))
        value, gradient, information = likelihood.evaluate(at)
        some = {**data, "X": X}
        np.testing.assert_allclose(value, by_definition(some, at, ties=ties), rtol=1e-10)
        step = 1e-5 * np.eye(columns)
        slope = [
            (by_definition(some, at + h, ties=ties) - by_definition(some, at - h, ties=ties)) / 2e-5
            for h in step
        ]
        np.testing.assert_allclose(gradient, slope, atol=1e-5)
        bend = [(likelihood.evaluate(at - h)[1] - likelihood.evaluate(at + h)[1]) / 2e-5 for h in step]
        np.testing.assert_allclose(information, bend, atol=1e-5)


def test_rows_without_weight_or_never_at_risk_are_left_out():
    sets = risk_sets(
        np.array([1.0, 2, 3, 4]),
        np.array([False, True, True, False]),
        entry=np.array([0.0, 0, 0, 3.5]),
        strata=None,
        weights=np.array([1.0, 1, 0, 1]),
        ties="efron",
    )
    assert sets.rows.tolist() == [1]
    assert sets.instant.tolist() == [2.0]
    assert sets.to_rows(np.array([5.0])).tolist() == [0, 5, 0, 0]


def test_a_linear_predictor_of_any_size_does_not_overflow():
    sets = risk_sets(np.arange(1.0, 7), np.ones(6, bool), entry=None, strata=None, weights=None, ties="efron")
    likelihood = PartialLikelihood(sets, np.arange(6.0)[None, sets.rows])
    # those who die first have the smallest covariate: the likelihood is nearly 1 below zero, nearly 0 above
    assert likelihood.evaluate(np.array([-100.0]))[0] == pytest.approx(0)
    assert likelihood.evaluate(np.array([300.0]))[0] == pytest.approx(-300 * (5 + 4 + 3 + 2 + 1))
    # where a risk set is lost to underflow the step is refused, without a warning
    assert likelihood.evaluate(np.array([-300.0]))[0] == -np.inf


def test_many_strata():
    rng = np.random.default_rng(1)
    pairs = np.repeat(np.arange(40_000), 2)
    x, time = rng.normal(size=80_000), rng.exponential(size=80_000)
    sets = risk_sets(time, np.ones(80_000, bool), entry=None, strata=pairs, weights=None, ties="efron")
    value, score, _ = PartialLikelihood(sets, x[None, sets.rows]).evaluate(np.zeros(1))
    np.testing.assert_allclose(value, -40_000 * np.log(2), rtol=1e-9)
    first = time.reshape(-1, 2).argmin(axis=1)
    difference = x.reshape(-1, 2)[np.arange(40_000), first] - x.reshape(-1, 2).mean(axis=1)
    np.testing.assert_allclose(score, difference.sum(), rtol=1e-7)


def test_refusals():
    rows = {"entry": None, "strata": None, "weights": None}
    with pytest.raises(NotEstimable, match="No event among 3"):
        risk_sets(np.ones(3), np.zeros(3, bool), ties="efron", **rows)
    with pytest.raises(InvalidSetting, match="'exact'"):
        risk_sets(np.ones(3), np.ones(3, bool), ties="exact", **rows)
