"""The test of proportional hazards, against its definition by brute force and against published R output."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable, UnknownName
from coley.stats.survival.cox import cox
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets
from coley.stats.survival.proportional_hazards import proportional_hazards

TRANSFORMS = {"identity": lambda t: t, "log": np.log}


def brute_force(data, fit, g, *, ties, used):
    """Score test of X and X g(t), on rows cut at every event time so that g(t) is a plain covariate."""
    cuts = np.unique(data["time"][data["event"]])
    rows = []
    for i, end in enumerate(data["time"]):
        start = data["entry"][i] if "entry" in used else -1.0
        for stop in [*cuts[(cuts > start) & (cuts < end)], end]:
            happened = data["event"][i] and stop == end
            rows.append((start, stop, happened, *data["X"][i], *(data["X"][i] * g(stop)), i))
            start = stop
    table = np.array(rows)
    of = table[:, -1].astype(int)
    sets = risk_sets(
        table[:, 1],
        table[:, 2] == 1,
        entry=table[:, 0],
        strata=data["strata"][of] if "strata" in used else None,
        weights=data["weights"][of] if "weights" in used else None,
        ties=ties,
    )
    likelihood = PartialLikelihood(sets, np.ascontiguousarray(table[sets.rows, 3:7].T))
    at = likelihood.sums(np.r_[fit.coefficients, 0, 0])
    score, information = likelihood.score(at), likelihood.information(at)

    def test(columns):
        return score[columns] @ np.linalg.solve(information[np.ix_(columns, columns)], score[columns])

    return test([0, 1, 2]), test([0, 1, 3]), test([0, 1, 2, 3])


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("used", [(), ("entry",), ("entry", "strata", "weights")], ids="+".join)
def test_equals_the_score_test_on_split_follow_up(transform, ties, used):
    rng = np.random.default_rng(3)
    time = rng.integers(1, 15, 80).astype(float)
    data = {
        "time": time,
        "event": rng.random(80) < 0.7,
        "X": rng.normal(size=(80, 2)),
        "entry": np.minimum(time - 1, rng.integers(0, 5, 80)).astype(float),
        "strata": rng.integers(0, 2, 80),
        "weights": rng.integers(1, 4, 80).astype(float),
    }
    fit = cox(time, data["event"], data["X"], ties=ties, **{name: data[name] for name in used})
    found = proportional_hazards(fit, transform=transform)
    expected = brute_force(data, fit, TRANSFORMS[transform], ties=ties, used=used)
    np.testing.assert_allclose(
        [*(test.statistic for test in found.tests.values()), found.together.statistic], expected, rtol=1e-9
    )


def test_equals_statsmodels_score_on_split_follow_up():
    # the same definition, with no code of ours in the likelihood
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    x, time = rng.normal(size=60), rng.exponential(5, 60)
    event = rng.random(60) < 0.8
    fit = cox(time, event, x)
    cuts = np.unique(time[event])
    rows = []
    for i in range(60):
        start = 0.0
        for stop in [*cuts[cuts < time[i]], time[i]]:
            rows.append((start, stop, event[i] and stop == time[i], x[i], x[i] * stop))
            start = stop + 1e-12  # statsmodels has rows at risk at their entry; ours only after it
    table = np.array(rows)
    model = sm.PHReg(
        table[:, 1], table[:, 3:], status=table[:, 2].astype(int), entry=table[:, 0], ties="efron"
    )
    at = np.array([fit.coefficients[0], 0.0])
    score, information = model.score(at), -model.hessian(at)
    expected = score @ np.linalg.solve(information, score)
    found = proportional_hazards(fit, transform="identity")
    np.testing.assert_allclose(found.together.statistic, expected, rtol=1e-6)


def test_equals_published_output_of_cox_zph():
    # cox.zph(coxph(Surv(time, status) ~ age + sex + wt.loss, lung)), survival >= 3.0, transform "km":
    # chisq age 0.5077, sex 2.5489, wt.loss 0.0144, GLOBAL 3.0051
    from lifelines.datasets import load_lung

    lung = load_lung()[["time", "status", "age", "sex", "wt.loss"]].dropna()
    fit = cox(lung["time"], lung["status"], lung[["age", "sex", "wt.loss"]], names=["age", "sex", "wt.loss"])
    found = proportional_hazards(fit)
    chisq = {name: round(test.statistic, 4) for name, test in found.tests.items()}
    assert chisq == {"age": 0.5077, "sex": 2.5489, "wt.loss": 0.0144}
    assert round(found.together.statistic, 4) == 3.0051
    assert found.together.df == 3


@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_size_and_power(transform):
    rejected = {"proportional": 0, "delayed": 0}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        arm = np.arange(200) % 2
        early = rng.exponential(10, 200)
        # no effect before month 4, then a hazard ratio of 0.35
        delayed = np.where((arm == 1) & (early > 4), 4 + (early - 4) / 0.35, early)
        proportional = np.where(arm == 1, early / 0.6, early)
        for name, time in (("proportional", proportional), ("delayed", delayed)):
            observed = np.minimum(time, 30)
            fit = cox(observed, time <= 30, arm, names=["arm"])
            rejected[name] += proportional_hazards(fit, transform=transform).tests["arm"].p < 0.05
    assert rejected["proportional"] <= 20  # 5 % of 200 and three standard errors
    assert rejected["delayed"] >= 100


def test_time_unit_matters_to_no_transform():
    rng = np.random.default_rng(5)
    time, X = rng.exponential(10, 100), rng.normal(size=(100, 2))
    for transform in ("km", "rank", "identity", "log"):
        months = proportional_hazards(cox(time, np.ones(100), X), transform=transform).together
        days = proportional_hazards(cox(time * 30.4375, np.ones(100), X), transform=transform).together
        np.testing.assert_allclose(days.statistic, months.statistic, rtol=1e-8)


def test_refusals():
    x = np.array([2.0, 1, 4, 3, 6, 5, 8, 7])
    fit = cox([0, 0, 1, 2, 3, 4, 5, 6], np.ones(8), x)
    with pytest.raises(UnknownName, match="transform"):
        proportional_hazards(fit, transform="kmm")
    with pytest.raises(NotEstimable, match="not finite"):
        proportional_hazards(fit, transform="log")
    one_instant = cox(np.full(8, 3.0), [1, 0, 1, 0, 1, 0, 0, 1], x)
    assert np.isnan(proportional_hazards(one_instant).together.p)
