"""Planned studies of a model, held to closed forms and to trials analysed one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from tests.economics.model_file.test_studies import RATIO, SHARE, SURVEY

from coley.economics.analysis.evaluate import Evaluation, Prepared, evaluate, prepare
from coley.economics.analysis.inputs import Inputs, drawn
from coley.economics.analysis.studies import StudyWorth, worth_of_study
from coley.economics.model_file.parse import model_of
from coley.economics.model_file.schema import Model

HORIZON = 20.0


def mean_years(rate: np.ndarray | float, years: float = HORIZON) -> Any:
    return (1 - np.exp(-np.multiply(rate, years))) / rate


def all_known(words: dict[str, Any]) -> dict[str, Any]:
    """Take every number of the model as known."""
    if "value" in words:
        return words["value"]
    return {name: all_known(one) if isinstance(one, dict) else one for name, one in words.items()}


def worked(words: dict[str, Any], draws: int = 4000) -> tuple[Model, Prepared, Inputs, Evaluation]:
    model = model_of(words)
    prepared = prepare(model, {})
    inputs = drawn(model, {}, draws=draws, seed=1)
    return model, prepared, inputs, evaluate(prepared, inputs)


def value(words: dict[str, Any], threshold: float, draws: int = 4000) -> StudyWorth:
    model, prepared, inputs, found = worked(words, draws)
    study = model.planned_studies[0]
    return worth_of_study(study, prepared, inputs, drawn=found, threshold=threshold, seed=3)


def gain(mean: float, sd: Any) -> Any:
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(mean, 0)


def even(words: dict[str, Any]) -> float:
    """Return the threshold at which net benefit is nil in the mean of the draws."""
    *_, found = worked(words)
    added = [float(np.diff(values.mean(axis=0))[0]) for values in (found.costs, found.effects)]
    return added[0] / added[1]


def test_a_survey_of_one_normal_utility_is_worth_the_closed_form(words) -> None:
    words = all_known(words)
    words["utilities"]["progressed"] = {"value": 0.5, "se": 0.06, "distribution": "normal"}
    words["planned_studies"] = [{**SURVEY, "sizes": [5, 20, 80, 320]}]
    threshold = 1.01 * even(words)
    model, prepared, inputs, found = worked(words)
    study = worth_of_study(
        model.planned_studies[0], prepared, inputs, drawn=found, threshold=threshold, seed=3
    )
    progressed = mean_years(0.3) - mean_years(0.25 * 2) - (mean_years(0.5) - mean_years(1.0))
    benefit = threshold * found.effects - found.costs
    mean, spread = float(np.diff(benefit.mean(axis=0))[0]), threshold * 0.06 * progressed
    prior = (0.25 / 0.06) ** 2
    exact = gain(mean, spread * np.sqrt(study.sizes / (study.sizes + prior)))
    assert study.value == pytest.approx(exact, rel=0.08)
    assert (np.abs(study.value - exact) < 3 * study.se).all()
    assert study.limit == pytest.approx(gain(mean, spread), rel=0.05)
    assert (np.diff(study.value) > 0).all()


def test_a_trial_of_a_ratio_is_worth_what_trials_analysed_one_by_one_are(words) -> None:
    """A lognormal ratio and a normal estimate of its logarithm are conjugate: the choice after each trial is exact."""
    words = all_known(words)
    words["strategies"]["new"]["os"]["hazard_ratio"]["ratio"] = {"value": 0.6, "low": 0.45, "high": 0.8}
    words["planned_studies"] = [{**RATIO, "sizes": [60, 300]}]
    threshold = even(words)
    model, prepared, inputs, found = worked(words)
    study = worth_of_study(
        model.planned_studies[0], prepared, inputs, drawn=found, threshold=threshold, seed=3
    )
    ratios = inputs.numbers["strategies.new.os.hazard_ratio.ratio"]
    benefit = threshold * found.effects - found.costs
    added = benefit[:, 1] - benefit[:, 0]
    order = np.argsort(ratios)
    log_mean, log_sd = np.log(0.6), (np.log(0.8) - np.log(0.45)) / (2 * 1.959964)
    rng = np.random.default_rng(5)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    for n, told, se in zip(study.sizes, study.value, study.se, strict=True):
        error = 4 / (0.6 * n)
        seen = rng.normal(log_mean, np.sqrt(log_sd**2 + error), 20_000)
        keep = log_sd**2 / (log_sd**2 + error)
        middle, left = log_mean + keep * (seen - log_mean), np.sqrt(keep * error)
        at = np.exp(middle[:, None] + left * nodes)
        expected = np.interp(at, ratios[order], added[order]) @ weights / weights.sum()
        exact = np.maximum(expected, 0).mean() - max(added.mean(), 0)
        assert told == pytest.approx(exact, abs=max(3 * se, 0.06 * exact))


def test_a_share_is_worth_what_a_beta_prior_and_counts_say(words) -> None:
    words = all_known(words)
    colitis = words["strategies"]["new"]["adverse_events"]["colitis"]
    colitis |= {"probability": {"value": 0.3, "se": 0.1}, "cost": 400_000}
    words["planned_studies"] = [{**SHARE, "sizes": [10, 40]}]
    threshold = even(words)
    model, prepared, inputs, found = worked(words)
    study = worth_of_study(
        model.planned_studies[0], prepared, inputs, drawn=found, threshold=threshold, seed=3
    )
    p = inputs.numbers["strategies.new.adverse_events.colitis.probability"]
    benefit = threshold * found.effects - found.costs
    slope, start = np.polyfit(p, benefit[:, 1] - benefit[:, 0], 1)  # it is linear in the share
    total = 0.3 * 0.7 / 0.1**2 - 1
    rng = np.random.default_rng(5)
    for n, told, se in zip(study.sizes, study.value, study.se, strict=True):
        seen = rng.binomial(int(n), rng.beta(0.3 * total, 0.7 * total, 100_000))
        after = start + slope * (0.3 * total + seen) / (total + n)
        exact = np.maximum(after, 0).mean() - max(start + slope * 0.3, 0)
        assert told == pytest.approx(exact, abs=max(3 * se, 0.06 * exact))


def test_an_arm_that_is_followed_is_worth_what_trials_analysed_one_by_one_are(words) -> None:
    """Exponential survival with a gamma rate: deaths and years lived are all that a trial tells, and conjugate."""
    words = all_known(words)
    shape, rate, until = 36.0, 72.0, 2.0
    words["strategies"]["old"]["os"]["published"]["parameters"]["rate"] = {
        "value": shape / rate,
        "se": np.sqrt(shape) / rate,
        "distribution": "gamma",
    }
    for endpoint, other in (("pfs", 0.5), ("os", 0.3)):  # nothing of the new treatment leans on the old one
        words["strategies"]["new"][endpoint] = {
            "published": {"family": "exponential", "parameters": {"rate": other}, "time_unit": "years"}
        }
    words["strategies"]["old"]["pfs"]["published"]["parameters"]["rate"] = (
        3.0  # below overall survival in all draws
    )
    words["planned_studies"] = [
        {
            "label": "Follow-up",
            "measures": "survival",
            "informs": "curve: old.os",
            "follow_up_years": until,
            "sizes": [30, 120],
            "reports_after_years": 2,
        }
    ]
    threshold = even(words)
    found = value(words, threshold)

    def added(r: np.ndarray) -> np.ndarray:
        """Net benefit of the new treatment as the rate of death under the old one moves it."""
        progressed = mean_years(r) - mean_years(3.0)
        cost = 12_000 * progressed + 8000 * (1 - np.exp(-HORIZON * r))
        return cost - threshold * 0.5 * progressed

    rng = np.random.default_rng(5)
    shift = -added(rng.gamma(shape, 1 / rate, 400_000)).mean()  # at this threshold both are level
    rates = rng.gamma(shape, 1 / rate, 8000)
    for n, told, se in zip((30, 120), found.value, found.se, strict=True):
        lived = rng.exponential(1 / np.repeat(rates[:, None], n, axis=1))
        deaths, years = (lived < until).sum(axis=1), np.minimum(lived, until).sum(axis=1)
        after = rng.gamma(shape + deaths, 1 / (rate + years), (400, len(rates)))
        exact = np.maximum(added(after).mean(axis=0) + shift, 0).mean()
        assert told == pytest.approx(exact, abs=max(3 * se, 0.06 * exact))


def test_patients_who_come_before_the_report_do_not_profit(words) -> None:
    words["population"] |= {"incident_per_year": 100, "decision_years": 10}
    survey = {
        **SURVEY,
        "sizes": [100, 300],
        "recruited_per_year": 100,
        "fixed_cost": 5e4,
        "cost_per_patient": 200,
    }
    words["planned_studies"] = [survey]
    found = value(words, 400_000, draws=500)
    assert found.population == pytest.approx([800, 600]), (
        "10 years less 1 or 3 of recruiting and 1 of waiting"
    )
    assert found.costs == pytest.approx([70_000, 110_000])
    assert found.net is not None
    assert found.net.value[:, 0] == pytest.approx(found.population * found.value - found.costs)
    words["planned_studies"] = [{**survey, "reports_after_years": 12}]
    late = value(words, 400_000, draws=500)
    assert late.population == pytest.approx([0, 0])
    assert late.net is not None
    assert (late.net.value[:, 0] == -late.costs).all()


def test_without_a_number_of_patients_nothing_is_said_of_cost(words) -> None:
    words["planned_studies"] = [SURVEY]
    found = value(words, 400_000, draws=500)
    assert found.population is None
    assert found.net is None


def test_studies_do_not_share_their_chance_and_one_seed_repeats_it(words) -> None:
    words["planned_studies"] = [{**SURVEY, "sizes": [10]}, {**SURVEY, "label": "Other survey", "sizes": [10]}]
    model, prepared, inputs, found = worked(words, 2000)
    threshold = even(words)
    first, second = (
        worth_of_study(study, prepared, inputs, drawn=found, threshold=threshold, seed=3).value[0]
        for study in model.planned_studies
    )
    again = worth_of_study(
        model.planned_studies[0], prepared, inputs, drawn=found, threshold=threshold, seed=3
    ).value[0]
    assert first == again
    assert first != second
