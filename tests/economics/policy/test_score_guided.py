from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.gains import gains_if_caused, randomised_gains
from coley.economics.policy.score_guided import marker_guided, score_guided
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.decision_curve import decision_curve


@pytest.mark.parametrize("threshold", [0.15, 0.3, 0.5])
def test_curve_is_net_benefit_of_decision_curves(threshold):
    """At a worth of 1 and a cost t a cut-off of t gives net benefit of decision curves, times 1 - t."""
    rng = np.random.default_rng(1)
    chance = np.round(rng.uniform(0, 1, 250), 2)  # with ties
    response = rng.random(250) < chance
    gains = gains_if_caused(response, 1.0, threshold)
    curve = decision_curve({"model": chance}, response, [threshold])
    model, everybody = curve.net_benefit[0, 0], curve.net_benefit[1, 0]
    found = score_guided(chance, gains, resamples=2)
    at = np.flatnonzero(found.cutoffs >= threshold)[-1]
    assert found.net_benefit.value[at] / (1 - threshold) == pytest.approx(model)
    assert found.treated[at] == pytest.approx(curve.treated[0, 0])
    fixed = marker_guided(chance >= threshold, gains)
    assert fixed.over_none.value / (1 - threshold) == pytest.approx(model)
    assert fixed.over_all.value / (1 - threshold) == pytest.approx(model - everybody)


def test_best_is_the_best_of_all_cutoffs():
    rng = np.random.default_rng(2)
    x, gain = np.round(rng.normal(size=200), 1), rng.normal(size=200)
    gains = randomised_gains(gain, rng.integers(0, 2, 200))
    found = score_guided(x, gains, cost=0.01, resamples=2)
    values = [np.where(x >= c, gains.value, 0).mean() - 0.01 for c in np.unique(x)]
    assert found.net_benefit.value == pytest.approx(values[::-1])
    top, naive = max(values), max(gains.value.mean(), 0)
    assert found.apparent == pytest.approx(max(top - naive, 0))
    assert found.best.value == pytest.approx(np.unique(x)[int(np.argmax(values))])


def test_noise_looks_good_until_it_is_judged_elsewhere():
    """Without any information in the score the apparent gain is positive; the corrected one is not."""
    rng = np.random.default_rng(3)
    apparent, corrected = [], []
    for seed in range(60):
        gains = gains_if_caused(rng.random(120) < 0.5, 1.0, 0.5)
        found = score_guided(rng.random(120), gains, resamples=2, repeats=5, seed=seed)
        apparent.append(found.apparent)
        corrected.append(found.over_none.value)
    assert np.mean(apparent) > 0.01
    assert abs(np.mean(corrected)) < 4 * np.std(corrected) / np.sqrt(60)


def test_intervals_cover_what_the_choice_is_truly_worth():
    """Truth by population: the value, over treating all, of cut-offs chosen on four fifths of such cohorts."""
    rng = np.random.default_rng(4)
    n, trials, worth, cost = 200, 150, 1.0, 0.4

    def population(c):
        return (1 - c) * ((1 + c) / 2 * worth - cost)  # response has the probability that the score says

    chosen = []
    for _ in range(600):
        x = rng.uniform(size=160)
        gains = worth * (rng.random(160) < x) - cost
        order = np.argsort(-x)
        sums = np.cumsum(gains[order])
        chosen.append(population(x[order][sums.argmax()]))
    truth = np.mean(chosen) - population(0.0)
    covered, values = 0, []
    for seed in range(trials):
        x = rng.uniform(size=n)
        found = score_guided(
            x, gains_if_caused(rng.random(n) < x, worth, cost), resamples=150, repeats=10, seed=seed
        )
        covered += found.over_all.low <= truth <= found.over_all.high
        values.append(found.over_all.value)
    assert abs(np.mean(values) - truth) < 4 * np.std(values) / np.sqrt(trials)
    assert 0.90 <= covered / trials <= 0.995


def test_a_dear_test_is_not_done():
    rng = np.random.default_rng(5)
    x = rng.uniform(size=300)
    gains = gains_if_caused(rng.random(300) < x, 1.0, 0.4)
    found = score_guided(x, gains, cost=5.0, resamples=20)
    assert found.best.value == -np.inf  # treat all
    assert found.over_all.value == pytest.approx(0)
    assert (found.apparent, found.kept) == (0.0, 0.0)
    nobody = score_guided(x, gains_if_caused(rng.random(300) < x, 1.0, 0.9), cost=5.0, resamples=20)
    assert nobody.best.value == np.inf


def test_order_and_monotone_change_of_the_score_change_nothing():
    rng = np.random.default_rng(6)
    x = rng.uniform(size=150)
    response = rng.random(150) < x
    gains = gains_if_caused(response, 1.0, 0.4)
    one = score_guided(x, gains, resamples=10, seed=9)
    other = score_guided(np.exp(5 * x), gains, resamples=10, seed=9)
    assert one.corrected.value == other.corrected.value
    assert np.exp(5 * one.best.value) == pytest.approx(other.best.value)
    order = rng.permutation(150)
    shuffled = score_guided(x[order], gains_if_caused(response[order], 1.0, 0.4), resamples=10, seed=9)
    assert shuffled.corrected.value == pytest.approx(one.corrected.value)


def test_fixed_marker_intervals_cover():
    """A marker with an interaction, 1,000 randomised trials: limits of each estimate hold their truth."""
    rng = np.random.default_rng(7)
    truth = {
        "among_positive": 1.0,
        "among_negative": -0.5,
        "difference": 1.5,
        "over_none": 0.4,
        "over_all": 0.3,
    }
    covered = dict.fromkeys(truth, 0)
    for _ in range(1000):
        marker, arm = rng.random(200) < 0.4, rng.random(200) < 0.5
        y = rng.normal(3 * marker + arm * np.where(marker, 1.0, -0.5), 1)
        found = marker_guided(marker, randomised_gains(y, arm, strata=marker, probability=0.5))
        for name, value in truth.items():
            one = getattr(found, name)
            covered[name] += one.low <= value <= one.high
    assert all(0.93 <= count / 1000 <= 0.97 for count in covered.values()), covered


def test_bad_scores():
    gains = gains_if_caused([1, 0] * 20, 1.0, 0.4)
    with pytest.raises(UnreadableInput, match="needs a score"):
        score_guided([np.nan] * 40, gains)
    with pytest.raises(NotEstimable, match="same score"):
        score_guided(np.ones(40), gains)
    with pytest.raises(NotEstimable, match="too few for 25 folds"):
        score_guided(np.arange(40), gains, folds=25)
    with pytest.raises(InvalidSetting, match="Two folds"):
        score_guided(np.arange(40), gains, folds=1)
    with pytest.raises(NotEstimable, match="must be positive"):
        marker_guided(np.zeros(40), gains)
    with pytest.raises(UnreadableInput, match="0 or 1"):
        marker_guided(np.full(40, 3), gains)
