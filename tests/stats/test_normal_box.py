from __future__ import annotations

import numpy as np
import pytest
from scipy.special import beta
from scipy.stats import multivariate_normal, norm

from coley.stats.normal_box import exceeds


def fleming_harrington(weights):
    """Correlation of weighted tests when everybody dies: integrals of products of the weights."""
    covariance = np.array([[beta(1 + r + p, 1 + g + q) for p, q in weights] for r, g in weights])
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


CASES = {
    "exchangeable": np.full((3, 3), 0.5) + 0.5 * np.eye(3),
    "combo": fleming_harrington([(0, 0), (1, 0), (0, 1), (1, 1)]),
    "regular": fleming_harrington([(0, 0), (1, 0), (0, 2), (1, 1)]),
}
COMBO = CASES["combo"]


def test_tails_are_those_of_mvtnorm(oracle):
    table = oracle("pmvnorm")
    assert set(table["case"]) == set(CASES)
    for row in table.iter_rows(named=True):
        for sides in ("two_sided", "one_sided"):
            found = exceeds(row["limit"], CASES[row["case"]], two_sided=sides == "two_sided")
            assert found == pytest.approx(row[sides], rel=2e-4), (row, sides)


def test_the_max_combo_is_singular():
    assert np.linalg.matrix_rank(COMBO) == 3  # weight 1 is the sum of S and 1 - S


@pytest.mark.parametrize("limit", [0.3, 2.0, 6.0])
def test_independent_statistics_multiply(limit):
    for k in (1, 2, 4):
        inside = 2 * norm.cdf(limit) - 1
        wanted = -np.expm1(k * np.log1p(-2 * norm.sf(limit))) if inside > 0.5 else 1 - inside**k
        assert exceeds(limit, np.eye(k)) == pytest.approx(wanted, rel=2e-4)


def test_pairs_are_those_of_scipy_at_every_correlation():
    for r in (-0.999, -0.5, 0.2, 0.9, 0.9999):
        correlation = np.array([[1, r], [r, 1]])
        inside = multivariate_normal.cdf([2, 2], cov=correlation, lower_limit=[-2, -2])
        assert exceeds(2, correlation) == pytest.approx(1 - inside, rel=1e-4), r


def test_copies_of_a_statistic_add_nothing():
    wanted = 2 * norm.sf(2.3)
    assert exceeds(2.3, np.ones((4, 4))) == pytest.approx(wanted, rel=1e-12)
    opposed = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert exceeds(2.3, opposed) == pytest.approx(wanted, rel=1e-12)
    assert exceeds(2.3, opposed, two_sided=False) == pytest.approx(wanted, rel=1e-12)


def test_a_sum_of_others_is_no_obstacle():
    root = np.array([[1, 0], [0, 1], [np.sqrt(0.5), np.sqrt(0.5)]])
    draws = np.abs(root @ np.random.default_rng(1).standard_normal((2, 400_000))).max(axis=0)
    assert exceeds(1.5, root @ root.T) == pytest.approx((draws > 1.5).mean(), abs=3e-3)


def test_far_tails_keep_their_precision():
    # so far out the events hardly overlap: the union is near the sum, and never above it
    p, sum_of_tails = exceeds(8, COMBO), 8 * norm.sf(8)
    assert 2 * norm.sf(8) < p < sum_of_tails


def test_order_of_statistics_does_not_matter():
    order = [2, 0, 3, 1]
    assert exceeds(2.1, COMBO[np.ix_(order, order)]) == pytest.approx(exceeds(2.1, COMBO), rel=1e-4)


def test_a_negative_limit_is_almost_always_exceeded():
    assert exceeds(-1.0, np.eye(2), two_sided=False) == pytest.approx(1 - norm.cdf(-1) ** 2, rel=1e-4)
    assert exceeds(-1.0, np.ones((2, 2)), two_sided=False) == pytest.approx(norm.cdf(1), rel=1e-9)
