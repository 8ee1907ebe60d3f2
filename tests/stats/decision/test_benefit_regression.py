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
    whole = Benefit.of(c, e, K)
    for part, rows in ((whole, slice(None)), (whole.part(slice(100, 300)), slice(100, 300))):
        for i, worth in enumerate(K):
            direct = (worth * e - c) - (worth * e - c)[:, [0]]
            away = (direct - direct.mean(axis=0))[rows]
            np.testing.assert_allclose(part.at(i), direct[rows], atol=1e-9)
            np.testing.assert_allclose(part.means[i], direct.mean(axis=0), atol=1e-9)
            np.testing.assert_allclose(part.squares[i], (away**2).sum(axis=0)[1:], rtol=1e-9)


def test_moments_of_parts_add_up(draws):
    c, e, x = draws
    whole, rows = Benefit.of(c, e, K), np.hstack([np.ones_like(x), x, x**2])
    halves = (slice(0, 333), slice(333, None))
    joined, direct = (
        whole.part(halves[0]).moments(rows[halves[0]]) + whole.part(halves[1]).moments(rows[halves[1]]),
        whole.moments(rows),
    )
    assert joined.n == direct.n == 800
    for name in ("gram", "cross", "squares"):
        np.testing.assert_allclose(getattr(joined, name), getattr(direct, name), rtol=1e-9, atol=1e-6)


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
