"""Follow-up that cannot be used is refused in one clear message; the outline equals Nelson-Aalen."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import NelsonAalenFitter

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.parametric.data import survival_data


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"time": [1.0, np.nan]}, "'time'"),
        ({"time": [1.0, -2.0]}, "'time'"),
        ({"event": [1, 2]}, "only 0 and 1"),
        ({"time": [0.0, 2.0]}, "time zero"),
        ({"entry": [0.0, 2.0]}, "ends before it begins"),
        ({"entry": [-1.0, 0.0]}, "before zero"),
        ({"upper": [0.5, np.nan]}, "must end after it begins"),
        ({"upper": [np.inf, np.nan]}, "must end after it begins"),
        ({"upper": [np.nan, 4.0]}, "must end after it begins"),
        ({"upper": [3.0, np.nan], "background": [0.1, 0.1]}, "background accumulated"),
        ({"background": [0.1]}, "'background'"),
        ({"background": [0.1, np.nan]}, "'background'"),
        ({"background": [0.1, -0.1]}, "'background'"),
        ({"weights": [1.0, -1.0]}, "'weights'"),
    ],
)
def test_bad_follow_up_is_refused(given, words):
    columns = {"time": [1.0, 2.0], "event": [1, 0]} | given
    with pytest.raises(UnreadableInput, match=words):
        survival_data(**columns)


def test_no_event_is_nothing_to_fit():
    with pytest.raises(NotEstimable, match="no event"):
        survival_data([1.0, 2.0], [0, 0])
    with pytest.raises(NotEstimable, match="no event"):
        survival_data([1.0, 2.0], [1, 0], weights=[0.0, 1.0])


def test_an_event_at_zero_may_be_an_interval():
    assert survival_data([0.0, 2.0], [1, 0], upper=[0.5, np.nan]).events == 1


def test_outline_equals_nelson_aalen_with_late_entry_and_weights():
    rng = np.random.default_rng(3)
    t = np.round(rng.exponential(10, 80), 1) + 0.1
    event, entry = rng.integers(0, 2, 80), np.where(np.arange(80) % 3 == 0, t / 4, 0.0)
    weights = rng.choice([1.0, 2.0], 80)
    outline = survival_data(t, event, entry=entry, weights=weights).outline()
    theirs = NelsonAalenFitter(nelson_aalen_smoothing=False)
    repeated = np.repeat(np.arange(80), weights.astype(int))  # a weight is so many patients
    theirs.fit(t[repeated], event[repeated], entry=entry[repeated])
    expected = -theirs.cumulative_hazard_.iloc[:, 0].loc[outline.times].to_numpy()
    np.testing.assert_allclose(outline.log_survival, expected, rtol=1e-10)
    assert outline.rate == pytest.approx((weights * event).sum() / (weights * (t - entry)).sum())
