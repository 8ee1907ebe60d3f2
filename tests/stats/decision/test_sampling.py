"""Draws: their margins, their correlations, and that nothing else moves when one parameter is added."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.decision.distributions import distribution
from coley.stats.decision.joint_distributions import dirichlet, empirical, multivariate_normal
from coley.stats.decision.sampling import sample_parameters

KNOWN = {
    "cost": distribution("gamma", mean=100, se=30),
    "utility": distribution("beta", mean=0.7, se=0.1),
    "hr": distribution("lognormal", median=0.6, low=0.4, high=0.9),
    "split": dirichlet([3, 5, 2], labels=["a", "b", "c"]),
    "fixed": distribution("fixed", value=4.0),
    "fit": multivariate_normal([0.0, 1.0], [[1.0, 0.5], [0.5, 1.0]]),
    "curve": empirical(np.arange(10.0)),
}


@pytest.mark.parametrize("design", ["random", "latin_hypercube", "sobol"])
def test_margins(design):
    found = sample_parameters(KNOWN, 4096, 5, design=design)
    assert found.names == (
        "cost", "utility", "hr", "split.a", "split.b", "split.c", "fixed", "fit.1", "fit.2", "curve",
    )  # fmt: skip
    theory = {"cost": stats.gamma(100 / 9, scale=9), "fit.2": stats.norm(1, 1), "split.b": stats.beta(5, 5)}
    for name, law in theory.items():
        assert stats.kstest(found[name], law.cdf).pvalue > 0.001
    assert (found["fixed"] == 4).all()
    assert np.corrcoef(found["fit.1"], found["fit.2"])[0, 1] == pytest.approx(0.5, abs=0.04)
    again = sample_parameters(KNOWN, np.int64(4096), np.int64(5), design=design)
    np.testing.assert_array_equal(found.values, again.values)
    assert (sample_parameters(KNOWN, 4096, 6, design=design).values != found.values).any()


@pytest.mark.parametrize("design", ["random", "latin_hypercube"])
def test_a_parameter_more_or_another_order_changes_no_draw(design):
    pair = {("cost", "hr"): 0.6}
    whole = sample_parameters(KNOWN, 500, 1, design=design, correlation=pair)
    some = {name: KNOWN[name] for name in ("hr", "split", "cost")}
    part = sample_parameters(some, 500, 1, design=design, correlation=pair)
    for name in part.names:
        np.testing.assert_array_equal(part[name], whole[name])


@pytest.mark.parametrize("design", ["random", "latin_hypercube", "sobol"])
def test_rank_correlation_is_what_was_asked_for_and_margins_stay(design):
    wanted = {("cost", "utility"): -0.6, ("utility", "hr"): 0.3, ("cost", "hr"): 0.0}
    found = sample_parameters(KNOWN, 16_384, 2, correlation=wanted, design=design)
    for (a, b), value in wanted.items():
        assert stats.spearmanr(found[a], found[b]).statistic == pytest.approx(value, abs=0.025)
    assert stats.kstest(found["cost"], stats.gamma(100 / 9, scale=9).cdf).pvalue > 0.001
    assert found.correlation_changed == 0


def test_latin_hypercube_has_one_draw_a_stratum_also_under_correlation():
    flat = {"x": distribution("uniform", low=0, high=1), "y": distribution("uniform", low=0, high=1)}
    found = sample_parameters(flat, 200, 3, correlation={("x", "y"): 0.8}, design="latin_hypercube")
    np.testing.assert_array_equal(np.sort(np.floor(found.values * 200), axis=0)[:, 0], np.arange(200))
    np.testing.assert_array_equal(np.sort(np.floor(found.values * 200), axis=0)[:, 1], np.arange(200))


def test_designs_lower_the_error_of_a_mean():
    def error(design):
        draws = [sample_parameters(KNOWN, 256, seed, design=design)["cost"].mean() for seed in range(40)]
        return np.std(draws)

    plain = error("random")
    assert error("latin_hypercube") < plain / 5
    assert error("sobol") < plain / 5


def test_correlations_that_exclude_one_another():
    wanted = {("cost", "utility"): 0.9, ("utility", "hr"): 0.9, ("cost", "hr"): -0.9}
    with pytest.raises(InvalidSetting, match="exclude one another"):
        sample_parameters(KNOWN, 100, 1, correlation=wanted)
    found = sample_parameters(KNOWN, 20_000, 1, correlation=wanted, nearest=True)
    assert 0.3 < found.correlation_changed < 0.6
    measured = stats.spearmanr(found["cost"], found["hr"]).statistic
    assert abs(measured + 0.9) == pytest.approx(found.correlation_changed, abs=0.02)
    for name, law in (("cost", stats.gamma(100 / 9, scale=9)), ("utility", stats.beta(14, 6))):
        assert stats.kstest(found[name], law.cdf).pvalue > 0.001


def test_perfect_rank_correlation():
    found = sample_parameters(KNOWN, 500, 1, correlation={("cost", "hr"): 1.0})
    assert stats.spearmanr(found["cost"], found["hr"]).statistic == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"correlation": {("cost", "gain"): 0.5}}, "'gain'"),
        ({"correlation": {("cost", "hr"): 1.5}}, "cannot be meant"),
        ({"correlation": {("cost", "hr"): 0.5, ("hr", "cost"): 0.1}}, "cannot be meant"),
        ({"correlation": {("cost", "split"): 0.5}}, "drawn jointly"),
        ({"design": "sobol"}, "powers of two"),
    ],
)
def test_refusals(settings, words):
    with pytest.raises(InvalidSetting, match=words):
        sample_parameters(KNOWN, 100, 1, **settings)


def test_more_refusals():
    for draws, seed in ((0, 1), (100, -1), (2.5, 1)):
        with pytest.raises(InvalidSetting, match="Draws"):
            sample_parameters(KNOWN, draws, seed)
    with pytest.raises(InvalidSetting, match="no parameter"):
        sample_parameters({}, 10, 1)
    with pytest.raises(UnknownName, match="design"):
        sample_parameters(KNOWN, 10, 1, design="halton")
    with pytest.raises(InvalidSetting, match="Known"):
        sample_parameters(KNOWN, 10, 1)["nothing"]
