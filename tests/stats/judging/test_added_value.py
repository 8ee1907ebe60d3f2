"""Added value against scikit-learn, statsmodels and lifelines on the same folds; coverage; refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_auc_score

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.added_value import added_value, added_value_survival
from coley.stats.judging.cross_validation import stratified_folds
from coley.stats.judging.roc import auc


def cohort(rng, n, effect):
    """Two clinical covariates, a marker that goes with the first, and an outcome."""
    clinical = rng.normal(size=(n, 2))
    marker = 0.3 * clinical[:, 0] + np.sqrt(1 - 0.09) * rng.normal(size=n)
    index = 0.6 * clinical[:, 0] + effect * marker
    return clinical, marker, index


def test_equals_statsmodels_and_sklearn_on_the_same_folds():
    rng = np.random.default_rng(71)
    clinical, marker, index = cohort(rng, 120, 0.8)
    y = rng.random(120) < expit(index - 0.7)
    found = added_value(y, clinical, marker, folds=4, repeats=2, seed=9)
    parts = [sm.add_constant(X) for X in (clinical, np.column_stack([clinical, marker]))]
    whole = [sm.Logit(y, X).fit(disp=0, tol=1e-12) for X in parts]
    assert found.likelihood_ratio.statistic == pytest.approx(2 * (whole[1].llf - whole[0].llf), abs=1e-8)
    area, error = [], []
    for split in stratified_folds(y, folds=4, repeats=2, seed=9):
        for fold in range(4):
            out = split == fold
            chance = [sm.Logit(y[~out], X[~out]).fit(disp=0, tol=1e-12).predict(X[out]) for X in parts]
            area.append([roc_auc_score(y[out], p) for p in chance])
            error.append([brier_score_loss(y[out], p) for p in chance])
    for measure, expected in ((found.discrimination, area), (found.brier, error)):
        without, with_marker = np.mean(expected, axis=0)
        assert measure.without.value == pytest.approx(without, abs=1e-9)
        assert measure.with_marker.value == pytest.approx(with_marker, abs=1e-9)
        gaps = np.diff(expected, axis=1)
        assert measure.change.value == pytest.approx(gaps.mean(), abs=1e-9)
        assert measure.change.se == pytest.approx(np.sqrt((1 / 8 + 1 / 3) * gaps.var(ddof=1)), abs=1e-9)
    assert (found.n, found.events, found.folds, found.repeats, found.failed) == (120, y.sum(), 4, 2, 0)


def test_equals_lifelines_on_the_same_folds():
    rng = np.random.default_rng(72)
    clinical, marker, index = cohort(rng, 90, 0.7)
    time, event = rng.exponential(np.exp(-index)), rng.random(90) < 0.7
    found = added_value_survival(time, event, clinical, marker=marker, folds=3, repeats=1, seed=2)
    frame = pd.DataFrame(np.column_stack([clinical, marker]), columns=["a", "b", "marker"])
    frame = frame.assign(time=time, event=event.astype(int))
    split = stratified_folds(event, folds=3, repeats=1, seed=2, both=False)[0]
    values = []
    for columns in (["a", "b"], ["a", "b", "marker"]):
        use = frame[[*columns, "time", "event"]]
        for fold in range(3):
            fit = CoxPHFitter().fit(use[split != fold], "time", "event")
            held = use[split == fold]
            values.append(concordance_index(held["time"], -fit.predict_partial_hazard(held), held["event"]))
    assert found.discrimination.without.value == pytest.approx(np.mean(values[:3]), abs=1e-9)
    assert found.discrimination.with_marker.value == pytest.approx(np.mean(values[3:]), abs=1e-9)
    whole = [
        CoxPHFitter().fit(frame[[*columns, "time", "event"]], "time", "event").log_likelihood_
        for columns in (["a", "b"], ["a", "b", "marker"])
    ]
    assert found.likelihood_ratio.statistic == pytest.approx(2 * (whole[1] - whole[0]), abs=1e-5)
    assert found.brier is None


@pytest.mark.parametrize(("effect", "least"), [(0.0, 0.95), (0.8, 0.9)])
def test_coverage_of_the_change_in_auc(effect, least):
    rng = np.random.default_rng(73)
    clinical, marker, index = cohort(rng, 20_000, effect)
    y = rng.random(20_000) < expit(index - 0.7)
    # the truth: the mean change, in a large population, of models fitted to four fifths of the patients
    X, truth, found = np.column_stack([clinical, marker]), [], []
    for _ in range(150):
        c, m, i = cohort(rng, 150, effect)
        label = rng.random(150) < expit(i - 0.7)
        found.append(added_value(label, c, m, repeats=3).discrimination.change)
        if len(truth) < 60:
            some = rng.choice(20_000, 120, replace=False)
            small, large = (
                sm.GLM(y[some], sm.add_constant(Z[some]), sm.families.Binomial()).fit() for Z in (clinical, X)
            )
            truth.append(auc(X @ large.params[1:], y).value - auc(clinical @ small.params[1:], y).value)
    target = np.mean(truth)
    covered = np.mean([f.low <= target <= f.high for f in found])
    assert covered >= least
    assert np.mean([f.low > target for f in found]) < 0.05
    assert np.mean([f.value for f in found]) == pytest.approx(target, abs=0.012)


def test_a_marker_without_information_adds_nothing_out_of_sample():
    rng, changes, p = np.random.default_rng(74), [], []
    for _ in range(60):
        clinical, marker, index = cohort(rng, 120, 0.0)
        found = added_value(rng.random(120) < expit(index - 0.7), clinical, marker, repeats=2)
        changes.append(found.discrimination.change.value)
        p.append(found.likelihood_ratio.p)
    assert np.mean(changes) < 0.002  # in sample it would always be gain
    assert 0.25 < np.mean(p) < 0.75


def test_units_and_classes_do_not_matter():
    rng = np.random.default_rng(75)
    clinical, marker, index = cohort(rng, 100, 0.8)
    y = rng.random(100) < expit(index)
    one = added_value(y, clinical, marker, repeats=2)
    two = added_value(y, clinical * [1000, 0.01] + 7, -3 * marker, repeats=2)
    assert two.discrimination.change.value == pytest.approx(one.discrimination.change.value, abs=1e-9)
    assert two.brier.change.low == pytest.approx(one.brier.change.low, abs=1e-9)
    assert added_value(y, clinical, marker, repeats=2) == one


def test_refusals():
    rng = np.random.default_rng(76)
    clinical, marker, index = cohort(rng, 60, 0.5)
    y = rng.random(60) < expit(index)
    with pytest.raises(InvalidSetting, match="Leave-one-out"):
        added_value(y, clinical, marker, folds=60)
    with pytest.raises(InvalidSetting, match="both classes"):
        added_value(np.arange(60) < 3, clinical, marker)
    holed = marker.copy()
    holed[3] = np.nan
    with pytest.raises(UnreadableInput, match="missing"):
        added_value(y, clinical, holed)
    with pytest.raises(NotEstimable, match="combination"):
        added_value(y, clinical, clinical[:, 0])
    rare = np.zeros(
        60
    )  # of one patient with the outcome and one without: fitted on all, and not without either
    rare[[np.flatnonzero(y)[0], np.flatnonzero(~y)[0]]] = 1
    with pytest.raises(NotEstimable, match="of 10 folds"):
        added_value(y, clinical, rare, repeats=2)
    with pytest.raises(NotEstimable, match="alike"):
        added_value(np.ones(60), clinical, marker)
