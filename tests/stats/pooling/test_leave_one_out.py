"""Each cohort left out: against metafor, and a result that hangs on one cohort."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable
from coley.stats.pooling.leave_one_out import leave_one_out
from coley.stats.pooling.random_effects import pool


def test_equals_metafor(bcg, pooled_by_metafor):
    expected, found = pooled_by_metafor("leave_one_out"), leave_one_out(*bcg)
    for name, values in (
        ("mean", found.without.interval.value),
        ("low", found.without.interval.low),
        ("high", found.without.interval.high),
        ("tau2", found.without.tau2.value),
    ):
        np.testing.assert_allclose(values, expected[name], rtol=1e-6, atol=1e-9)
    change = expected["mean"].to_numpy() - pool(*bcg).interval.value
    assert found.largest == np.abs(change).argmax()
    assert found.largest_change == pytest.approx(change[found.largest])
    assert found.stands


def test_one_cohort_on_which_the_conclusion_hangs():
    y, se = [0.05, -0.02, 0.9, 0.02, np.nan], [0.2, 0.2, 0.05, 0.2, 0.1]
    found = leave_one_out(y, se, method="paule_mandel")
    assert (found.largest, found.stands) == (2, True)  # with or without it, nothing is shown
    assert np.isnan(found.change[4])

    hides = leave_one_out([0.4, 0.45, 0.5, -0.8], [0.1] * 4)
    assert (hides.largest, hides.stands, hides.flips.tolist()) == (3, False, [False] * 3 + [True])
    other = leave_one_out([0.4, 0.45, 0.5, 0.42], [0.1] * 4, null=0.44)
    assert other.stands


def test_refuses_two_cohorts():
    with pytest.raises(NotEstimable, match="2 cohorts"):
        leave_one_out([0.1, 0.2, np.nan], [0.1, 0.1, 0.1])
