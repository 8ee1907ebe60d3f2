"""Associations against other programs and against direct calls, and what must leave them alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.study import Study
from coley.questions.believe.across import Across
from coley.questions.believe.associations import Association, association_table
from coley.questions.believe.markers.marker import Found
from coley.stats.judging.auc_many import auc_many
from coley.stats.logistic import firth_logistic

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Judged = Callable[..., tuple[tuple[Association, ...], tuple[Across, ...]]]

NAMES = ("albumin_g_dl", "platelets", "hla_loh")


def with_gaps(frame: Frames) -> pl.DataFrame:
    """A cohort in which marker, response and survival are missing in different patients, and ties in time."""
    table = frame(4, 150).with_columns(pl.col("os_months").ceil())
    row = pl.int_range(pl.len())
    return table.with_columns(
        albumin_g_dl=pl.when(row % 7 != 0).then(pl.col("albumin_g_dl")),
        responder=pl.when(row % 5 != 0).then(pl.col("responder")),
        os_months=pl.when(row % 11 != 0).then(pl.col("os_months")),
    )


def values_of(table: pl.DataFrame, name: str, *also: str) -> tuple[np.ndarray, ...]:
    known = table.select(name, *also).drop_nulls()
    return tuple(known[c].cast(pl.Float64).to_numpy() for c in (name, *also))


def test_odds_ratios_are_those_of_firths_regression(frame: Frames, study: Studies, judged: Judged) -> None:
    table = with_gaps(frame)
    each = {a.marker: a for a in judged(study(table), NAMES)[0] if a.endpoint == "response"}
    for name in NAMES:
        x, y = values_of(table, name, "responder")
        step = x if name == "hla_loh" else (x - x.mean()) / x.std(ddof=1)
        fit = firth_logistic(y, step[:, None])
        assert each[name].log_ratio == pytest.approx(fit.coefficients[1], rel=1e-6)
        assert each[name].se == pytest.approx(np.sqrt(fit.covariance[1, 1]), rel=1e-6)
        assert (each[name].n, each[name].events) == (len(y), int(y.sum()))


def test_areas_under_the_curve_are_those_of_scikit_learn(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    from sklearn.metrics import roc_auc_score

    table = with_gaps(frame)
    for a in judged(study(table), NAMES)[0]:
        if a.endpoint != "response":
            assert np.isnan(a.auc)
            continue
        x, y = values_of(table, a.marker, "responder")
        assert a.auc == pytest.approx(roc_auc_score(y, x), rel=1e-12)
        assert a.auc_se == pytest.approx(float(auc_many(x[:, None], y > 0).se[0]), rel=1e-12)


def test_hazard_ratios_are_those_of_lifelines(frame: Frames, study: Studies, judged: Judged) -> None:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of pandas
        from lifelines import CoxPHFitter

        table = with_gaps(frame)
        each = {a.marker: a for a in judged(study(table), NAMES)[0] if a.endpoint == "os"}
        for name in NAMES:
            x, time, event = values_of(table, name, "os_months", "os_event")
            step = x if name == "hla_loh" else (x - x.mean()) / x.std(ddof=1)
            oracle = CoxPHFitter().fit(pd.DataFrame({"t": time, "e": event, "x": step}), "t", "e")
            assert each[name].log_ratio == pytest.approx(oracle.params_["x"], rel=1e-5, abs=1e-7)
            assert each[name].se == pytest.approx(oracle.standard_errors_["x"], rel=1e-5)
            assert (each[name].n, each[name].events) == (len(time), int(event.sum()))


def test_the_standard_deviation_is_that_of_the_cohort_in_its_unit(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    one, two = frame(1, 80, name="one"), frame(2, 80, name="two")
    wide = two.with_columns(pl.col("platelets") * 3)
    sd = {a.cohort: a.sd for a in judged(study(one, wide), ["platelets"])[0]}
    assert sd["one"] == pytest.approx(one["platelets"].std(), rel=1e-9)
    assert sd["two"] == pytest.approx(wide["platelets"].std(), rel=1e-9)


def test_controls_are_no_part_of_an_association(frame: Frames, study: Studies, judged: Judged) -> None:
    arms = frame(1, 200, treatment_class=["PD1", "control"] * 100)
    with_them = judged(study(arms), NAMES)[0]
    without = judged(study(arms.filter(pl.col("treatment_class") == "PD1")), NAMES)[0]
    assert [(a.log_ratio, a.n) for a in with_them] == [(a.log_ratio, a.n) for a in without]
    assert {a.n for a in with_them} == {100}


@pytest.mark.parametrize(
    ("responders", "n", "kept"), [(3, 8, True), (2, 8, False), (3, 7, False), (6, 8, False)]
)
def test_too_few_patients_or_outcomes_are_left_out(
    frame: Frames, study: Studies, judged: Judged, responders: int, n: int, kept: bool
) -> None:
    table = frame(1, n).with_columns(responder=pl.int_range(pl.len()) < responders).drop("os_months")
    assert bool(judged(study(table), ["albumin_g_dl"])[0]) == kept


def test_swapping_the_label_of_response_inverts_the_odds_ratio(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    table = frame(3)
    one, two = (
        {a.marker: a for a in judged(study(t), NAMES)[0] if a.endpoint == "response"}
        for t in (table, table.with_columns(~pl.col("responder")))
    )
    for name in NAMES:
        assert one[name].log_ratio == pytest.approx(-two[name].log_ratio, rel=1e-8)
        assert one[name].se == pytest.approx(two[name].se, rel=1e-8)
        assert one[name].p == pytest.approx(two[name].p, rel=1e-6)
        assert one[name].auc == pytest.approx(1 - two[name].auc, rel=1e-12)


def test_swapping_yes_and_no_of_a_flag_inverts_its_ratios(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    table = frame(3)
    one, two = (judged(study(t), ["hla_loh"])[0] for t in (table, table.with_columns(~pl.col("hla_loh"))))
    assert [a.log_ratio for a in one] == pytest.approx([-a.log_ratio for a in two], rel=1e-8)


def test_the_table_corrects_over_the_markers_of_each_cohort_and_endpoint(
    frame: Frames, study: Studies, judged: Judged, found: Callable[..., Found]
) -> None:
    from statsmodels.stats.multitest import multipletests

    both = study(frame(1, name="one"), frame(2, name="two"))
    table = association_table(judged(both, NAMES)[0], found(both, *NAMES).markers, level=0.9)
    assert table.height == 12  # three markers, two cohorts, two endpoints
    for _, rows in table.group_by("cohort", "endpoint"):
        assert rows["q"].to_list() == pytest.approx(multipletests(rows["p"], method="fdr_bh")[1], rel=1e-12)
    log = table.select(pl.col("low", "ratio", "high").log())
    assert (log["ratio"] - log["low"]).to_list() == pytest.approx((log["high"] - log["ratio"]).to_list())
    each = judged(both, NAMES)[0]
    assert (log["high"] - log["ratio"]).to_list() == pytest.approx([1.6448536 * a.se for a in each])


@pytest.mark.parametrize(("turned", "ratio"), [(False, 0.0), (True, None)])
def test_a_flag_without_events_has_no_limits_and_no_infinite_ratio(
    frame: Frames,
    study: Studies,
    judged: Judged,
    found: Callable[..., Found],
    turned: bool,
    ratio: float | None,
) -> None:
    first = pl.int_range(pl.len()) < 20
    spared = study(frame(1, 60).with_columns(hla_loh=~first if turned else first, os_event=~first))
    table = association_table(judged(spared, ["hla_loh"])[0], found(spared, "hla_loh").markers, level=0.95)
    row = table.row(by_predicate=pl.col("endpoint") == "os", named=True)
    assert (row["ratio"], row["low"], row["high"]) == (ratio, None, None)
    assert row["p"] < 0.01  # the score test sees what has no finite ratio


def test_one_value_far_out_does_not_silence_a_marker(frame: Frames, study: Studies, judged: Judged) -> None:
    table = frame(1, 60).with_columns(
        platelets=pl.when(pl.int_range(pl.len()) == 0).then(2500.0).otherwise(pl.col("platelets"))
    )
    response = next(a for a in judged(study(table), ["platelets"])[0] if a.endpoint == "response")
    assert response.estimated
