"""The p of the best of all cuts: against R's maxstat, enumeration, and its error under the null hypothesis."""

from __future__ import annotations

from itertools import combinations
from itertools import permutations as every

import numpy as np
import pytest

from coley.stats.cutpoint.candidates import Candidates
from coley.stats.cutpoint.maximum import lausen_1992, lausen_1994, permutation_p, two_class_p
from coley.stats.cutpoint.outcomes import Response, Survival


def largest(marker, scores, share):
    """Largest statistic, cut by cut, from first principles."""
    n, found = len(scores), 0.0
    for cut in np.unique(marker)[1:]:
        high = marker >= cut
        if share * n <= high.sum() <= (1 - share) * n:
            variance = high.sum() * (~high).sum() / n * scores.var(ddof=1)
            found = max(found, abs(scores[high].sum() - high.sum() * scores.mean()) / np.sqrt(variance))
    return found


def test_equals_maxstat(maxstat):
    cohort = maxstat("maxstat_cohort")
    outcomes = {
        "survival": Survival.of(cohort["time"], cohort["event"]),
        "response": Response.of(cohort["responded"]),
    }
    for case, share, estimate, statistic, lau92, lau94, sampled in maxstat("maxstat").iter_rows():
        candidates = Candidates.of(cohort["marker"], 60, share)
        scores = outcomes[case].scores()[0]
        profile = candidates.profile(scores[None])
        best = profile.best[0]
        assert candidates.values[best - 1] == estimate  # R names the largest value of the lower group
        np.testing.assert_allclose(profile.largest[0], statistic, rtol=1e-12)
        np.testing.assert_allclose(lausen_1992(statistic, share), lau92, rtol=1e-10)
        sizes = 60 - profile.n_high[0, ~np.isnan(profile.z[0])]
        np.testing.assert_allclose(lausen_1994(statistic, sizes, 60), lau94, rtol=1e-10)
        if case == "survival":  # of discrete statistics R counts the larger ones only, not the equal ones
            p, samples = permutation_p(candidates, scores, samples=20_000, seed=1)
            assert samples == 20_000
            assert abs(p - sampled) < 4 * np.sqrt(p * (1 - p) / samples)


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_two_classes_equal_enumeration(share):
    rng = np.random.default_rng(2)
    marker, positive = rng.integers(0, 8, 13) * 1.0, (np.arange(13) < 5)[rng.permutation(13)] * 1.0
    candidates = Candidates.of(marker, 13, share)
    observed = largest(marker, positive, share) - 1e-9
    deals = [np.isin(np.arange(13), chosen) * 1.0 for chosen in combinations(range(13), 5)]
    expected = np.mean([largest(marker, deal, share) >= observed for deal in deals])
    np.testing.assert_allclose(two_class_p(candidates, positive), expected, rtol=1e-12)
    p, samples = permutation_p(candidates, positive, samples=10, seed=1)
    assert samples == 0
    np.testing.assert_allclose(p, expected, rtol=1e-12)


def test_survival_equals_enumeration():
    rng = np.random.default_rng(3)
    outcome = Survival.of(np.ceil(rng.exponential(4, 7)), [1, 1, 0, 1, 1, 0, 1])
    marker, scores = rng.integers(0, 5, 7) * 1.0, outcome.scores()[0]
    observed = largest(marker, scores, 0.2) - 1e-9
    expected = np.mean([largest(marker, np.array(deal), 0.2) >= observed for deal in every(scores)])
    p, samples = permutation_p(Candidates.of(marker, 7, 0.2), scores, samples=10, seed=1)
    assert samples == 0
    np.testing.assert_allclose(p, expected)


def test_two_classes_of_many_patients_agree_with_a_sample():
    rng = np.random.default_rng(4)
    marker, positive = np.round(rng.normal(size=400), 1), (rng.random(400) < 0.3) * 1.0
    positive[marker > 1] = rng.random((marker > 1).sum()) < 0.42
    candidates = Candidates.of(marker, 400, 0.1)
    exact = two_class_p(candidates, positive)
    p, samples = permutation_p(candidates, positive, samples=20_000, seed=1)
    assert 0.001 < exact < 0.5
    assert abs(p - exact) < 4 * np.sqrt(exact / samples)


@pytest.mark.parametrize("kind", ["survival", "response"])
def test_error_under_the_null_hypothesis(kind):
    wrong, sets = [], 300
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        marker = rng.normal(size=80)
        candidates = Candidates.of(marker, 80, 0.1)
        if kind == "survival":
            scores = Survival.of(rng.exponential(size=80), rng.random(80) < 0.7).scores()[0]
            p = permutation_p(candidates, scores, samples=199, seed=seed)[0]
        else:
            p = two_class_p(candidates, (np.arange(80) < 25) * 1.0)
        wrong.append(p <= 0.05)
    assert abs(np.mean(wrong) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / sets)


def test_closed_forms_at_their_ends():
    assert lausen_1992(0.5, 0.1) == 1.0
    assert lausen_1992(2.0, 0.1) == pytest.approx(
        0.4639, abs=1e-4
    )  # 4 f / 2 + f (2 - 1/2) log 81, f = 0.05399
    assert lausen_1994(0.1, np.arange(10.0, 90.0), 100) == 1.0
    # one cut is no choice
    assert lausen_1994(1.959964, np.array([50.0]), 100) == pytest.approx(0.05, abs=1e-6)
