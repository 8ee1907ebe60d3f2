from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses import Administration, Flat, Given, Phase, Product, Regimen, read_price, schedule
from coley.economics.policy.dosing_rules import (
    break_even_hazard_ratio,
    net_benefit_by_hazard_ratio,
)
from coley.model.errors import NotEstimable, UnreadableInput

TIMES = np.linspace(0, 20, 1041)
K = 50_000.0


def test_two_year_stop_against_a_closed_form():
    """Exponential survival over a long life: what is left at two years is S(2) / (r x rate) years."""
    times = np.linspace(0, 400, 80_001)
    rate, saving = 0.15, 60_000.0
    found = break_even_hazard_ratio(
        times, np.exp(-rate * times), saving, threshold=K, quality=0.75, from_years=2.0, care=5000.0
    )
    worth = K * 0.75 - 5000
    left = np.exp(-2 * rate) / rate
    assert found.value == pytest.approx(1 / (1 - saving / (worth * left)), rel=1e-5)
    assert found.at_stake == pytest.approx(worth * left, rel=1e-5)


def test_roots_are_those_of_a_general_solver():
    from scipy.optimize import brentq

    rng = np.random.default_rng(4)
    scale, shape = rng.uniform(2, 8, 30), rng.uniform(0.6, 1.6, 30)
    curve = np.exp(-((TIMES / scale[:, None]) ** shape[:, None]))
    quality, care, discount = 0.8 - 0.005 * TIMES, 3000.0, 1.035**-TIMES
    saving = rng.uniform(1000, 60_000, 30)
    at = 52
    found = break_even_hazard_ratio(
        TIMES, curve, saving, threshold=K, quality=quality, care=care, discount=discount, from_years=TIMES[at]
    )

    def lost(r, d):
        after = curve[d, at] * (curve[d, at:] / curve[d, at]) ** r
        worth = (K * quality - care) * discount
        return np.trapezoid(worth[at:] * (curve[d, at:] - after), TIMES[at:])

    for d in range(30):
        if lost(1000, d) < saving[d]:
            assert np.isinf(found.draws[d])
        else:
            assert found.draws[d] == pytest.approx(
                brentq(lambda r, d=d: lost(r, d) - saving[d], 1, 1000), rel=1e-9
            )
    mean = brentq(lambda r: np.mean([lost(r, d) - saving[d] for d in range(30)]), 1, 1000)
    assert found.value == pytest.approx(mean, rel=1e-9)
    assert found.never == np.isinf(found.draws).mean() < 1


def test_more_saved_bears_more_and_more_spent_must_gain_more():
    curve = np.exp(-0.2 * TIMES)
    values = [
        break_even_hazard_ratio(TIMES, curve, s, threshold=K, quality=0.8).value
        for s in (-1e7, -5e4, -1e4, 0.0, 1e4, 5e4, 1e7)
    ]
    assert values[0] == 0, "no gain is worth ten million"
    assert values[3] == 1
    assert values[6] == np.inf
    assert (np.diff(values) > 0).all()


def test_what_is_spent_takes_a_hazard_that_a_pencil_finds():
    """Exponential survival, no horizon to speak of: 1 / (0.2 r) years must be 5 years and 0.4 of those at 0.8 more."""
    times = np.linspace(0, 400, 80_001)
    saving = np.array([-0.4 * K * 0.8, -1.0 * K * 0.8, 0.0, 1.0 * K * 0.8])
    found = break_even_hazard_ratio(times, np.exp(-0.2 * times), saving, threshold=K, quality=0.8)
    assert found.draws == pytest.approx([5 / 5.4, 5 / 6, 1.0, 5 / 4], rel=1e-5)
    assert found.in_vain == 0
    in_vain = break_even_hazard_ratio(TIMES, np.exp(-0.2 * TIMES), [-1e9, 5.0], threshold=K, quality=0.8)
    assert (in_vain.in_vain, in_vain.never, in_vain.low) == (0.5, 0, 0)


def test_net_benefit_is_nil_at_the_break_even_and_the_saving_at_one():
    rng = np.random.default_rng(6)
    curve = np.exp(-rng.uniform(0.1, 0.4, (40, 1)) * TIMES)
    saving = rng.normal(8000, 9000, 40)
    given = {"threshold": K, "quality": 0.8 - 0.005 * TIMES, "care": 2000.0, "from_years": TIMES[52]}
    own = break_even_hazard_ratio(TIMES, curve, saving, **given).draws
    assert own.min() < 1 < own.max() < np.inf
    for d in range(40):
        made = net_benefit_by_hazard_ratio(TIMES, curve[d], saving[d], ratios=[1.0, own[d]], **given)
        assert made[0] == pytest.approx([saving[d], 0], abs=1e-6)
    falling = net_benefit_by_hazard_ratio(TIMES, curve, saving, ratios=[0.8, 1, 1.2, 2], **given)
    assert (np.diff(falling, axis=1) < 0).all()


def test_effect_bearable_is_the_saving_over_the_threshold():
    saving = np.random.default_rng(1).normal(30_000, 3000, 500)
    found = break_even_hazard_ratio(TIMES, np.exp(-0.2 * TIMES), saving, threshold=K, quality=0.8)
    assert found.effect_bearable.value == pytest.approx(saving.mean() / K)
    assert found.low < found.value < found.high


def _pembrolizumab(mg, every_weeks, stop_years=np.inf):
    drug = Product("pembrolizumab", [read_price("2630 GBP per vial of 100 mg/4 mL", price_year=2021)])
    given = Given(drug, [Phase(Flat(mg), every_weeks)], stop_years=stop_years)
    return schedule(Regimen("pembrolizumab", [given], {"iv": Administration(207.59)}), 20)


def test_savings_come_from_calendars_of_doses():
    """Half the doses save visits and drug; double doses half as often save visits, but those who stop between two
    have been given drug for weeks that they are no longer treated: with many stopping, that costs more than visits."""
    curve, on = np.exp(-0.3 * TIMES), np.exp(-1.0 * TIMES)
    before, doubled, halved, stopped = (
        _pembrolizumab(*regimen).on_treatment(TIMES, on)
        for regimen in ((200, 3), (400, 6), (200, 6), (200, 3, 2.0))
    )
    ratio = doubled.acquisition.sum() / before.acquisition.sum()
    week = np.exp(-3 * 7 / 365.25)  # share that still comes after three weeks
    assert ratio == pytest.approx(2 / (1 + week), rel=1e-3)
    assert doubled.administration.sum() / before.administration.sum() == pytest.approx(
        1 / (1 + week), rel=1e-3
    )
    saved = {
        "visits": (before.total() - doubled.total(), 0.0),
        "drug and visits": (before.total() - halved.total(), 0.0),
        "after two years": (before.total() - stopped.total(), 2.0),
    }
    found = {
        name: break_even_hazard_ratio(TIMES, curve, money, threshold=30_000, quality=0.75, from_years=since)
        for name, (money, since) in saved.items()
    }
    assert found["visits"].value < 1  # nothing saved: it would have to gain
    assert found["drug and visits"].saving.value == pytest.approx(
        before.total()[0] * (1 - 1 / (1 + week)), rel=1e-3
    )
    late = before.times_years >= 2 - 1e-9
    assert found["after two years"].saving.value == pytest.approx(before.cost[:, late].sum(), rel=1e-9)
    assert found["after two years"].value > 1


def test_bad_rules():
    curve = np.exp(-0.2 * TIMES)
    with pytest.raises(UnreadableInput, match="not a time of the grid"):
        break_even_hazard_ratio(TIMES, curve, 1.0, threshold=K, quality=0.8, from_years=2.003)
    with pytest.raises(UnreadableInput, match="cannot rise"):
        break_even_hazard_ratio(TIMES, curve[::-1], 1.0, threshold=K, quality=0.8)
    with pytest.raises(NotEstimable, match="worth less than its care"):
        break_even_hazard_ratio(TIMES, curve, 1.0, threshold=K, quality=0.8, care=50_000)
    with pytest.raises(UnreadableInput, match="one at each time"):
        break_even_hazard_ratio(TIMES, curve, 1.0, threshold=K, quality=[0.8, 0.7])
