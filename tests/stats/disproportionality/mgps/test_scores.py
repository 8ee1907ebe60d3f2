"""EBGM, EB05 and EB95 against openEBGM, and the coverage of their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.mgps.fit import NAMES
from coley.stats.disproportionality.mgps.mixture import GammaMixture
from coley.stats.disproportionality.mgps.scores import ebgm

DUMOUCHEL = GammaMixture.of([1 / 3, 2 / 3], shapes=[0.2, 2], rates=[0.1, 4])


@pytest.mark.parametrize("table", ["caers", "phvid", "statin49", "sedative1000", "statin46", "gbca"])
def test_equals_open_ebgm_given_its_hyperparameters(peers, table):
    row = peers("mgps_fits").filter(table=table).row(0, named=True)
    a1, b1, a2, b2, p = (row[name] for name in NAMES)
    prior = GammaMixture.of([p, 1 - p], shapes=[a1, a2], rates=[b1, b2])
    theirs = peers("mgps_scores").filter(table=table)
    n, e = theirs["n"].to_numpy(), theirs["e"].to_numpy()
    ours = ebgm(prior, n, e)
    # at a shape of 28 million, that of gbca, openEBGM's log-gammas have lost these digits
    lost = 1e-5 if a2 > 1e7 else 1e-6
    np.testing.assert_allclose(prior.posterior(n, e).weights[:, 0], theirs["weight"], atol=lost)
    np.testing.assert_allclose(ours.value, theirs["ebgm"], rtol=lost)
    np.testing.assert_allclose(ours.low, theirs["eb05"], rtol=10 * lost, atol=1e-8)
    np.testing.assert_allclose(ours.high, theirs["eb95"], rtol=10 * lost, atol=1e-8)


def test_the_printed_number_of_signals_of_open_ebgm(caers, peers):
    """Its vignette on objects of class openEBGM prints: 131 pairs with a QUANT_05 greater than 2."""
    row = peers("mgps_fits").filter(table="caers").row(0, named=True)
    a1, b1, a2, b2, p = (row[name] for name in NAMES)
    prior = GammaMixture.of([p, 1 - p], shapes=[a1, a2], rates=[b1, b2])
    # openEBGM rounds its quantiles to two digits before it counts
    assert int((ebgm(prior, *caers).low.round(2) > 2).sum()) == 131


def test_half_of_the_truth_lies_in_the_half_of_each_posterior():
    rng = np.random.default_rng(8)
    e = rng.gamma(0.6, 3, 60_000)
    which = (rng.random(len(e)) > DUMOUCHEL.weights[0]).astype(int)
    ratio = rng.gamma(DUMOUCHEL.shapes[which], 1 / DUMOUCHEL.rates[which])
    n = rng.poisson(ratio * e)
    for level in (0.5, 0.9, 0.99):
        found = ebgm(DUMOUCHEL, n, e, level=level)
        tail = (1 - level) / 2
        assert np.mean(ratio < found.low) == pytest.approx(tail, abs=0.004)
        assert np.mean(ratio > found.high) == pytest.approx(tail, abs=0.004)


def test_scores_grow_with_the_count_and_are_shrunken():
    n = np.arange(0.0, 60)
    found = ebgm(DUMOUCHEL, n, 2.0)
    assert (np.diff(found.value) > 0).all()
    assert (np.diff(found.low) > 0).all()
    assert (found.value[10:] < n[10:] / 2).all()


def test_order_repeats_and_unknown_pairs():
    n, e = [3, 0, 3, 7], [1.0, 0.0, 1.0, 0.2]
    found = ebgm(DUMOUCHEL, n, e)
    assert found.value[0] == found.value[2]
    assert np.isnan([found.value[1], found.low[1], found.high[1]]).all()
    np.testing.assert_array_equal(found.low[::-1], ebgm(DUMOUCHEL, n[::-1], e[::-1]).low)
    assert len(ebgm(DUMOUCHEL, [], []).value) == 0


def test_what_is_no_level_is_refused():
    with pytest.raises(InvalidSetting, match="level"):
        ebgm(DUMOUCHEL, 1, 1, level=90)
