"""Hazards without a model: exact Poisson limits, a kernel of mass one at both ends, known hazards recovered."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.parametric.hazards import _kernel, occurrence_exposure, smoothed_hazard


def test_rates_and_their_exact_limits():
    t, event = np.array([2.0, 3, 4, 5, 8, 11]), np.array([1, 1, 1, 0, 1, 0])
    found = occurrence_exposure(t, event, [0, 4, 9, 20, 30], entry=[0, 0, 1, 0, 0, 5])
    # an event at 4 belongs to the interval that ends there
    np.testing.assert_array_equal(found.events, [3, 1, 0, 0])
    np.testing.assert_allclose(found.exposure, [2 + 3 + 3 + 4 + 4, 1 + 4 + 4, 2, 0])
    np.testing.assert_allclose(found.rate.value[:3], [3 / 16, 1 / 9, 0])
    np.testing.assert_allclose(found.rate.low[:2], chi2.ppf(0.025, [6, 2]) / 2 / [16, 9])
    np.testing.assert_allclose(found.rate.high[:3], chi2.ppf(0.975, [8, 4, 2]) / 2 / [16, 9, 2])
    assert found.rate.low[2] == 0
    assert np.isnan([found.rate.value[3], found.rate.low[3], found.rate.high[3]]).all()


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-1.0, 0.3), (-1.0, 0.0), (-0.4, 1.0), (-0.6, 0.7)])
def test_kernel_has_mass_one_and_mean_zero_on_what_it_reaches(low, high):
    def kernel(x):
        return _kernel(np.array([x]), np.array([low]), np.array([high]))[0]

    assert quad(kernel, low, high)[0] == pytest.approx(1)
    assert quad(lambda x: x * kernel(x), low, high)[0] == pytest.approx(0, abs=1e-12)
    assert kernel(high + 0.01) == 0


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_kernel_at_the_beginning_is_that_of_klein_and_moeschberger(q):
    alpha = 64 * (2 - 4 * q + 6 * q**2 - 3 * q**3) / ((1 + q) ** 4 * (19 - 18 * q + 3 * q**2))
    beta = 240 * (1 - q) ** 2 / ((1 + q) ** 4 * (19 - 18 * q + 3 * q**2))
    x = np.linspace(-0.99, q - 0.01, 9)
    ours = _kernel(x, np.full(9, -1.0), np.full(9, q))
    np.testing.assert_allclose(ours, 0.75 * (1 - x**2) * (alpha + beta * x), rtol=1e-10)


def test_a_rising_hazard_is_recovered_at_both_ends_with_nominal_coverage():
    at = np.array([0.5, 4.0, 8.0])
    truth = 2 * at / 15**2  # Weibull of shape 2: a straight line, which the kernel does not bend
    inside, values = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        t = 15 * rng.weibull(2.0, 600)
        end = rng.uniform(9, 30, 600)
        found = smoothed_hazard(np.minimum(t, end), t <= end, at, bandwidth=3.0)
        inside.append((found.low <= truth) & (truth <= found.high))
        values.append(found.value)
    np.testing.assert_allclose(np.mean(values, axis=0), truth, rtol=0.05, atol=0.0005)
    assert (np.abs(np.mean(inside, axis=0)[1:] - 0.95) < 0.04).all()


def test_units_late_entry_and_what_lies_beyond():
    rng = np.random.default_rng(5)
    t = rng.exponential(10, 400)
    entry = np.where(np.arange(400) % 2 == 0, t / 2, 0.0)
    event = rng.integers(0, 2, 400)
    at = np.array([3.0, 9.0, 1000.0])
    months, days = (
        smoothed_hazard(t, event, at, entry=entry),
        smoothed_hazard(30 * t, event, 30 * at, entry=30 * entry),
    )
    np.testing.assert_allclose(days.high[:2], months.high[:2] / 30)
    assert np.isnan(months.value[2])
    # late entry takes patients out of the risk set
    assert (smoothed_hazard(t, event, at).value[:2] < months.value[:2]).all()


def test_bad_requests_are_refused():
    with pytest.raises(NotEstimable, match="no event"):
        smoothed_hazard([1.0, 2.0], [0, 0], [1.0])
    with pytest.raises(InvalidSetting, match="bandwidth"):
        smoothed_hazard([1.0, 2.0], [1, 0], [1.0], bandwidth=0.0)
    with pytest.raises(InvalidSetting, match="rise"):
        occurrence_exposure([1.0, 2.0], [1, 0], [0, 3, 2])
