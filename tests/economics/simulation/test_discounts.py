"""Discounts in pieces: the integral of what `Discount` itself says, with and without utility that falls with age."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from coley.economics.course.discounting import Discount
from coley.economics.simulation.discounts import pieces

DISCOUNTS = {
    "plain": Discount(0.035),
    "none": Discount(0.0),
    "late": Discount(0.04, start_years=2.0, steps=((5.5, 0.02),)),
    "whole years": Discount(0.03, whole_years=True),
}


def area(table: np.ndarray, t: float) -> float:
    """Integrate the factor from 0 to t as the kernel does."""
    starts, forces, factors, areas = table
    k = int(np.searchsorted(starts, t, side="right") - 1)
    spent = t - starts[k]
    piece = factors[k] * (-np.expm1(-forces[k] * spent) / forces[k] if forces[k] else spent)
    return float(areas[k] + piece)


@pytest.mark.parametrize("discount", DISCOUNTS.values(), ids=DISCOUNTS)
@pytest.mark.parametrize("t", [0.4, 3.0, 7.25, 9.9])
def test_pieces_integrate_the_discount(discount: Discount, t: float) -> None:
    breaks = [b for b in (1, 2, 3, 4, 5, 5.5, 6, 7, 8, 9) if b < t]
    exact = quad(lambda s: float(discount.factors(s)), 0, t, points=breaks or None, limit=200)[0]
    assert area(pieces(discount, 10.0), t) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("discount", DISCOUNTS.values(), ids=DISCOUNTS)
@pytest.mark.parametrize("t", [0.4, 3.0, 9.9])
def test_a_multiplier_that_falls_by_a_fixed_share_is_a_further_discount(discount: Discount, t: float) -> None:
    times = np.linspace(0, 10, 521)
    table = pieces(discount, 10.0, multiplier=(times, np.exp(-0.02 * times)))
    breaks = [b for b in (1, 2, 3, 4, 5, 5.5, 6, 7, 8, 9) if b < t]
    exact = quad(
        lambda s: float(discount.factors(s)) * np.exp(-0.02 * s), 0, t, points=breaks or None, limit=200
    )[0]
    assert area(table, t) == pytest.approx(exact, rel=1e-6)


def test_any_multiplier_is_met_at_whole_years_and_closely_between() -> None:
    times = np.linspace(0, 30, 1561)
    values = 1 - 0.004 * times - 0.0002 * times**2
    table = pieces(Discount(0.0), 30.0, multiplier=(times, values))
    np.testing.assert_allclose(table[2], np.interp(table[0], times, values), rtol=1e-12)
    assert area(table, 30.0) == pytest.approx(np.trapezoid(values, times), rel=1e-4)
    rising = pieces(Discount(0.0), 2.0, multiplier=([0.0, 2.0], [0.8, 0.9]))
    assert area(rising, 2.0) == pytest.approx(1.7, rel=2e-3)
