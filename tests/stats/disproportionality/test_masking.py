"""Masking against single reports left out one by one, and planted masks found and undone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.exact import exact_odds_ratio
from coley.stats.disproportionality.masking import masking_ratio, strongest_maskers, unmasked
from coley.stats.disproportionality.ratios import (
    proportional_reporting_ratio,
    relative_reporting_ratio,
    reporting_odds_ratio,
)

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

CELLS = st.tuples(*[st.integers(1, 10**5)] * 4)


def table(a, b, c, d):
    return PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d)


def counted(exposures, event):
    """Count pairs of each column of `exposures` (reports x exposures) with one event."""
    return PairCounts.of(
        (exposures & event[:, None]).sum(0), exposed=exposures.sum(0), event=event.sum(), total=len(event)
    )


@pytest.fixture(scope="module")
def database():
    """60,000 reports: exposure 0 fills the reports of the event and hides it behind exposure 1; 2 to 5 are inert."""
    rng = np.random.default_rng(21)
    exposures = rng.random((60_000, 6)) < [0.03, 0.02, 0.02, 0.1, 0.01, 0.3]
    exposures[:, 1] &= ~exposures[:, 0]  # no report names both; the others share some with the mask
    chance = 0.004 * np.where(exposures[:, 0], 60.0, 1.0) * np.where(exposures[:, 1], 3.0, 1.0)
    return exposures, rng.random(len(exposures)) < chance


def test_unmasked_counts_are_those_of_the_reports_without_the_masker(database):
    exposures, event = database
    pairs, left_out = counted(exposures, event), exposures[:, 0]
    masker = PairCounts.of(
        pairs.both[0], exposed=pairs.exposed[0], event=pairs.event[0], total=pairs.total[0]
    )
    found = unmasked(
        pairs,
        masker,
        shared_both=(exposures & (event & left_out)[:, None]).sum(0),
        shared_exposed=(exposures & left_out[:, None]).sum(0),
    )
    expected = counted(exposures[~left_out], event[~left_out])
    for part in ("both", "exposed", "event", "total"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))


def test_planted_mask_is_found_and_undone(database):
    exposures, event = database
    pairs = counted(exposures, event)
    maskers = strongest_maskers(pairs, np.zeros(6, dtype=int), least=1.1)
    assert maskers.pair.tolist() == [-1, 0, 0, 0, 0, 0]
    assert (maskers.ratio[1:] > 1.5).all()
    assert reporting_odds_ratio(pairs).low[1] < 1  # hidden
    left_out = exposures[:, 0]
    clean = unmasked(
        pairs,
        PairCounts.of(pairs.both[0], exposed=pairs.exposed[0], event=pairs.event[0], total=pairs.total[0]),
        shared_both=(exposures & (event & left_out)[:, None]).sum(0),
        shared_exposed=(exposures & left_out[:, None]).sum(0),
    )
    found = exact_odds_ratio(
        PairCounts(*(getattr(clean, x)[1:] for x in ("both", "exposed", "event", "total")))
    )
    assert found.low[0] > 1.5
    assert found.low[0] < 3 < found.high[0]
    assert ((found.low[1:] < 1) & (found.high[1:] > 1)).all()


@QUICK
@given(CELLS, st.integers(1, 10**4), st.integers(1, 10**4))
def test_ratio_is_the_rise_of_observed_over_expected_of_a_disjoint_exposure(cells, both, alone):
    a, b, c, d = cells  # with the masker and with nothing; the pair comes on top
    total, event = sum(cells) + both + alone, a + c + both
    masker = PairCounts.of(a, exposed=a + b, event=event, total=total)
    pair = PairCounts.of(both, exposed=both + alone, event=event, total=total)
    clean = unmasked(pair, masker)
    rise = relative_reporting_ratio(clean).value[0] / relative_reporting_ratio(pair).value[0]
    assert masking_ratio(masker)[0] == pytest.approx(rise)
    if a * d > b * c:  # the masker is reported with the event more than the rest of the comparator is
        for measure in (proportional_reporting_ratio, reporting_odds_ratio):
            assert measure(clean).value[0] > measure(pair).value[0] * (1 - 1e-12)


@QUICK
@given(CELLS)
def test_an_exposure_masks_exactly_what_it_is_reported_with_disproportionately(cells):
    pair = table(*cells)
    assert np.sign(np.round(masking_ratio(pair)[0] - 1, 12)) == np.sign(
        np.round(relative_reporting_ratio(pair).value[0] - 1, 12)
    )


@QUICK
@given(CELLS, st.integers(2, 100))
def test_k_times_the_reports_mask_as_much(cells, k):
    once, often = table(*cells), table(*(k * x for x in cells))
    assert masking_ratio(once)[0] == pytest.approx(masking_ratio(often)[0])


@QUICK
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 200)), min_size=1, max_size=25)
)
def test_strongest_maskers_equal_a_search_one_by_one(rows):
    events, both, alone = (np.array(x) for x in zip(*rows, strict=True))
    pairs = PairCounts.of(both, exposed=both + alone, event=50, total=1000)
    found, ratio = strongest_maskers(pairs, events), masking_ratio(pairs)
    for i in range(len(rows)):
        others = [j for j in range(len(rows)) if j != i and events[j] == events[i] and ratio[j] > 1]
        if others:
            assert found.ratio[i] == max(ratio[j] for j in others)
            assert found.pair[i] in others
        else:
            assert found.pair[i] == -1
            assert found.ratio[i] == 1


def test_only_those_that_may_mask_do():
    pairs = PairCounts.of([400, 60, 9], exposed=[2000, 1500, 900], event=1000, total=100_000)
    assert strongest_maskers(pairs, [7, 7, 7]).pair.tolist() == [1, 0, 0]
    none = strongest_maskers(pairs, [7, 7, 7], among=[False, False, False])
    assert none.pair.tolist() == [-1, -1, -1]
    assert none.ratio.tolist() == [1, 1, 1]
    second = strongest_maskers(pairs, [7, 7, 7], among=[False, True, False])
    assert second.pair.tolist() == [1, -1, 1]


def test_masker_with_every_report_of_the_event_and_with_every_report():
    pairs = PairCounts.of([50, 50], exposed=[60, 1000], event=50, total=1000)
    assert masking_ratio(pairs)[0] == np.inf
    assert np.isnan(masking_ratio(pairs)[1])
    maskers = strongest_maskers(pairs, [0, 0])
    assert maskers.pair.tolist() == [-1, 0]
    assert maskers.ratio.tolist() == [1, np.inf]


def test_refusals():
    pair, other = table(5, 20, 30, 900), table(5, 20, 31, 900)
    with pytest.raises(UnreadableInput, match="same event"):
        unmasked(pair, other)
    with pytest.raises(UnreadableInput, match="cannot be a table"):
        unmasked(pair, table(5, 20, 30, 900), shared_both=6)
    with pytest.raises(UnreadableInput, match="code of its event"):
        strongest_maskers(pair, [1, 2])
