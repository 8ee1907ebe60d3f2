from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.assay import accuracy_from_counts, assay
from coley.model.errors import InvalidSetting, UnreadableInput


def test_draws_have_the_moments_of_their_betas():
    drawn = accuracy_from_counts((80, 30), (70, 20), draws=20_000, seed=4)
    for values, yes, no in (
        (drawn.sensitivity, 80.5, 20.5),
        (drawn.specificity, 70.5, 30.5),
        (drawn.prevalence, 100.5, 100.5),
    ):
        mean, var = yes / (yes + no), yes * no / ((yes + no) ** 2 * (yes + no + 1))
        assert values.mean() == pytest.approx(mean, abs=5 * np.sqrt(var / 20_000))
        assert values.var() == pytest.approx(var, rel=0.05)
    assert abs(np.corrcoef(drawn.sensitivity, drawn.specificity)[0, 1]) < 0.03


def test_the_same_seed_gives_the_same_draws():
    one, two = (accuracy_from_counts((8, 3), (7, 2), draws=50, seed=4) for _ in range(2))
    assert (one.sensitivity == two.sensitivity).all()


def test_who_has_no_result_by_patients():
    rng = np.random.default_rng(3)
    n = 300_000
    failed = rng.random(n) < 0.2
    again = failed & (rng.random(n) < 0.6)
    untold = failed & ~(again & (rng.random(n) >= 0.3))
    found = assay(400, failed=0.2, rebiopsied=0.6, rebiopsy_cost=3000, failed_again=0.3)
    assert found.untold[0] == pytest.approx(untold.mean(), abs=0.003)
    assert found.all_costs[0] == pytest.approx(400 + 3000 * again.mean(), rel=0.01)


def test_waiting_loses_by_the_hazard():
    assert assay(0, waiting_days=365.25, hazard_per_year=0.5).lost_waiting[0] == pytest.approx(
        1 - np.exp(-0.5)
    )
    assert assay(0).lost_waiting[0] == 0


def test_bad_tests():
    with pytest.raises(UnreadableInput, match="negative"):
        accuracy_from_counts((-1, 3), (7, 2), draws=10, seed=1)
    with pytest.raises(InvalidSetting, match="prior"):
        accuracy_from_counts((1, 3), (7, 2), draws=10, seed=1, prior=0)
    with pytest.raises(InvalidSetting, match="percentage"):
        assay(100, failed=8)
    with pytest.raises(InvalidSetting, match="cost of a test"):
        assay(-5)


def test_for_whom_the_result_decides():
    """Of 100 patients 10 are lost waiting; of the others 4 in 20 fail, half are tested again and half of these fail."""
    told = assay(300, failed=0.2, rebiopsied=0.5, failed_again=0.5, lost_waiting=0.1)
    assert told.untold[0] == pytest.approx(0.2 * (0.5 + 0.5 * 0.5))
    assert told.decided[0] == pytest.approx(0.9 * 0.85)
    assert told.treated_untold[0] == pytest.approx(0.9 * 0.15)
    left = assay(300, failed=0.2, treat_untold=False)
    assert (left.decided[0], left.treated_untold[0]) == (0.8, 0)
    with pytest.raises(InvalidSetting, match="percentage"):
        assay(300, lost_waiting=10)
