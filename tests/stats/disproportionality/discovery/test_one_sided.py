"""Tails of counts: against SciPy and exact fractions, given a least count, and their mean without association."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests


@pytest.fixture(scope="module")
def tables():
    """Tables of 30 to 20 million reports, with counts near and far from what is expected."""
    rng = np.random.default_rng(1)
    total = np.ceil(np.exp(rng.uniform(np.log(30), np.log(2e7), 300)))
    exposed, event = (np.ceil(total * np.exp(rng.uniform(-9, 0, 300))) for _ in range(2))
    both = rng.poisson(exposed * event / total * np.exp(rng.normal(0, 0.5, 300)))
    both = np.clip(both, np.maximum(exposed + event - total, 0), np.minimum(exposed, event))
    return PairCounts.of(both, exposed=exposed, event=event, total=total)


@pytest.mark.parametrize("least", [0, 1, 3])
@pytest.mark.parametrize("kind", ["exact", "mid"])
def test_hypergeometric_equals_scipy(tables, kind, least):
    from scipy.stats import hypergeom

    kept = tables.both >= least
    part = PairCounts(*(x[kept] for x in (tables.both, tables.exposed, tables.event, tables.total)))
    found = one_sided_tests(part.both, NullCounts.given_margins(part), least=least, kind=kind).p
    law = hypergeom(part.total, part.event, part.exposed)
    expected = law.sf(part.both - 1) - (kind == "mid") * law.pmf(part.both) / 2
    seen = law.sf(least - 1)
    sure = expected > 1e-200  # SciPy loses the tail beyond
    np.testing.assert_allclose(found[sure], (expected / np.where(seen > 0, seen, 1))[sure], rtol=1e-7)


def test_poisson_equals_scipy_far_into_the_tail():
    from scipy.special import gammainc

    rng = np.random.default_rng(2)
    expected = np.exp(rng.uniform(-8, 8, 500))
    x = np.maximum(np.round(expected * np.exp(rng.normal(0, 1.5, 500))), 1)
    found, oracle = one_sided_tests(x, NullCounts.poisson(expected), kind="exact").p, gammainc(x, expected)
    sure = oracle > 1e-250
    assert (oracle[sure] < 1e-30).sum() > 20
    np.testing.assert_allclose(found[sure], oracle[sure], rtol=1e-10)


@pytest.mark.parametrize(
    ("both", "exposed", "event", "total"),
    [
        (25, 700, 60, 5000),
        (9, 300, 500, 100_000),
        (70, 2000, 3000, 200_000),
        (2, 49, 26, 1000),
        (20, 20, 20, 40),
    ],
)
def test_hypergeometric_equals_exact_fractions(both, exposed, event, total):
    ways = sum(
        comb(event, k) * comb(total - event, exposed - k) for k in range(both, min(exposed, event) + 1)
    )
    null = NullCounts.given_margins(PairCounts.of(both, exposed=exposed, event=event, total=total))
    found = one_sided_tests([both], null, kind="exact").p[0]
    assert found == pytest.approx(float(Fraction(ways, comb(total, exposed))), rel=1e-12)


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0, 1, 2]))
def test_mean_mid_p_is_a_half_and_chances_sum_to_all(total, some, other, least):
    """Summed over every count that is possible, given the margins and a count of at least `least`."""
    exposed, event = round(some * total), round(other * total)
    possible = np.arange(max(exposed + event - total, least), min(exposed, event) + 1)
    if not len(possible):
        return
    counts = PairCounts.of(possible, exposed=exposed, event=event, total=total)
    null = NullCounts.given_margins(counts)
    exact = one_sided_tests(possible, null, least=least, kind="exact").p
    mid = one_sided_tests(possible, null, least=least, kind="mid").p
    chance = exact - np.append(exact[1:], 0.0)
    assert exact[0] == pytest.approx(1)
    assert (chance > -1e-12).all()
    assert chance @ mid == pytest.approx(0.5)


def test_expected_below_is_the_sum_of_each_pairs_own_chances(tables):
    from scipy.stats import hypergeom

    small = tables.expected < 50
    part = PairCounts(*(x[small] for x in (tables.both, tables.exposed, tables.event, tables.total)))
    levels = np.array([1e-6, 1e-3, 0.05, 0.5])
    for kind in ("mid", "exact"):
        found = one_sided_tests(part.both, NullCounts.given_margins(part), kind=kind).expected_below(levels)
        expected = np.zeros(len(levels))
        for exposed, event, total in zip(part.exposed, part.event, part.total, strict=True):
            law, k = hypergeom(total, event, exposed), np.arange(400)
            chance = law.pmf(k)
            p = law.sf(k - 1) - (kind == "mid") * chance / 2
            expected += (chance * (p <= levels[:, None])).sum(axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_empty_margins_are_no_evidence():
    null = NullCounts.given_margins(
        PairCounts.of([0, 0, 0], exposed=[0, 9, 0], event=[9, 0, 0], total=[30, 30, 0])
    )
    np.testing.assert_array_equal(one_sided_tests([0, 0, 0], null, kind="exact").p, 1.0)


def test_refusals():
    null = NullCounts.poisson([1.0, 2.0])
    for both, least in (([1, np.nan], 0), ([1, 2.5], 0), ([0, 3], 1), ([1, 2, 3], 0)):
        with pytest.raises(UnreadableInput, match="whole number"):
            one_sided_tests(both, null, least=least)
    with pytest.raises(UnreadableInput, match="Expected counts"):
        NullCounts.poisson([np.nan])
    with pytest.raises(InvalidSetting, match="two-sided"):
        one_sided_tests([1, 1], null, kind="two-sided")
    with pytest.raises(InvalidSetting, match="least"):
        one_sided_tests([1, 1], null, least=-1)
