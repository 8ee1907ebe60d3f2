from __future__ import annotations

import lifelines
import numpy as np
import pandas as pd
import pytest

from coley.model.errors import NotEstimable
from coley.stats.survival.cox import cox
from coley.stats.survival.effect_over_time import hazard_ratio_by_period


@pytest.fixture(scope="module")
def lung():
    frame = lifelines.datasets.load_lung()
    return frame["time"].to_numpy(float), frame["status"].to_numpy(), frame["sex"].to_numpy() == 2


def test_each_period_is_a_cox_model_with_delayed_entry(lung):
    time, event, women = lung
    cuts = (0.0, 180.0, 400.0, time.max())
    periods = hazard_ratio_by_period(time, event, women, cuts=cuts[1:3])
    assert len(periods) == 3
    for period, start, end in zip(periods, cuts[:-1], cuts[1:], strict=True):
        inside = time > start
        frame = pd.DataFrame(
            {
                "time": np.minimum(time, end)[inside],
                "event": (event * (time <= end))[inside],
                "women": women[inside].astype(float),
                "entry": np.full(inside.sum(), start),
            }
        )
        theirs = lifelines.CoxPHFitter().fit(
            frame, "time", "event", entry_col="entry", fit_options={"precision": 1e-12}
        )
        assert period.ratio.value == pytest.approx(theirs.hazard_ratios_["women"], rel=1e-5)
        assert period.ratio.se == pytest.approx(theirs.standard_errors_["women"], rel=1e-5)
        assert (period.n, period.events) == (inside.sum(), frame["event"].sum())


def test_one_period_is_the_whole(lung):
    time, event, women = lung
    (period,) = hazard_ratio_by_period(time, event, women, cuts=[5000])
    whole = cox(time, event, women.astype(float)).hazard_ratios[0]
    assert period.ratio.value == pytest.approx(whole.value)
    assert period.n == len(time)


def test_events_of_all_periods_add_up(lung):
    time, event, women = lung
    periods = hazard_ratio_by_period(time, event, women, cuts=[100, 200, 500])
    assert sum(p.events for p in periods) == event.sum()
    assert [p.start for p in periods[1:]] == [p.end for p in periods[:-1]]


def test_a_delayed_effect_is_recovered_period_by_period():
    generator, n = np.random.default_rng(6), 20_000
    treated = np.arange(n) % 2 == 0
    lived = generator.exponential(10, n)
    lived = np.where(treated & (lived > 4), 4 + (lived - 4) * 2, lived)  # hazard ratio 1, then 0.5
    time, event = np.minimum(lived, 30), lived <= 30
    early, late = hazard_ratio_by_period(time, event, treated, cuts=[4])
    assert early.ratio.low < 1 < early.ratio.high
    assert late.ratio.low < 0.5 < late.ratio.high
    assert late.ratio.high < 0.6


def test_a_period_without_events_in_a_group_has_no_ratio():
    first, second = hazard_ratio_by_period(
        [1, 2, 5, 6, 7, 8], [1, 1, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1], cuts=[3]
    )
    assert np.isfinite(first.ratio.value)
    assert np.isnan(second.ratio.value)
    assert second.events == 2


def test_groups_must_be_two():
    with pytest.raises(NotEstimable):
        hazard_ratio_by_period([1, 2], [1, 1], [1, 1], cuts=[1])
