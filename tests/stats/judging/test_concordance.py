"""Concordances against R's survival and lifelines, their derivatives, coverage and invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.concordance import concordance_difference, harrell_c, uno_c

KINDS = {"n": harrell_c, "n/G2": uno_c}


def cohort(rng, n, *, follow_up):
    """Patients with a marker x, log hazard 0.8 x, and uniform censoring."""
    x = rng.normal(size=n)
    event, end = rng.exponential(np.exp(-0.8 * x)), rng.uniform(0, follow_up, n)
    return x, np.minimum(event, end), event <= end


@pytest.mark.parametrize("timewt", ["n", "n/G2"])
def test_equals_survival(judged, timewt):
    data = judged("judged")
    for row in judged("concordance").filter(timewt=timewt).iter_rows(named=True):
        found = KINDS[timewt](data[row["marker"]], data["time"], data["status"], tau=row["tau"])
        assert found.value == pytest.approx(row["value"], abs=1e-12)
        if timewt == "n":
            assert found.wald.se == pytest.approx(row["se"], abs=1e-12)
            assert (found.pairs, found.tied_pairs) == (
                row["concordant"] + row["discordant"] + row["tied"],
                row["tied"],
            )
        else:  # R holds the curve of censoring fixed
            assert found.wald.se == pytest.approx(row["se"], rel=0.01)


def test_difference_equals_survival(judged):
    data, expected = judged("judged"), judged("concordance_difference").row(0, named=True)
    found, test = concordance_difference(
        *(harrell_c(data[marker], data["time"], data["status"]) for marker in ("a", "b"))
    )
    assert found.value == pytest.approx(expected["value"], abs=1e-10)
    assert found.se == pytest.approx(expected["se"], abs=1e-10)
    assert test.statistic == pytest.approx(expected["value"] / expected["se"], abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 4)), min_size=2, max_size=40))
def test_equals_lifelines(rows):
    time, event, risk = (np.array(column) for column in zip(*rows, strict=True))
    # lifelines compares two events at one time as well, which no other definition does: here there are none
    time = time + np.where(event, np.arange(1, len(time) + 1) * 1e-3, 0.5)
    try:
        expected = concordance_index(time, -risk, event)
    except ZeroDivisionError:
        with pytest.raises(NotEstimable, match="comparable"):
            harrell_c(risk, time, event)
    else:
        assert harrell_c(risk, time, event).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", [harrell_c, uno_c])
def test_influence_is_the_derivative_in_the_case_weight(judged, kind):
    data = judged("judged").head(60)
    risk, time, event = (data[c].to_numpy() for c in ("a", "time", "status"))
    found, copies = kind(risk, time, event, tau=15), 200
    for i in (0, 7, 23, 41):
        times = np.full(60, copies)
        times[i] += 1
        rows = np.repeat(np.arange(60), times)
        moved = kind(risk[rows], time[rows], event[rows], tau=15).value - found.value
        assert moved * copies == pytest.approx(found.influence[i], rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("kind", [harrell_c, uno_c])
def test_coverage(kind):
    rng = np.random.default_rng(11)
    x, time, event = cohort(rng, 20_000, follow_up=1e9 if kind is uno_c else 4)
    truth = kind(x, time, event, tau=2).value
    found = [kind(*cohort(rng, 120, follow_up=4), tau=2) for _ in range(600)]
    for interval in ("interval", "wald"):
        hits = [getattr(f, interval).low <= truth <= getattr(f, interval).high for f in found]
        assert abs(np.mean(hits) - 0.95) < 0.025


def test_only_uno_stays_with_the_truth_where_censoring_hides_the_late_pairs():
    rng = np.random.default_rng(12)
    x, spent = rng.normal(size=20_000), rng.exponential(size=20_000)
    ratio = np.exp(1.5 * x)  # of hazards, until 0.3; none from then on
    event = np.where(spent < 0.3 * ratio, spent / ratio, 0.3 + spent - 0.3 * ratio)
    truth = uno_c(x, event, np.ones(20_000), tau=1).value
    end = rng.uniform(0, 1.1, 20_000)
    censored = x, np.minimum(event, end), event <= end
    assert uno_c(*censored, tau=1).value == pytest.approx(truth, abs=0.01)
    assert harrell_c(*censored, tau=1).value > truth + 0.03


@pytest.mark.parametrize("kind", [harrell_c, uno_c])
def test_invariances(judged, kind):
    data = judged("judged")
    risk, time, event = (data[c].to_numpy() for c in ("a", "time", "status"))
    found = kind(risk, time, event)
    order = np.random.default_rng(1).permutation(len(risk))
    np.testing.assert_allclose(kind(risk[order], time[order], event[order]).wald.se, found.wald.se)
    assert kind(np.exp(risk), time * 30.4375, event).value == pytest.approx(found.value, abs=1e-12)
    turned = kind(-risk, time, event)
    assert turned.value == pytest.approx(1 - found.value, abs=1e-12)
    assert turned.wald.se == pytest.approx(found.wald.se, abs=1e-12)


def test_without_censoring_both_are_the_same(judged):
    data = judged("judged")
    one, two = (kind(data["a"], data["time"], np.ones(160)) for kind in (harrell_c, uno_c))
    assert (one.value, one.wald.se) == pytest.approx((two.value, two.wald.se), abs=1e-12)


def test_ends_and_refusals():
    perfect = harrell_c([3, 2, 1], [1, 2, 3], [1, 1, 1])
    assert perfect.value == 1.0
    assert np.isnan([perfect.interval.low, perfect.test.p]).all()
    with pytest.raises(NotEstimable, match="comparable") as refused:
        harrell_c([1, 2], [1, 2], [0, 0])
    assert refused.value.cause == "no event"
    with pytest.raises(NotEstimable, match="comparable"):
        harrell_c([1, 2], [5, 5], [1, 1])
    with pytest.raises(UnreadableInput, match="risk score"):
        uno_c([1, np.nan], [1, 2], [1, 1])
    with pytest.raises(UnreadableInput, match="time"):
        uno_c([1, 2], [-1, 2], [1, 1])
    with pytest.raises(InvalidSetting, match="cannot be compared"):
        concordance_difference(perfect, harrell_c([3, 2, 1], [1, 2, 3], [1, 1, 1], tau=2))
