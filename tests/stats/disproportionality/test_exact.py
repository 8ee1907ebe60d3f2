"""Exact odds ratios against R, against a grid on small tables, published values, and their coverage."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from scipy.stats import nchypergeom_fisher

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.exact import (
    baptista_pike,
    exact_odds_ratio,
    exact_tests,
    mid_p_odds_ratio,
)
from coley.stats.disproportionality.ratios import reporting_odds_ratio

QUICK = settings(max_examples=50, deadline=None)  # the first example may wait for a compiler

CELLS = st.tuples(*[st.integers(0, 25)] * 4)
INTERVALS = (exact_odds_ratio, mid_p_odds_ratio, baptista_pike)


def table(a, b, c, d):
    a, b, c, d = (np.asarray(x, dtype=float) for x in (a, b, c, d))
    return PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d)


def three(found, i=0):
    return [float(x[i]) for x in (found.value, found.low, found.high)]


@pytest.fixture(scope="module")
def by_r(peers):
    rows = peers("exact").with_columns(pl.all().cast(pl.Float64))  # R writes Inf
    return rows, table(rows["a"], rows["b"], rows["c"], rows["d"])


def test_interval_and_estimate_equal_r(by_r):
    rows, pairs = by_r
    exact, mid = exact_odds_ratio(pairs), mid_p_odds_ratio(pairs)
    assert len(pairs) == 94
    np.testing.assert_allclose(exact.value, rows["estimate"], rtol=1e-8)
    np.testing.assert_allclose(exact.low, rows["low"], rtol=1e-8)
    np.testing.assert_allclose(exact.high, rows["high"], rtol=1e-8)
    np.testing.assert_allclose(mid.low, rows["mid_low"], rtol=1e-8)
    np.testing.assert_allclose(mid.high, rows["mid_high"], rtol=1e-8)


def test_tests_equal_r(by_r):
    rows, pairs = by_r
    found = exact_tests(pairs)
    for ours, theirs in (("two_sided", "p"), ("more", "more"), ("fewer", "fewer")):
        np.testing.assert_allclose(getattr(found, ours), rows[theirs], rtol=1e-7)
    np.testing.assert_allclose(found.mid_more, rows["mid_more"], rtol=1e-7)
    np.testing.assert_allclose(found.mid_fewer, rows["mid_fewer"], rtol=1e-7)
    np.testing.assert_allclose(found.mid_two_sided, 2 * np.minimum(rows["mid_more"], rows["mid_fewer"]))


def _two_sided(cells, theta, *, mid_p):
    """Return p at each log odds ratio from the weights of all tables with these margins."""
    a, b, c, d = cells
    k = np.arange(max(0, a - d), min(a + b, a + c) + 1)
    log = -gammaln(k + 1) - gammaln(a + b - k + 1) - gammaln(a + c - k + 1) - gammaln(d - a + k + 1)
    log = log + np.asarray(theta)[:, None] * k
    p = np.exp(log - log.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    own = p[:, k == a]
    return np.where(p <= own * (1 + 1e-12), p, 0).sum(axis=1) - (own[:, 0] / 2 if mid_p else 0)


@pytest.mark.parametrize("mid_p", [True, False])
def test_baptista_pike_limits_are_accepted_and_nothing_beyond_them(mid_p):
    rng, grid = np.random.default_rng(8), np.arange(-9, 9, 0.004)
    cells = rng.integers(1, 30, size=(60, 4))
    found = baptista_pike(table(*cells.T), mid_p=mid_p)
    for i, row in enumerate(cells):
        low, high = np.log([found.low[i], found.high[i]])
        assert (_two_sided(row, [low + 1e-7, high - 1e-7], mid_p=mid_p) > 0.05).all()
        beyond = grid[(grid < low - 1e-7) | (grid > high + 1e-7)]
        assert (_two_sided(row, beyond, mid_p=mid_p) <= 0.05).all()


def test_published_by_salem_for_combinations(peers):
    rows = peers("salem2018").filter(pl.col("contrast") == "combination")
    found = baptista_pike(
        PairCounts.of(
            rows["events_1"],
            exposed=rows["reports_1"],
            event=rows["events_1"] + rows["events_2"],
            total=rows["reports_1"] + rows["reports_2"],
        )
    )

    def as_printed(x):  # 0.7049 and 4.6147 are printed 0.71 and 4.62: rounded to 3 decimals first, then to 2
        return np.floor(np.round(x, 3) * 100 + 0.5 + 1e-9) / 100

    np.testing.assert_allclose(as_printed(found.value), rows["ror"])
    np.testing.assert_allclose(as_printed(found.low), rows["low"])
    fall_short = np.flatnonzero(as_printed(found.high) != rows["high"].to_numpy())
    assert rows["event"][fall_short].to_list() == ["myocarditis"]
    # Printed is 6.38, the end of the stretch that holds the estimate; past a gap the test accepts 6.48 to 6.49.
    grid = np.arange(5, 7, 0.001)
    accepted = grid[_two_sided((32, 2380, 90, 28819), np.log(grid), mid_p=True) > 0.05]
    gap = np.flatnonzero(np.diff(accepted) > 0.05)
    assert accepted[gap].round(2).tolist() == [6.38]
    assert found.high[0] == pytest.approx(accepted[-1], abs=0.001)


def test_published_by_diana_which_truncates():
    found = three(exact_odds_ratio(PairCounts.of(3, exposed=100, event=50, total=20000)))
    assert [int(100 * x) / 100 for x in found] == [13.05, 2.55, 41.67]
    # Its tests assert an upper limit of 41.71: that of fisher.test, which solves for 1 / 41.71 to four digits.


@pytest.mark.real
@pytest.mark.parametrize(
    ("substances", "terms", "expected", "both"),
    [  # data/diana_faers_sample/expected_values.csv: truncated, and solved by fisher.test to four digits
        (("paracetamol",), ("nausea",), (1.57, 0.17, 6.64), 2),
        (("infliximab",), ("nausea",), (0, 0, 12.88), 0),
        (("paracetamol",), ("injection site pain",), (0, 0, 7.55), 0),
        (("infliximab",), ("injection site pain",), (0, 0, 33.65), 0),
        (("infliximab", "etanercept", "adalimumab"), ("nausea",), (1.32, 0.25, 4.53), 3),
        (("infliximab", "etanercept", "adalimumab"), ("injection site pain",), (12.85, 3.19, 54.52), 6),
        (("infliximab", "etanercept", "adalimumab"), "any", (1.54, 0.61, 3.41), 8),
        (("infliximab",), "any", (2.8, 0.29, 13.29), 2),
        (("adalimumab",), "any", (1.96, 0.58, 5.26), 5),  # the file gives these two under each other's name
        (("etanercept",), "any", (1.31, 0.25, 4.35), 3),
    ],
)
def test_diana_sample(shared, substances, terms, expected, both):
    terms = ("nausea", "vomiting", "abdominal discomfort", "malaise") if terms == "any" else terms
    folder = shared / "diana_faers_sample"
    reports, drugs, reactions = (
        pl.read_csv(folder / f"sample_{name}.csv", infer_schema_length=None)
        for name in ("Demo", "Drug", "Reac")
    )
    exposed = set(drugs.filter(pl.col("substance").is_in(substances))["primaryid"])
    event = set(reactions.filter(pl.col("pt").is_in(terms))["primaryid"])
    total = reports["primaryid"].n_unique()
    assert len(exposed & event) == both
    pair = PairCounts.of(both, exposed=len(exposed), event=len(event), total=total)
    np.testing.assert_allclose(three(exact_odds_ratio(pair)), expected, atol=0.0101, rtol=2e-3)


@pytest.mark.real
def test_diana_cumulative_trend(shared):
    """Adalimumab and injection site pain, year by year; a report's year is that of its first date, else its last."""
    folder = shared / "diana_faers_sample"
    reports, drugs, reactions = (
        pl.read_csv(folder / f"sample_{name}.csv", infer_schema_length=None)
        for name in ("Demo", "Drug", "Reac")
    )
    counted = reports.select(
        year=pl.coalesce("init_fda_dt", "fda_dt")
        .cast(pl.Int64)
        .cast(pl.String)
        .str.slice(0, 4)
        .cast(pl.Int64),
        exposed=pl.col("primaryid").is_in(
            drugs.filter(pl.col("substance") == "adalimumab")["primaryid"].implode()
        ),
        event=pl.col("primaryid").is_in(
            reactions.filter(pl.col("pt") == "injection site pain")["primaryid"].implode()
        ),
    )
    expected = [  # 2019 to 2023
        (5.18, 0.51, 27.55),
        (5.13, 0.51, 27.05),
        (5.58, 0.55, 29.38),
        (5.52, 0.55, 28.9),
        (4.87, 0.49, 24.57),
    ]
    for year, published in zip(range(2019, 2024), expected, strict=True):
        until = counted.filter(pl.col("year") <= year)
        pair = PairCounts.of(
            until.filter("exposed", "event").height,
            exposed=until["exposed"].sum(),
            event=until["event"].sum(),
            total=until.height,
        )
        assert pair.both[0] == 2
        np.testing.assert_allclose(three(exact_odds_ratio(pair)), published, atol=0.0101, rtol=2e-3)


@QUICK
@given(CELLS)
def test_turned_tables(cells):
    a, b, c, d = cells
    for interval in INTERVALS:
        found = three(interval(table(a, b, c, d)))
        np.testing.assert_allclose(three(interval(table(a, c, b, d))), found, rtol=1e-7)
        with np.errstate(divide="ignore"):
            inverse = 1 / np.array(found)[[0, 2, 1]]
        np.testing.assert_allclose(three(interval(table(b, a, d, c))), inverse, rtol=1e-7)


@QUICK
@given(CELLS)
def test_tail_at_each_limit_is_what_the_level_leaves(cells):
    a, b, c, d = cells
    found, mid = exact_odds_ratio(table(*cells)), mid_p_odds_ratio(table(*cells))
    for limits, share in ((found, 0.0), (mid, 0.5)):
        for psi, above in ((limits.low[0], True), (limits.high[0], False)):
            if 0 < psi < np.inf:
                law = nchypergeom_fisher(a + b + c + d, a + b, a + c, psi)
                tail = law.sf(a - 1) if above else law.cdf(a)
                assert tail - share * law.pmf(a) == pytest.approx(0.025, rel=1e-5)


@QUICK
@given(CELLS)
def test_mid_p_lies_within_fisher_and_wider_levels_without(cells):
    exact, mid = three(exact_odds_ratio(table(*cells))), three(mid_p_odds_ratio(table(*cells)))
    wide = three(exact_odds_ratio(table(*cells), level=0.99))
    assert wide[1] <= exact[1] <= mid[1] * (1 + 1e-9)
    assert mid[2] <= exact[2] * (1 + 1e-9)
    assert exact[2] <= wide[2]


@QUICK
@given(CELLS)
def test_one_more_report_of_both_raises_all_three(cells):
    a, b, c, d = cells
    for interval in INTERVALS[:2]:
        before, after = (three(interval(table(x, b, c, d))) for x in (a, a + 1))
        for was, becomes in zip(before, after, strict=True):
            assert np.isnan(was) or np.isnan(becomes) or becomes >= was * (1 - 1e-9)


def test_margins_that_leave_no_choice():
    for interval in INTERVALS:
        found = interval(table([0, 0, 3], [0, 4, 0], [0, 0, 0], [9, 5, 0]))
        assert np.isnan(found.value).all()
        assert (found.low == 0).all()
        assert np.isinf(found.high).all()
    assert exact_tests(table(0, 4, 0, 5)).two_sided[0] == 1


def test_large_databases_agree_with_wald():
    pairs = PairCounts.of([1e5, 2e5], exposed=[3e5, 1e6], event=[6e5, 6e6], total=2e7)
    wald = reporting_odds_ratio(pairs)
    for interval in INTERVALS:
        found = interval(pairs)
        for part in ("value", "low", "high"):
            np.testing.assert_allclose(getattr(found, part), getattr(wald, part), rtol=2e-5)


def test_coverage_with_few_reports():
    """Exact over all tables of two binomial groups, not simulated: 60 exposed, 400 not, 2 % against 5 %."""
    from scipy.stats import binom

    n1, n2, p1, p2 = 60, 400, 0.05, 0.02
    a, c = (x.ravel() for x in np.meshgrid(np.arange(n1 + 1), np.arange(41), indexing="ij"))
    chance = binom.pmf(a, n1, p1) * binom.pmf(c, n2, p2)
    truth = p1 / (1 - p1) / (p2 / (1 - p2))
    cover = []
    for interval in INTERVALS:
        found = interval(table(a, n1 - a, c, n2 - c))
        cover.append(float(chance @ ((found.low <= truth) & (truth <= found.high))))
    assert chance.sum() > 0.99999
    assert cover[0] >= 0.95
    assert all(abs(x - 0.95) < 0.025 for x in cover[1:])
    assert cover[1] < cover[0]


def test_refusals():
    for measure in (*INTERVALS, exact_tests):
        with pytest.raises(UnreadableInput, match="whole number"):
            measure(table(1.5, 2, 3, 4))
    for interval in INTERVALS:
        with pytest.raises(InvalidSetting, match="level"):
            interval(table(1, 2, 3, 4), level=0)
