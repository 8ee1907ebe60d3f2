"""Cox regression against lifelines, statsmodels, the definition of its residuals, and known truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.stats.survival.cox import cox

NAMES = ["a", "b", "c"]


def cohort(seed: int, n: int = 300, *, tied: bool = True) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.c_[rng.normal(size=n), rng.integers(0, 2, n), rng.normal(40, 5, n)]
    entry = rng.exponential(2, n)
    time = entry + rng.exponential(10 * np.exp(-X @ [0.5, -0.4, 0.02]))
    if tied:
        entry, time = np.floor(entry), np.ceil(time)
    return {
        "time": time,
        "event": rng.random(n) < 0.7,
        "X": X,
        "entry": entry,
        "strata": rng.integers(0, 4, n),
        "weights": rng.integers(1, 4, n).astype(float),
        "cluster": rng.integers(0, 60, n),
    }


def lifelines_fit(data, used):
    import pandas as pd
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(data["X"], columns=NAMES).assign(time=data["time"], event=data["event"])
    options = {}
    for name in used:
        frame[name] = data[name]
        key = "strata" if name == "strata" else f"{name}_col"
        options[key] = ["strata"] if name == "strata" else name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = CoxPHFitter().fit(
            frame, "time", "event", fit_options={"precision": 1e-12}, robust="cluster" in used, **options
        )
        return frame, fitted


USES = [(), ("entry",), ("strata",), ("weights",), ("entry", "strata"), ("entry", "strata", "weights")]


@pytest.mark.parametrize("used", USES, ids=lambda used: "+".join(used) or "plain")
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_equals_lifelines(used, tied):
    data = cohort(2, tied=tied)
    _, theirs = lifelines_fit(data, used)
    ours = cox(data["time"], data["event"], data["X"], names=NAMES, **{name: data[name] for name in used})
    np.testing.assert_allclose(ours.coefficients, theirs.params_, atol=1e-6)
    np.testing.assert_allclose(ours.standard_errors, theirs.standard_errors_, atol=1e-7)
    np.testing.assert_allclose(ours.loglik, theirs.log_likelihood_, rtol=1e-10)
    np.testing.assert_allclose(ours.p, theirs.summary["p"], atol=1e-6)
    ratio = ours.hazard_ratio("b")
    row = theirs.summary.loc["b"]
    expected = row[["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]]
    np.testing.assert_allclose([ratio.value, ratio.low, ratio.high], expected, rtol=1e-6)
    if "weights" not in used:
        test = theirs.log_likelihood_ratio_test()
        np.testing.assert_allclose(ours.likelihood_ratio_test.statistic, test.test_statistic, rtol=1e-6)
        np.testing.assert_allclose(ours.likelihood_ratio_test.p, test.p_value, rtol=1e-5)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("used", [(), ("strata",)], ids=["plain", "strata"])
def test_equals_statsmodels(ties, used):
    import statsmodels.api as sm

    data = cohort(3)
    options = {name: data[name] for name in used}
    theirs = sm.PHReg(data["time"], data["X"], status=data["event"].astype(int), ties=ties, **options).fit(
        disp=0
    )
    ours = cox(data["time"], data["event"], data["X"], ties=ties, **options)
    np.testing.assert_allclose(ours.coefficients, theirs.params, atol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), atol=1e-9)
    np.testing.assert_allclose(ours.loglik, theirs.llf, rtol=1e-12)


def test_delayed_entry_equals_statsmodels_where_no_entry_is_tied_with_an_event():
    import statsmodels.api as sm

    data = cohort(4, tied=False)
    theirs = sm.PHReg(
        data["time"], data["X"], status=data["event"].astype(int), entry=data["entry"], ties="efron"
    )
    ours = cox(data["time"], data["event"], data["X"], entry=data["entry"])
    np.testing.assert_allclose(ours.coefficients, theirs.fit(disp=0).params, atol=1e-8)


@pytest.mark.parametrize("used", [("cluster",), ("strata", "cluster"), ("weights", "cluster")], ids="+".join)
def test_robust_variance_equals_lifelines_without_ties(used):
    # with ties lifelines takes Breslow's residuals under Efron's likelihood, so that only untied data compare
    data = cohort(5, tied=False)
    _, theirs = lifelines_fit(data, used)
    ours = cox(data["time"], data["event"], data["X"], **{name: data[name] for name in used})
    np.testing.assert_allclose(ours.standard_errors, theirs.standard_errors_, atol=1e-8)
    assert ours.robust
    assert not ours.maximum_likelihood


def test_residuals_and_baseline_equal_lifelines_without_ties():
    data = cohort(6, tied=False)
    frame, theirs = lifelines_fit(data, ("strata",))
    ours = cox(data["time"], data["event"], data["X"], strata=data["strata"], names=NAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        martingale = theirs.compute_residuals(frame, "martingale").sort_index()["martingale"]
        schoenfeld = theirs.compute_residuals(frame, "schoenfeld").sort_index()
    np.testing.assert_allclose(ours.martingale, martingale, atol=1e-5)
    order = np.argsort(ours.schoenfeld.row)
    np.testing.assert_allclose(ours.schoenfeld.residuals[order], schoenfeld, atol=1e-5)
    np.testing.assert_array_equal(ours.schoenfeld.row[order], schoenfeld.index)
    hazard = theirs.baseline_cumulative_hazard_
    for stratum in hazard.columns:
        mine = ours.baseline.stratum == stratum
        expected = hazard[stratum].loc[ours.baseline.time[mine]]
        np.testing.assert_allclose(ours.baseline.cumulative_hazard[mine], expected, rtol=1e-5)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_score_residuals_are_derivatives_of_the_score_in_the_weights(ties):
    from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets

    data = cohort(7, n=60)
    data["weights"] = np.random.default_rng(0).random(60) + 0.5
    used = {name: data[name] for name in ("entry", "strata")}
    fit = cox(data["time"], data["event"], data["X"], weights=data["weights"], ties=ties, **used)

    def score(weights):
        sets = risk_sets(data["time"], data["event"], weights=weights, ties=ties, **used)
        likelihood = PartialLikelihood(sets, np.ascontiguousarray(data["X"].T[:, sets.rows]))
        return likelihood.score(likelihood.sums(fit.coefficients))

    step = 1e-5
    expected = [
        (score(data["weights"] + step * unit) - score(data["weights"] - step * unit)) / (2 * step)
        for unit in np.eye(60)
    ]
    np.testing.assert_allclose(fit.score_residuals, expected, atol=1e-6)
    np.testing.assert_allclose(data["weights"] @ fit.score_residuals, 0, atol=1e-9)
    np.testing.assert_allclose(data["weights"] @ fit.martingale, 0, atol=1e-10)


def test_score_test_of_two_groups_is_the_log_rank_test():
    from lifelines.statistics import logrank_test

    rng = np.random.default_rng(8)
    time, event, arm = rng.exponential(10, 200), rng.random(200) < 0.6, np.arange(200) % 2
    theirs = logrank_test(time[arm == 0], time[arm == 1], event[arm == 0], event[arm == 1])
    np.testing.assert_allclose(cox(time, event, arm).score_test.statistic, theirs.test_statistic, rtol=1e-10)


def test_dfbeta_approximates_leaving_a_patient_out():
    data = cohort(9, n=400)
    fit = cox(data["time"], data["event"], data["X"])
    for row in (0, 17, 200):
        kept = np.arange(400) != row
        without = cox(data["time"][kept], data["event"][kept], data["X"][kept])
        change = fit.coefficients - without.coefficients
        assert (np.abs(fit.dfbeta[row] - change) < 0.1 * np.abs(fit.dfbeta).max(axis=0)).all()


def test_known_hazard_ratio_is_covered_at_the_nominal_rate():
    truth, covered, robust = np.array([0.5, -0.3]), [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        X = np.c_[rng.integers(0, 2, 150), rng.normal(size=150)]
        time, censored = rng.exponential(10 * np.exp(-X @ truth)), rng.uniform(2, 30, 150)
        observed = np.ceil(np.minimum(time, censored) * 4) / 4
        fit = cox(observed, time <= censored, X)
        covered.append(np.abs(fit.coefficients - truth) < 1.959964 * fit.standard_errors)
        sandwich = cox(observed, time <= censored, X, robust=True)
        robust.append(np.abs(sandwich.coefficients - truth) < 1.959964 * sandwich.standard_errors)
    # 400 simulations x 2 coefficients: the standard error of a rate of .95 is .008
    assert 0.925 < np.mean(covered) < 0.975
    assert 0.915 < np.mean(robust) < 0.975


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), unit=st.floats(1e-3, 1e3), scale=st.floats(1e-3, 1e3))
def test_invariances(seed, unit, scale):
    data = cohort(seed, n=80)
    time, event, X = data["time"], data["event"], data["X"]
    fit = cox(time, event, X)
    order = np.random.default_rng(seed).permutation(80)
    shuffled = cox(time[order], event[order], X[order])
    np.testing.assert_allclose(shuffled.coefficients, fit.coefficients, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(shuffled.martingale, fit.martingale[order], atol=1e-8)
    np.testing.assert_allclose(
        cox(time * unit, event, X).coefficients, fit.coefficients, rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(
        cox(time, event, X * scale + 7).coefficients * scale, fit.coefficients, rtol=1e-5
    )
    relabelled = cox(time, event, np.c_[X[:, 0], 1 - X[:, 1], X[:, 2]], names=NAMES)
    here, there = cox(time, event, X, names=NAMES).hazard_ratio("b"), relabelled.hazard_ratio("b")
    np.testing.assert_allclose(
        [there.value, there.low, there.high], [1 / here.value, 1 / here.high, 1 / here.low]
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_doubling_the_patients_halves_the_variance(seed):
    data = cohort(seed, n=80, tied=False)
    time, event, X = data["time"], data["event"], data["X"]
    once = cox(time, event, X, ties="breslow")
    twice = cox(np.tile(time, 2), np.tile(event, 2), np.tile(X, (2, 1)), ties="breslow")
    weighted = cox(time, event, X, weights=np.full(80, 2.0), ties="breslow")
    for fit in (twice, weighted):
        np.testing.assert_allclose(fit.coefficients, once.coefficients, atol=1e-7)
        np.testing.assert_allclose(fit.covariance, once.covariance / 2, rtol=1e-6)
    # the sandwich of doubled patients who are known to be the same is that of the patients
    clusters = np.tile(np.arange(80), 2)
    same = cox(np.tile(time, 2), np.tile(event, 2), np.tile(X, (2, 1)), ties="breslow", cluster=clusters)
    np.testing.assert_allclose(
        same.covariance, cox(time, event, X, ties="breslow", robust=True).covariance, rtol=1e-6
    )


def test_splitting_follow_up_into_pieces_changes_nothing():
    data = cohort(10, n=120)
    time, event, X = data["time"], data["event"], data["X"]
    cut = time / 2
    whole = cox(time, event, X)
    pieces = cox(
        np.r_[cut, time], np.r_[np.zeros(120), event], np.r_[X, X], entry=np.r_[np.full(120, -1.0), cut]
    )
    np.testing.assert_allclose(pieces.coefficients, whole.coefficients, atol=1e-9)
    np.testing.assert_allclose(pieces.loglik, whole.loglik, rtol=1e-12)


def test_strata_on_very_different_scales_keep_their_digits():
    data = cohort(11, tied=False)
    X = data["X"][:, :2]
    by_stratum = [
        cox(data["time"], data["event"] & (data["strata"] == s), X, weights=(data["strata"] == s) * 1.0)
        for s in range(4)
    ]
    far = X + 1e3 * data["strata"][:, None]  # a constant within each stratum cancels from its likelihood
    fit = cox(data["time"], data["event"], far, strata=data["strata"])
    np.testing.assert_allclose(
        fit.coefficients, cox(data["time"], data["event"], X, strata=data["strata"]).coefficients, atol=1e-6
    )
    np.testing.assert_allclose(fit.loglik_null, sum(one.loglik_null for one in by_stratum), rtol=1e-12)


def test_contrast_of_an_interaction():
    data = cohort(12)
    arm, high = data["X"][:, 1], (data["X"][:, 0] > 0) * 1.0
    fit = cox(data["time"], data["event"], np.c_[arm, high, arm * high], names=["arm", "high", "both"])
    turned = cox(
        data["time"], data["event"], np.c_[arm, 1 - high, arm * (1 - high)], names=["arm", "low", "both"]
    )
    among_high, direct = fit.contrast([1, 0, 1]), turned.hazard_ratio("arm")
    np.testing.assert_allclose(
        [among_high.value, among_high.low, among_high.high],
        [direct.value, direct.low, direct.high],
        rtol=1e-8,
    )


class TestRefusals:
    time, event, x = (
        np.arange(1.0, 9),
        np.array([1, 1, 0, 1, 1, 0, 1, 1]),
        np.array([2.0, 1, 4, 3, 6, 5, 8, 7]),
    )

    def test_constant_column_is_named(self):
        with pytest.raises(NotEstimable, match="'flat'"):
            cox(self.time, self.event, np.c_[self.x, np.full(8, 0.1)], names=["x", "flat"])

    def test_column_that_does_not_vary_among_those_at_risk_is_named(self):
        gone = np.array([1.0, 0, 0, 0, 0, 0])
        with pytest.raises(NotEstimable, match="No variation among those at risk when events happen: 'gone'"):
            cox([1, 2, 3, 4, 5, 6], [0, 1, 1, 1, 1, 1], np.c_[self.x[:6], gone], names=["x", "gone"])

    def test_collinear_column_and_its_parts_are_named(self):
        other = np.array([1.0, 5, 2, 2, 7, 1, 3, 9])
        with pytest.raises(NotEstimable, match=r"'sum' is a linear combination of 'x', 'other'"):
            cox(self.time, self.event, np.c_[self.x, other, self.x + 2 * other], names=["x", "other", "sum"])

    def test_monotone_likelihood_names_the_column(self):
        only = np.array([0.0, 0, 1, 0, 0, 1, 0, 0])  # the event never happens where it is 1
        with pytest.raises(NotEstimable, match="for ever along 'only'"):
            cox(self.time, self.event, np.c_[self.x % 3, only], names=["x", "only"])

    def test_large_but_finite_effect_is_estimated(self):
        rng = np.random.default_rng(0)
        rare = np.arange(2000) < 20
        time = rng.exponential(np.where(rare, 0.01, 1.0))
        fit = cox(time, np.ones(2000), rare)
        assert abs(fit.coefficients[0] - np.log(100)) < 1.96 * 2 * fit.standard_errors[0]

    def test_no_event(self):
        with pytest.raises(NotEstimable, match="No event among 8"):
            cox(self.time, np.zeros(8), self.x)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"time": [1, 2, 3, 4, 5, 6, 7, np.nan]}, "'time'"),
            ({"time": [1, 2, 3, 4, 5, 6, 7, -1]}, "'time'"),
            ({"event": [0, 1, 2, 0, 1, 0, 1, 1]}, "only 0 and 1"),
            ({"X": [1, 2, 3]}, "rows and at least one column"),
            ({"X": [1, 2, 3, np.inf, 5, 6, 7, 8]}, "missing or infinite"),
            ({"entry": np.arange(8) + 1}, "before it begins"),
            ({"weights": [-1, 1, 1, 1, 1, 1, 1, 1]}, "'weights'"),
            ({"strata": [1, 2]}, "'strata'"),
        ],
    )
    def test_unusable_input(self, change, message):
        given = {"time": self.time, "event": self.event, "X": self.x, **change}
        with pytest.raises(UnreadableInput, match=message):
            cox(given.pop("time"), given.pop("event"), given.pop("X"), **given)

    def test_settings(self):
        with pytest.raises(InvalidSetting, match="exact"):
            cox(self.time, self.event, self.x, ties="exact")
        with pytest.raises(InvalidSetting, match="level"):
            cox(self.time, self.event, self.x, level=95)
        with pytest.raises(UnknownName, match="'age'"):
            cox(self.time, self.event, self.x).hazard_ratio("age")
