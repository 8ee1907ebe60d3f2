"""Fits of a model: registries beside the patients, and each family's own curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coley.economics.analysis.evaluate import curves_of, prepare
from coley.economics.analysis.families import family_curves
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.model_file.parse import model_of
from coley.economics.population.life_tables import life_table
from coley.economics.projection.registry_data import Counts
from coley.model.errors import InvalidSetting, MissingData
from coley.stats.survival.kaplan_meier import kaplan_meier

DATA = {"time": "t", "event": "e", "time_unit": "years", "file": "patients.csv"}
REGISTRY = {"file": "registry.csv", "time_unit": "years", "deaths": "deaths"}


def trial(n=150, shape=0.7, scale=4.0, end=4.0, seed=1):
    t = scale * np.random.default_rng(seed).weibull(shape, n)
    return np.minimum(t, end), t <= end


def counts(shape=0.7, scale=4.0, people=1000, seed=None, from_years=4.0):
    """Return what a registry would count of such people, each year from 4 to 14: expected, or drawn."""
    start = np.arange(from_years, 14.0)
    stop = start + 1
    share = np.exp(-((stop / scale) ** shape) + (start / scale) ** shape)
    at_risk, survivors = np.empty(len(start)), np.empty(len(start))
    alive, rng = float(people), np.random.default_rng(seed)
    for k, p in enumerate(share):
        at_risk[k] = alive
        alive = alive * p if seed is None else float(rng.binomial(int(alive), p))
        survivors[k] = alive
    return Counts(start, stop, at_risk, survivors, "a registry")


def with_registry(words, **changes):
    strategy = words["strategies"]["old"]
    strategy["os"] = {"data": DATA, "families": ["weibull"], "registry": dict(REGISTRY)} | changes
    return model_of(words)


def followed(time, event, registry):
    return {"old.os": FollowUp(time, event, registry=registry, patients="trial")}


def test_a_registry_decides_what_the_trial_leaves_open(words):
    model = with_registry(words)
    one = prepare(model, followed(*trial(), counts())).fitted["old.os"]
    alone = prepare(with_registry(words, registry=None), followed(*trial(), counts())).fitted["old.os"]
    assert one.alone is not None
    assert one.alone.fits[0].estimate == pytest.approx(alone.fits[0].estimate, abs=1e-10)
    assert alone.alone is None
    assert one.fits[0].n == alone.fits[0].n == 150
    late = [each.fits[0].survival([14.0])[0] for each in (one, alone)]
    assert late[0].high - late[0].low < 0.4 * (late[1].high - late[1].low)


def test_limits_with_a_registry_hold_the_truth_as_often_as_they_say(words):
    model, truth = with_registry(words), np.exp(-((14 / 4) ** 0.7))
    held = []
    for i in range(150):
        prepared = prepare(model, followed(*trial(100, seed=i), counts(people=300, seed=1000 + i)))
        interval = prepared.fitted["old.os"].fits[0].survival([14.0])[0]
        held.append(interval.low <= truth <= interval.high)
    # 150 trials of a probability of 95 % lie between 137 and 149 in 95 % of the time.
    assert 137 <= sum(held) <= 149


def test_a_person_who_counts_half_is_half_a_person(words):
    half = prepare(
        with_registry(words, registry={**REGISTRY, "counts_as": 0.5}), followed(*trial(), counts())
    )
    fewer = counts(people=500)
    whole = prepare(with_registry(words), followed(*trial(), fewer))
    assert half.fitted["old.os"].fits[0].estimate == pytest.approx(
        whole.fitted["old.os"].fits[0].estimate, abs=1e-6
    )


def test_with_background_in_the_likelihood_the_registry_is_of_all_causes(words):
    """People who die of the disease by a Weibull hazard, and of other causes by the life table."""
    words["population"] |= {"age_years": 65, "female": 0.0, "life_table": "usa-2015"}
    model = with_registry(words, background="likelihood")
    bare = prepare(with_registry(words, background="none"), followed(*trial(), counts()))
    cohort = bare.people.cohort
    population = life_table("usa-2015")
    net = counts(people=200_000)
    others = cohort.survival(population, net.stop_years) / cohort.survival(population, net.start_years)
    # So many people that they alone decide; all of them at risk anew in each interval.
    at_risk = np.full(len(others), 1e6)
    everybody = replace(net, at_risk=at_risk, survivors=at_risk * others * net.survivors / net.at_risk)
    prepared = prepare(model, followed(*trial(), everybody))
    shape, scale = prepared.fitted["old.os"].fits[0].parameters()
    assert (shape, scale) == pytest.approx((0.7, 4.0), rel=0.01)
    curve = curves_of(prepared, base_case(model, prepared.fitted)).curves["old.os"]
    at = [np.interp(years, curve.times_years, curve.survival[0]) for years in (4.0, 14.0)]
    assert at[1] / at[0] == pytest.approx(np.prod(everybody.survivors / at_risk), rel=0.003)


def test_progression_and_death_are_still_drawn_together(words):
    words["strategies"]["old"]["pfs"] = {"data": DATA, "families": ["weibull"]}
    model = with_registry(words, families=["weibull", "log_normal"])
    time, event = trial()
    prepared = prepare(
        model,
        {
            "old.os": FollowUp(time, event, registry=counts(people=100), patients="trial"),
            "old.pfs": FollowUp(0.6 * time, event, patients="trial"),
        },
    )
    inputs = drawn(model, prepared.fitted, draws=3000, seed=1)
    scales = [np.log(inputs.curves[f"old.{endpoint}"][0][:, 1]) for endpoint in ("os", "pfs")]
    assert 0.4 < np.corrcoef(scales)[0, 1] < 0.95


def test_what_a_registry_cannot_be_is_told(words):
    with pytest.raises(MissingData, match=r"registry of old\.os is missing"):
        prepare(with_registry(words), followed(*trial(), None))
    words["structures"] = {"partitioned_survival": 0.5, "clock_reset": 0.5}
    words["strategies"]["old"]["pfs"] = {"data": DATA, "families": ["weibull"]}
    both = followed(*trial(), counts()) | {"old.pfs": FollowUp(*trial(), patients="trial")}
    with pytest.raises(InvalidSetting, match="has moves instead"):
        prepare(with_registry(words), both)


def test_each_family_has_a_curve_of_its_own_with_all_that_follows_the_fit(words):
    words["population"] |= {"life_table": "usa-2015"}
    time, event = trial()
    families = ["exponential", "weibull", "log_normal"]
    waning = {"towards": "new", "from_years": 2, "until_years": 5}
    words["strategies"]["new"]["os"] = {
        "published": {"family": "exponential", "parameters": {"rate": 0.3}, "time_unit": "years"}
    }
    model = with_registry(words, registry=None, families=families, waning=waning)
    prepared = prepare(model, followed(time, event, None))
    found = family_curves(prepared)
    assert list(found) == ["old.os"]
    assert [one.family for one in found["old.os"]] == families
    assert sum(one.weight for one in found["old.os"]) == pytest.approx(1)
    for one in found["old.os"]:
        alone = with_registry(words, registry=None, families=[one.family], waning=waning)
        other = prepare(alone, followed(time, event, None))
        wanted = curves_of(other, base_case(alone, other.fitted)).curves["old.os"]
        assert one.curve.survival == pytest.approx(wanted.survival, abs=1e-10)


@pytest.mark.real
def test_the_registry_of_cetuximab_is_followed(words, shared):
    """Radiotherapy of the Bonner trial with SEER's counts of years 5 to 26, as survextrap has them."""
    folder = shared / "economics" / "survextrap_cetux"
    rows = np.genfromtxt(folder / "cetux.csv", delimiter=",", names=True, dtype=None, encoding="utf8")
    control = rows[np.char.strip(rows["treat"].astype(str), '"') == "Control"]
    seer = np.genfromtxt(folder / "cetux_seer.csv", delimiter=",", skip_header=1, usecols=(0, 1, 2, 3))
    start, stop, survivors, at_risk = seer.T
    registry = Counts(start, stop, at_risk, survivors, "SEER")
    words["population"] |= {"age_years": 57, "age_sd_years": 9, "female": 0.2, "life_table": "usa-2015"}
    words["horizon_years"] = 40
    model = with_registry(words, families=["spline_odds_2"], background="likelihood")
    prepared = prepare(model, followed(control["years"], control["d"] == 1, registry))
    one = prepared.fitted["old.os"]
    assert (one.fits[0].n, one.fits[0].events) == (213, 125)

    def deaths(which):
        other = replace(prepared, fitted={"old.os": which})
        curve = curves_of(other, base_case(model, other.fitted)).curves["old.os"]
        ends = [np.interp(at, curve.times_years, curve.survival[0]) for at in (start, stop)]
        return float(at_risk @ (1 - ends[1] / ends[0]))

    seen = float((at_risk - survivors).sum())
    assert seen == 223
    # Its errors: the square root of 223 is 15.
    assert deaths(one) == pytest.approx(seen, abs=15)
    assert abs(deaths(one) - seen) < abs(deaths(one.alone) - seen)
    widths = [
        np.log(each.fits[0].survival([20.0])[0].high / each.fits[0].survival([20.0])[0].low)
        for each in (one, one.alone)
    ]
    assert widths[0] < 0.5 * widths[1]


@pytest.mark.real
@pytest.mark.parametrize("family", ["weibull", "log_normal", "log_logistic", "generalised_gamma"])
def test_ipilimumab_of_another_trial_tells_what_three_years_could_not(words, shared, family):
    """Ipilimumab in CheckMate 067: three years of it with CA184-024's later years, held to its own 6.5 years."""
    curves = shared / "km_curves"
    cut, later = (
        np.genfromtxt(curves / "checkmate067_pfs_os" / f"IPD_os_ipi_{years}y.txt", names=True)
        for years in ("3", "6.5")
    )
    other = np.genfromtxt(
        curves / "sifi_itt" / "ca184-024_maio2015_fig2.csv",
        delimiter=",",
        names=True,
        dtype=None,
        encoding="utf8",
    )
    other = other[other["arm"] == "ipilimumab"]
    start, stop = np.array([24.0, 36, 48]), np.array([36.0, 48, 60])
    there = [other["time"] >= at for at in start]
    gone = [other["time"] < at for at in stop]
    deaths, lost = (
        np.array([(a & b & (other["event"] == e)).sum() for a, b in zip(there, gone, strict=True)])
        for e in (1, 0)
    )
    at_risk = np.array([a.sum() for a in there]) - lost / 2  # as in a life table
    registry = Counts(start / 12, stop / 12, at_risk, at_risk - deaths, "CA184-024")
    model = with_registry(words, families=[family])
    one = prepare(model, followed(cut["time"] / 12, cut["event"] == 1, registry)).fitted["old.os"]
    seen = kaplan_meier(later["time"], later["event"])
    for years in (5.0, 6.5):
        wanted = seen.survival[seen.time <= 12 * years][-1]
        both, alone = (each.fits[0].survival([years])[0] for each in (one, one.alone))
        assert abs(both.value - wanted) < abs(alone.value - wanted)
        # What CheckMate 067 saw later lies above what three years alone foretell in every family.
        assert alone.value < both.value < wanted
