"""EVPI against published draws and closed forms; the population against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting
from coley.stats.decision.perfect_information import decision_population, evpi


@pytest.mark.real
@pytest.mark.parametrize("name", ["vaccine", "smoking", "c_difficile", "chemotherapy"])
def test_published_draws(name, request):
    costs, effects, *_, expected = request.getfixturevalue(name)
    thresholds = [float(k) for k in expected["evpi"]]
    np.testing.assert_allclose(
        evpi(costs, effects, thresholds).value,
        list(expected["evpi"].values()),
        rtol=1e-7,  # the draws of chemotherapy were written to nine digits
    )


@pytest.mark.real
def test_chemotherapy_as_published(chemotherapy):
    costs, effects, *_ = chemotherapy
    assert evpi(costs, effects, 20_000).value[0] == pytest.approx(368.6051, abs=5e-5)


def test_normal_net_benefit():
    # INB of mean 1 and variance 5: sd phi(m/sd) + m Phi(m/sd) - m = 0.4798107 (the voi package's example).
    rng = np.random.default_rng(1)
    inb = rng.normal(1, 1, 400_000) - rng.normal(0, 2, 400_000)
    effects = np.column_stack([np.zeros_like(inb), inb])
    found = evpi(np.zeros_like(effects), effects, 1.0)
    sd = np.sqrt(5)
    exact = sd * norm.pdf(1 / sd) + norm.cdf(1 / sd) - 1
    assert exact == pytest.approx(0.4798107, abs=5e-8)
    assert found.value[0] == pytest.approx(exact, abs=3 * found.se[0])


def test_standard_error_covers():
    rng = np.random.default_rng(2)
    sd = np.sqrt(5)
    exact = sd * norm.pdf(1 / sd) + norm.cdf(1 / sd) - 1
    effects = np.zeros((400, 1000, 2))
    effects[..., 1] = rng.normal(1, sd, (400, 1000))
    found = [evpi(np.zeros_like(e), e, 1.0) for e in effects]
    hits = [abs(f.value[0] - exact) <= 1.96 * f.se[0] for f in found]
    assert abs(np.mean(hits) - 0.95) < 0.03


def test_population_by_hand():
    assert decision_population(0, 0.03, prevalence=50) == 50
    assert decision_population(2.5, 0.0, incidence_per_year=10) == pytest.approx(25)
    by_hand = 40 * 0.5 + 100 * 0.5 + 110 * 0.6 / 1.035 + 0.5 * 120 * 0.7 / 1.035**2
    found = decision_population(
        2.5, 0.035, prevalence=40, incidence_per_year=[100, 110, 120], uptake=[0.5, 0.6, 0.7]
    )
    assert found == pytest.approx(by_hand, rel=1e-12)
    flow = decision_population(3, 0.05, incidence_per_year=1, discounting="continuous")
    assert flow == pytest.approx(1 + np.exp(-0.05) + np.exp(-0.1), rel=1e-12)


def test_refusals():
    with pytest.raises(InvalidSetting, match=r"3\.5") as caught:
        decision_population(10, 3.5, incidence_per_year=1)
    assert "0.035" in str(caught.value)
    with pytest.raises(InvalidSetting, match="each of 3 years"):
        decision_population(3, 0.03, incidence_per_year=[1, 2])
    with pytest.raises(InvalidSetting, match="Uptake"):
        decision_population(3, 0.03, incidence_per_year=1, uptake=80)
    with pytest.raises(InvalidSetting, match="negative"):
        decision_population(3, 0.03, incidence_per_year=-1)
    with pytest.raises(InvalidSetting, match="Discounting"):
        decision_population(3, 0.03, discounting="daily")
