"""The plane: quadrants counted by hand, the ellipse by the share of normal draws that it holds."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.decision.plane import plane


def test_ellipse_holds_its_share_and_moments_are_those_of_the_draws():
    cov = [[4.0, 1.5], [1.5, 1.0]]
    c, e = np.random.default_rng(1).multivariate_normal((3.0, 1.0), cov, 40_000).T
    base = np.random.default_rng(2).normal(size=(2, 40_000))
    found = plane(np.column_stack([base[0], base[0] + c]), np.column_stack([base[1], base[1] + e]), level=0.8)
    np.testing.assert_allclose(found.covariance[1], np.cov(e, c), rtol=1e-9)
    assert np.isnan(found.covariance[0]).all()
    inverse = np.linalg.inv(found.covariance[1])
    centre = np.array([found.added_effect[1], found.added_cost[1]])
    away = np.column_stack([e, c]) - centre
    rim = found.ellipse[1] - centre
    reach = np.einsum("ni,ij,nj->n", rim, inverse, rim)
    np.testing.assert_allclose(reach, reach[0], rtol=1e-9)
    assert np.mean(np.einsum("ni,ij,nj->n", away, inverse, away) <= reach[0]) == pytest.approx(0.8, abs=0.007)


def test_quadrants_partition_the_draws():
    rng = np.random.default_rng(3)
    c, e = rng.normal(size=(2, 500, 3))
    found = plane(c, e, comparator=2)
    total = found.north_east + found.south_east + found.south_west + found.north_west
    np.testing.assert_allclose(total[:2], 1)
    assert np.isnan(total[2])
    de, dc = e[:, 0] - e[:, 2], c[:, 0] - c[:, 2]
    assert found.south_west[0] == np.mean((de < 0) & (dc <= 0))
    assert found.north_west[0] == np.mean((de < 0) & (dc > 0))


def test_no_such_comparator():
    with pytest.raises(InvalidSetting, match="no strategy 2"):
        plane([[0.0, 1.0]], [[0.0, 1.0]], comparator=2)


def test_one_draw_has_a_place_and_no_spread():
    found = plane([[0.0, 5.0]], [[1.0, 1.5]])
    assert (found.added_cost[1], found.added_effect[1], found.north_east[1]) == (5, 0.5, 1)
    assert np.isnan(found.covariance).all()
    assert np.isnan(found.ellipse).all()
