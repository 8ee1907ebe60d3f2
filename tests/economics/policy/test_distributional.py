from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.policy.distributional import distributional, equally_distributed
from coley.model.errors import InvalidSetting

SHARES = np.array([0.2] * 5)
# Quality-adjusted life expectancy by deprivation, worst off first: a made-up gradient.
HEALTH = np.array([62.0, 66.0, 69.0, 71.0, 74.0])


def _ede(health, a):
    """The definition, in arithmetic of many digits."""
    from decimal import Decimal, getcontext

    getcontext().prec = 60
    parts = [Decimal(float(h)) for h in health]
    power = Decimal(1) - Decimal(a)
    return float((sum(h**power for h in parts) / len(parts)) ** (1 / power))


@pytest.mark.parametrize("a", [0.5, 2.0, 10.95, 28.9])
def test_equivalent_against_its_definition(a):
    assert equally_distributed(HEALTH, SHARES, a) == pytest.approx(_ede(HEALTH, a), rel=1e-12)


def test_no_aversion_is_the_mean_and_much_is_the_worst_off():
    assert equally_distributed(HEALTH, SHARES, 0.0) == pytest.approx(HEALTH.mean())
    assert equally_distributed(HEALTH, SHARES, 1.0) == pytest.approx(np.exp(np.log(HEALTH).mean()))
    assert equally_distributed(HEALTH, SHARES, 500.0) == pytest.approx(62.0, rel=0.01)
    near = [equally_distributed(HEALTH, SHARES, a) for a in (1 - 1e-6, 1.0, 1 + 1e-6)]
    assert near[0] > near[1] > near[2]


def test_the_same_health_counts_for_more_where_there_is_less():
    poor = distributional(HEALTH, [0.05, 0, 0, 0, 0], np.zeros(5), shares=SHARES, aversion=11)
    rich = distributional(HEALTH, [0, 0, 0, 0, 0.05], np.zeros(5), shares=SHARES, aversion=11)
    assert poor.mean_change.value == pytest.approx(rich.mean_change.value) == pytest.approx(0.01)
    assert poor.equity.value > 0 > rich.equity.value
    assert poor.atkinson_after < poor.atkinson_before < rich.atkinson_after
    assert poor.ede_change.value == pytest.approx(
        _ede(HEALTH + np.array([0.05, 0, 0, 0, 0]), 11) - _ede(HEALTH, 11), abs=1e-10
    )


def test_the_weight_of_the_worst_off_that_the_english_public_was_found_to_give():
    # Robson et al, Health Econ 2017;26:1328-1334: at an Atkinson parameter of 10.95, gains of the least healthy fifth
    # count six to seven times those of the healthiest; quality-adjusted life expectancies as in that study's code.
    health, small = np.array([62.0, 68, 70, 72, 74]), 1e-3
    worth = []
    for fifth in (0, 4):
        gained = small * (np.arange(5) == fifth)
        found = distributional(health, gained, np.zeros(5), shares=SHARES, aversion=10.95)
        worth.append(found.ede_change.value)
    assert 6 < worth[0] / worth[1] < 7
    assert worth[0] / worth[1] == pytest.approx((74 / 62) ** 10.95, rel=1e-3)


@given(st.floats(0, 20), st.floats(0.5, 2))
def test_scale_does_not_matter_to_the_index(aversion, scale):
    nothing = np.zeros(5)
    one = distributional(HEALTH, nothing, nothing, shares=SHARES, aversion=aversion)
    other = distributional(HEALTH * scale, nothing, nothing, shares=SHARES, aversion=aversion)
    assert one.atkinson_before == pytest.approx(other.atkinson_before, abs=1e-12)
    assert one.ede_change.value == pytest.approx(0, abs=1e-12)


def test_draws_make_limits():
    rng = np.random.default_rng(1)
    gained = rng.normal(0.02, 0.005, (2000, 5))
    found = distributional(HEALTH, gained, np.full(5, 0.01), shares=SHARES, aversion=5)
    assert found.mean_change.value == pytest.approx(0.01, abs=2e-4)
    assert found.probability == pytest.approx(
        (found.change.mean(axis=1) + found.equity.value > 0).mean(), abs=0.02
    )
    assert found.mean_change.low == pytest.approx(np.quantile(gained.mean(axis=1) - 0.01, 0.025))


def test_bad_distributions():
    with pytest.raises(InvalidSetting, match="stay positive"):
        distributional([60.0, 70.0], [-61.0, 0.0], [0.0, 0.0], shares=[0.5, 0.5], aversion=1)
    with pytest.raises(InvalidSetting, match="0 or more"):
        distributional([60.0, 70.0], [0.0, 0.0], [0.0, 0.0], shares=[0.5, 0.5], aversion=-1)
