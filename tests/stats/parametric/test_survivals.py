"""Survival in closed form against its logarithm, and curves in blocks against curves one by one."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.parametric import curves
from coley.stats.parametric.curves import cumulative_hazard, hazard, log_survival, survival
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.survivals import SURVIVALS

TIMES = np.r_[0.0, 1e-12, np.geomspace(1e-3, 1e4, 200)]


@pytest.mark.parametrize("family", SURVIVALS, ids=lambda family: family.name)
def test_survival_is_the_exponential_of_its_logarithm_deep_into_the_tail(family) -> None:
    rng = np.random.default_rng(1)
    parameters = np.exp(rng.normal(0.0, 0.7, (50, len(family.names))))
    found = survival(family, parameters, TIMES)
    with np.errstate(under="ignore"):
        expected = np.exp(log_survival(family, parameters, TIMES))
    ordinary = expected > 1e-300  # below lie denormal numbers
    assert ordinary.mean() > 0.3
    assert (expected[ordinary] < 1e-30).any() == (family.name != "log_logistic")
    # A logarithm of -700 itself is known to 1e-13.
    np.testing.assert_allclose(found[ordinary], expected[ordinary], rtol=1e-12)
    assert (found[~ordinary] <= 1e-300).all()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
@pytest.mark.parametrize("curve", [survival, log_survival, cumulative_hazard, hazard])
def test_blocks_of_draws_change_nothing(monkeypatch: pytest.MonkeyPatch, curve, family) -> None:
    parameters = np.exp(np.random.default_rng(2).normal(0.0, 0.3, (23, len(family.names))))
    times = np.linspace(0, 5, 7)
    one_by_one = [curve(family, row, times) for row in parameters]
    monkeypatch.setattr(curves, "BLOCK", 3 * len(times))
    np.testing.assert_allclose(curve(family, parameters, times), one_by_one, rtol=1e-14)


def test_curves_start_at_one_and_a_stack_of_draws_keeps_its_shape() -> None:
    parameters = np.exp(np.random.default_rng(3).normal(size=(4, 5, 2)))
    found = survival(FAMILIES["log_normal"], parameters, [0.0, 1.0])
    assert (found[..., 0] == 1).all()
    np.testing.assert_array_equal(
        found.reshape(20, 2), survival(FAMILIES["log_normal"], parameters.reshape(20, 2), [0.0, 1.0])
    )
