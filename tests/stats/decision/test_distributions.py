"""Distributions against scipy.stats; moments against quadrature; what no distribution can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.decision.distributions import FAMILIES, distribution

U = np.linspace(0.001, 0.999, 199)[:, None]

AGAINST = [
    (distribution("normal", mean=3, sd=2), stats.norm(3, 2)),
    (distribution("normal", mean=3, low=1, high=5, level=0.9), stats.norm(3, 2 / 1.6448536269514722)),
    (distribution("lognormal", median=0.6, log_sd=0.2), stats.lognorm(0.2, scale=0.6)),
    (
        distribution("lognormal", median=0.6, low=0.4, high=0.9),
        stats.lognorm(np.log(0.9 / 0.4) / 2 / 1.959963984540054, scale=0.6),
    ),
    (distribution("beta", alpha=3, beta=7), stats.beta(3, 7)),
    (distribution("beta", events=3, n=10), stats.beta(3, 7)),
    (distribution("gamma", shape=2.5, scale=40), stats.gamma(2.5, scale=40)),
    (distribution("gamma", mean=100, se=50), stats.gamma(4, scale=25)),
    (distribution("uniform", low=-1, high=3), stats.uniform(-1, 4)),
    (distribution("triangular", low=1, mode=2, high=5), stats.triang(0.25, loc=1, scale=4)),
    (distribution("triangular", low=1, mode=1, high=5), stats.triang(0, loc=1, scale=4)),
]


@pytest.mark.parametrize(("ours", "theirs"), AGAINST, ids=range(len(AGAINST)))
def test_quantiles_and_moments_equal_scipy(ours, theirs):
    np.testing.assert_allclose(ours.draw(U)[:, 0], theirs.ppf(U[:, 0]), rtol=1e-9)
    np.testing.assert_allclose([ours.mean[0], ours.sd[0]], [theirs.mean(), theirs.std()], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 0.99), st.floats(0.01, 0.95))
def test_beta_keeps_the_moments_it_was_given(mean, part):
    sd = part * np.sqrt(mean * (1 - mean))
    found = distribution("beta", mean=mean, sd=sd)
    np.testing.assert_allclose([found.mean[0], found.sd[0]], [mean, sd], rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["gamma", "lognormal", "normal"]), st.floats(0.01, 1e5), st.floats(0.01, 3))
def test_positive_families_keep_the_moments_they_were_given(family, mean, part):
    found = distribution(family, mean=mean, sd=part * mean)
    np.testing.assert_allclose([found.mean[0], found.sd[0]], [mean, part * mean], rtol=1e-9)


def test_interval_of_a_hazard_ratio_returns_its_limits():
    found = distribution("lognormal", median=0.6, low=0.4, high=0.9)
    np.testing.assert_allclose(
        found.draw(np.array([[0.025], [0.5], [0.975]]))[:, 0], [0.4, 0.6, 0.9], rtol=1e-9
    )


@pytest.mark.parametrize(
    ("family", "given_", "words"),
    [
        ("beta", {"mean": 0.2, "sd": 0.5}, r"stays under 0\.4"),
        ("beta", {"mean": 45, "sd": 2}, "between 0 and 1"),
        ("beta", {"events": 0, "n": 20}, "0 events of 20"),
        ("beta", {"alpha": 0, "beta": 1}, "alpha"),
        ("gamma", {"mean": -5, "sd": 1}, "mean of a gamma"),
        ("lognormal", {"median": 0.7, "low": 0, "high": 1}, "low of a lognormal"),
        ("lognormal", {"median": 2, "low": 0.5, "high": 1}, "outside its limits"),
        ("normal", {"mean": 0.62, "low": 0.48, "high": 0.8}, "not symmetric"),
        ("lognormal", {"median": 1.0, "low": 0.5, "high": 1.5}, "not symmetric"),
        ("normal", {"mean": 1, "sd": 0}, "must be positive"),
        ("normal", {"mean": np.nan, "sd": 1}, "cannot be nan"),
        ("uniform", {"low": 2, "high": 1}, "do not increase"),
        ("triangular", {"low": 0, "mode": 3, "high": 2}, "outside its limits"),
        ("gamma", {"mean": 3}, "cannot be made from mean"),
    ],
)
def test_what_cannot_be(family, given_, words):
    with pytest.raises(InvalidSetting, match=words):
        distribution(family, **given_)


def test_unknown_family():
    with pytest.raises(UnknownName, match="family"):
        distribution("gama", mean=1, sd=1)
    assert set(FAMILIES) == {"normal", "lognormal", "beta", "gamma", "uniform", "triangular", "fixed"}
