from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.end_of_life import end_of_life, end_of_life_rule
from coley.model.errors import UnknownName

HIGHER = (50_000.0, 30_000.0)


@pytest.mark.parametrize(
    ("now", "gained", "met"),
    [(23.9, 3.0, True), (24.0, 3.0, False), (10.0, 2.9, False), (10.0, 12.0, True)],
)
def test_criteria_at_their_edges(now, gained, met):
    found = end_of_life((now, gained), 40_000, 1.0, thresholds=HIGHER)
    assert found.met is met
    assert found.threshold == (50_000 if met else 30_000)
    assert found.net_benefit.value == (10_000 if met else -10_000)


def test_each_draw_has_its_own_threshold():
    rng = np.random.default_rng(1)
    months, cost, effect = rng.normal(23, 2, 3000), rng.normal(38_000, 2000, 3000), rng.normal(1, 0.1, 3000)
    found = end_of_life((months, 6.0), cost, effect, thresholds=HIGHER)
    fits = months < 24
    net = np.where(fits, 50_000, 30_000) * effect - cost
    assert found.probability == found.short == fits.mean()
    assert found.longer == 1
    assert found.months.value == pytest.approx(months.mean())
    assert (found.months.low, found.months.high) == pytest.approx(np.quantile(months, [0.025, 0.975]))
    assert found.expected_threshold == pytest.approx(30_000 + 20_000 * fits.mean())
    assert found.net_benefit.value == pytest.approx(net.mean())
    assert found.probability_of_value == (net > 0).mean()


def test_both_criteria_must_be_met_in_the_same_draw():
    found = end_of_life(([20, 20, 30, 30], [4, 2, 4, 2]), 0.0, 1.0, thresholds=HIGHER)
    assert (found.short, found.longer, found.probability) == (0.5, 0.5, 0.25)
    assert found.gained.value == 3


def test_the_rule_has_a_source_and_dates():
    rule = end_of_life_rule("nice-2009")
    assert (rule.life_below_months, rule.gain_at_least_months) == (24.0, 3.0)
    assert rule.source
    assert rule.from_date < rule.until_date
    with pytest.raises(UnknownName, match="nice-2009"):
        end_of_life_rule("nice-2008")
