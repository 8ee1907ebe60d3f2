"""Ratios of reporting against vigipy, published values, and what must hold for any table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.ratios import (
    chi_square,
    proportional_reporting_ratio,
    relative_reporting_ratio,
    reporting_odds_ratio,
)

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

CELLS = st.tuples(*[st.integers(1, 10**6)] * 4)
RATIOS = (reporting_odds_ratio, proportional_reporting_ratio, relative_reporting_ratio)


def table(a, b, c, d):
    a, b, c, d = (np.asarray(x, dtype=float) for x in (a, b, c, d))
    return PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d)


def three(found, i=0):
    return [float(x[i]) for x in (found.value, found.low, found.high)]


@pytest.mark.parametrize(
    ("ours", "name"), [(reporting_odds_ratio, "ROR"), (proportional_reporting_ratio, "PRR")]
)
def test_equals_vigipy(peers, ours, name):
    rows = peers("ratios")
    found = ours(
        PairCounts.of(rows["both"], exposed=rows["exposed"], event=rows["event"], total=rows["total"])
    )
    for part in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(found, part), rows[f"{name}_{part}"], rtol=1e-9)


def test_published_by_diana():
    pair = PairCounts.of(3, exposed=100, event=50, total=20000)  # tests of DiAna 2.1.0, which truncate
    assert [round(x, 2) for x in three(proportional_reporting_ratio(pair))] == [12.70, 4.02, 40.14]
    assert [round(x, 2) for x in three(relative_reporting_ratio(pair))] == [12.00, 3.81, 37.84]


def test_published_by_salem_where_they_used_wald(peers):
    rows = peers("salem2018").to_dicts()
    wald = [row for row in rows if row["contrast"] != "combination"]
    assert len(wald) == 10
    fall_short = []
    for row in wald:
        found = reporting_odds_ratio(
            PairCounts.of(
                row["events_1"],
                exposed=row["reports_1"],
                event=row["events_1"] + row["events_2"],
                total=row["reports_1"] + row["reports_2"],
            )
        )
        if [round(x, 2) for x in three(found)] != [row["ror"], row["low"], row["high"]]:
            fall_short.append((row["contrast"], row["event"], [round(x, 2) for x in three(found)]))
    assert fall_short == [("all", "pericardial diseases", [3.81, 3.11, 4.66])]  # printed: 3.8 [3.08, 4.62]
    # Those limits follow if the 95 reports are counted among the events of the comparator as well.
    doubled = three(reporting_odds_ratio(table(95, 31321 - 95, 9914 + 95, 12424080 - 9914 - 95)))
    assert [round(x, 2) for x in doubled[1:]] == [3.08, 4.62]
    assert round(doubled[0], 1) == 3.8


@QUICK
@given(CELLS)
def test_chi_square_equals_scipy(cells):
    square = np.reshape(cells, (2, 2))
    for yates in (True, False):
        found, expected = chi_square(table(*cells), yates=yates), chi2_contingency(square, correction=yates)
        assert found.statistic[0] == pytest.approx(expected.statistic, rel=1e-6, abs=1e-6)
        assert found.p[0] == pytest.approx(expected.pvalue, rel=1e-4, abs=1e-300)


@QUICK
@given(CELLS, st.sampled_from(RATIOS[:2]))
def test_other_exposure_or_other_event_turns_the_odds_ratio(cells, ratio):
    a, b, c, d = cells
    found, turned = three(ratio(table(a, b, c, d))), three(ratio(table(c, d, a, b)))
    np.testing.assert_allclose(turned, [1 / found[0], 1 / found[2], 1 / found[1]], rtol=1e-9)


@QUICK
@given(CELLS)
def test_symmetry_of_exposure_and_event(cells):
    a, b, c, d = cells
    for ratio in (reporting_odds_ratio, relative_reporting_ratio):
        one, other = ratio(table(a, b, c, d)), ratio(table(a, c, b, d))
        assert one.value[0] == pytest.approx(other.value[0])
    assert chi_square(table(a, b, c, d)).statistic[0] == pytest.approx(
        chi_square(table(a, c, b, d)).statistic[0], rel=1e-6, abs=1e-9
    )


@QUICK
@given(CELLS, st.integers(2, 50), st.sampled_from(RATIOS))
def test_k_times_the_reports_leave_the_ratio_and_narrow_its_interval_by_the_root(cells, k, ratio):
    one, many = three(ratio(table(*cells))), three(ratio(table(*(k * x for x in cells))))
    assert many[0] == pytest.approx(one[0])
    assert np.log(many[2] / many[1]) == pytest.approx(np.log(one[2] / one[1]) / np.sqrt(k), rel=1e-6)


@QUICK
@given(CELLS)
def test_order_of_the_three(cells):
    pair = table(*cells)
    ror, prr, rrr = (ratio(pair).value[0] for ratio in RATIOS)
    signed = np.sign(np.round(ror - 1, 9))
    assert signed * ror >= signed * prr - 1e-9
    assert signed * prr >= signed * rrr - 1e-9


def test_empty_cells():
    pairs = table([0, 5, 5, 0, 3, 0], [4, 0, 6, 3, 0, 0], [3, 2, 0, 0, 0, 5], [9, 8, 8, 5, 7, 5])
    ror = reporting_odds_ratio(pairs)
    np.testing.assert_array_equal(ror.value, [0, np.inf, np.inf, np.nan, np.inf, np.nan])
    assert np.isnan(ror.low).all()
    assert np.isnan(ror.high).all()
    prr = proportional_reporting_ratio(pairs)
    np.testing.assert_allclose(prr.value, [0, 5, np.inf, np.nan, np.inf, np.nan])
    assert np.isfinite(prr.low[1])  # every report of the exposure has the event: the PRR has an interval
    corrected = reporting_odds_ratio(pairs, continuity=0.5)
    np.testing.assert_allclose(corrected.value[0], (0.5 * 9.5) / (4.5 * 3.5))
    assert np.isfinite(corrected.low).all()
    full = table(4, 6, 3, 9)
    assert three(reporting_odds_ratio(full, continuity=0.5)) == three(reporting_odds_ratio(full))


def test_coverage_of_the_three_intervals():
    rng, reports = np.random.default_rng(11), 20_000
    share = np.array([0.004, 0.016, 0.012, 0.968])
    cells = rng.multinomial(reports, share, size=4000).T
    a, b, c, d = share
    truth = (a * d / (b * c), (a / (a + b)) / (c / (c + d)), a / ((a + b) * (a + c)))
    hits = []
    for ratio, true in zip(RATIOS, truth, strict=True):
        found = ratio(table(*cells))
        hits.append(np.mean((found.low <= true) & (true <= found.high)))
    assert hits[0] == pytest.approx(0.95, abs=0.012)
    assert hits[1] == pytest.approx(0.95, abs=0.012)
    assert hits[2] > 0.95  # the two shares of the RRR are not independent: its interval is too wide


@pytest.mark.parametrize("continuity", [-0.5, np.inf, np.nan])
def test_refuses_corrections_that_are_none(continuity):
    with pytest.raises(InvalidSetting, match="continuity"):
        reporting_odds_ratio(table(1, 2, 3, 4), continuity=continuity)


def test_refuses_levels_that_are_none():
    with pytest.raises(InvalidSetting, match="level"):
        proportional_reporting_ratio(table(1, 2, 3, 4), level=95)
