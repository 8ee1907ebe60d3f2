"""The best cut: found, paid for, and shrunken to what it is worth elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.cutpoint.best import best_cutpoint
from coley.stats.cutpoint.fixed import fixed_cutpoint
from coley.stats.cutpoint.outcomes import Response, Survival


def cohort(n, rng, *, effect, cut=0.6):
    """Return a uniform marker, survival with a log hazard ratio above the cut, and response with a difference."""
    marker = rng.random(n)
    high = marker >= cut
    time, censored = rng.exponential(np.exp(-effect * high)), rng.uniform(0.3, 3, n)
    survival = Survival.of(np.minimum(time, censored), time <= censored)
    return marker, survival, Response.of(rng.random(n) < 0.25 + effect / 3 * high)


def test_a_strong_effect_is_found_where_it_is():
    marker, survival, response = cohort(400, np.random.default_rng(1), effect=1.2)
    for outcome, truth in ((survival, 1.2), (response, 0.4)):
        found = best_cutpoint(marker, outcome, samples=999)
        assert abs(found.cut - 0.6) < 0.05
        assert found.stability.low <= 0.6 <= found.stability.high
        assert found.stability.high - found.stability.low < 0.25
        assert found.p <= 0.001
        assert found.stability.same_direction == 1
        assert found.stability.stable > 0.8
        assert found.shrunken.low <= truth <= found.shrunken.high
        # the naive effect is that of the same cut, had it been given
        given = fixed_cutpoint(marker, outcome, found.cut)
        assert (found.naive, found.n_high, found.events_high) == (
            given.effect,
            given.n_high,
            given.events_high,
        )


@pytest.mark.parametrize(("kind", "sets"), [("response", 200), ("survival", 100)])
@pytest.mark.parametrize("effect", [0.0, 0.7])
def test_the_shrunken_effect_is_unbiased_and_its_interval_covers(kind, sets, effect):
    naive, shrunken, covered = [], [], []
    for seed in range(sets):
        marker, survival, response = cohort(80, np.random.default_rng(seed), effect=effect)
        outcome, size = (survival, effect) if kind == "survival" else (response, effect / 3)
        found = best_cutpoint(marker, outcome, samples=1, bootstraps=40, seed=seed)
        # the truth at the cut that was chosen, where the marker is uniform and the effect a step at 0.6
        share = min(0.4 / (1 - found.cut), 1.0) - max(0.0, (found.cut - 0.6) / found.cut)
        way = np.sign(found.z)
        truth = size * share  # exact for rates, close for log hazard ratios
        naive.append(way * (found.naive.value - truth))
        shrunken.append(way * (found.shrunken.value - truth))
        covered.append(found.shrunken.low <= truth <= found.shrunken.high)
    unit = 1.0 if kind == "survival" else 1 / 3
    assert np.mean(naive) > 0.25 * unit
    assert abs(np.mean(shrunken)) < 3 * np.std(shrunken) / np.sqrt(sets) + 0.04 * unit
    assert np.mean(covered) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / sets)


def test_a_useless_marker_is_seen_to_be_useless():
    marker, survival, _ = cohort(150, np.random.default_rng(5), effect=0.0)
    found = best_cutpoint(marker, survival, samples=999)
    assert found.p > 0.05
    assert abs(found.p - found.p_lausen_1992) < 0.15
    assert found.shrunken.low < 0 < found.shrunken.high
    assert abs(found.shrunken.value) < abs(found.naive.value) / 2
    assert found.stability.stable < 0.5
    assert found.p_error == pytest.approx(np.sqrt(found.p * (1 - found.p) / 999))


def test_invariant_to_row_order_and_monotone_change_and_turned_by_sign():
    marker, survival, response = cohort(90, np.random.default_rng(2), effect=0.8)
    order = np.random.default_rng(3).permutation(90)
    for outcome in (survival, response):
        found = best_cutpoint(marker, outcome, samples=500)
        shuffled = (
            Survival.of(outcome.time[order], outcome.event[order])
            if outcome is survival
            else Response.of(outcome.event[order])
        )
        other = best_cutpoint(marker[order], shuffled, samples=500)
        assert other.cut == found.cut
        np.testing.assert_allclose([other.z, other.naive.value], [found.z, found.naive.value])
        assert abs(other.p - found.p) < 0.05
        logged = best_cutpoint(np.log(marker), outcome, samples=500)
        np.testing.assert_allclose(logged.cut, np.log(found.cut))
        assert (logged.p, logged.shrunken) == (found.p, found.shrunken)
        turned = best_cutpoint(-marker, outcome, samples=500)
        np.testing.assert_allclose([turned.z, turned.naive.value], [-found.z, -found.naive.value])
        assert -turned.cut == marker[marker < found.cut].max()


def test_follows_its_seed():
    marker, survival, _ = cohort(60, np.random.default_rng(2), effect=0.5)
    first, again, other = (best_cutpoint(marker, survival, samples=200, seed=k) for k in (1, 1, 2))
    assert (first.p, first.shrunken) == (again.p, again.shrunken)
    assert first.shrunken.value != other.shrunken.value
    np.testing.assert_array_equal(first.stability.cuts, again.stability.cuts)


def test_events_on_one_side_only_leave_effects_open_and_the_p_standing():
    marker, time = np.arange(40.0), np.arange(1.0, 41)
    found = best_cutpoint(marker, Survival.of(time, marker < 15), samples=999)
    assert np.isnan([found.naive.value, found.shrunken.low]).all()
    assert found.p <= 0.001


@pytest.mark.real
def test_tumour_mutational_burden_by_cancer_type(shared):
    """Samstein 2019: more mutations go with longer survival in most cancers, not in glioma or renal cancer."""
    cohort = pl.read_csv(
        shared / "msk_tmb_2018" / "tmb_mskcc_2018_clinical_data.tsv.gz",
        separator="\t",
        infer_schema_length=None,
    )
    found = {}
    for (cancer,), rows in cohort.group_by("Cancer Type"):
        dead = rows["Overall Survival Status"].str.starts_with("1")
        if rows.height > 105:
            survival = Survival.of(rows["Overall Survival (Months)"], dead)
            found[cancer] = best_cutpoint(rows["TMB Score"], survival, samples=2000, bootstraps=100)
    assert len(found) == 8
    for cancer in ("Non-Small Cell Lung Cancer", "Melanoma", "Colorectal Cancer"):
        assert found[cancer].p < 0.02
        assert found[cancer].z < 0
    for cancer in ("Glioma", "Renal Cell Carcinoma"):
        assert found[cancer].p > 0.2
    # what a search reports is too large everywhere
    for one in found.values():
        assert np.sign(one.naive.value) * (one.naive.value - one.shrunken.value) > 0
    lung = found["Non-Small Cell Lung Cancer"]
    assert lung.shrunken.high < 0
    assert lung.stability.low <= lung.cut <= lung.stability.high


def test_refusals():
    marker, survival, response = cohort(40, np.random.default_rng(1), effect=0.5)
    with pytest.raises(InvalidSetting, match="cannot be judged") as refused:
        best_cutpoint(marker, survival, uncorrected=True)
    assert "fixed_cutpoint" in str(refused.value)
    with pytest.raises(InvalidSetting, match="resamples"):
        best_cutpoint(marker, response, bootstraps=2)
    with pytest.raises(InvalidSetting, match="level"):
        best_cutpoint(marker, response, level=95)
    with pytest.raises(InvalidSetting, match="0 permutations"):
        best_cutpoint(marker, survival, samples=0)
    with pytest.raises(UnreadableInput, match="marker"):
        best_cutpoint(marker[:-1], response)
    with pytest.raises(NotEstimable, match="No cut parts"):
        best_cutpoint(marker, Survival.of(np.ones(40), np.zeros(40)))
    with pytest.raises(NotEstimable, match="No cut leaves"):
        best_cutpoint(np.ones(40), survival)
