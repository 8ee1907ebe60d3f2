"""Draws: parameters that vary together, hypercubes, and curves that move as wholes."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economics.model_file.test_published import COVARIANCE, with_published

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import correlated, curve_years, drawn, one_way
from coley.economics.model_file.parse import model_of
from coley.stats.parametric.curves import survival
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit

PLACE = "strategies.old.os.published.parameters"


def parameters(model, draws=20_000, seed=1):
    numbers = drawn(model, {}, draws=draws, seed=seed).numbers
    return np.column_stack([numbers[f"{PLACE}.shape"], numbers[f"{PLACE}.scale"]])


def test_parameters_are_drawn_with_the_covariance_that_was_printed(words):
    logs = np.log(parameters(model_of(with_published(words, covariance=COVARIANCE))))
    assert logs.mean(axis=0) == pytest.approx(np.log([1.2, 3.0]), abs=0.004)
    wanted = np.array([[0.01, -0.006], [-0.006, 0.02]])
    # Standard errors of 20,000 draws: about a hundredth of the larger variance.
    np.testing.assert_allclose(np.cov(logs.T), wanted, atol=0.0006)
    natural = parameters(model_of(with_published(words, covariance=COVARIANCE, scale="natural")))
    np.testing.assert_allclose(np.cov(natural.T), wanted, atol=0.0006)
    assert natural.mean(axis=0) == pytest.approx([1.2, 3.0], abs=0.004)


def test_a_correlation_beside_limits_is_the_covariance(words):
    half = 1.959964 * np.sqrt([0.01, 0.02])
    limits = {
        name: {
            "value": value,
            "low": value * np.exp(-h),
            "high": value * np.exp(h),
            "distribution": "lognormal",
        }
        for name, value, h in zip(("shape", "scale"), (1.2, 3.0), half, strict=True)
    }
    r = -0.006 / np.sqrt(0.01 * 0.02)
    beside = with_published(words, parameters=limits, correlation={"shape": {"scale": r}})
    one, two = (model_of(each) for each in (beside, with_published(words, covariance=COVARIANCE)))
    assert correlated(one) == pytest.approx(correlated(two))
    np.testing.assert_allclose(parameters(one, 500), parameters(two, 500), rtol=1e-6)


def test_the_order_in_which_parameters_are_written_does_not_matter(words):
    turned = with_published(words, covariance=COVARIANCE, parameters={"scale": 3.0, "shape": 1.2})
    straight = with_published(words, covariance=COVARIANCE)
    np.testing.assert_allclose(
        parameters(model_of(turned), 300), parameters(model_of(straight), 300), rtol=1e-9
    )


def test_a_curve_printed_with_its_covariance_is_as_uncertain_as_the_fit_that_it_came_from(words):
    rng = np.random.default_rng(5)
    t = rng.gamma(0.8, 3, 150)
    found = fit(FAMILIES["gamma"], survival_data(np.minimum(t, 4), t <= 4))
    names, estimates, v = found.family.names, found.parameters(), found.covariance

    def deviations(**changes):
        published = {"family": "gamma", **changes}
        numbers = drawn(model_of(with_published(words, **published)), {}, draws=20_000, seed=1).numbers
        theta = np.column_stack([numbers[f"{PLACE}.{name}"] for name in names])
        return survival(found.family, theta, [1.0, 10.0]).std(axis=0)

    own = survival(found.family, found.parameters(found.draws(20_000, seed=3)), [1.0, 10.0]).std(axis=0)
    values = dict(zip(names, map(float, estimates), strict=True))
    covariance = {names[0]: {names[0]: v[0, 0]}, names[1]: {names[0]: v[1, 0], names[1]: v[1, 1]}}
    np.testing.assert_allclose(deviations(parameters=values, covariance=covariance), own, rtol=0.03)
    alone = {
        name: {"value": value, "se": value * np.sqrt(v[i, i]), "distribution": "lognormal"}
        for i, (name, value) in enumerate(values.items())
    }
    assert (deviations(parameters=alone) > 1.3 * own).any(), "drawn as if unrelated it is far more uncertain"


def test_a_curve_published_with_a_covariance_moves_as_a_whole(words):
    model = model_of(with_published(words, covariance=COVARIANCE))
    prepared = prepare(model, {})
    inputs = drawn(model, {}, draws=2000, seed=1)
    rows = one_way(model, {}, inputs)
    assert not any(name.startswith(PLACE) for name in rows.names)
    i = rows.names.index("curve: old.os")
    years = curve_years(model, {}, inputs)["old.os"]
    assert (rows.low[i], rows.high[i]) == pytest.approx(np.quantile(years, [0.025, 0.975]), rel=2e-3)
    found = evaluate(prepared, rows.inputs).life_years[1 + 2 * i : 3 + 2 * i, 0]
    assert found == pytest.approx([rows.low[i], rows.high[i]], rel=1e-3), (
        "years within the horizon, undiscounted"
    )
    # The other rows hold the base case of this curve.
    assert evaluate(prepared, rows.inputs).life_years[1, 0] == pytest.approx(
        curve_years(model, {}, rows.inputs)["old.os"][0], rel=1e-3
    )


def test_a_hypercube_puts_one_draw_into_each_part_of_a_distribution(words):
    words["sampling"] = "latin_hypercube"
    model = model_of(words)
    values = drawn(model, {}, draws=400, seed=2).numbers["costs.progressed_per_month"]
    from scipy.stats import gamma

    ranks = np.sort(gamma(25, scale=40).cdf(values))  # mean 1000, standard error 200
    assert (np.floor(400 * ranks) == np.arange(400)).all()


def test_means_settle_with_fewer_draws_from_a_hypercube_and_limits_stay(words):
    means = {}
    for design in ("random", "latin_hypercube"):
        words["sampling"] = design
        model = model_of(words)
        prepared = prepare(model, {})
        found = [evaluate(prepared, drawn(model, {}, draws=200, seed=s)).costs[:, 1] for s in range(30)]
        means[design] = np.array([one.mean() for one in found])
        ends = np.mean([np.quantile(one, [0.025, 0.975]) for one in found], axis=0)
        means[f"{design} ends"] = ends
    assert means["latin_hypercube"].std() < means["random"].std() / 5
    assert means["latin_hypercube"].mean() == pytest.approx(means["random"].mean(), rel=0.005)
    np.testing.assert_allclose(means["latin_hypercube ends"], means["random ends"], rtol=0.01)


def test_the_scale_of_the_fit_is_that_of_survreg():
    """R 4.2, survival: survreg(Surv(t, e) ~ 1, dist = "weibull") and "lognormal"; $coefficients, $scale and $var.

    Its Weibull intercept is the logarithm of the scale, its Log(scale) that of the shape with the sign turned.
    """
    data = survival_data([2, 3, 5, 8, 9, 12, 14, 20, 22, 25], [1, 1, 1, 0, 1, 1, 0, 1, 1, 0])
    weibull, log_normal = (fit(FAMILIES[name], data) for name in ("weibull", "log_normal"))
    assert weibull.parameters() == pytest.approx([1 / 0.7665727862, np.exp(2.819866837)], rel=1e-7)
    turned = [[0.099663534368, -0.002889602109], [-0.002889602109, 0.084031470822]]
    np.testing.assert_allclose(weibull.covariance, turned, rtol=1e-5)
    assert log_normal.parameters() == pytest.approx([2.441690172, 1.026601732], rel=1e-7)
    straight = [[0.12255777037, 0.02050395159], [0.02050395159, 0.07720506287]]
    np.testing.assert_allclose(log_normal.covariance, straight, rtol=1e-5)
