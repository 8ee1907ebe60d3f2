"""A design matrix that has been examined."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.design import design, refuse_aliased


def test_standardised_columns():
    X = np.random.default_rng(1).normal(1e6, 3, size=(50, 4))
    found = design(X, 50)
    np.testing.assert_allclose(found.Z.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(found.Z.std(axis=1), 1)
    np.testing.assert_allclose((found.Z * found.scale[:, None] + found.centre[:, None]).T, X)
    assert found.names == ("x1", "x2", "x3", "x4")
    assert found.p == 4


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e9, 1e-30])
def test_constant_is_seen_whatever_its_size(constant):
    with pytest.raises(NotEstimable, match="'flat'"):
        design(np.c_[np.arange(7.0), np.full(7, constant)], 7, names=["x", "flat"])


@pytest.mark.parametrize("column", [1e9 + np.arange(5.0), 1e-12 * np.arange(5.0), np.r_[np.zeros(4), 1e-9]])
def test_small_variation_is_variation(column):
    assert design(column, 5).scale[0] > 0


def test_unusable():
    with pytest.raises(UnreadableInput, match="shape"):
        design(np.ones((3, 2)), 4)
    with pytest.raises(UnreadableInput, match="shape"):
        design(np.ones((3, 0)), 3)
    with pytest.raises(UnreadableInput, match=r"b \(2\)"):
        design([[1, np.nan], [2, np.inf], [3, 4]], 3, names=["a", "b"])
    with pytest.raises(InvalidSetting, match="names"):
        design([[1, 2], [3, 5]], 2, names=["a"])


def test_aliased_columns_are_named_with_their_parts_and_near_ones_are_not():
    rng = np.random.default_rng(2)
    a, b, c = rng.normal(size=(3, 100))
    for extra, refused in ((a - 2 * c, True), (a - 2 * c + 1e-3 * rng.normal(size=100), False)):
        Z = design(np.c_[a, b, c, extra], 100).Z
        if refused:
            with pytest.raises(NotEstimable, match="'d' is a linear combination of 'a', 'c'"):
                refuse_aliased(Z @ Z.T, ["a", "b", "c", "d"], who="here")
        else:
            refuse_aliased(Z @ Z.T, ["a", "b", "c", "d"], who="here")
