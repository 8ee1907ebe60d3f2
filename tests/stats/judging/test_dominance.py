"""Counts over pairs, against looking at every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.stats.judging.dominance import dominance


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=70))
def test_equals_looking_at_every_pair(rows):
    instant, score, weight = (np.array(column) for column in zip(*rows, strict=True))
    found = dominance(instant, score.astype(float), weight / 2)
    earlier = (instant[None] < instant[:, None]) * weight / 2
    np.testing.assert_allclose(found.all, earlier.sum(axis=1))
    np.testing.assert_allclose(found.lower, (earlier * (score[None] < score[:, None])).sum(axis=1))
    np.testing.assert_allclose(
        found.equal, (earlier * (score[None] == score[:, None])).sum(axis=1), atol=1e-12
    )
