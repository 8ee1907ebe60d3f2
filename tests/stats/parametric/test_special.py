"""Logarithms of incomplete gamma and beta functions, against mpmath to 50 digits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from coley.stats.parametric.special import (
    HALF_LOG_TWO_PI,
    log_lower_beta,
    log_lower_gamma,
    log_upper_gamma,
    stirling,
)

FUNCTIONS = {
    "upper": lambda a, b, at: log_upper_gamma(a, at),
    "lower": lambda a, b, at: log_lower_gamma(a, at),
    "beta": log_lower_beta,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_equals_mpmath_in_the_body_and_far_in_the_tails(oracle, name):
    table = oracle("special").filter(function=name)
    a, b, at, expected = (table[c].to_numpy() for c in ("a", "b", "at", "value"))
    assert expected.min() < -700  # where the function itself underflows
    np.testing.assert_allclose(FUNCTIONS[name](a, b, at), expected, rtol=2e-12, atol=1e-13)


def test_stirling_is_one_function_on_both_sides_of_its_seam():
    a = np.array([0.01, 1.0, 15.9, 15.9999999, 16.0, 16.1, 40.0, 1e12])
    direct = gammaln(a) - (a - 0.5) * np.log(a) + a - HALF_LOG_TWO_PI
    np.testing.assert_allclose(stirling(a[:-1]), direct[:-1], rtol=1e-11)
    assert stirling(a)[-1] == pytest.approx(1 / 12e12, rel=1e-12)  # where the direct sum has no digit left
