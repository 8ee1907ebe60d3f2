from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from coley.economics.policy.by_response import added, gains_by_response
from coley.economics.policy.gains import gains_if_caused, randomised_gains
from coley.economics.policy.marker_guided import marker_guided
from coley.economics.policy.score_guided import score_guided
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


def test_patients_are_picked_by_a_cutoff_chosen_without_them():
    """The cross-fitted value is the mean gain of those picked, when each partition picks for itself."""
    rng = np.random.default_rng(11)
    x = rng.uniform(size=300)
    response = rng.random(300) < x
    gains = gains_if_caused(response, 100, 50)
    found = score_guided(x, gains, repeats=40, resamples=10, seed=2)
    assert np.mean(found.picked * gains.value) == pytest.approx(found.over_none.value)
    assert found.picked[x > 0.8].min() > 0.9
    dear = score_guided(x, gains, cost=2.0, repeats=40, resamples=10, seed=2)
    assert np.mean(dear.picked * gains.value) - 2 == pytest.approx(dear.over_none.value)
    assert found.picked[x < 0.2].max() < 0.1
    order = rng.permutation(300)
    other = score_guided(
        x[order], gains_if_caused(response[order], 100, 50), repeats=40, resamples=10, seed=2
    )
    np.testing.assert_allclose(other.picked, found.picked[order])


def test_a_test_that_fails_or_keeps_waiting_counts_as_that():
    """Where the test decides for 80 % and 15 % are treated without it, value is made of both."""
    rng = np.random.default_rng(12)
    x = rng.uniform(size=400)
    gains = gains_if_caused(rng.random(400) < x, 100, 50)
    plain = score_guided(x, gains, resamples=20)
    found = score_guided(x, gains, decided=0.8, untold=0.15, cost=2.0, resamples=20)
    everybody = gains.value.mean()
    np.testing.assert_allclose(found.net_benefit.value, 0.8 * plain.net_benefit.value + 0.15 * everybody - 2)
    cut = found.cutoffs[40]
    fixed = marker_guided(x >= cut, gains, decided=0.8, untold=0.15, cost=2.0)
    assert fixed.over_none.value == pytest.approx(found.net_benefit.value[40])
    assert fixed.over_all.value == pytest.approx(found.net_benefit.value[40] - everybody)
    band = (found.net_benefit.high - found.net_benefit.low)[40] / 2
    assert band == pytest.approx(1.96 * fixed.over_none.se, rel=0.01)
    assert found.share_treated == pytest.approx(0.8 * found.picked.mean() + 0.15)
    losing = gains_if_caused(x > 0.5, 100, 99)
    nobody = score_guided(x, losing, decided=0.8, untold=0.15, cost=1000.0, resamples=20)
    assert (nobody.share_treated, nobody.picked.max()) == (0, 0), "where nobody is tested, nobody is treated"


def test_gains_drawn_anew_in_each_resample_widen_the_interval():
    rng = np.random.default_rng(13)
    x = rng.uniform(size=400)
    response = rng.random(400) < x
    effect = rng.normal(0.4, 0.15, 2000)
    drawn = added((0.0, 0.0), (20.0, effect), spent=20.0, drugs_without=0.5)
    known = added((0.0, 0.0), (20.0, effect.mean()), spent=20.0, drugs_without=0.5)
    one, other = (score_guided(x, gains_by_response(response, parts, 100.0)) for parts in (known, drawn))
    assert one.over_none.value == pytest.approx(other.over_none.value)
    # all patients together gain 100 times the effect, and guided ones most of it
    assert other.over_none.se == pytest.approx(np.hypot(one.over_none.se, 0.8 * 15), rel=0.2)
    assert other.over_all.se < 0.6 * other.over_none.se


def test_intervals_cover_where_the_worth_of_treatment_is_itself_estimated():
    """Responders' scores lie higher; what all together gain is known to within a standard error of 0.1 QALYs."""
    rng, trials, covered = np.random.default_rng(14), 250, np.zeros(2)
    money, spent, rate, alike = 100.0, 45.0, 0.4, 0.4
    using = rate + (1 - rate) * alike
    gain = money * 0.5 / rate - spent / using, -alike * spent / using
    for seed in range(trials):
        y = rng.random(300) < rate
        x = np.where(y, 1.2, 0.0) + rng.normal(size=300)
        parts = added(
            (0.0, 0.0), (spent, rng.normal(rng.normal(0.5, 0.1), 0.1, 500)), spent=spent, drugs_without=alike
        )
        found = score_guided(x, gains_by_response(y, parts, money), repeats=5, resamples=80, seed=seed)
        cut = found.best.value
        truth = rate * ndtr(1.2 - cut) * gain[0] + (1 - rate) * ndtr(-cut) * gain[1]
        for i, (one, less) in enumerate(((found.over_none, 0.0), (found.over_all, money * 0.5 - spent))):
            covered[i] += one.low <= truth - less <= one.high
    assert ((covered / trials >= 0.92) & (covered / trials <= 0.995)).all(), covered
