"""Outcomes dealt anew: all distinct ways, or a fair sample of them."""

from __future__ import annotations

from itertools import permutations as every

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.screens.permutations import permutations


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 1], [3, 1, 2, 4], [1, 2, 2, 1, 3, 3], [5, 5, 5]])
def test_every_distinct_deal_once(labels):
    found = permutations(labels, samples=10, seed=1)
    dealt = np.array(labels)[found.order]
    assert found.exact
    assert sorted(map(tuple, dealt.tolist())) == sorted(set(every(labels)))
    assert (np.sort(found.order, axis=1) == np.arange(len(labels))).all()


def test_every_deal_within_strata():
    labels, strata = np.array([0, 1, 1, 0, 2, 0]), np.array(list("babbaa"))
    found = permutations(labels, strata=strata, samples=10, seed=1)
    dealt = labels[found.order]
    expected = {
        tuple(row)
        for row in every(labels.tolist())
        if all(sorted(np.array(row)[strata == s]) == sorted(labels[strata == s]) for s in "ab")
    }
    assert sorted(map(tuple, dealt.tolist())) == sorted(expected)
    assert (strata[found.order] == strata).all()


def test_a_sample_is_fair_stays_in_its_strata_and_follows_its_seed():
    strata = np.arange(30) % 3
    found = permutations(np.arange(30), strata=strata, samples=4000, seed=1)
    assert not found.exact
    assert (strata[found.order] == strata).all()
    assert (np.sort(found.order, axis=1) == np.arange(30)).all()
    assert abs((found.order[:, 0] == 27).mean() - 0.1) < 0.015
    again, other = (permutations(np.arange(30), strata=strata, samples=4000, seed=k) for k in (1, 2))
    assert (again.order == found.order).all()
    assert not (other.order == found.order).all()


def test_p_of_a_sample_is_never_zero():
    exact = permutations([0, 0, 1], samples=10, seed=1)
    sample = permutations(np.arange(20), samples=99, seed=1)
    assert exact.p(1) == pytest.approx(1 / 3)
    np.testing.assert_allclose(sample.p([0, 99]), [0.01, 1.0])
    with pytest.raises(InvalidSetting, match="0 permutations"):
        permutations([0, 1], samples=0, seed=1)
