"""What is compared above and below a cut."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import NelsonAalenFitter
from scipy.stats import chi2_contingency

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.cutpoint.outcomes import Response, Survival
from coley.stats.proportions import newcombe
from coley.stats.survival.cox import cox
from coley.stats.survival.log_rank import log_rank


@pytest.fixture
def survival():
    rng = np.random.default_rng(1)
    time = np.ceil(rng.exponential(8, 50))
    return Survival.of(time, rng.random(50) < 0.7)


def test_scores_are_events_minus_nelson_and_aalen(survival, maxstat):
    fit = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(survival.time, survival.event)
    hazard = fit.cumulative_hazard_at_times(survival.time).to_numpy()
    np.testing.assert_allclose(survival.scores()[0], survival.event - hazard, atol=1e-12)
    cohort = maxstat("maxstat_cohort")
    found = Survival.of(cohort["time"], cohort["event"]).scores()[0]
    np.testing.assert_allclose(found, cohort["score"], atol=1e-12)


def test_weighted_scores_are_those_of_repeated_patients(survival):
    weights = np.random.default_rng(2).multinomial(50, np.full(50, 0.02), size=4).astype(float)
    found = survival.scores(weights)
    for b in range(4):
        rows = np.repeat(np.arange(50), weights[b].astype(int))
        expected = Survival.of(survival.time[rows], survival.event[rows]).scores()[0]
        np.testing.assert_allclose(found[b, rows], expected, atol=1e-12)


def test_effects_and_p_are_those_of_the_rooms_they_come_from(survival):
    high = np.arange(50) % 3 == 0
    effect, fit = survival.effect(high, 0.9), cox(survival.time, survival.event, high * 1.0, level=0.9)
    np.testing.assert_allclose(effect.value, fit.coefficients[0])
    np.testing.assert_allclose(np.exp(effect.high), fit.hazard_ratio("x1").high)
    assert survival.p(high) == log_rank(survival.time, survival.event, high).p
    response = Response.of(survival.event)
    table = np.array([[(survival.event & g).sum(), (~survival.event & g).sum()] for g in (high, ~high)])
    difference = newcombe(table[:, 0], table.sum(axis=1), level=0.9)[0]
    found = response.effect(high, 0.9)
    assert (found.value, found.low, found.high) == (difference.value, difference.low, difference.high)
    pearson = chi2_contingency(table, correction=False).statistic
    from scipy.stats import chi2

    np.testing.assert_allclose(response.p(high), chi2.sf(pearson * 49 / 50, 1))


def test_one_resample_of_all_patients_is_the_cohort(survival):
    high = np.arange(50) % 3 == 0
    every = np.ones((1, 50), dtype=bool)
    for outcome in (survival, Response.of(survival.event)):
        np.testing.assert_allclose(outcome.pooled(high[None], every), outcome.effect(high, 0.95).value)
        # copies of the same patients in the same groups add nothing
        thrice = outcome.pooled(np.tile(high, (3, 1)), np.tile(every, (3, 1)))
        np.testing.assert_allclose(thrice, outcome.effect(high, 0.95).value)
        assert np.isnan(outcome.pooled(~every, every))


def test_first_order_effect_of_a_small_difference():
    rng = np.random.default_rng(3)
    high = np.arange(4000) % 2 == 0
    outcome = Survival.of(rng.exponential(np.exp(-0.1 * high)), np.ones(4000))
    scores = outcome.scores()[0]
    first = float(outcome.effect_of(scores[high].mean() - scores[~high].mean()))
    assert abs(first - outcome.effect(high, 0.95).value) < 0.01


def test_all_events_on_one_side_leave_no_effect():
    high = np.repeat([True, False], 5)
    effect = Survival.of(np.arange(1.0, 11), high * 1).effect(high, 0.95)
    assert np.isnan([effect.value, effect.low, effect.high]).all()


def test_refusals():
    with pytest.raises(UnreadableInput, match="event"):
        Survival.of([1.0, 2.0], [0, 2])
    with pytest.raises(NotEstimable, match="0 of 3"):
        Response.of([0, 0, 0])
