"""Shares of variance and curves against the Ishigami function, whose Sobol indices are known."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.decision.influence import influence


def ishigami(n, seed):
    x = np.random.default_rng(seed).uniform(-np.pi, np.pi, (n, 4))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    e = np.column_stack([np.zeros(n), y])
    return np.zeros_like(e), e, x


def test_shares_curves_and_quantiles():
    # First-order indices of the Ishigami function with a = 7, b = 0.1: 0.3139, 0.4424, 0.
    c, e, x = ishigami(40_000, 1)
    found = influence(c, e, 1, parameters=x, names=["a", "b", "c", "d"])
    assert found.names[:2] == ("b", "a")
    np.testing.assert_allclose(found.share[:2], [0.4424, 0.3139], atol=4 * found.se.max())
    assert (found.share[2:] < 0.002).all()
    at, curve = found.at[1], found.benefit[1]
    truth = 3.5 + np.sin(at) * (1 + 0.1 * np.pi**4 / 5)
    np.testing.assert_allclose(curve, truth, atol=0.25)
    np.testing.assert_allclose([found.low[1], found.high[1]], np.pi * np.array([-0.95, 0.95]), atol=0.03)
    np.testing.assert_allclose([found.benefit_low[1], found.benefit_high[1]], curve[[0, -1]])


def test_standard_error_is_that_of_repetitions():
    rng = np.random.default_rng(2)
    shares, errors = [], []
    for _ in range(200):
        x = rng.normal(size=(500, 1))
        e = np.column_stack([np.zeros(500), x[:, 0] + rng.normal(0, 1.5, 500)])
        found = influence(np.zeros_like(e), e, 1, parameters=x)
        shares.append(found.share[0])
        errors.append(found.se[0])
    assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.2)


def test_invariances():
    c, e, x = ishigami(2000, 3)
    one = influence(c, e, 1, parameters=x, names=list("abcd"))
    two = influence(c * 3, e, 3, parameters=1 - 2 * x[:, ::-1], names=list("dcba"))
    assert one.names == two.names
    np.testing.assert_allclose(one.share, two.share, rtol=1e-4)
    np.testing.assert_allclose(one.benefit_low * 3, two.benefit_high, rtol=1e-2, atol=0.02)
    turned = influence(c, e, 1, parameters=x, names=list("abcd"), strategy=0, comparator=1)
    np.testing.assert_allclose(turned.benefit, -one.benefit, atol=1e-9)


def test_a_constant_has_no_influence():
    c, e, x = ishigami(500, 4)
    x[:, 3] = 1.0
    found = influence(c, e, 1, parameters=x)
    assert (found.share[-1], found.names[-1]) == (0, "parameter 4")
    with pytest.raises(InvalidSetting, match="not two of 2"):
        influence(c, e, 1, parameters=x, strategy=2)


@pytest.mark.real
def test_chemotherapy_ranks_as_its_information(chemotherapy):
    costs, effects, parameters, _ = chemotherapy
    found = influence(costs, effects, 20_000, parameters=parameters.to_numpy(), names=parameters.columns)
    assert found.names[:2] == ("logor_side_effects", "p_side_effects_t2")
