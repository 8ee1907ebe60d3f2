from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.assay import assay
from coley.economics.policy.biomarker_guided import biomarker_guided, value_of_test
from coley.economics.policy.gains import randomised_gains
from coley.economics.policy.marker_draws import draws_by_marker
from coley.economics.policy.marker_guided import marker_guided
from coley.model.errors import NotEstimable, UnreadableInput

K = 50_000.0


@pytest.fixture
def trial():
    rng = np.random.default_rng(1)
    arm, marker = rng.integers(0, 2, 600), (rng.random(600) < 0.3).astype(int)
    effect = rng.normal(1 + 0.4 * marker + arm * np.where(marker, 0.8, 0.1), 0.8)
    cost = rng.normal(10_000 + 25_000 * arm, 4000)
    return cost, effect, arm, marker


def test_draws_centre_on_the_means_with_their_standard_errors(trial):
    cost, effect, arm, marker = trial
    accuracy, new, old = draws_by_marker(cost, effect, treated=arm, positive=marker, draws=4000, seed=2)
    for found, values, part in (
        (new.effect_with, effect, (arm == 1) & (marker == 1)),
        (new.cost_without, cost, (arm == 1) & (marker == 0)),
        (old.effect_without, effect, (arm == 0) & (marker == 0)),
    ):
        se = values[part].std() / np.sqrt(part.sum())
        assert found.mean() == pytest.approx(values[part].mean(), abs=0.1 * se)
        assert found.std() == pytest.approx(se, rel=0.06)
    assert accuracy.prevalence.mean() == pytest.approx(marker.mean(), abs=0.002)


def test_value_by_draws_is_value_by_patients(trial):
    cost, effect, arm, marker = trial
    drawn = draws_by_marker(cost, effect, treated=arm, positive=marker, draws=4000, seed=2)
    by_draws = value_of_test(biomarker_guided(*drawn, assay=assay(400)), [K])
    gains = randomised_gains(K * effect - cost, arm, strata=marker)
    by_patients = marker_guided(marker, gains, cost=400)
    for one, other in (
        (by_draws.over_all, by_patients.over_all),
        (by_draws.over_none, by_patients.over_none),
    ):
        assert one.value[0] == pytest.approx(other.value, abs=0.1 * other.se)
        assert one.high[0] - one.low[0] == pytest.approx(other.high - other.low, rel=0.08)
    assert by_draws.beats_all[0] == pytest.approx(by_patients.beats_all, abs=0.02)


def test_bad_trials(trial):
    cost, effect, arm, marker = trial
    with pytest.raises(NotEstimable, match="fewer than 5"):
        draws_by_marker(cost, effect, treated=arm, positive=np.zeros(600), draws=10, seed=1)
    with pytest.raises(UnreadableInput, match="0 or 1"):
        draws_by_marker(cost, effect, treated=arm, positive=2 * marker, draws=10, seed=1)
    with pytest.raises(UnreadableInput, match="finite cost"):
        draws_by_marker(np.full(600, np.nan), effect, treated=arm, positive=marker, draws=10, seed=1)
