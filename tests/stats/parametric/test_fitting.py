"""Fits against R, under changes of rows, units and weights, over simulated truth, and where nothing is determined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.stats.parametric import curves
from coley.stats.parametric.cure import mixture_cure, non_mixture_cure
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES, candidates
from coley.stats.parametric.fitting import fit, fit_each, refit
from coley.stats.parametric.piecewise import piecewise_exponential
from coley.stats.parametric.spline import royston_parmar, spline_knots

LATE = ("entry",)
EXCESS = ("entry", "upper", "background", "background_between")
WRITTEN_OUT = {
    **{name: FAMILIES[name] for name in ("gompertz", "gamma", "generalised_gamma", "generalised_f")},
    "mixture_weibull": mixture_cure(FAMILIES["weibull"]),
    "non_mixture_log_normal": non_mixture_cure(FAMILIES["log_normal"], link="loglog"),
}


@pytest.mark.parametrize("columns", [LATE, EXCESS], ids=["entry", "background"])
@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_equals_likelihoods_written_out_in_r(oracle, follow_up, name, columns):
    case = f"{name}_{'entry' if columns is LATE else 'background'}"
    expected = oracle("fits").filter(case=case)
    found = fit(WRITTEN_OUT[name], follow_up(*columns))
    assert found.loglik == pytest.approx(expected["loglik"][0], abs=1e-6)
    np.testing.assert_allclose(found.estimate, expected["estimate"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), expected["se"], rtol=1e-4)
    assert found.search.converged
    assert found.search.gradient < 1e-6


SURVREG = {  # our parameters as functions of its (location, log scale), and where covariates on location act
    "exponential": ("exponential", lambda m, s: [-m], "rate", -1),
    "weibull": ("weibull", lambda m, s: [-s, m], "scale", 1),
    "lognormal": ("log_normal", lambda m, s: [m, s], "mean_log", 1),
    "loglogistic": ("log_logistic", lambda m, s: [-s, m], "scale", 1),
}


@pytest.mark.parametrize("name", SURVREG)
def test_equals_survreg_with_weights_and_with_intervals_and_a_covariate(oracle, follow_up, name):
    ours, to_ours, on, sign = SURVREG[name]
    table = oracle("fits")

    def expected(case):
        rows = table.filter(case=case)
        values = dict(zip(rows["coefficient"], rows["estimate"], strict=True))
        errors = dict(zip(rows["coefficient"], rows["se"], strict=True))
        return values, errors, rows["loglik"][0]

    values, errors, loglik = expected(f"{name}_weights")
    found = fit(FAMILIES[ours], follow_up("weights"))
    assert found.loglik == pytest.approx(loglik, abs=1e-7)
    np.testing.assert_allclose(
        found.estimate, to_ours(values["location"], values.get("log_scale", 0.0)), rtol=1e-6
    )

    values, errors, loglik = expected(f"{name}_interval_x")
    found = fit(FAMILIES[ours], follow_up("upper"), covariates={on: {"x": follow_up.x}})
    assert found.loglik == pytest.approx(loglik, abs=1e-6)
    x = found.estimates[f"{on}:x"]
    assert x.value == pytest.approx(sign * values["x"], rel=1e-5)
    assert x.se == pytest.approx(errors["x"], rel=1e-5)


def test_piecewise_rates_are_events_over_time_at_risk():
    data = survival_data(
        [1, 2, 3, 5, 6, 8, 9, 11.0], [1, 1, 0, 1, 1, 0, 1, 0], entry=[0, 0, 1, 0, 4, 0, 0, 7]
    )
    found = fit(piecewise_exponential([4.0, 8.0]), data)
    # time at risk in (0, 4], (4, 8], (8, ..]: 1+2+2+4+0+4+4+0, 1+2+4+4+1, 1+3
    np.testing.assert_allclose(found.parameters(), [2 / 17, 2 / 12, 1 / 4], rtol=1e-7)
    assert found.estimates["rate_1"].se == pytest.approx(2**-0.5, rel=1e-6)


def simulated(n, seed, *, cured=0.0):
    rng = np.random.default_rng(seed)
    t = np.where(rng.random(n) < cured, np.inf, 10 * rng.weibull(1.4, n))
    end = rng.uniform(8, 40, n)
    return np.minimum(t, end), (t <= end).astype(int)


def families_of(data):
    yield from candidates(data)
    yield mixture_cure(FAMILIES["log_normal"])
    yield non_mixture_cure(FAMILIES["weibull"])


def test_order_of_rows_does_not_matter_and_units_only_rename():
    t, event = simulated(150, 1, cured=0.2)
    turn = np.random.default_rng(0).permutation(150)
    one, other = survival_data(t, event), survival_data(t[turn], event[turn])
    days = survival_data(30.4375 * t, event)
    shift = event.sum() * np.log(30.4375)
    at = np.array([3.0, 12.0, 50.0, 200.0])
    for first, in_days in zip(families_of(one), families_of(days), strict=True):
        found, turned, renamed = fit(first, one), fit(first, other), fit(in_days, days)
        assert turned.loglik == pytest.approx(found.loglik, abs=1e-9)
        assert renamed.loglik == pytest.approx(found.loglik - shift, abs=1e-7)
        curve = found.survival(at)
        np.testing.assert_allclose(turned.survival(at).value, curve.value, rtol=1e-6, atol=1e-9)
        for end in ("value", "low", "high"):
            np.testing.assert_allclose(
                getattr(renamed.survival(30.4375 * at), end), getattr(curve, end), rtol=1e-4, atol=1e-7
            )


def test_a_weight_is_so_many_patients():
    t, event = simulated(200, 2, cured=0.3)
    weight = np.arange(200) % 3
    rows = np.repeat(np.arange(200), weight)
    for family in (FAMILIES["generalised_gamma"], mixture_cure(FAMILIES["weibull"])):
        many = fit(family, survival_data(t[rows], event[rows]))
        few = fit(family, survival_data(t, event, weights=weight))
        assert few.loglik == pytest.approx(many.loglik, abs=1e-8)
        np.testing.assert_allclose(few.estimate, many.estimate, rtol=1e-5, atol=1e-6)
        again = refit(fit(family, survival_data(t, event)), weight)
        assert again.loglik == pytest.approx(many.loglik, abs=1e-7)
    assert few.n == int((weight > 0).sum())


def test_a_group_by_covariates_on_every_parameter_is_two_fits():
    t, event = simulated(120, 3)
    group = (np.arange(120) % 2).astype(float)
    both = fit(
        FAMILIES["weibull"],
        survival_data(t, event),
        covariates={"shape": {"g": group}, "scale": {"g": group}},
    )
    apart = [fit(FAMILIES["weibull"], survival_data(t[group == g], event[group == g])) for g in (0, 1)]
    assert both.loglik == pytest.approx(sum(one.loglik for one in apart), abs=1e-8)
    for g, one in enumerate(apart):
        np.testing.assert_allclose(both.parameters(at={"g": g}), one.parameters(), rtol=1e-6)
        joined, alone = both.survival([2.0, 9.0], at={"g": g}), one.survival([2.0, 9.0])
        np.testing.assert_allclose(joined.low, alone.low, rtol=1e-5)
    draws = both.draws(500, seed=1)
    assert both.parameters(draws, at={"g": 1}).shape == (500, 2)
    with pytest.raises(InvalidSetting, match="needs a value"):
        both.parameters(at={"h": 1})


def test_larger_families_fit_no_worse():
    t, event = simulated(200, 4, cured=0.3)
    data = survival_data(t, event)
    height = {name: fit(FAMILIES[name], data).loglik for name in FAMILIES}
    knots = spline_knots(data, 2)
    spline = fit(royston_parmar(knots), data).loglik
    for small, large in (
        ("exponential", "weibull"),
        ("weibull", "generalised_gamma"),
        ("gamma", "generalised_gamma"),
        ("log_normal", "generalised_gamma"),
        ("generalised_gamma", "generalised_f"),
        ("log_logistic", "generalised_f"),
    ):
        assert height[large] >= height[small] - 1e-6
    assert height["weibull"] == pytest.approx(height["weibull_ph"], abs=1e-8)
    assert spline >= height["weibull"] - 1e-6
    cured = fit(mixture_cure(FAMILIES["weibull"]), data)
    assert cured.loglik > height["weibull"] + 10
    # information criteria from their definitions
    assert cured.aic == pytest.approx(2 * 3 - 2 * cured.loglik)
    assert cured.bic == pytest.approx(3 * np.log(200) - 2 * cured.loglik)


def test_draws_have_the_moments_of_the_estimates_and_their_curves_the_intervals():
    t, event = simulated(300, 5)
    found = fit(FAMILIES["weibull"], survival_data(t, event))
    draws = found.draws(40_000, seed=7)
    np.testing.assert_allclose(draws.mean(axis=0), found.estimate, atol=0.002)
    np.testing.assert_allclose(np.cov(draws.T), found.covariance, rtol=0.05, atol=2e-5)
    np.testing.assert_array_equal(draws, found.draws(40_000, seed=7))
    by_draws = np.quantile(
        curves.survival(found.family, found.parameters(draws), [3.0, 10.0, 25.0]), [0.025, 0.975], axis=0
    )
    by_delta = found.survival([3.0, 10.0, 25.0])
    np.testing.assert_allclose(by_delta.low, by_draws[0], atol=0.004)
    np.testing.assert_allclose(by_delta.high, by_draws[1], atol=0.004)
    areas = np.quantile(curves.restricted_mean(found.family, found.parameters(draws), 30.0), [0.025, 0.975])
    area = found.restricted_mean(30.0)
    np.testing.assert_allclose([area.low, area.high], areas, rtol=0.01)
    assert found.survival([0.0])[0].low == 1
    hazard, total = found.hazard([10.0])[0], found.cumulative_hazard([10.0])[0]
    assert hazard.low < hazard.value < hazard.high
    assert np.exp(-total.high) == pytest.approx(by_delta.low[1], rel=1e-12)


def test_intervals_cover_the_truth():
    """Weibull with a cured third: nominal coverage of curve and share over 200 cohorts of 300."""
    family = mixture_cure(FAMILIES["weibull"])
    truth = [1 / 3, 1.4, 10.0]
    at = [5.0, 20.0, 60.0]
    curve = curves.survival(family, truth, at)
    inside = []
    for seed in range(200):
        t, event = simulated(300, 1000 + seed, cured=1 / 3)
        found = fit(family, survival_data(t, event))
        s, c = found.survival(at), found.cure_fraction()
        inside.append([*((s.low <= curve) & (curve <= s.high)), c.low <= 1 / 3 <= c.high])
    assert (np.abs(np.mean(inside, axis=0) - 0.95) < 0.045).all()  # 2.9 standard errors of a share of 200


def test_an_excess_hazard_is_told_from_the_background():
    """Deaths from two causes, one of them the background: its fit covers the other, a fit without does not."""
    background, inside, naive = 0.02, [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        t = np.minimum(20 * rng.weibull(0.8, 200), rng.exponential(1 / background, 200))
        end = rng.uniform(20, 60, 200)
        data = survival_data(np.minimum(t, end), t <= end, background=background)
        truth = np.exp(-((30 / 20) ** 0.8))
        net = fit(FAMILIES["weibull"], data).survival([30.0])[0]
        whole = fit(FAMILIES["weibull"], survival_data(np.minimum(t, end), t <= end)).survival([30.0])[0]
        inside.append(net.low <= truth <= net.high)
        naive.append(whole.low <= truth <= whole.high)
    assert abs(np.mean(inside) - 0.95) < 0.045  # 2.9 standard errors of a share of 200
    assert np.mean(naive) < 0.2


def test_late_entry_is_told_from_late_events():
    inside, blind = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        t, entry = 12 * rng.weibull(1.5, 300), rng.uniform(0, 15, 300)
        seen = t > entry
        event = np.ones(seen.sum())
        scale = fit(FAMILIES["weibull"], survival_data(t[seen], event, entry=entry[seen])).estimates["scale"]
        inside.append(scale.low < 12 < scale.high)
        blind.append(fit(FAMILIES["weibull"], survival_data(t[seen], event)).estimates["scale"].low > 12)
    assert abs(np.mean(inside) - 0.95) < 0.045  # 2.9 standard errors of a share of 200
    assert np.mean(blind) > 0.9


def test_a_share_without_a_plateau_is_said_to_be_undetermined():
    rng = np.random.default_rng(4)
    t = rng.exponential(10, 200)
    data = survival_data(np.minimum(t, 6.0), t <= 6.0)
    found = fit(mixture_cure(FAMILIES["weibull"]), data)
    assert any("not determined" in note or "do not determine" in note for note in found.notes)
    everybody = fit(mixture_cure(FAMILIES["exponential"]), survival_data(t, np.ones(200)))
    assert "cured" in everybody.undetermined
    with pytest.raises(NotEstimable, match="cannot be drawn from"):
        everybody.draws(10, seed=1)
    clear = fit(mixture_cure(FAMILIES["weibull"]), survival_data(*simulated(600, 6, cured=0.4)))
    assert clear.notes == ()


def test_a_curve_that_levels_off_is_told():
    found = fit(FAMILIES["gompertz"], survival_data(*simulated(400, 6, cured=0.4)))
    assert found.estimates["shape"].high < 0
    assert any("levels off" in note for note in found.notes)


@pytest.mark.parametrize(
    ("times", "events"),
    [([5.0] * 20, [1] * 20), ([5.0], [1]), ([1.0, 2.0, 3.0, 40.0], [0, 0, 0, 1])],
    ids=["all at once", "one patient", "only the last"],
)
@pytest.mark.parametrize("name", sorted(set(FAMILIES) - {"exponential"}))
def test_data_that_any_spike_fits_have_no_fit_and_say_so(name, times, events):
    found = fit(FAMILIES[name], survival_data(times, events))
    assert found.search.end == "ridge"
    assert found.notes[0].startswith("The search did not end at a maximum")
    assert np.isnan(found.survival([3.0]).low).all()
    with pytest.raises(NotEstimable, match="cannot be drawn from"):
        found.draws(5, seed=1)


def test_a_rate_without_events_is_undetermined():
    data = survival_data([1.0, 2.0, 3.0, 9.0], [1, 1, 1, 0])
    found = fit(piecewise_exponential([4.0]), data)  # no event after 4
    assert "rate_2" in found.undetermined
    assert found.notes


def test_refused_families_are_named_with_their_reasons():
    impossible = replace(FAMILIES["weibull"], name="impossible", starts=lambda outline: [(np.inf, np.inf)])
    fits, refused = fit_each([FAMILIES["exponential"], impossible], survival_data([1.0, 2.0], [1, 1]))
    assert list(fits) == ["exponential"]
    assert "No starting value" in str(refused["impossible"])


def test_bad_requests_are_refused():
    data = survival_data([1.0, 2.0, 3.0, 9.0], [1, 1, 1, 0])
    weibull = FAMILIES["weibull"]
    with pytest.raises(UnknownName, match="log_normal"):
        FAMILIES["lognormal"]
    with pytest.raises(InvalidSetting, match="no parameter 'location'"):
        fit(weibull, data, covariates={"location": {"x": [0, 1, 0, 1]}})
    with pytest.raises(UnreadableInput, match="'x'"):
        fit(weibull, data, covariates={"scale": {"x": [0, 1, 0]}})
    with pytest.raises(UnreadableInput, match="'x'"):
        fit(weibull, data, covariates={"scale": {"x": [1, 1, 1, 1]}})
    with pytest.raises(InvalidSetting, match="level"):
        fit(weibull, data, level=95)
    with pytest.raises(InvalidSetting, match="cured share"):
        fit(weibull, data).cure_fraction()
