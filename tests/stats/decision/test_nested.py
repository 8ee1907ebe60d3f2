"""Nested Monte Carlo against closed forms, and its bias taken off."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.nested import evppi_nested

FIRST = norm.pdf(1) + norm.cdf(1) - 1
SECOND = 2 * norm.pdf(0.5) + norm.cdf(0.5) - 1


def of(own, other):
    """Parameter of interest and nuisance: INB = sign x (interest - nuisance), means and SDs given."""

    def known(rng, n):
        return rng.normal(own[0], own[1], (n, 1))

    def model(rng, phi, m):
        rest = rng.normal(other[0], other[1], (len(phi), m))
        benefit = phi + rest
        return np.zeros((len(phi), m, 2)), np.stack([np.zeros_like(benefit), benefit], axis=2)

    return known, model


@pytest.mark.parametrize(("own", "other", "exact"), [((1, 1), (0, 2), FIRST), ((0, 2), (1, 1), SECOND)])
def test_closed_forms(own, other, exact):
    found = evppi_nested(*of(own, other), 1, outer=20_000, inner=50)
    assert found.value[0] == pytest.approx(exact, abs=3.5 * found.se[0])
    assert found.se[0] < 0.008


def test_bias_is_taken_off():
    few = evppi_nested(*of((1, 1), (0, 2)), 1, outer=40_000, inner=20)
    plain = few.value[0] + few.bias[0]
    assert plain > FIRST + 0.01
    assert abs(few.value[0] - FIRST) < 0.3 * (plain - FIRST) + 2 * few.se[0]


def test_thresholds_in_one_run_and_seed():
    known, model = of((1, 1), (0, 2))
    one, two = (evppi_nested(known, model, k, outer=200, inner=10, seed=4) for k in ([1.0, 2.0], [2.0]))
    np.testing.assert_allclose(one.value[1], two.value[0])
    np.testing.assert_allclose(one.value[1], 2 * one.value[0])  # costs are nil


def test_refusals():
    known, model = of((1, 1), (0, 2))
    with pytest.raises(InvalidSetting, match="even number"):
        evppi_nested(known, model, 1, inner=5)
    with pytest.raises(UnreadableInput, match="must return"):
        evppi_nested(known, lambda rng, phi, m: (np.zeros((len(phi), 2)),) * 2, 1)
    with pytest.raises(UnreadableInput, match="missing"):
        evppi_nested(known, lambda rng, phi, m: (np.full((len(phi), m, 2), np.nan),) * 2, 1)
