"""Two arms and a marker: what is refused, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.interaction.arms import arms


def test_units_and_columns():
    found = arms(4, [0, 1, 0, 1], [1.0, 2.0, 3.0, 6.0], covariates=[5, 6, 7, 9], names=["age"])
    assert (found.unit, found.classes) == (pytest.approx(np.std([1, 2, 3, 6], ddof=1)), False)
    X, names = found.columns()
    assert names == ("treated", "marker", "treated x marker", "age")
    np.testing.assert_allclose(X[1], [1, -1, -1, 6])
    assert arms(3, [0, 1, 0], [0, 1, 1]).inside == (0, 1)


@pytest.mark.parametrize(
    ("treated", "marker", "more", "error", "words"),
    [
        ([0, 1, 2], [1, 2, 3], {}, UnreadableInput, "0 or 1"),
        (["a", "b", "a"], [1, 2, 3], {}, UnreadableInput, "0 or 1"),
        ([0, 1], [1, 2, 3], {}, UnreadableInput, "0 or 1"),
        ([0, 1, 1], [1, np.nan, 3], {}, UnreadableInput, "one finite number"),
        ([1, 1, 1], [1, 2, 3], {}, NotEstimable, "one of them has no patient"),
        ([0, 1, 1], [2, 2, 2], {}, NotEstimable, "same for everybody"),
        ([0, 1, 1], [1, 2, 3], {"covariates": [1, np.nan, 2]}, UnreadableInput, "Covariates"),
        ([0, 1, 1], [1, 2, 3], {"covariates": [1, 4, 2], "names": ["marker"]}, InvalidSetting, "names"),
    ],
)
def test_refusals(treated, marker, more, error, words):
    with pytest.raises(error, match=words):
        arms(3, treated, marker, **more)
