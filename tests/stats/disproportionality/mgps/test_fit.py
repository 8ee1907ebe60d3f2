"""MGPS against openEBGM, PhViD, an independent optimiser, and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.disproportionality.mgps.fit import NAMES, mgps
from coley.stats.disproportionality.mgps.likelihood import Likelihood, coordinates
from coley.stats.disproportionality.mgps.mixture import GammaMixture
from coley.stats.disproportionality.mgps.scores import ebgm
from coley.stats.disproportionality.mgps.squash import squash

TRUTH = GammaMixture.of([0.1, 0.9], shapes=[2, 4], rates=[0.4, 5])


def simulated(size, *, mean, seed):
    """Pairs whose ratios come from `TRUTH`: counts, expected counts, ratios."""
    rng = np.random.default_rng(seed)
    e = rng.gamma(0.5, mean / 0.5, size)
    which = (rng.random(size) > TRUTH.weights[0]).astype(int)
    ratio = rng.gamma(TRUTH.shapes[which], 1 / TRUTH.rates[which])
    return rng.poisson(ratio * e).astype(float), e, ratio


def test_the_printed_fit_of_open_ebgm_is_a_maximum_and_ours_a_higher_one(caers, peers):
    """The vignette of openEBGM 0.9.1 gives 3.26, 0.40, 2.02, 1.91 and 0.065 for its own table."""
    row = peers("mgps_fits").filter(table="caers").row(0, named=True)
    a1, b1, a2, b2, p = (row[name] for name in NAMES)
    theirs = coordinates(GammaMixture.of([p, 1 - p], shapes=[a1, a2], rates=[b1, b2]))
    value, gradient = Likelihood(squash(*caers, width=0.0), 1, each=True)(theirs)
    assert value == pytest.approx(row["loglik"], abs=1e-6)
    assert np.abs(gradient).max() < 0.01
    fit = mgps(*caers, truncation="components")
    assert fit.converged
    assert fit.pairs == row["pairs"] == 17189
    assert fit.log_likelihood - value == pytest.approx(0.2749, abs=1e-3)


@pytest.mark.real
@pytest.mark.parametrize("name", ["phvid", "statin49", "statin46"])
def test_equals_open_ebgm(real_pairs, peers, name):
    row = peers("mgps_fits").filter(table=name).row(0, named=True)
    fit = mgps(*real_pairs(name), least=row["least"], truncation="components")
    np.testing.assert_allclose(list(fit.hyperparameters.values()), [row[n] for n in NAMES], rtol=2e-5)
    assert fit.log_likelihood == pytest.approx(row["loglik"], abs=1e-5)


@pytest.mark.real
@pytest.mark.parametrize(("name", "gain"), [("sedative1000", 2421.86), ("gbca", 0.31)])
def test_finds_a_better_maximum_than_open_ebgm(real_pairs, peers, name, gain):
    """A component that is all but a point, which the starts and bounds of other software do not reach."""
    row = peers("mgps_fits").filter(table=name).row(0, named=True)
    fit = mgps(*real_pairs(name), least=0)
    assert fit.log_likelihood - row["loglik"] == pytest.approx(gain, abs=0.02)


@pytest.mark.real
@pytest.mark.parametrize(("table", "truncated", "signals"), [("phvid_whole", 0, 3540), ("phvid", 1, 3553)])
def test_equals_phvid(real_pairs, peers, table, truncated, signals):
    """Without truncation PhViD fits the whole matrix of drugs by events, zeros included."""
    n, e = real_pairs(table)
    row = peers("mgps_phvid").filter(truncated=truncated).row(0, named=True)
    fit = mgps(n, e, least=truncated, truncation="components")
    # nlm of R stops within about 1e-4 of the maximum
    np.testing.assert_allclose(list(fit.hyperparameters.values()), [row[m] for m in NAMES], rtol=1e-3)
    assert int(((ebgm(fit.prior, n, e).low >= 2) & (n > 0)).sum()) == row["signals"] == signals


@pytest.mark.parametrize("truncation", ["mixture", "components"])
def test_the_answer_does_not_depend_on_squashing(caers, truncation):
    exact = mgps(*caers, truncation=truncation, width=0.0)
    for width in (0.02, 0.2):
        squashed = mgps(*caers, truncation=truncation, width=width)
        assert squashed.points < exact.points
        assert squashed.log_likelihood == pytest.approx(exact.log_likelihood, abs=1e-6)
        values = [list(f.hyperparameters.values()) for f in (squashed, exact)]
        np.testing.assert_allclose(*values, rtol=1e-4)


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_scores_do_not_depend_on_squashing_or_order(seed):
    n, e, _ = simulated(3000, mean=3.0, seed=seed)
    order = np.random.default_rng(seed).permutation(len(n))
    one, two = mgps(n, e, least=0, width=0.0), mgps(n[order], e[order], least=0, width=0.1)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-4)
    np.testing.assert_allclose(ebgm(two.prior, n, e).value, ebgm(one.prior, n, e).value, rtol=2e-3)


@pytest.mark.parametrize("least", [0, 1])
def test_recovers_hyperparameters_within_their_intervals(least):
    truth = np.array([2, 0.4, 4, 5, 0.1])
    held, scaled = [], []
    for seed in range(20):
        n, e, _ = simulated(12_000, mean=2.0, seed=seed)
        fit = mgps(n[n >= least], e[n >= least], least=least)
        intervals = fit.intervals().values()
        held.append([i.low <= t <= i.high for i, t in zip(intervals, truth, strict=True)])
        scaled.append([np.log(i.value / t) for i, t in zip(intervals, truth, strict=True)])
    held = np.array(held)
    assert held.mean() == pytest.approx(0.95, abs=0.06)
    assert held.mean(axis=0).min() >= 0.75  # 20 simulations: a standard error of 0.05
    assert np.abs(np.median(scaled, axis=0)).max() < 0.15


def test_intervals_hold_the_truth_where_zeros_are_not_listed():
    """Only pairs that were reported: the mixture's truncation is right, that of each component is not."""
    n, e, ratio = simulated(150_000, mean=0.3, seed=4)
    n, e, ratio = (x[n > 0] for x in (n, e, ratio))

    def coverage(truncation):
        scores = ebgm(mgps(n, e, truncation=truncation).prior, n, e)
        return np.mean((scores.low <= ratio) & (ratio <= scores.high))

    assert coverage("mixture") == pytest.approx(0.90, abs=0.015)
    assert coverage("components") < 0.7


def test_a_whole_table_needs_no_truncation():
    n, e, _ = simulated(20_000, mean=2.0, seed=9)
    one, two = (mgps(n, e, least=0, truncation=t) for t in ("mixture", "components"))
    assert one.hyperparameters == two.hyperparameters


def test_counts_without_signals_end_at_the_boundary_and_say_so():
    rng = np.random.default_rng(2)
    e = rng.gamma(2, 5, 3000)
    fit = mgps(rng.poisson(e), e, least=0)
    assert fit.boundary
    assert np.isnan([i.se for i in fit.intervals().values()]).any()
    np.testing.assert_allclose(ebgm(fit.prior, rng.poisson(e), e).value, 1.0, atol=0.3)


def test_pairs_that_expect_none_are_left_out():
    n, e, _ = simulated(2000, mean=2.0, seed=1)
    fit, more = mgps(n, e, least=0), mgps(np.r_[n, 0, 0], np.r_[e, 0, np.nan], least=0)
    assert more.pairs == fit.pairs == 2000
    assert more.hyperparameters == fit.hyperparameters


def test_refusals():
    with pytest.raises(NotEstimable, match="different pairs"):
        mgps([1, 2, 1, 2, 1], [1, 1, 1, 1, 1])
    with pytest.raises(NotEstimable, match="0 different pairs"):
        mgps(np.zeros(10), np.ones(10))
    with pytest.raises(UnreadableInput, match="pair 1"):
        mgps([-1, 2], [1, 1])
    with pytest.raises(InvalidSetting, match="truncation"):
        mgps([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], truncation="none")
    with pytest.raises(InvalidSetting, match="smallest"):
        mgps([1], [1], least=-1)
    with pytest.raises(InvalidSetting, match="wide"):
        mgps([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], width=-0.1)


@pytest.mark.real
def test_equals_an_independent_optimiser_from_20_starts_on_every_real_table(real_pairs, peers):
    """Hyperparameters equal where the likelihood has a maximum; nowhere is the other's likelihood higher."""
    rows = peers("mgps_starts").to_dicts()
    assert len(rows) == 21
    for row in rows:
        least = int(row["truncation"] != "none")
        truncation = row["truncation"] if least else "mixture"
        fit = mgps(*real_pairs(row["table"]), least=least, truncation=truncation)
        assert fit.pairs == row["pairs"]
        assert fit.log_likelihood > row["loglik"] - 1e-5, row["table"]
        if abs(fit.log_likelihood - row["loglik"]) < 1e-4 and not fit.boundary:
            # Nelder and Mead's simplex stops somewhere on the ridge of a component that is narrow
            values = list(fit.hyperparameters.values())
            np.testing.assert_allclose(values, [row[n] for n in NAMES], rtol=5e-4, err_msg=row["table"])
