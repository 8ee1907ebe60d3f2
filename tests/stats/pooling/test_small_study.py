"""Small-study effects: against R, under no asymmetry and under selective publication."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.stats.pooling.small_study import small_study_effects


def test_equals_r(bcg, pooled_by_metafor):
    counts = pooled_by_metafor("counts")
    for row in pooled_by_metafor("small_study").iter_rows(named=True):
        found = small_study_effects(*bcg, method=row["method"], counts=(counts["events"], counts["none"]))
        values = [found.slope.value, found.slope.low, found.slope.high, found.test.statistic, found.test.p]
        np.testing.assert_allclose(
            values, [row[n] for n in ("slope", "slope_low", "slope_high", "t", "p")], rtol=1e-8
        )
        np.testing.assert_allclose(
            [found.limit.value, found.limit.low, found.limit.high],
            [row[n] for n in ("limit", "limit_low", "limit_high")],
            rtol=1e-8,
        )
        assert (found.k, found.test.df) == (13, 11)


def test_type_one_error_and_selective_publication():
    generator = np.random.default_rng(2)
    se = np.linspace(0.08, 0.5, 14)
    null = [small_study_effects(generator.normal(0.3, se), se).test.p < 0.05 for _ in range(1500)]
    assert abs(np.mean(null) - 0.05) < 0.017  # three standard errors

    def published(error):
        while True:  # a small study is printed only where it is significant
            y = generator.normal(0.1, error)
            if error < 0.15 or y > 1.64 * error:
                return y

    hidden = [small_study_effects([published(s) for s in se], se) for _ in range(100)]
    assert np.mean([h.test.p < 0.05 for h in hidden]) > 0.6
    assert np.mean([h.slope.value for h in hidden]) > 1


def test_refusals():
    se = np.linspace(0.1, 0.4, 12)
    with pytest.raises(NotEstimable, match="9 studies"):
        small_study_effects(np.append(np.zeros(9), np.nan), np.append(se[:9], 0.1))
    with pytest.raises(NotEstimable, match="equally precise"):
        small_study_effects(np.arange(12.0), np.full(12, 0.3))
    with pytest.raises(InvalidSetting, match="with and without"):
        small_study_effects(np.zeros(12), se, method="deeks")
    with pytest.raises(UnreadableInput, match="at least one patient"):
        small_study_effects(np.zeros(12), se, method="peters", counts=(np.zeros(12), np.full(12, 9)))
    with pytest.raises(UnknownName, match="eggers"):
        small_study_effects(np.zeros(12), se, method="eggers")
