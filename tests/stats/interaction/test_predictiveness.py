"""Predictiveness curves and the gain of treating by a marker, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.interaction.predictiveness import predictiveness, predictiveness_by


def study(n, *, change=1.0, effect=0.0, seed=0):
    """Risk: logit = -0.5 + 0.3 x + treated (effect + change x)."""
    generator = np.random.default_rng(seed)
    arm, x = generator.permutation(n) % 2, generator.normal(size=n)
    y = generator.random(n) < 1 / (1 + np.exp(0.5 - 0.3 * x - arm * (effect + change * x)))
    return y, arm, x


def gains(*, change=1.0, effect=0.0):
    """What the best rule gains against treating all and none, by a large draw."""
    x = np.random.default_rng(99).normal(size=400_000)
    risks = [1 / (1 + np.exp(0.5 - 0.3 * x - a * (effect + change * x))) for a in (1, 0)]
    best = np.minimum(*risks).mean()
    return risks[0].mean() - best, risks[1].mean() - best


def test_curves_and_gains_of_a_large_study():
    y, arm, x = study(6000, effect=-0.4)
    found = predictiveness(y, arm, x, bootstraps=60)
    for arm_, curve in ((1, found.treated), (0, found.others)):
        truth = 1 / (1 + np.exp(0.5 - 0.3 * found.marker - arm_ * (-0.4 + found.marker)))
        assert np.mean((curve.low < truth) & (truth < curve.high)) > 0.8
    against_all, against_none = gains(effect=-0.4)
    assert found.against_all.value.low < against_all < found.against_all.value.high
    assert found.against_none.value.low < against_none < found.against_none.value.high
    assert found.benefit == pytest.approx((x < 0.4).mean(), abs=0.05)


def test_a_good_event_is_the_absence_of_a_bad_one():
    y, arm, x = study(400)
    bad, good = predictiveness(y, arm, x, bootstraps=30), predictiveness(~y, arm, x, good=True, bootstraps=30)
    assert good.against_all.value.value == pytest.approx(bad.against_all.value.value)
    assert good.benefit == bad.benefit
    np.testing.assert_allclose(good.treated.value, 1 - bad.treated.value)


def test_a_useless_marker_looks_useful_until_corrected():
    """No interaction and no effect: the rule gains nothing, and its apparent gain is selection."""
    found = [predictiveness(*study(150, change=0.0, seed=s), bootstraps=20) for s in range(60)]
    apparent = [f.against_all.apparent + f.against_none.apparent for f in found]
    corrected = [f.against_all.value.value + f.against_none.value.value for f in found]
    assert np.mean(apparent) > 0.02
    assert abs(np.mean(corrected)) < np.mean(apparent) / 2
    assert np.mean([f.against_all.value.low < 0 for f in found]) > 0.88


def test_an_event_by_a_time_equals_the_binary_one_without_censoring(trial):
    time, _, arm, x = trial(400, change=0.6)
    at = float(np.median(time))
    by = predictiveness_by(time, np.ones(400), arm, marker=x, at=at, bootstraps=30)
    plain = predictiveness(time <= at, arm, x, bootstraps=30)
    assert by.against_all.value == plain.against_all.value
    np.testing.assert_allclose(by.treated.low, plain.treated.low)


def test_censoring_is_weighted_away():
    """Censoring hangs on the arm; the curves are those that the same patients show when all are followed."""
    generator = np.random.default_rng(4)
    arm, x = np.arange(8000) % 2, generator.normal(size=8000)
    time = generator.exponential(np.exp(-(0.4 * x + arm * (-0.2 + 0.5 * x))))
    end = np.where(arm == 1, generator.uniform(0.2, 2, 8000), generator.uniform(0.5, 6, 8000))
    event = time <= end
    by = predictiveness_by(np.minimum(time, end), event, arm, marker=x, at=1.0, bootstraps=20)
    full = predictiveness(time <= 1, arm, x, bootstraps=20)
    naive = predictiveness(event & (time <= 1), arm, x, bootstraps=20)
    np.testing.assert_allclose(by.treated.value, full.treated.value, atol=0.025)
    np.testing.assert_allclose(by.others.value, full.others.value, atol=0.025)
    assert (naive.treated.value - full.treated.value).mean() < -0.03
    assert 0.5 < by.n / 8000 < 0.9


def test_refusals(trial):
    time, event, arm, x = trial(100)
    with pytest.raises(NotEstimable, match="followed up"):
        predictiveness_by(time, event, arm, marker=x, at=99)
    with pytest.raises(UnreadableInput, match="An outcome"):
        predictiveness(time, arm, x)
