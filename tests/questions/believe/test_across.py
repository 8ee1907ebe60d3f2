"""Across cohorts: the pooling is that of `coley.stats`, its parts are those of other programs, nothing else matters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import Study
from coley.questions.believe.across import Across
from coley.questions.believe.associations import Association
from coley.stats.pooling.random_effects import pool

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Judged = Callable[..., tuple[tuple[Association, ...], tuple[Across, ...]]]

NAMES = ("albumin_g_dl", "platelets", "hla_loh")
EFFECTS = (1.2, 0.4, 0.9, 0.1, 0.7)


@pytest.fixture
def five(frame: Frames) -> list[pl.DataFrame]:
    return [frame(10 + i, 90, name=f"c{i}", on_response=effect) for i, effect in enumerate(EFFECTS)]


def test_a_marker_is_pooled_as_by_a_direct_call(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    each, pooled = judged(study(*five), NAMES, level=0.9)
    assert len(pooled) == 6
    for one in pooled:
        own = [a for a in each if (a.marker, a.endpoint) == (one.marker, one.endpoint)]
        direct = pool([a.log_ratio for a in own], [a.se for a in own], level=0.9)
        mean, low, high = one.limits
        assert (mean, low, high) == pytest.approx(
            (direct.interval.value, direct.interval.low, direct.interval.high), rel=1e-9
        )
        assert one.pooled.prediction.low == pytest.approx(direct.prediction.low, rel=1e-9)
        assert one.p == pytest.approx(direct.p, rel=1e-9)
        assert (one.k, one.n) == (5, sum(a.n for a in own))
        assert one.events == sum(a.events for a in own)


def test_the_common_effect_is_the_mean_by_inverse_variance_and_heterogeneity_that_of_statsmodels(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    each, pooled = judged(study(*five), NAMES)
    for one in pooled:
        own = [a for a in each if (a.marker, a.endpoint) == (one.marker, one.endpoint)]
        y, variance = np.array([a.log_ratio for a in own]), np.array([a.se**2 for a in own])
        oracle = combine_effects(y, variance, method_re="iterated")
        assert one.pooled.fixed.value == pytest.approx(oracle.mean_effect_fe, rel=1e-9)
        assert one.pooled.fixed.se == pytest.approx(oracle.sd_eff_w_fe, rel=1e-9)
        assert one.pooled.q.statistic == pytest.approx(oracle.q, rel=1e-9)


def test_q_is_corrected_over_the_markers_of_an_endpoint(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    from statsmodels.stats.multitest import multipletests

    _, pooled = judged(study(*five), NAMES)
    for endpoint in ("response", "os"):
        own = [one for one in pooled if one.endpoint == endpoint]
        assert [one.q for one in own] == pytest.approx(
            multipletests([one.p for one in own], method="fdr_bh")[1], rel=1e-9
        )


def test_two_cohorts_have_a_common_effect_and_one_stands_for_itself(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    _, two = judged(study(*five[:2]), ["albumin_g_dl"])
    fixed = two[0].pooled.fixed
    assert two[0].limits == (fixed.value, fixed.low, fixed.high)
    assert two[0].p == two[0].pooled.fixed_p
    assert np.isnan(two[0].pooled.prediction.low)
    each, alone = judged(study(five[0]), ["albumin_g_dl"])
    assert alone[0].limits[0] == pytest.approx(each[0].log_ratio, rel=1e-12)
    assert alone[0].limits[2] == pytest.approx(each[0].log_ratio + 1.959964 * each[0].se, rel=1e-6)
    assert alone[0].p == pytest.approx(each[0].p, rel=1e-9)


def test_a_cohort_that_carries_the_conclusion_is_named(frame: Frames, study: Studies, judged: Judged) -> None:
    """Without any one of these cohorts the mean is no longer shown, or it still is: told cohort by cohort."""
    effects = (0.7, 0.7, 0.3, 0.7, 0.3)
    cohorts = [frame(30 + i, 80, name=f"c{i}", on_response=effect) for i, effect in enumerate(effects)]
    each, pooled = judged(study(*cohorts), ["albumin_g_dl"])
    one = next(p for p in pooled if p.endpoint == "response")
    assert one.q < 0.05
    own = [a for a in each if a.endpoint == "response"]
    expected = [
        a.cohort
        for a in own
        if pool([b.log_ratio for b in own if b != a], [b.se for b in own if b != a]).p >= 0.05
    ]
    assert list(one.flips) == expected
    assert 0 < len(expected) < 5


def numbers(found: tuple[tuple[Association, ...], tuple[Across, ...]]) -> dict[tuple[str, ...], list[float]]:
    """Ratios, errors, p and q by what they are about."""
    each, pooled = found
    told = {(a.marker, a.cohort, a.endpoint): [a.log_ratio, a.se, a.p, a.n] for a in each}
    return told | {(o.marker, o.endpoint): [*o.limits, o.p, o.q, o.n] for o in pooled}


def same(
    one: dict[tuple[str, ...], list[float]], two: dict[tuple[str, ...], list[float]], rel: float
) -> None:
    assert one.keys() == two.keys()
    for key, values in one.items():
        assert values == pytest.approx(two[key], rel=rel, abs=1e-12), key


def test_the_order_of_patients_changes_nothing(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    shuffled = [table.sample(fraction=1.0, shuffle=True, seed=i) for i, table in enumerate(five)]
    same(numbers(judged(study(*five), NAMES)), numbers(judged(study(*shuffled), NAMES)), 1e-8)
    mixed = study(pl.concat(five).sample(fraction=1.0, shuffle=True, seed=9))
    same(numbers(judged(study(*five), NAMES)), numbers(judged(mixed, NAMES)), 1e-6)


def test_the_order_of_cohorts_changes_nothing(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    same(numbers(judged(study(*five), NAMES)), numbers(judged(study(*five[::-1]), NAMES)), 1e-6)


def test_names_of_patients_and_cohorts_change_nothing(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    renamed = [
        t.with_columns(
            patient_id=pl.format("x{}", pl.int_range(pl.len()).reverse() + 1000 * i),
            cohort=pl.lit(f"z{9 - i}"),
        )
        for i, t in enumerate(five)
    ]
    one, two = judged(study(*five), NAMES), judged(study(*renamed), NAMES)
    assert [(a.log_ratio, a.se, a.p) for a in one[0]] == [(a.log_ratio, a.se, a.p) for a in two[0]]
    assert [(o.limits, o.q) for o in one[1]] == [(o.limits, o.q) for o in two[1]]


@pytest.mark.parametrize("factor", [1000.0, 1e-6])
def test_the_unit_of_a_marker_changes_nothing(
    five: list[pl.DataFrame], study: Studies, judged: Judged, factor: float
) -> None:
    scaled = [t.with_columns(pl.col("albumin_g_dl", "platelets") * factor + 5 * factor) for t in five]
    same(numbers(judged(study(*five), NAMES)), numbers(judged(study(*scaled), NAMES)), 1e-6)


def test_the_unit_of_time_changes_nothing(five: list[pl.DataFrame], study: Studies, judged: Judged) -> None:
    years = [t.with_columns(pl.col("os_months") / 12) for t in five]
    same(numbers(judged(study(*five), NAMES)), numbers(judged(study(*years), NAMES)), 1e-8)


def test_a_marker_turned_round_inverts_its_ratios(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    turned = [t.with_columns(-pl.col("albumin_g_dl")) for t in five]
    one, two = (judged(study(*t), ["albumin_g_dl"])[1] for t in (five, turned))
    for a, b in zip(one, two, strict=True):
        assert a.limits == pytest.approx((-b.limits[0], -b.limits[2], -b.limits[1]), rel=1e-7)
        assert a.q == pytest.approx(b.q, rel=1e-6)


def test_a_marker_measured_in_some_cohorts_is_pooled_over_those(
    five: list[pl.DataFrame], study: Studies, judged: Judged
) -> None:
    gaps = [t.drop("platelets") if i in (1, 3) else t for i, t in enumerate(five)]
    pooled = judged(study(*gaps), NAMES)[1]
    assert {(o.marker, o.k) for o in pooled} == {("albumin_g_dl", 5), ("platelets", 3), ("hla_loh", 5)}
    one = next(o for o in pooled if o.marker == "platelets")
    assert [row.cohort for row in one.rows] == ["c0", "c2", "c4"]


def test_small_study_effects_are_tested_in_ten_cohorts_and_not_in_nine(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    many = [frame(50 + i, 30 + 5 * i, name=f"c{i}") for i in range(10)]
    assert judged(study(*many), ["albumin_g_dl"])[1][0].small_study_p is not None
    assert judged(study(*many[1:]), ["albumin_g_dl"])[1][0].small_study_p is None


def test_a_new_cohort_is_not_known_better_than_the_mean(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    only = ("patient_id", "cohort", "responder", "albumin_g_dl")  # too few numbers to know a patient again by
    alike = [frame(1, 60, name=f"c{i}").select(only) for i in range(3)]
    one = judged(study(*alike), ["albumin_g_dl"])[1][0]
    assert one.k == 3
    assert one.pooled.prediction.low > one.limits[1]  # the mean is guarded, the prediction is not
    assert one.expected == (one.limits[1], one.limits[2])
    two = judged(study(*alike[:2]), ["albumin_g_dl"])[1][0]
    assert np.isnan(two.expected).all()


def test_an_estimate_tells_where_a_new_cohort_is_expected(
    five: list[pl.DataFrame], study: Studies, believe: Callable[..., Answer]
) -> None:
    answer = believe(study(*five), markers=("albumin_g_dl",))
    row = answer.tables["across_cohorts"].row(by_predicate=pl.col("endpoint") == "response", named=True)
    estimate = answer.estimate("odds_ratio", endpoint="response")
    expected = (
        f"a new cohort is expected between {row['prediction_low']:.2f} and {row['prediction_high']:.2f}"
    )
    assert expected in estimate.note
    assert "mean over 5 cohorts" in estimate.note
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (row["ratio"], row["low"], row["high"])
    )
