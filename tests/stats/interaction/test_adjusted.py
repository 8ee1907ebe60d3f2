"""A control that was not randomised: against R, with a confounder whose truth is known, and its label."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.interaction.adjusted import adjusted_contrast


def test_weights_and_robust_variance_equal_r(veteran, by_r):
    v = veteran
    found = adjusted_contrast(
        v["time"],
        v["status"],
        v["arm"],
        marker=v["karno"],
        covariates=v.select("age", "prior").to_numpy(),
        names=["age", "prior"],
        per=10,
    )
    row = next(r for r in by_r("interaction").iter_rows(named=True) if r["case"] == "weighted")
    f = found.weighted
    values = [f.ratio.value, f.ratio.low, f.ratio.high, f.wald.statistic, f.others.value, f.treated.high]
    expected = [row[n] for n in ("ratio", "low", "high", "wald", "others", "treated_high")]
    np.testing.assert_allclose(values, expected, rtol=1e-6)
    assert np.isnan(f.likelihood_ratio.p)
    assert (found.design, found.truncation) == ("non-randomised", (0.01, 0.99))


def confounded(n, seed):
    """Age raises the chance of treatment, the hazard, and the marker; the true ratio of ratios per unit is 0.7."""
    generator = np.random.default_rng(seed)
    age = generator.normal(size=n)
    x = 0.5 * age + generator.normal(size=n)
    given = generator.random(n) < 1 / (1 + np.exp(-0.9 * age))
    time = generator.exponential(np.exp(-(0.9 * age + 0.2 * x + given * (-0.4 + np.log(0.7) * x))))
    end = generator.uniform(0.5, 6, n)
    return (np.minimum(time, end), time <= end, given), x, age


def test_the_confounder_is_balanced_and_the_ratio_recovered():
    rows, x, age = confounded(6000, seed=1)
    found = adjusted_contrast(*rows, marker=x, covariates=age, names=["age"], per=1, truncation=(0, 1))
    assert found.balance.names == ("marker", "age")
    assert found.balance.before[1] > 0.7
    assert found.balance.balanced
    assert found.balance.worst < 0.1
    assert found.adjusted.ratio.low < 0.7 < found.adjusted.ratio.high
    # treatment at a marker of 0: 0.67 with the confounder, near 1 without it
    at = [f.effect_at(0).value[0] for f in (found.crude, found.adjusted)]
    assert abs(np.log(at[1]) + 0.4) < 0.1
    assert np.log(at[0]) > 0
    assert all(1 < e < n for e, n in zip(found.effective, found.crude.n, strict=True))


def test_coverage_with_the_confounder_in_the_model():
    covers = []
    for seed in range(150):
        rows, x, age = confounded(300, seed)
        found = adjusted_contrast(*rows, marker=x, covariates=age, per=1).adjusted.ratio
        covers.append(found.low < 0.7 < found.high)
    assert abs(np.mean(covers) - 0.95) < 0.054


def test_weights_of_a_randomised_study_are_near_one(trial):
    time, event, arm, x = trial(2000)
    found = adjusted_contrast(time, event, arm, marker=x, covariates=np.sin(np.arange(2000)))
    assert np.abs(found.weights - 1).max() < 0.25
    assert found.weighted.ratio.value == pytest.approx(found.crude.ratio.value, rel=0.02)
    assert np.mean(found.weights) == pytest.approx(1, abs=0.01)


def test_refusals(trial):
    time, event, arm, x = trial(100)
    with pytest.raises(NotEstimable, match="chance of being treated"):
        adjusted_contrast(time, event, arm, marker=x, covariates=10 * arm + x / 100)
    with pytest.raises(InvalidSetting, match="quantiles"):
        adjusted_contrast(time, event, arm, marker=x, covariates=x**2, truncation=(0.9, 0.1))
