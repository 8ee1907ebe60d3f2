"""Whether draws are enough, and who is best of all."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from tests.questions.worth.conftest import ask, pencil

from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer, Check
from coley.questions.worth.settings import WorthSettings
from coley.questions.worth.uncertainty.convergence import convergence_part
from coley.questions.worth.worked import work_out
from coley.stats.decision.acceptability import acceptability


def check(answer: Answer, name: str) -> Check:
    return next(check for check in answer.checks if check.name == name)


def three(words: dict[str, Any]) -> dict[str, Any]:
    words["strategies"]["newer"] = copy.deepcopy(words["strategies"]["new"])
    words["strategies"]["newer"] |= {"label": "Both", "once_at_start": {"value": 20_000, "se": 15_000}}
    words["strategies"]["newer"]["os"]["hazard_ratio"]["ratio"] = {"value": 0.55, "low": 0.45, "high": 0.67}
    return words


def test_a_clear_choice_needs_no_more_draws(told: Answer) -> None:
    found = check(told, "enough_draws")
    assert found.level == "pass"
    assert "8,000 would halve both" in found.message


def test_monte_carlo_error_is_that_of_the_draws_and_more_are_asked_for_where_strategies_are_level(
    words,
) -> None:
    model = model_of(words)
    worked = work_out(model, {}, WorthSettings(draws=400))
    added = np.subtract(*(values[:, 1] - values[:, 0] for values in (worked.drawn.costs, np.zeros((400, 2)))))
    effect = worked.drawn.effects[:, 1] - worked.drawn.effects[:, 0]
    level = 1.005 * float(added.mean() / effect.mean())  # where both are nearly as good on average
    words["thresholds"] = [round(level)]
    near = ask(words, draws=400)
    found = check(near, "enough_draws")
    assert found.level == "warn"
    benefit = round(level) * effect - added
    half = round(1.96 * benefit.std(ddof=1) / 20)
    assert f"to within {half:,} USD a patient" in found.message
    lead = abs(benefit.mean())
    needed = 400 * (1.96 * benefit.std(ddof=1) / 20 / lead) ** 2
    asked = int(found.remedy.split()[2].replace(",", ""))
    assert needed <= asked <= 1.12 * needed


def test_strategies_that_no_number_of_draws_tells_apart_are_said_to_be_level(words) -> None:
    new = words["strategies"]["new"]
    for endpoint, ratio in (("pfs", 0.5), ("os", 0.6)):
        new[endpoint]["hazard_ratio"]["ratio"] = ratio
    new["adverse_events"]["colitis"]["probability"] = 0.1
    words["strategies"]["newer"] = {**copy.deepcopy(new), "label": "The same again"}
    words["thresholds"] = [400_000]
    found = check(ask(words, draws=2000), "enough_draws")
    assert found.level == "pass"
    assert "to within 0 USD a patient (it is 0)" in found.message
    for name in ("new", "newer"):  # alike on average, but each with a chance of its own
        words["strategies"][name]["once_at_start"] = {"value": 90_000, "se": 9_000}
    found = check(ask(words, draws=600, seed=2), "enough_draws")
    assert found.level == "warn"
    assert "as good as level" in found.remedy


def test_being_best_of_three_is_told_apart_from_being_better_than_the_comparator(words) -> None:
    words["thresholds"] = [400_000]
    answer = ask(three(words), draws=500)
    worked = work_out(model_of(words), {}, WorthSettings(draws=500))
    share = acceptability(worked.drawn.costs, worked.drawn.effects, [400_000]).probability[0]
    each = [answer.estimate("probability_best_at_400000", group=label) for label in worked.labels]
    assert [one.value for one in each] == pytest.approx(share)
    assert sum(one.value for one in each) == pytest.approx(1)
    assert all(one.low <= one.value <= one.high for one in each)
    better = answer.estimate("probability_worth_it_at_400000", group="Immunotherapy vs Chemotherapy")
    assert better.value > each[1].value, "better than the comparator is not yet best of all"
    assert "and best of all 3 in" in answer.headline


def test_of_two_strategies_nothing_more_is_told(told: Answer) -> None:
    assert not [one for one in told.estimates if one.name.startswith("probability_best")]
    assert "best of all" not in told.headline


def test_a_base_case_that_chooses_otherwise_than_the_mean_is_told(words) -> None:
    """A cost whose estimate lies far below its mean: the base case overlooks what the draws hold."""
    cost = {"value": 1000, "low": 10, "high": 100_000, "distribution": "lognormal"}  # its mean is 15,800
    words["strategies"]["new"]["once_at_start"] = cost
    added, effect = (float(np.diff(values)[0]) for values in pencil()[:2])
    words["thresholds"] = [round((added + 1000 + 7000) / effect)]
    worked = work_out(model_of(words), {}, WorthSettings(draws=2000))
    found = next(one for one in convergence_part(worked).checks if one.name == "base_case_and_draws")
    assert found.level == "warn"
    assert "base case chooses Immunotherapy, the mean of the draws Chemotherapy" in found.message
