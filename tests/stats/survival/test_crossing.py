from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.stats.survival.crossing import crossing_curves


def trial(generator, n, kind):
    treated = np.arange(n) % 2 == 0
    control = generator.exponential(8, n)
    if kind == "equal":
        lived = control
    elif kind == "delayed":  # the same until month 4, then better: the curves part and never cross
        lived = np.where(treated & (control > 4), 4 + generator.exponential(16, n), control)
    else:  # early harm, then a plateau
        early = generator.exponential(4, n)
        lived = np.where(treated, np.where(early > 4, 4 + generator.exponential(40, n), early), control)
    censored = generator.uniform(10, 40, n)
    return np.minimum(lived, censored), lived <= censored, treated


def test_a_plain_crossing_is_supported_and_dated():
    # truth: exp(-t/8) meets exp(-1 - (t-4)/40) at t/8 = 1 + (t-4)/40, t = 9
    found = crossing_curves(*trial(np.random.default_rng(1), 2000, "crossing"))
    assert found.supported
    assert (found.first_ahead, found.then_ahead) == (-1, 1)
    assert found.time == pytest.approx(9, abs=1.5)
    assert found.time in found.observed


def test_equal_and_delayed_curves_are_rarely_said_to_cross():
    generator, runs = np.random.default_rng(2), 200
    counts = {"equal": 0, "delayed": 0}
    leads = 0
    for _ in range(runs):
        for kind in counts:
            found = crossing_curves(*trial(generator, 200, kind))
            counts[kind] += found.supported
            leads += kind == "equal" and found.first_ahead != 0
    allowed = 0.025 + 3 * np.sqrt(0.025 * 0.975 / runs)
    assert max(counts.values()) / runs < allowed
    assert leads / runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_turning_the_groups_turns_the_lead():
    time, event, treated = trial(np.random.default_rng(3), 600, "crossing")
    one, two = crossing_curves(time, event, treated), crossing_curves(7 * time, event, ~treated)
    assert one.observed == pytest.approx([t / 7 for t in two.observed])
    assert (one.first_ahead, one.then_ahead) == (-two.first_ahead, -two.then_ahead)


def test_few_events_support_nothing():
    found = crossing_curves([1, 2, 3, 4, 5, 6], [1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0])
    assert not found.supported
    assert found.first_ahead == 0


def test_nobody_left_in_one_group_is_no_obstacle():
    time = np.arange(1, 81, dtype=float)
    found = crossing_curves(time, np.ones(80), (time <= 40) & (time % 8 != 0))
    assert not found.supported
    assert (found.first_ahead, found.then_ahead) == (-1, -1)


def test_the_same_seed_gives_the_same_band():
    rows = trial(np.random.default_rng(5), 120, "equal")
    assert crossing_curves(*rows) == crossing_curves(*rows) or np.isnan(crossing_curves(*rows).time)
    assert crossing_curves(*rows).critical == crossing_curves(*rows).critical
    assert 2.3 < crossing_curves(*rows).critical < 3.5


@pytest.mark.real
def test_curves_of_checkmate_057_cross(shared):
    data = pl.read_csv(shared / "km_curves" / "kmdata" / "Checkmate057_1C.csv")  # progression-free survival
    found = crossing_curves(data["time"], data["event"], data["arm"] == "nivolumab")
    assert found.observed
    assert (found.supported, found.first_ahead, found.then_ahead) == (True, -1, 1)
    assert 5 < found.time < 9  # the published curves meet at about month 7
