import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.biology.burden import garwood
from coley.model.errors import UnreadableInput


def test_the_tables_of_exact_poisson_limits():
    # Published exact 95 % limits (Garwood 1936; Ulm 1990 Am J Epidemiol 131:373, appendix): counts 0, 1, 5, 10, 20.
    rates = garwood([0, 1, 5, 10, 20], 1.0)
    np.testing.assert_allclose(rates.low, [0, 0.0253, 1.6235, 4.7954, 12.2165], atol=5e-5)
    np.testing.assert_allclose(rates.high, [3.6889, 5.5716, 11.6683, 18.3904, 30.8884], atol=5e-5)


def test_limits_are_where_the_tail_probabilities_of_scipy_say():
    from scipy.stats import poisson

    k = np.array([1, 3, 8, 40])
    rates = garwood(k, 1.0, level=0.9)
    np.testing.assert_allclose(poisson.sf(k - 1, rates.low), 0.05, rtol=1e-9)
    np.testing.assert_allclose(poisson.cdf(k, rates.high), 0.05, rtol=1e-9)


def test_covers_at_least_the_nominal_level_at_every_rate():
    from scipy.stats import poisson

    k = np.arange(0, 200)
    rates = garwood(k, 1.0)
    for rate in (0.2, 1.0, 3.7, 12.0, 60.0):
        inside = (rates.low <= rate) & (rate <= rates.high)
        assert poisson.pmf(k[inside], rate).sum() >= 0.95


@given(st.integers(0, 5000), st.floats(0.1, 100))
def test_exposure_scales_rate_and_limits(count, megabases):
    unit, scaled = garwood(count, 1.0)[0], garwood(count, megabases)[0]
    assert scaled.low <= scaled.value <= scaled.high
    np.testing.assert_allclose(
        [scaled.value, scaled.low, scaled.high], np.array([unit.value, unit.low, unit.high]) / megabases
    )


def test_a_missing_count_gives_a_missing_rate():
    rates = garwood([np.nan, 2], [1.0, 1.0])
    assert np.isnan([rates.value[0], rates.low[0], rates.high[0]]).all()
    assert rates.value[1] == 2


@pytest.mark.parametrize(("count", "exposure"), [(-1, 1.0), (3, 0.0), (3, -2.0), (3, np.nan), (np.inf, 1.0)])
def test_impossible_counts_and_exposures_are_refused(count, exposure):
    with pytest.raises(UnreadableInput):
        garwood(count, exposure)
