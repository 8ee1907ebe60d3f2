"""The form of a marker against R's survival and rms, the level of its test, and its curve against the truth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.judging.functional_form import functional_form_cox, functional_form_logistic


def form(data, kind, **settings):
    if kind == "cox":
        return functional_form_cox(data["time"], data["status"], data["a"], **settings)
    return functional_form_logistic(data["y"], data["a"], **settings)


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_equals_r(judged, kind):
    data = judged("judged")
    found, expected = form(data, kind, covariates=data["age"]), judged("functional_form").filter(kind=kind)
    first = expected.row(0, named=True)
    assert np.log(found.linear.value) == pytest.approx(first["linear"], abs=1e-6)
    assert found.linear.se == pytest.approx(first["se"], abs=1e-6)
    assert found.linear_test.statistic == pytest.approx(first["lr_linear"], abs=1e-6)
    assert found.nonlinearity_test.statistic == pytest.approx(first["lr_nonlinear"], abs=1e-6)
    assert found.nonlinearity_test.df == 2
    total = found.linear_test.statistic + found.nonlinearity_test.statistic
    assert found.association_test.statistic == pytest.approx(total)
    inside = expected.filter(expected["at"].is_between(found.x[0], found.x[-1]))
    assert len(inside) == 4
    for name, column in (("log_ratio", "value"), ("low", "low"), ("high", "high")):
        ours = np.interp(inside["at"], found.x, getattr(found, name))
        np.testing.assert_allclose(ours, inside[column], atol=2e-3)  # the grid lies between the points of R


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_the_test_of_a_straight_line_keeps_its_level_and_has_power(kind):
    rng = np.random.default_rng(51)
    p = {"straight": [], "bent": []}
    for _ in range(150):
        x = rng.normal(size=250)
        for name, index in (("straight", 0.5 * x), ("bent", 0.5 * x**2)):
            if kind == "cox":
                found = functional_form_cox(rng.exponential(np.exp(-index)), np.ones(250), x)
            else:
                found = functional_form_logistic(rng.random(250) < expit(index - 0.5), x)
            p[name].append(found.nonlinearity_test.p)
    assert abs(np.mean(np.array(p["straight"]) < 0.05) - 0.05) < 0.045
    assert np.mean(np.array(p["bent"]) < 0.05) > 0.8


def test_the_band_covers_the_truth():
    rng, hits = np.random.default_rng(52), []
    for _ in range(150):
        x = rng.normal(size=400)
        found = functional_form_cox(rng.exponential(np.exp(-0.7 * x)), np.ones(400), x)
        at = [5, 25, 75, 95]
        truth = 0.7 * (found.x[at] - found.median)
        hits.append((found.low[at] <= truth) & (truth <= found.high[at]))
    np.testing.assert_allclose(np.mean(hits, axis=0), 0.95, atol=0.045)


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_units_and_row_order(judged, kind):
    data = judged("judged")
    found = form(data, kind)
    other = form(data.reverse().with_columns(pl.col("a") * 1000 + 5), kind)
    assert other.linear.value == pytest.approx(found.linear.value, rel=1e-8)
    assert other.nonlinearity_test.statistic == pytest.approx(found.nonlinearity_test.statistic, abs=1e-7)
    np.testing.assert_allclose(other.log_ratio, found.log_ratio, atol=1e-7)
    assert found.log_ratio[np.abs(found.x - found.median).argmin()] == pytest.approx(0, abs=0.05)


def test_strata_and_knots_of_others_are_used(judged):
    data = judged("judged")
    strata = np.arange(160) % 2
    assert form(data, "cox", strata=strata).linear.value != form(data, "cox").linear.value
    assert form(data, "cox", knots=[-1, 0, 1]).nonlinearity_test.df == 1


def test_refusals(judged):
    data = judged("judged")
    with pytest.raises(UnreadableInput, match="spline"):
        functional_form_logistic([0, 1], [1, np.nan])
    with pytest.raises(NotEstimable, match="distinct"):
        functional_form_logistic(data["y"], data["y"])
    with pytest.raises(UnreadableInput, match="design matrix"):
        form(data, "cox", covariates=[[1], [2]])
