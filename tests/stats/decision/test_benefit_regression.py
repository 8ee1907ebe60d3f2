"""Net benefit at every threshold from products made once equals net benefit made for each."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.decision.benefit_regression import Benefit, BenefitRegression, design_of
from coley.stats.decision.penalised import regress

K = np.array([0.0, 2.0, 50.0])


@pytest.fixture(scope="module")
def draws():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(800, 1))
    e = 10 + np.column_stack([x[:, 0] * 0, np.sin(2 * x[:, 0]), x[:, 0] ** 2]) + rng.normal(0, 1, (800, 3))
    c = 1000 + rng.normal(0, 20, (800, 3)) + 10 * x * [0, 1, 2]
    return c, e, x


def test_benefit_is_linear_in_the_threshold(draws):
    c, e, _ = draws
    for whole, part in ((Benefit.of(c, e, K), slice(None)), (Benefit.of(c, e, K).part(1), slice(1, None, 2))):
        for i, worth in enumerate(K):
            direct = (worth * e - c)[part]
            direct = direct - direct[:, [0]]
            np.testing.assert_allclose(whole.at(i), direct, atol=1e-9)
            np.testing.assert_allclose(whole.means[i], direct.mean(axis=0), atol=1e-9)
            away = direct - direct.mean(axis=0)
            np.testing.assert_allclose(whole.squares[i], (away**2).sum(axis=0)[1:], rtol=1e-9)


def test_each_threshold_is_regressed_as_if_alone(draws):
    c, e, x = draws
    design = design_of("splines", x, e, 1)
    rows = design.rows(x)
    found = BenefitRegression(rows, design.penalties, Benefit.of(c, e, K))
    for i, worth in enumerate(K):
        y = (worth * e - c) - (worth * e - c)[:, [0]]
        coefficients, centres = regress(rows, design.penalties, y[:, 1:])
        np.testing.assert_allclose(
            found.fitted(rows, i)[:, 1:], rows @ coefficients + centres, rtol=1e-6, atol=1e-6
        )
        assert (found.fitted(rows, i)[:, 0] == 0).all()


def test_refusals():
    points = np.random.default_rng(2).normal(size=(200, 4))
    with pytest.raises(InvalidSetting, match="not 4"):
        design_of("splines", points, points, 1)
    with pytest.raises(UnknownName, match="smoother"):
        design_of("trees", points, points, 1)
