"""Columns of a screen: their examination, and work shared among threads."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.screens.columns import columns, strata_codes, two_classes


def test_blocks_are_the_columns_in_either_memory_order_and_type():
    X = np.arange(12).reshape(3, 4)
    for given in (X, np.asfortranarray(X), X.astype(np.float32), X.tolist()):
        matrix = columns(given, 3, names="abcd")
        np.testing.assert_array_equal(matrix.block(slice(1, 3)), X[:, 1:3].T)
        np.testing.assert_array_equal(matrix.block(np.array([3, 0])), X[:, [3, 0]].T)
        assert matrix.block(slice(0, 2)).dtype == float


def test_an_infinite_value_is_named():
    X = np.zeros((3, 4))
    X[1, 2] = -np.inf
    with pytest.raises(UnreadableInput, match="'c'"):
        columns(X, 3, names="abcd").block(slice(1, 4))


def test_refusals():
    with pytest.raises(UnreadableInput, match="shape"):
        columns(np.zeros((3, 4)), 4)
    with pytest.raises(UnreadableInput, match="shape"):
        columns(np.zeros((3, 0)), 3)
    with pytest.raises(UnreadableInput, match="numbers"):
        columns([["high"], ["low"]], 2)
    with pytest.raises(InvalidSetting, match="names"):
        columns(np.zeros((3, 2)), 3, names=["a", "a"])
    with pytest.raises(UnreadableInput, match="yes or no"):
        two_classes([1, 2])
    with pytest.raises(UnreadableInput, match="yes or no"):
        two_classes(["CR", "PD"])
    with pytest.raises(NotEstimable, match="2 of 2"):
        two_classes([1, 1])
    with pytest.raises(UnreadableInput, match="label"):
        strata_codes(["a"], 2)
