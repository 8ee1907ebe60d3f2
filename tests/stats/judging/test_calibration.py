"""Calibration against R, its intervals against the truth in simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.judging.calibration import brier_score, calibration
from coley.stats.judging.calibration_curve import calibration_curve
from coley.stats.judging.recalibration import offset_intercept, recalibrate


def cohort(rng, n, *, shift=0.0, slope=1.0):
    """Probabilities, and outcomes whose logit is shift + slope x that of the probability."""
    p = expit(rng.normal(-0.8, 1.0, n))
    return p, rng.random(n) < expit(shift + slope * logit(p))


def test_equals_r(judged):
    data, expected = (
        judged("judged"),
        {row["case"]: row for row in judged("calibration").iter_rows(named=True)},
    )
    found, again = calibration(data["p"], data["y"]), recalibrate(data["p"], data["y"])
    assert found.score.brier.value == pytest.approx(expected["brier"]["value"], abs=1e-12)
    for name in ("slope", "intercept"):
        ours, theirs = getattr(found, name), expected[name]
        assert (ours.value, ours.low, ours.high) == pytest.approx(
            (theirs["value"], theirs["low"], theirs["high"]), abs=1e-6
        )
    assert again.slope == pytest.approx(expected["slope"]["value"], abs=1e-7)
    assert again.intercept == pytest.approx(expected["recalibration_intercept"]["value"], abs=1e-7)


def test_brier_score_equals_sklearn_and_its_definition(judged):
    data = judged("judged")
    found = brier_score(data["p"], data["y"])
    assert found.brier.value == pytest.approx(brier_score_loss(data["y"], data["p"]), abs=1e-12)
    rate = data["y"].mean()
    assert found.constant == pytest.approx(rate * (1 - rate))
    assert found.scaled.value == pytest.approx(1 - found.brier.value / found.constant)
    constant = brier_score(np.full(160, rate), data["y"])
    assert constant.scaled.value == pytest.approx(0, abs=1e-12)
    assert brier_score(data["y"], data["y"]).brier.value == 0  # certainty that is right


def test_coverage_of_every_interval():
    rng = np.random.default_rng(31)
    p, y = cohort(rng, 1_000_000, shift=-0.3, slope=0.8)
    truth = {
        "observed_expected": y.mean() / p.mean(),
        "intercept": offset_intercept(y, logit(p)),
        "slope": 0.8,
        "brier": ((p - y) ** 2).mean(),
        "scaled": 1 - ((p - y) ** 2).mean() / y.var(),
    }
    hits = dict.fromkeys(truth, 0)
    for _ in range(300):
        found = calibration(*cohort(rng, 200, shift=-0.3, slope=0.8))
        for name, value in truth.items():
            interval = getattr(found if hasattr(found, name) else found.score, name)
            hits[name] += interval.low <= value <= interval.high
    assert all(abs(hit / 300 - 0.95) < 0.035 for hit in hits.values()), hits


def test_standard_errors_of_ratios_are_those_of_the_jackknife():
    p, y = cohort(np.random.default_rng(37), 150, shift=-0.5)
    found = calibration(p, y)
    parts = [np.delete(np.arange(150), i) for i in range(150)]
    ratio = np.array([np.log(y[rows].mean() / p[rows].mean()) for rows in parts])
    scaled = np.array([brier_score(p[rows], y[rows]).scaled.value for rows in parts])
    for ours, left_out in ((found.observed_expected.se, ratio), (found.score.scaled.se, scaled)):
        assert ours == pytest.approx(np.sqrt(149 / 150 * ((left_out - left_out.mean()) ** 2).sum()), rel=0.03)


def test_right_probabilities_are_rejected_at_the_level_and_the_index_is_that_of_chance():
    rng = np.random.default_rng(32)
    found = [calibration(*cohort(rng, 300)) for _ in range(300)]
    assert abs(np.mean([f.test.p < 0.05 for f in found]) - 0.05) < 0.025
    assert abs(np.mean([f.slope.low <= 1 <= f.slope.high for f in found]) - 0.95) < 0.025
    index, chance = np.mean([f.curve.ici for f in found]), np.mean([f.curve.ici_by_chance for f in found])
    assert chance == pytest.approx(index, rel=0.1)


def test_the_band_covers_a_curve_that_is_not_straight():
    rng = np.random.default_rng(33)
    hits = []
    for _ in range(200):
        p = rng.uniform(0.05, 0.95, 500)
        curve = calibration_curve(p, rng.random(500) < 0.2 + 0.6 * p)
        at = slice(10, 91, 20)
        truth = 0.2 + 0.6 * curve.predicted[at]
        hits.append((curve.low[at] <= truth) & (truth <= curve.high[at]))
    np.testing.assert_allclose(np.mean(hits, axis=0), 0.95, atol=0.045)


def test_index_recovers_a_known_distance():
    rng = np.random.default_rng(34)
    p, y = cohort(rng, 50_000, shift=0.5)
    curve = calibration_curve(p, y)
    truth = np.abs(expit(0.5 + logit(p)) - p)
    assert curve.ici == pytest.approx(truth.mean(), abs=0.006)
    assert curve.e90 == pytest.approx(np.quantile(truth, 0.9), abs=0.01)
    assert curve.ici > 10 * curve.ici_by_chance


def test_the_curve_has_no_more_bends_than_patients_allow():
    rng = np.random.default_rng(35)
    knots = []
    for positives in (8, 19, 20, 29, 30, 100):
        y = np.arange(300) < positives
        knots.append(len(calibration_curve(expit(rng.normal(size=300) + y), y).knots))
    assert knots == [0, 0, 3, 3, 4, 4]
    y = rng.random(300) < 0.4
    assert len(calibration_curve(np.where(rng.random(300) < 0.5, 0.3, 0.5), y).knots) == 0


def test_recalibration_is_frozen_and_fits_where_it_was_learnt():
    rng = np.random.default_rng(36)
    p, y = cohort(rng, 50_000, shift=-0.9, slope=1.2)
    learnt = recalibrate(p, y)
    assert (learnt.intercept, learnt.slope) == pytest.approx((-0.9, 1.2), abs=0.06)
    again = calibration(learnt.apply(p), y)
    assert (again.intercept.value, again.slope.value) == pytest.approx((0, 1), abs=1e-9)
    new_p, new_y = cohort(rng, 5_000, shift=-0.9, slope=1.2)
    assert learnt.apply(new_p).mean() == pytest.approx(new_y.mean(), abs=0.02)
    np.testing.assert_allclose(learnt.apply(new_p[:3]), learnt.apply(new_p)[:3])
    shifted = recalibrate(p, y, slope=False)
    assert shifted.slope == 1
    assert shifted.apply(p).mean() == pytest.approx(y.mean(), abs=1e-9)
    with pytest.raises(AttributeError):
        learnt.slope = 2


def test_constants_and_separation_have_no_slope():
    flat = calibration(np.full(50, 0.4), np.arange(50) < 20)
    assert (flat.observed_expected.value, flat.intercept.value) == pytest.approx((1, 0), abs=1e-9)
    assert np.isnan([flat.slope.value, flat.test.p]).all()
    assert flat.curve is None
    apart = calibration(np.linspace(0.1, 0.9, 40), np.arange(40) >= 20)
    assert np.isnan(apart.slope.value)
    assert apart.score.scaled.value > 0.5


def test_row_order_and_swapped_classes(judged):
    data = judged("judged")
    p, y = data["p"].to_numpy(), data["y"].to_numpy()
    found, turned = calibration(p, y), calibration(1 - p[::-1], 1 - y[::-1])
    assert turned.slope.value == pytest.approx(found.slope.value, abs=1e-9)
    assert turned.intercept.value == pytest.approx(-found.intercept.value, abs=1e-9)
    assert turned.score.brier.value == pytest.approx(found.score.brier.value, abs=1e-12)
    assert turned.curve.ici == pytest.approx(found.curve.ici, abs=1e-4)


def test_refusals():
    y = [0, 1, 0, 1]
    with pytest.raises(UnreadableInput, match="between 0 and 1") as refused:
        brier_score([0.1, 40, 0.3, 0.4], y)
    assert "per cent" in refused.value.cause
    with pytest.raises(UnreadableInput, match="no logit"):
        calibration([0, 0.5, 0.3, 0.4], y)
    with pytest.raises(UnreadableInput, match="no logit"):
        recalibrate([0.2, 0.3, 0.5, 0.4], y).apply([1.0])
    with pytest.raises(UnreadableInput, match="rows \\[2\\]"):
        calibration([0.1, 0.5, np.nan, 0.4], y)
    with pytest.raises(NotEstimable, match="alike"):
        calibration([0.1, 0.5, 0.3, 0.4], [0, 0, 0, 0])
