"""EVPPI against mgcv, published draws and closed forms; what its standard error and held-out value promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.perfect_information import evpi

# Closed forms for INB = p1 - p2, p1 ~ N(1, 1), p2 ~ N(0, sd 2): the voi package's example.
FIRST = norm.pdf(1) + norm.cdf(1) - 1
SECOND = 2 * norm.pdf(0.5) + norm.cdf(0.5) - 1


def against_nothing(benefit):
    effects = np.column_stack([np.zeros_like(benefit), benefit])
    return np.zeros_like(effects), effects


def gain(mean, sd):
    """E max(0, N(mean, sd)) - max(0, mean)."""
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(mean, 0)


def test_closed_forms():
    np.testing.assert_allclose([FIRST, SECOND], [0.0833155, 0.3955930], atol=1.5e-7)  # as printed there
    rng = np.random.default_rng(1)
    p = np.column_stack([rng.normal(1, 1, 100_000), rng.normal(0, 2, 100_000)])
    found = evppi(*against_nothing(p[:, 0] - p[:, 1]), 1, parameters=p)
    np.testing.assert_allclose(found.value[:, 0], [FIRST, SECOND], atol=3 * found.se.max())
    assert found.se.max() < 0.006


def test_standard_error_covers_and_held_out_value_is_no_larger():
    rng = np.random.default_rng(2)
    hits, value, held_out = np.zeros(2), np.zeros(2), np.zeros(2)
    for _ in range(200):
        p = np.column_stack([rng.normal(1, 1, 500), rng.normal(0, 2, 500)])
        found = evppi(*against_nothing(p[:, 0] - p[:, 1]), 1, parameters=p)
        hits += np.abs(found.value[:, 0] - [FIRST, SECOND]) <= 1.96 * found.se[:, 0]
        value += found.value[:, 0] / 200
        held_out += found.held_out[:, 0] / 200
    assert (np.abs(hits / 200 - 0.95) < 0.045).all()
    assert (held_out <= np.array([FIRST, SECOND]) + 0.006).all()
    assert (value >= np.array([FIRST, SECOND]) - 0.006).all()


def test_noise_alone_looks_worth_something_and_the_held_out_value_says_it_is_not():
    rng = np.random.default_rng(3)
    values = [
        evppi(*against_nothing(rng.normal(0, 1, 200)), 1, parameters=rng.normal(size=200)) for _ in range(120)
    ]
    assert np.mean([v.value[0, 0] for v in values]) > 0.01
    assert np.mean([v.held_out[0, 0] for v in values]) < 0.005


def test_curved_and_interacting_parameters():
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, (40_000, 3))
    benefit = x[:, 0] * x[:, 1] + 0.5 * np.cos(3 * x[:, 2]) - 0.1 + rng.normal(0, 0.5, 40_000)
    groups = {"pair": ["a", "b"], "curved": ["c"], "three": ["a", "b", "c"], "alone": ["a"]}
    found = evppi(*against_nothing(benefit), 1, parameters=x, names=["a", "b", "c"], groups=groups)
    grid = np.random.default_rng(5).uniform(-1, 1, (500_000, 3))
    product, curve = grid[:, 0] * grid[:, 1], 0.5 * np.cos(3 * grid[:, 2]) - 0.1
    level = 0.5 * np.sin(3) / 3 - 0.1

    def worth(f):
        return np.maximum(f, 0).mean() - max(level, 0)

    truth = [worth(product + level), worth(curve), worth(product + curve), worth(0 * product + level)]
    np.testing.assert_allclose(found.value[:, 0], truth, atol=0.008)


def test_gaussian_process_of_many_parameters():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(4000, 8))
    slopes = np.array([1.0, -0.7, 0.5, 0.4, 0.3, 0, 0, 0])
    benefit = 0.2 + x @ slopes + rng.normal(0, 1, 4000)
    names = [f"x{i}" for i in range(8)]
    found = evppi(
        *against_nothing(benefit), 1, parameters=x, names=names, groups={"five": names[:5], "all": names}
    )
    exact = gain(0.2, np.sqrt((slopes**2).sum()))
    np.testing.assert_allclose(found.value[:, 0], exact, atol=2.5 * found.se.max())
    assert found.smoother == ("gaussian_process", "gaussian_process")

    bent = 0.2 + x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3] + rng.normal(0, 0.5, 4000)
    found = evppi(*against_nothing(bent), 1, parameters=x, names=names, groups={"four": names[:4]})
    big = np.random.default_rng(7).normal(size=(1_000_000, 4))
    f = 0.2 + big[:, 0] * big[:, 1] + np.sin(2 * big[:, 2]) + 0.5 * big[:, 3]
    truth = np.maximum(f, 0).mean() - 0.2
    assert found.value[0, 0] == pytest.approx(truth, abs=3 * found.se[0, 0] + 0.01)
    assert found.held_out[0, 0] > 0.95 * truth


def test_thresholds_strategies_and_units():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(2000, 3))
    effects = np.column_stack([0.1 * x[:, 0], 0.1 * x[:, 1] + 0.02, 0.1 * x[:, 0] * x[:, 1], x[:, 2] * 0.05])
    costs = 100 * (1 + rng.random((2000, 4))) + np.array([0, 20, 40, 60]) * (1 + 0.2 * x[:, [2]])
    k = np.array([500.0, 1000.0, 3000.0])
    whole = evppi(costs, effects, k, parameters=x)
    for i, worth in enumerate(k):
        alone = evppi(costs, effects, worth, parameters=x)
        np.testing.assert_allclose(alone.value[:, 0], whole.value[:, i], rtol=1e-6, atol=1e-9)
    scaled = evppi(7 * costs, effects, 7 * k, parameters=3 - 2 * x)
    np.testing.assert_allclose(scaled.value, 7 * whole.value, rtol=1e-3, atol=0.02)
    assert (whole.value <= evpi(costs, effects, k).value + 2 * whole.se).all()


def test_levels_constants_and_bounds():
    rng = np.random.default_rng(9)
    structure = rng.integers(0, 3, 6000).astype(float)
    benefit = np.array([-1.0, 0.5, 1.0])[structure.astype(int)] + rng.normal(0, 1, 6000)
    p = np.column_stack([structure, np.ones(6000)])
    found = evppi(*against_nothing(benefit), 1, parameters=p, names=["structure", "constant"])
    means = np.array([benefit[structure == s].mean() for s in range(3)])
    share = np.bincount(structure.astype(int)) / 6000
    assert found.value[0, 0] == pytest.approx(share @ np.maximum(means, 0) - benefit.mean(), abs=1e-6)
    assert found.value[1, 0] == found.se[1, 0] == 0


@pytest.mark.real
def test_chemotherapy_equals_mgcv(chemotherapy, oracle):
    costs, effects, parameters, expected = chemotherapy
    names = parameters.columns
    groups = {name: [name] for name in names} | {"pair": ["logor_side_effects", "p_side_effects_t1"]}
    found = evppi(costs, effects, 20_000, parameters=parameters.to_numpy(), names=names, groups=groups)
    table = dict(oracle("chemo_gam").iter_rows())
    for name, value in zip(found.names, found.value[:, 0], strict=True):
        assert value == pytest.approx(table[name], abs=0.02), name
    # As made with the defaults of the voi package (fewer knots, GCV): within a Monte Carlo error.
    published = expected["evppi_k20000_gam"]
    for name, value, se in zip(found.names, found.value[:, 0], found.se[:, 0], strict=True):
        key = "logor_side_effects+p_side_effects_t1" if name == "pair" else name
        assert abs(value - published[key]) <= 0.5 * se + 1e-6, name


@pytest.mark.real
def test_all_parameters_of_chemotherapy_are_perfect_information(chemotherapy):
    # Net benefit is a function of the 14 parameters: published 368.6051, and 368.4953 by regression trees.
    costs, effects, parameters, _ = chemotherapy
    names = parameters.columns
    found = evppi(
        costs, effects, 20_000, parameters=parameters.to_numpy(), names=names, groups={"all": names}
    )
    assert found.value[0, 0] == pytest.approx(368.6051, abs=0.5)
    assert found.held_out[0, 0] == pytest.approx(368.6051, abs=0.5)


def test_refusals():
    c, e = against_nothing(np.random.default_rng(1).normal(size=200))
    p = np.random.default_rng(2).normal(size=(200, 4))
    with pytest.raises(UnreadableInput, match="200 draws"):
        evppi(c, e, 1, parameters=p[:150])
    with pytest.raises(UnreadableInput, match="too few"):
        evppi(c[:50], e[:50], 1, parameters=p[:50])
    with pytest.raises(InvalidSetting, match="no parameter"):
        evppi(c, e, 1, parameters=p, groups={"g": ["tmb"]})
    with pytest.raises(InvalidSetting, match="no parameter"):
        evppi(c, e, 1, parameters=p, groups={"g": []})
    names = list("abcd")
    with pytest.raises(InvalidSetting, match="one to 3"):
        evppi(c, e, 1, parameters=p, names=names, groups={"g": names}, smoother="splines")
