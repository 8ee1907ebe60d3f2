from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.model.method import METHODS
from coley.stats.survival.kaplan_meier import kaplan_meier
from coley.stats.survival.readings import milestone_survival, survival_quantile

TIME, EVENT = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 1, 0, 1, 0]


def test_readings_are_those_of_the_curve():
    curve = kaplan_meier(TIME, EVENT, level=0.9)
    assert repr(survival_quantile(TIME, EVENT, 0.25, level=0.9)) == repr(curve.quantile(0.25))
    assert milestone_survival(TIME, EVENT, 4.5, level=0.9) == curve.milestone(4.5)


def test_a_median_that_is_not_reached_is_missing():
    found = survival_quantile([1, 2, 3], [1, 0, 0])
    assert np.isnan(found.value)


def test_impossible_settings_are_refused():
    with pytest.raises(InvalidSetting):
        survival_quantile(TIME, EVENT, 1)
    with pytest.raises(InvalidSetting):
        milestone_survival(TIME, EVENT, -1)


def test_every_estimator_of_the_room_is_in_the_catalogue():
    import coley.stats.competing
    import coley.stats.survival.contrast
    import coley.stats.survival.crossing
    import coley.stats.survival.log_rank
    import coley.stats.survival.restricted_mean

    assert coley.stats is not None
    wanted = (
        "kaplan_meier survival_quantile milestone_survival restricted_mean_survival log_rank fleming_harrington "
        "max_combo milestone_difference rmst_difference quantile_difference crossing_curves aalen_johansen gray"
    )
    for name in wanted.split():
        assert METHODS[name].references, name


@pytest.mark.parametrize("n", [120])
def test_median_interval_covers(n):
    generator, runs, hits = np.random.default_rng(3), 1000, 0
    for _ in range(runs):
        lived, censored = generator.exponential(10, n), generator.uniform(5, 40, n)
        found = survival_quantile(np.minimum(lived, censored), lived <= censored)
        # a limit that is not reached leaves the interval open above
        hits += found.low <= 10 * np.log(2) <= (found.high if np.isfinite(found.high) else np.inf)
    assert abs(hits / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)
