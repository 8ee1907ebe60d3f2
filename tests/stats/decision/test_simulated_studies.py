"""Studies that were never done: their results vary as those of patients drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.simulated_studies import (
    ENDLESS,
    simulated_log_ratios,
    simulated_means,
    simulated_shares,
    simulated_survival,
)

D = 40_000
TIMES = np.linspace(0, 3, 601)


def test_a_mean_varies_by_the_square_root_of_its_size() -> None:
    found = simulated_means(np.full(D, 0.6), 0.3, [9, 36, 900], seed=3)
    for n in (9, 36, 900):
        assert found[n].mean() == pytest.approx(0.6, abs=5 * 0.3 / np.sqrt(n * D))
        assert found[n].std() == pytest.approx(0.3 / np.sqrt(n), rel=0.02)


def test_a_share_has_the_moments_of_a_binomial_and_whole_patients() -> None:
    found = simulated_shares(np.full(D, 0.15), [20, 80], seed=3)
    for n in (20, 80):
        assert found[n].mean() == pytest.approx(0.15, abs=0.002)
        assert found[n].var() == pytest.approx(0.15 * 0.85 / n, rel=0.03)
        assert np.allclose(found[n] * n, np.rint(found[n] * n))


def test_a_larger_study_holds_the_smaller_one() -> None:
    """What both share makes their errors go together: a correlation of sqrt(20 / 80)."""
    times = TIMES[::30]
    arm = simulated_survival(times, np.tile(np.exp(-times), (D, 1)), [20, 80], seed=3)
    for found in (
        simulated_shares(np.full(D, 0.15), [20, 80], seed=3),
        simulated_means(np.full(D, 0.6), 0.3, [20, 80], seed=3),
        {n: values[:, 0] for n, values in arm.items()},
    ):
        assert np.corrcoef(found[20], found[80])[0, 1] == pytest.approx(0.5, abs=0.02)


def test_a_log_ratio_varies_as_that_of_a_trial_of_so_many_events() -> None:
    """Against trials of exponential patients drawn one by one, all events seen, the ratio by maximum likelihood."""
    rng = np.random.default_rng(8)
    trials, n, ratio = 4000, 100, 0.6
    arms = [rng.exponential(1 / rate, (trials, n)).mean(axis=1) for rate in (1.0, ratio)]
    one_by_one = np.log(arms[0] / arms[1])
    found = simulated_log_ratios(np.full(D, ratio), 1.0, [2 * n], seed=3)[2 * n]
    assert found.mean() == pytest.approx(np.log(ratio), abs=0.005)
    assert found.std() == pytest.approx(one_by_one.std(), rel=0.04)


def test_an_arm_varies_as_patients_drawn_one_by_one() -> None:
    rng = np.random.default_rng(8)
    lived = rng.weibull(1.4, (5000, 60)) * 2.5
    within = np.minimum(lived, 3)
    one_by_one = np.column_stack([within.mean(axis=1), (lived > 3).mean(axis=1)])
    truth = np.exp(-((TIMES / 2.5) ** 1.4))
    found = simulated_survival(TIMES, np.tile(truth, (5000, 1)), [60], seed=3)[60]
    assert found.mean(axis=0) == pytest.approx(one_by_one.mean(axis=0), abs=0.01)
    assert found.std(axis=0) == pytest.approx(one_by_one.std(axis=0), rel=0.05)
    assert np.corrcoef(found.T)[0, 1] == pytest.approx(np.corrcoef(one_by_one.T)[0, 1], abs=0.02)


def test_without_sampling_error_the_truth_is_found() -> None:
    truth = np.exp(-np.outer([0.2, 0.9], TIMES))
    found = simulated_survival(TIMES, truth, [10])[ENDLESS]
    assert found[:, 0] == pytest.approx(np.trapezoid(truth, TIMES, axis=1))
    assert found[:, 1] == pytest.approx(truth[:, -1])
    shares = np.array([0.0, 0.3, 1.0])
    assert simulated_shares(shares, [10])[ENDLESS].tolist() == shares.tolist()
    assert simulated_log_ratios([0.5], 0.3, [10])[ENDLESS] == pytest.approx([np.log(0.5)])


@given(st.lists(st.integers(1, 200), min_size=1, max_size=5, unique=True), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_the_order_of_sizes_does_not_matter(sizes: list[int], seed: int) -> None:
    shares = np.linspace(0, 1, 7)
    one = simulated_shares(shares, sizes, seed=seed)
    two = simulated_shares(shares, sorted(sizes), seed=seed)
    for n in sizes:
        assert (one[n] == two[n]).all()
        assert (one[n][[0, -1]] == [0, 1]).all(), "what nobody or everybody has, every study finds so"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: simulated_means([0.5], 0.0, [10]), InvalidSetting, "must be above 0"),
        (lambda: simulated_means([np.nan], 0.1, [10]), UnreadableInput, "A truth is missing"),
        (lambda: simulated_means([0.5], 0.1, []), InvalidSetting, r"different whole numbers above 0: \[\]"),
        (lambda: simulated_means([0.5], 0.1, [10, 10]), InvalidSetting, r"whole numbers above 0: \[10, 10\]"),
        (lambda: simulated_means([0.5], 0.1, [0]), InvalidSetting, r"whole numbers above 0: \[0\]"),
        (lambda: simulated_shares([1.2], [10]), UnreadableInput, "between 0 and 1"),
        (lambda: simulated_log_ratios([-0.2], 0.5, [10]), UnreadableInput, "above 0"),
        (lambda: simulated_log_ratios([0.2], 50, [10]), InvalidSetting, "at most 1, not 50"),
        (lambda: simulated_survival([0, 1], [[1, 1.1]], [10]), UnreadableInput, "never rises"),
        (lambda: simulated_survival([0, 1], [[90, 80]], [10]), UnreadableInput, "starts at 1"),
        (lambda: simulated_survival([1, 2], [[1, 0.5]], [10]), InvalidSetting, "rise from 0"),
        (lambda: simulated_survival([0, 1], [[1, 0.5, 0.2]], [10]), UnreadableInput, "at each of 2 times"),
    ],
)
def test_refusals(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
