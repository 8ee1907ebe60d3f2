"""EVSI by regression on simulated studies against closed forms, with one statistic, two, and many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.sample_information import evsi_regression, evsi_two_stage
from coley.stats.decision.simulated_studies import ENDLESS, simulated_means, simulated_survival

SIZES = np.array([2.0, 10.0, 50.0])
SD = 3.0  # of one observation of p1, whose prior is N(1, 1)


def gain(mean, sd):
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(mean, 0)


EXACT = np.array([gain(1, np.sqrt(n / (n + SD**2))) for n in SIZES])


@pytest.fixture(scope="module")
def normal():
    rng = np.random.default_rng(1)
    p1, p2 = rng.normal(1, 1, 40_000), rng.normal(0, 2, 40_000)
    effects = np.column_stack([np.zeros_like(p1), p1 - p2])
    return np.zeros_like(effects), effects, p1


def test_one_mean(normal):
    c, e, p1 = normal
    rng = np.random.default_rng(2)
    means = {n: p1 + rng.normal(0, SD / np.sqrt(n), len(p1)) for n in SIZES}
    found = evsi_regression(c, e, [1.0, 2.0], summaries=means)
    np.testing.assert_allclose(found.value[:, 0], EXACT, atol=3 * found.se[:, 0].max())
    assert (np.diff(found.value[:, 0]) > 0).all()
    np.testing.assert_allclose(found.value[:, 1], 2 * found.value[:, 0], rtol=1e-6)  # costs are nil


def test_statistics_that_repeat_one_another_are_worth_no_more(normal):
    c, e, p1 = (x[:6000] for x in normal)
    rng = np.random.default_rng(3)
    parts = p1[:, None] + rng.normal(0, SD, (len(p1), 5))
    found = evsi_regression(c, e, 1, summaries={5: parts})
    assert found.value[0, 0] == pytest.approx(gain(1, np.sqrt(5 / 14)), abs=3 * found.se[0, 0])


def test_refusals(normal):
    c, e, p1 = normal
    with pytest.raises(UnreadableInput, match="40000 draws"):
        evsi_regression(c, e, 1, summaries={5: p1[:100]})
    for summaries in ({0: p1}, {}):
        with pytest.raises(InvalidSetting, match="Sizes"):
            evsi_regression(c, e, 1, summaries=summaries)


# in two stages


def studies(truth, sd, sizes, seed):
    return {n: means for n, means in simulated_means(truth, sd, sizes, seed=seed).items() if n < ENDLESS}


def test_two_stages_give_the_closed_form_and_their_errors_hold_it():
    """200 analyses of 1,000 draws, most of whose spread is of what the study does not measure."""
    mean, sizes = 0.2, [2, 10, 50]
    exact = np.array([gain(mean, np.sqrt(n / (n + SD**2))) for n in sizes])
    value, se, plain = [], [], []
    for seed in range(200):
        rng = np.random.default_rng([7, seed])
        p1 = rng.normal(mean, 1, 1000)
        effects = np.column_stack([np.zeros_like(p1), p1 - rng.normal(0, 2, 1000)])
        summaries = studies(p1, SD, sizes, seed)
        found = evsi_two_stage(0 * effects, effects, 1, parameters=p1, summaries=summaries)
        value.append(found.value[:, 0])
        se.append(found.se[:, 0])
        if seed < 50:
            plain.append(evsi_regression(0 * effects, effects, 1, summaries=summaries).value[:, 0])
    value, se, plain = np.array(value), np.array(se), np.array(plain)
    assert value.mean(axis=0) == pytest.approx(exact, abs=0.012)
    assert se.mean(axis=0) == pytest.approx(value.std(axis=0), rel=0.2)
    held = (np.abs(value - exact) < 1.96 * se).mean(axis=0)
    assert (held > 0.91).all(), held
    assert (np.diff(value, axis=1) >= 0).all(), "a larger study is never worth less"
    error = [np.sqrt(((v[:50] - exact) ** 2).mean(axis=0)) for v in (value, plain)]
    assert (error[0][:2] < error[1][:2]).all(), "and small studies are judged better than in one stage"


def test_two_stages_never_pass_perfect_information_on_what_is_measured(normal):
    c, e, p1 = (x[:4000] for x in normal)
    found = evsi_two_stage(c, e, [0.5, 1.0], parameters=p1, summaries=studies(p1, SD, [5, 5000], 4))
    limit = evppi(c, e, [0.5, 1.0], parameters=p1).value[0]
    assert (found.value <= limit * 1.02).all()
    assert found.value[1] == pytest.approx(limit, rel=0.03), "an enormous study tells all"


def test_two_arms_against_conjugate_analysis_draw_by_draw():
    """Exponential arms with gamma rates: the choice after a trial is known exactly, and averaged over 40,000 trials."""
    rng = np.random.default_rng(5)
    shape, rate, until = np.array([60.0, 60.0]), np.array([100.0, 120.0]), 2.0
    cost, size = 0.33, 80

    def mean_life(a, b):
        return b / (a - 1)  # of a gamma: the mean of 1 / rate

    many = rng.gamma(shape, 1 / rate, (40_000, 2))
    lived = rng.exponential(1 / np.repeat(many[:, :, None], size, axis=2))
    deaths, years = (lived < until).sum(axis=2), np.minimum(lived, until).sum(axis=2)
    after = mean_life(shape + deaths, rate + years) - [0, cost]
    now = mean_life(shape, rate) - [0, cost]
    exact = after.max(axis=1).mean() - now.max()

    drawn = rng.gamma(shape, 1 / rate, (3000, 2))
    times = np.linspace(0, until, 61)
    arms = [
        simulated_survival(times, np.exp(-np.outer(drawn[:, i], times)), [size], seed=11 + i) for i in (0, 1)
    ]
    summary, known = (np.column_stack([arm[n] for arm in arms]) for n in (size, ENDLESS))
    effects = 1 / drawn
    costs = np.tile([0, cost], (3000, 1))
    found = evsi_two_stage(costs, effects, 1, parameters=known, summaries={size: summary})
    assert found.value[0, 0] == pytest.approx(exact, abs=3 * found.se[0, 0])
    assert found.se[0, 0] < 0.15 * exact


def test_what_does_not_vary_tells_nothing(normal):
    c, e, p1 = (x[:500] for x in normal)
    found = evsi_two_stage(c, e, 1, parameters=np.ones(500), summaries={5: p1})
    assert (found.value[0, 0], found.se[0, 0]) == (0, 0)
    with pytest.raises(UnreadableInput, match="500 draws"):
        evsi_two_stage(c, e, 1, parameters=p1, summaries={5: p1[:100]})
