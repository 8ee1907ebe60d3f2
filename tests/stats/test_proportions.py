"""Intervals of proportions, against statsmodels, published examples and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.proportions import clopper_pearson, newcombe, wilson

N = np.array([1, 2, 5, 20, 148, 3000])
EVENTS, SIZES = (
    np.concatenate(a) for a in zip(*[(np.arange(n + 1), np.full(n + 1, n)) for n in N], strict=True)
)


@pytest.mark.parametrize(("ours", "method"), [(wilson, "wilson"), (clopper_pearson, "beta")])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_equals_statsmodels(ours, method, level):
    found = ours(EVENTS, SIZES, level=level)
    low, high = proportion_confint(EVENTS, SIZES, alpha=1 - level, method=method)
    np.testing.assert_allclose(found.low, low, atol=1e-9)
    np.testing.assert_allclose(found.high, high, atol=1e-9)
    np.testing.assert_allclose(found.value, EVENTS / SIZES)


@pytest.mark.parametrize(
    ("events", "n", "expected"),
    [  # Newcombe 1998, Stat Med 17:873, table II, method 10
        ((56, 48), (70, 80), (0.0524, 0.3339)),
        ((9, 3), (10, 10), (0.1705, 0.8090)),
        ((6, 2), (7, 7), (0.0582, 0.8062)),
        ((5, 0), (56, 29), (-0.0381, 0.1926)),
        ((0, 0), (10, 20), (-0.1611, 0.2775)),
        ((0, 0), (10, 10), (-0.2775, 0.2775)),
        ((10, 0), (10, 20), (0.6791, 1.0)),
        ((10, 0), (10, 10), (0.6075, 1.0)),
    ],
)
def test_published_examples_of_newcombe(events, n, expected):
    found = newcombe(events, n)[0]
    assert (round(found.low, 4), round(found.high, 4)) == expected


@given(st.integers(0, 40), st.integers(40, 60), st.integers(0, 30), st.integers(30, 90))
def test_newcombe_equals_statsmodels_and_turns_with_its_groups(x1, n1, x2, n2):
    found, turned = newcombe((x1, x2), (n1, n2))[0], newcombe((x2, x1), (n2, n1))[0]
    expected = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb")
    np.testing.assert_allclose([found.low, found.high], expected, atol=1e-9)
    np.testing.assert_allclose(
        [turned.low, turned.value, turned.high], [-found.high, -found.value, -found.low]
    )


def test_none_and_all_and_nobody():
    for ours in (wilson, clopper_pearson):
        found = ours([0, 20, 0], [20, 20, 0])
        assert found.low[0] == 0
        assert found.high[1] == 1
        assert np.isnan([found.value[2], found.low[2], found.high[2]]).all()
    assert np.isnan(newcombe((1, 0), (3, 0))[0].low)


@pytest.mark.parametrize("n", [15, 40, 120])
def test_coverage_over_all_proportions(n):
    from scipy.stats import binom

    truth = np.linspace(0.02, 0.98, 97)
    chance = binom.pmf(np.arange(n + 1)[:, None], n, truth)

    def coverage(found):
        return (chance * ((found.low[:, None] <= truth) & (truth <= found.high[:, None]))).sum(axis=0)

    assert abs(coverage(wilson(np.arange(n + 1), n)).mean() - 0.95) < 0.01
    assert coverage(clopper_pearson(np.arange(n + 1), n)).min() >= 0.95


def test_refusals():
    for events, n in ((3, 2), (-1, 5), (np.nan, 5), (1, np.inf)):
        with pytest.raises(UnreadableInput, match="Counts"):
            wilson(events, n)
    with pytest.raises(InvalidSetting, match="level"):
        clopper_pearson(1, 2, level=95)
