"""The bootstrap's correction, on a model whose optimism is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.optimism import optimism_corrected


def mean_square_error(y):
    """Judge a mean by its squared error; fitted and judged on the same n, it flatters itself by 2 var / n."""
    return lambda rows: y[rows].mean(), lambda m, rows: {
        "mse": float(np.mean(((y if rows is None else y[rows]) - m) ** 2))
    }


def test_optimism_of_a_mean_is_twice_the_variance_over_n():
    y = np.random.default_rng(1).normal(size=25)
    fit, measure = mean_square_error(y)
    found = optimism_corrected(25, fit, measure, bootstraps=20_000, seed=1, level=0.95).measures["mse"]
    assert found.apparent == pytest.approx(y.var())
    # the expectation over resamples, exactly: the resample loses var / n, all patients gain var / n
    np.testing.assert_allclose(found.optimism, -2 * y.var() / 25, rtol=0.08)
    np.testing.assert_allclose(found.value.value, found.apparent - found.optimism)
    assert found.value.low < found.value.value < found.value.high


def test_failed_resamples_are_counted_and_too_many_refused():
    y = np.arange(30.0)
    fit, measure = mean_square_error(y)

    def fails_without(patients):
        def fitted(rows):
            if not np.isin(patients, rows).any():
                raise NotEstimable("the level is absent")
            return fit(rows)

        return fitted

    found = optimism_corrected(30, fails_without([0, 1, 2, 3]), measure, bootstraps=200, seed=1, level=0.9)
    assert 0 < found.failed < 20
    assert found.bootstraps == 200 - found.failed
    with pytest.raises(NotEstimable, match="of 200 resamples"):
        optimism_corrected(30, fails_without([0]), measure, bootstraps=200, seed=1, level=0.9)
    with pytest.raises(InvalidSetting, match="too few"):
        optimism_corrected(30, fit, measure, bootstraps=3, seed=1, level=0.9)
