from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from coley.toy.kinetics import Curves

rates = st.floats(0.01, 0.6)


def one(growth, delay, kill, escape, seed, regrowth):
    return Curves(*(np.array([x]) for x in (growth, delay, kill, escape, seed, regrowth)))


@given(rates, rates, rates, st.booleans(), st.floats(0.5, 20), st.floats(0.5, 40))
def test_area_is_the_integral_of_the_burden(growth, kill, regrowth, controlled, escape, months):
    curve = one(growth, 1.3, kill if controlled else -kill, escape, 0.07, regrowth)

    def burden(t):
        return float(curve.burden(np.array([t]))[0])

    breaks = [x for x in (1.3, escape) if x < months]
    expected = quad(burden, 0, months, points=breaks or None, limit=200)[0]
    assert curve.area(np.array([months]))[0] == pytest.approx(expected, rel=1e-7)


@given(rates, rates, st.floats(0.01, 50))
def test_waiting_time_inverts_area(growth, regrowth, target):
    curve = one(growth, 1.0, 0.3, 6.0, 0.05, regrowth)
    wait = curve.waiting_time(np.array([target]))
    assert curve.area(wait)[0] == pytest.approx(target, rel=1e-8)


def test_a_cured_tumour_is_waited_for_in_vain():
    cured = one(0.1, 1.0, 0.5, np.inf, 0.05, 0.1)
    limit = np.expm1(0.1) / 0.1 + np.exp(0.1) / 0.5
    assert np.isinf(cured.waiting_time(np.array([limit * 1.001]))[0])
    assert np.isfinite(cured.waiting_time(np.array([limit * 0.999]))[0])


def test_growing_area_leaves_out_what_shrinks():
    cured = one(0.1, 1.0, 0.5, np.inf, 0.05, 0.1)
    assert cured.area(np.array([30.0]), growing=True)[0] == pytest.approx(np.expm1(0.1) / 0.1)


def test_months_may_be_a_table():
    curve = one(0.1, 1.0, 0.5, 4.0, 0.05, 0.1)
    table = curve.burden(np.array([[0.0, 2.0, 8.0]]))
    single = [curve.burden(np.array([t]))[0] for t in (0.0, 2.0, 8.0)]
    np.testing.assert_allclose(table[0], single)
