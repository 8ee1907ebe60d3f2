"""Adjusted odds ratios against statsmodels and against our own regression on single reports."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality import grouped_logistic
from coley.stats.disproportionality.adjusted import adjusted_odds_ratio
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.ratios import reporting_odds_ratio
from coley.stats.logistic import firth_logistic

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

# Every pattern of exposure, three age groups and two sexes.
EXPOSED, AGE, SEX = (x.ravel() for x in np.meshgrid([0, 1], [0, 1, 2], [0, 1], indexing="ij"))
COVARIATES = np.column_stack([AGE == 1, AGE == 2, SEX]).astype(float)


def three(fit, i=0):
    return [float(x[i]) for x in (fit.ratio.value, fit.ratio.low, fit.ratio.high)]


def chances(base, log_ratio):
    return 1 / (1 + np.exp(-(base + log_ratio * EXPOSED + 0.9 * (AGE == 2) + 0.4 * SEX)))


def test_equals_statsmodels():
    rng, pairs = np.random.default_rng(1), 25
    n = rng.integers(50, 900, (len(EXPOSED), pairs))
    y = rng.binomial(n, chances(-2.5, 0.7)[:, None])
    fit = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES, level=0.9)
    assert not fit.penalised.any()
    design = sm.add_constant(np.column_stack([EXPOSED, COVARIATES]))
    for i in range(pairs):
        model = sm.GLM(
            np.column_stack([y[:, i], n[:, i] - y[:, i]]), design, family=sm.families.Binomial()
        ).fit(tol=1e-13)
        low, high = model.conf_int(alpha=0.1)[1]
        np.testing.assert_allclose(three(fit, i), np.exp([model.params[1], low, high]), rtol=1e-6)


def test_separated_pairs_equal_firth_on_single_reports():
    rng, pairs = np.random.default_rng(2), 6
    n = rng.integers(3, 14, len(EXPOSED))
    y = rng.binomial(n[:, None], 0.25, (len(EXPOSED), pairs))
    y[EXPOSED == 1, :3] = 0  # no event with the exposure
    y[EXPOSED == 0, 3:] = 0  # no event without it
    fit = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES)
    assert fit.penalised.all()
    single = np.repeat(np.column_stack([EXPOSED, COVARIATES]), n, axis=0)
    for i in range(pairs):
        outcome = np.concatenate([np.arange(m) < events for m, events in zip(n, y[:, i], strict=True)])
        expected = firth_logistic(outcome, single, names=["exposed", "old", "older", "sex"]).odds_ratio(
            "exposed"
        )
        np.testing.assert_allclose(three(fit, i), [expected.value, expected.low, expected.high], rtol=1e-6)


@QUICK
@given(st.tuples(*[st.integers(1, 10**5)] * 4))
def test_without_covariates_it_is_the_plain_odds_ratio(cells):
    a, b, c, d = cells
    fit = adjusted_odds_ratio([a, c], [a + b, c + d], [1, 0])
    plain = reporting_odds_ratio(PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d))
    np.testing.assert_allclose(three(fit), [plain.value[0], plain.low[0], plain.high[0]], rtol=1e-6)


def test_pairs_are_independent_and_grouping_does_not_matter():
    rng = np.random.default_rng(4)
    n = rng.integers(20, 300, len(EXPOSED))
    y = rng.binomial(n[:, None], chances(-2, 1.0)[:, None], (len(EXPOSED), 5))
    together = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES)
    alone = [three(adjusted_odds_ratio(y[:, i], n, EXPOSED, covariates=COVARIATES)) for i in range(5)]
    np.testing.assert_allclose([three(together, i) for i in range(5)], alone, rtol=1e-9)
    order = rng.permutation(len(EXPOSED))
    half = n // 3  # each pattern in two rows, shuffled, and a pattern without reports
    first = np.minimum(y, half[:, None])
    split = adjusted_odds_ratio(
        np.vstack([first[order], (y - first)[order], np.zeros((1, 5))]),
        np.concatenate([half[order], (n - half)[order], [0]]),
        np.concatenate([EXPOSED[order], EXPOSED[order], [1]]),
        covariates=np.vstack([COVARIATES[order], COVARIATES[order], [[1, 0, 1]]]),
    )
    np.testing.assert_allclose([three(split, i) for i in range(5)], alone, rtol=1e-7)


def test_units_and_redundant_columns_change_nothing():
    rng = np.random.default_rng(5)
    n = rng.integers(20, 300, len(EXPOSED))
    y = rng.binomial(n, chances(-2, 1.0))
    base = three(adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES))
    every_level = np.column_stack([AGE == 0, AGE == 1, AGE == 2, SEX == 0, SEX == 1, np.full(len(SEX), 7)])
    scaled = COVARIATES * [1000, 0.001, -3] + [5, 0, 2]
    for columns in (every_level, scaled):
        found = three(adjusted_odds_ratio(y, n, EXPOSED, covariates=columns))
        np.testing.assert_allclose(found, base, rtol=1e-7)


def test_strata_without_events_say_nothing_about_the_exposure():
    rng = np.random.default_rng(6)
    n = rng.integers(100, 300, len(EXPOSED))
    y = rng.binomial(n, chances(-2, 1.0))
    y[AGE == 1] = 0
    fit = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES)
    kept = AGE != 1
    without = adjusted_odds_ratio(y[kept], n[kept], EXPOSED[kept], covariates=COVARIATES[kept][:, 1:])
    assert not fit.penalised[0]
    np.testing.assert_allclose(three(fit), three(without), rtol=1e-6)


def test_exposure_that_covariates_explain_is_nan():
    n, y = np.full(len(EXPOSED), 50), np.arange(len(EXPOSED))
    confounded = adjusted_odds_ratio(y, n, EXPOSED, covariates=np.column_stack([EXPOSED * 2 + 1, SEX]))
    assert np.isnan(three(confounded)).all()
    n = np.column_stack([n, np.where((AGE == 2) == EXPOSED, 50, 0), np.where(EXPOSED == 1, 50, 0)])
    y = np.minimum(np.column_stack([y, y, y]), n)
    fit = adjusted_odds_ratio(
        y, n, EXPOSED, covariates=COVARIATES
    )  # 2nd: only the oldest are exposed; 3rd: all are
    assert np.isfinite(three(fit, 0)).all()
    assert np.isnan([three(fit, 1), three(fit, 2)]).all()


def test_no_event_or_nothing_but_events():
    n = np.full(len(EXPOSED), 50)
    fit = adjusted_odds_ratio(np.column_stack([0 * n, n]), n, EXPOSED, covariates=COVARIATES)
    assert np.isnan([three(fit, 0), three(fit, 1)]).all()
    assert fit.events.tolist() == [0, 600]


def test_a_climb_that_fails_gives_no_number(monkeypatch):
    rng = np.random.default_rng(9)
    n = rng.integers(20, 300, len(EXPOSED))
    y = rng.binomial(n, chances(-2, 1.0))
    separated = np.where(EXPOSED == 1, 0, y)
    monkeypatch.setattr(grouped_logistic, "MAX_STEPS", 3)
    fit = adjusted_odds_ratio(np.column_stack([y, separated]), n, EXPOSED, covariates=COVARIATES)
    assert np.isnan([three(fit, 0), three(fit, 1)]).all()


def test_planted_ratio_is_covered_where_the_crude_one_is_not():
    rng, pairs, truth = np.random.default_rng(7), 3000, np.log(2.0)
    n = np.where(
        EXPOSED == 1, np.array([40, 150, 900])[AGE], np.array([9000, 6000, 3000])[AGE]
    )  # older: more exposed
    y = rng.binomial(n[:, None], chances(-4, truth)[:, None], (len(EXPOSED), pairs))
    fit = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES)
    crude = adjusted_odds_ratio(y, n, EXPOSED)
    covered = (fit.ratio.low <= 2) & (fit.ratio.high >= 2)
    assert covered.mean() == pytest.approx(0.95, abs=0.012)
    assert np.mean((crude.ratio.low <= 2) & (crude.ratio.high >= 2)) < 0.5
    assert np.median(fit.ratio.value) == pytest.approx(2, rel=0.02)


def test_planted_ratio_is_covered_with_few_events():
    rng, pairs = np.random.default_rng(8), 800
    n = np.where(EXPOSED == 1, 12, 300)
    y = rng.binomial(n[:, None], chances(-5.2, np.log(3.0))[:, None], (len(EXPOSED), pairs))
    fit = adjusted_odds_ratio(y, n, EXPOSED, covariates=COVARIATES)
    rare = fit.penalised
    assert 0.02 < rare.mean() < 0.5
    assert (fit.ratio.low[rare] < 0.2).all()  # a separated pair leaves the ratio open below
    assert (fit.ratio.high[rare] > 0.5).all()
    assert np.mean((fit.ratio.low <= 3) & (fit.ratio.high >= 3)) == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("events", "reports", "exposed", "covariates", "says"),
    [
        ([3, 5], [2, 9], [1, 0], None, "no more events than reports"),
        ([1, np.nan], [2, 9], [1, 0], None, "no more events than reports"),
        ([1, 5], [2, 9], [1, 2], None, "0 or 1"),
        ([1, 5], [2, 9], [1, 0], [np.nan, 1], "finite"),
        ([1, 5, 6], [2, 9, 8], [1, 0], None, "one row for each pattern"),
        (np.ones((2, 3)), np.ones((2, 2)), [1, 0], None, "column for each pair"),
    ],
)
def test_refusals(events, reports, exposed, covariates, says):
    with pytest.raises(UnreadableInput, match=says):
        adjusted_odds_ratio(events, reports, exposed, covariates=covariates)
