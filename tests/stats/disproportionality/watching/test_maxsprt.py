"""MaxSPRT: against published critical values and R's Sequential, and its error in simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.watching.maxsprt import (
    binomial_llr,
    conditional_llr,
    maxsprt_binomial,
    maxsprt_conditional,
    maxsprt_poisson,
    poisson_llr,
)

ORACLES = Path(__file__).parent / "oracles"


def test_poisson_equals_sequential():
    rows = pl.read_csv(ORACLES / "maxsprt_poisson.csv", comment_prefix="#")
    assert len(rows) > 10
    for row in rows.iter_rows(named=True):
        found = maxsprt_poisson(row["end"], alpha=row["alpha"], least=row["least"])
        assert found == pytest.approx(row["value"], abs=2e-6)  # Sequential stops about there


@pytest.mark.parametrize(
    ("end", "value"),  # Kulldorff et al. 2011, table 1: alpha 0.05, from the first report on
    [
        (1, 2.853937),
        (2, 3.046977),
        (5, 3.297183),
        (10, 3.467952),
        (20, 3.628123),
        (50, 3.819903),
        (100, 3.952321),
    ],
)
def test_poisson_equals_the_published_table(end, value):
    assert round(maxsprt_poisson(end), 6) == value


def test_binomial_equals_sequential():
    """Sequential names the value below, which must be passed; ours is the smallest that alerts: the error tells."""
    from coley.stats.disproportionality.watching.walk_kernel import chance_of_binomial_alert

    for row in pl.read_csv(ORACLES / "maxsprt_binomial.csv", comment_prefix="#").iter_rows(named=True):
        end, p = row["end"], row["p"]
        value, looks = maxsprt_binomial(end, p), np.arange(1, end + 1)
        limits = [
            next((x for x in range(1, n + 1) if binomial_llr(x, n, p) >= value - 1e-9), n + 1) for n in looks
        ]
        error = chance_of_binomial_alert(looks, np.array(limits, float), p)
        assert error == pytest.approx(row["error"], abs=1e-6)


@pytest.mark.parametrize("looks", [None, [5.0, 10.0, 15.0, 20.0]])
def test_poisson_error_in_simulation(looks):
    rng, draws = np.random.default_rng(1), 20_000
    value = maxsprt_poisson(20.0, looks=looks)
    if looks is None:  # the ratio is largest as each report arrives
        at = np.cumsum(rng.exponential(size=(draws, 70)), axis=1)
        llr = np.where(at <= 20, poisson_llr(np.arange(1, 71), at), 0)
    else:
        llr = poisson_llr(np.cumsum(rng.poisson(5, (draws, 4)), axis=1), looks)
    alerted = (llr >= value).any(axis=1).mean()
    assert alerted < 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / draws)
    assert alerted > (0.045 if looks is None else 0.035)
    assert looks is None or value < maxsprt_poisson(20.0)  # fewer looks cost less


def test_conditional_error_over_histories_that_end_at_a_date():
    rng, draws = np.random.default_rng(2), 20_000
    history = rng.poisson(10, draws)
    at = np.cumsum(rng.exponential(size=(draws, 5)), axis=1) / 10
    alerted = np.zeros(draws, dtype=bool)
    for c in np.unique(history[history > 0]):
        rows = history == c
        llr = conditional_llr(np.arange(1, 6), at[rows], int(c))
        alerted[rows] = (llr >= maxsprt_conditional(int(c), 5)).any(axis=1)
    assert 0.04 < alerted.mean() < 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / draws)


def test_conditional_in_closed_form_and_in_the_limit():
    for history in (1, 5, 20):  # one report comes within r of the history with chance 1 - (1 + r)^-shape
        r = 0.95 ** (-1 / (history + 1)) - 1
        assert maxsprt_conditional(history, 1) == pytest.approx(
            float(conditional_llr(1, r, history)), abs=1e-6
        )
    # a long history leaves nothing to be estimated: the first of two reports or the second comes too soon
    value = maxsprt_conditional(3000, 2)
    first, second = (_time(k, value) for k in (1, 2))
    chance = 1 - np.exp(-second) * (1 + second - first)
    assert chance == pytest.approx(0.05, abs=2e-4)


def _time(k, value):
    from scipy.optimize import brentq

    return brentq(lambda t: float(poisson_llr(k, t)) - value, 1e-9, k - 1e-9)


def test_likelihood_ratios_are_those_of_their_distributions():
    from scipy.stats import binom, poisson

    assert poisson_llr(7, 2.5) == pytest.approx(poisson.logpmf(7, 7) - poisson.logpmf(7, 2.5))
    assert binomial_llr(7, 12, 0.2) == pytest.approx(binom.logpmf(7, 12, 7 / 12) - binom.logpmf(7, 12, 0.2))
    expected = binom.logpmf(7, 17, 7 / 17) - binom.logpmf(7, 17, 0.3 / 1.3)
    assert conditional_llr(7, 0.3, 10) == pytest.approx(expected)
    assert poisson_llr(2, 2.5) == binomial_llr(2, 12, 0.2) == conditional_llr(2, 0.3, 10) == 0


def test_least_counts_and_looks_make_it_easier_to_alert():
    assert maxsprt_poisson(10, least=4) < maxsprt_poisson(10, least=2) < maxsprt_poisson(10)
    assert maxsprt_binomial(60, 0.3, looks=[20, 40, 60]) < maxsprt_binomial(60, 0.3)
    assert maxsprt_conditional(20, 10, least=4) < maxsprt_conditional(20, 10)


def test_refusals():
    for bad in (
        lambda: maxsprt_poisson(0),
        lambda: maxsprt_poisson(10, looks=[5, 4, 10]),
        lambda: maxsprt_poisson(10, looks=[5, 9]),
        lambda: maxsprt_poisson(10, least=0),
        lambda: maxsprt_poisson(10, alpha=5),
        lambda: maxsprt_binomial(10, 1.0),
        lambda: maxsprt_conditional(0, 10),
    ):
        with pytest.raises(InvalidSetting, match="watch"):
            bad()
