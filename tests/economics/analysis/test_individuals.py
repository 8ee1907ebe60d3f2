"""A model lived by single patients: without irAEs it is the cohort of its structure; with them, a pencil's."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from tests.economics.analysis.test_transitions import fitted_model, follow

from coley.economics.analysis.evaluate import prepare
from coley.economics.analysis.individuals import BASE_PATIENTS, Lives, live, simulated_part, total
from coley.economics.analysis.inputs import drawn
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting, MissingData, NotEstimable

NOTHING = {
    "high_grade": 0.0, "stops_low": 0.0, "persists": 0.0, "cost_low": 0.0, "disutility_low": 0.0,
    "onset_weeks": 10, "resolution_weeks": 4,
}  # fmt: skip
RATE_FREE, RATE_ALIVE = 0.5, 0.3  # of immunotherapy in the model of two exponential arms
WEEK = 7 / 365.25


def with_rash(words: dict[str, Any], **own: Any) -> dict[str, Any]:
    words["strategies"]["new"].pop("adverse_events", None)
    words["strategies"]["new"]["iraes"] = {"rash": {"incidence": 0.2} | NOTHING | own}
    words.setdefault("individuals", {"patients": 200, "draws": 20})
    return words


def lived(words: dict[str, Any], followed: dict[str, Any] | None = None, *, draws: int = 200) -> Lives:
    model = model_of(words)
    prepared = prepare(model, followed or {})
    inputs = drawn(model, prepared.fitted, draws=draws, seed=3)
    assert model.individuals is not None
    return live(prepared, followed or {}, inputs, seed=3, spec=model.individuals)


def agree(words: dict[str, Any], followed: dict[str, Any] | None = None) -> None:
    model = model_of(words)
    prepared = prepare(model, followed or {})
    inputs = drawn(model, prepared.fitted, draws=200, seed=3)
    assert model.individuals is not None
    found = live(prepared, followed or {}, inputs, seed=3, spec=model.individuals)
    for i, name in enumerate(found.cohort_base.strategies):
        alone = found.base[name].without
        for effects, value, se in (
            (False, alone.costs, alone.costs_se),
            (True, alone.effects, alone.effects_se),
        ):
            exact = simulated_part(prepared, found.cohort_base, name, effects=effects)
            assert abs(value - exact)[0] < 3.5 * se[0], (name, effects, value, exact)
        years = found.cohort_base.state_years["progression_free"][0, i]
        assert alone.counts["progression_free_years"][0] == pytest.approx(years, rel=0.025)
        assert alone.counts["life_years"][0] == pytest.approx(found.cohort_base.life_years[0, i], rel=0.02)


CURVES = {
    "as it stands": {},
    "discounted, with norms and a life table": {
        "discount": {"costs": 0.035, "effects": 0.015},
        "population": {"life_table": "uk-2018-2020", "age_sd_years": 9},
        "utilities": {"norms": "uk-eq5d3l-2022"},
    },
    "one that wanes": {
        "strategies": {"new": {"os": {"waning": {"towards": "old", "from_years": 2, "until_years": 4}}}}
    },
    "treatment with a curve of its own": {
        "strategies": {
            "new": {
                "on_treatment": {
                    "published": {"family": "weibull", "parameters": {"shape": 0.8, "scale": 1.1}, "time_unit": "years"}
                },
                "stop_years": 5,
            }
        }
    },
}  # fmt: skip


def deeper(into: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    for name, value in more.items():
        into[name] = deeper(into.get(name, {}), value) if isinstance(value, dict) else value
    return into


@pytest.mark.parametrize("change", CURVES.values(), ids=CURVES)
def test_without_iraes_patients_are_partitioned_survival(
    words: dict[str, Any], change: dict[str, Any]
) -> None:
    from coley.economics.population.norms import norms

    change = copy.deepcopy(change)
    if "norms" in change.get("utilities", {}):
        change["utilities"]["norms"] = next(iter(norms()))
    agree(with_rash(deeper(words, change)))


@pytest.mark.parametrize("structure", ["clock_forward", "clock_reset"])
@pytest.mark.parametrize("age", [None, 78.0], ids=["no background", "with background"])
def test_without_iraes_patients_are_the_state_transition_model(
    words: dict[str, Any], structure: str, age: float | None
) -> None:
    followed, _ = follow(1500, shape=1.6, age=age)
    fitted_model(words, structure, families=("weibull", "log_normal"))
    if age is not None:
        words["population"] |= {"age_years": age, "age_sd_years": 5, "female": 0, "life_table": "usa-2015"}
        for strategy in words["strategies"].values():
            strategy["os"]["background"] = "likelihood"
    words["discount"] = {"costs": 0.03, "effects": 0.03}
    agree(with_rash(words), followed)


def test_a_curve_of_treatment_is_given_back_under_a_state_transition_model(words: dict[str, Any]) -> None:
    followed, _ = follow(1500, shape=1.6)
    fitted_model(words, "clock_reset", families=("weibull",))
    words["strategies"]["new"]["on_treatment"] = {
        "published": {"family": "weibull", "parameters": {"shape": 0.7, "scale": 1.5}, "time_unit": "years"}
    }
    agree(with_rash(words), followed)


def test_a_structure_of_no_weight_is_fitted_when_it_is_asked_for(words: dict[str, Any]) -> None:
    followed, _ = follow(600)
    fitted_model(words, "clock_reset")
    words["structures"] = {"partitioned_survival": 1}
    words["individuals"] = {"patients": 200, "draws": 20, "structure": "clock_reset"}
    found = lived(with_rash(words), followed)
    assert found.structure == "clock_reset"
    weighed = copy.deepcopy(words) | {"structures": {"clock_reset": 1, "partitioned_survival": 0}}
    same = lived(weighed, followed)
    np.testing.assert_allclose(found.cohort_base.effects, same.cohort_base.effects, rtol=1e-12)


def test_incidence_is_of_all_who_begin(words: dict[str, Any]) -> None:
    found = lived(with_rash(words, incidence=0.23))
    assert found.base["new"].with_iraes.iraes["rash"]["any_grade"][0] == pytest.approx(0.23, rel=2e-3)
    assert found.base["old"].iraes == {}


def test_a_rate_competes_with_the_end_of_treatment(words: dict[str, Any]) -> None:
    """First events at 0.8 a year on treatment, beside an irAE of which the share is known."""
    words["strategies"]["new"].pop("stop_years")
    words["individuals"] = {
        "patients": 4000, "draws": 30, "strategies": {"new": {"exposed_after_days": 0}},
    }  # fmt: skip
    words = with_rash(words)
    by_rate = {word: number for word, number in NOTHING.items() if word != "onset_weeks"}
    words["strategies"]["new"]["iraes"]["itch"] = by_rate | {"rate_per_year": {"value": 0.8, "se": 0.1}}
    words["strategies"]["new"]["pfs"]["hazard_ratio"]["ratio"] = 0.5
    found = lived(words)
    kinds = found.base["new"].with_iraes.iraes
    assert kinds["itch"]["any_grade"][0] == pytest.approx(0.8 / (0.8 + RATE_FREE), rel=0.015)
    assert kinds["rash"]["any_grade"][0] == pytest.approx(0.2, rel=2e-3)
    rates = np.asarray(found.drawn["new"].iraes["itch"].onset.parameters)[:, 0]
    seen = found.drawn["new"].with_iraes.iraes["itch"]["any_grade"]
    assert rates.std() == pytest.approx(0.1, rel=0.3)
    np.testing.assert_allclose(seen, rates / (rates + RATE_FREE), atol=4 * np.sqrt(0.25 / 4000))


def test_an_incidence_that_treatment_is_too_short_for_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(NotEstimable, match="patients leave treatment"):
        lived(with_rash(words, incidence=0.9, onset_weeks=300))


def test_care_losses_and_doses_that_are_not_given_are_a_pencils(words: dict[str, Any]) -> None:
    """All irAEs end treatment, which else goes on to progression: competing exponentials, undiscounted."""
    p, nu, acute = 0.2, np.log(2) / (10 * WEEK), np.log(2) / (4 * WEEK)
    words["strategies"]["new"].pop("stop_years")
    words["individuals"] = {
        "patients": 200, "draws": 20, "strategies": {"new": {"exposed_after_days": 0}},
    }  # fmt: skip
    own = {
        "stops_low": 1.0, "cost_low": 700.0, "disutility_low": 0.1, "persists": 0.25, "disutility_chronic": 0.03,
        "cost_chronic_per_month": 50.0,
    }  # fmt: skip
    new = lived(with_rash(words, incidence=p, **own)).base["new"]
    found, without = new.with_iraes, new.without
    chance = p * (nu + RATE_FREE) / nu
    on = (1 - chance) / RATE_FREE + chance / (nu + RATE_FREE)
    assert without.counts["treated_years"][0] == pytest.approx(1 / RATE_FREE, rel=0.015)
    ratio = found.counts["treated_years"][0] / without.counts["treated_years"][0]
    assert ratio == pytest.approx(on * RATE_FREE, rel=0.004)
    # Deaths come at one rate before and after progression, so that an event meets a life of 1 / rate.
    alive, within = 1 / RATE_ALIVE, 1 / (acute + RATE_ALIVE)
    chronic = 0.25 * (alive - within)
    assert found.cost_by_category["iraes"][0] == pytest.approx(p * (700 + 600 * chronic), rel=0.02)
    assert -found.effect_by_category["iraes"][0] == pytest.approx(
        p * (0.1 * within + 0.03 * chronic), rel=0.02
    )


def test_totals_are_the_cohort_and_what_iraes_change(words: dict[str, Any]) -> None:
    words["strategies"]["new"]["once_at_start"] = 1234.0
    found = lived(with_rash(words, stops_low=1.0, cost_low=700.0, disutility_low=0.1))
    new = found.base["new"]
    whole = total(found.base, found.cohort_base)
    change = new.with_iraes.costs[0] - new.without.costs[0]
    assert whole.costs[0, 1] == pytest.approx(found.cohort_base.costs[0, 1] + change, rel=1e-12)
    assert whole.costs[0, 0] == found.cohort_base.costs[0, 0]
    assert (whole.costs_se[0, 0], whole.effects_se[0, 0]) == (0, 0)
    # The luck of the disease cancels: what is left is less than a twentieth of the error of either run.
    assert 0 < whole.effects_se[0, 1] < 0.05 * new.without.effects_se[0] + 1e-9


def test_iraes_stand_instead_of_adverse_events_that_the_model_names(words: dict[str, Any]) -> None:
    """10 % have the colitis of the cohort, for 16,510 USD and four weeks at a loss of 0.2."""
    kept, words = copy.deepcopy(words), copy.deepcopy(words)
    events = words["strategies"]["new"]["adverse_events"]
    totals = []
    for rules in ({}, {"instead_of": ["colitis"]}):
        these = with_rash(copy.deepcopy(kept), cost_low=700.0)
        these["strategies"]["new"]["adverse_events"] = copy.deepcopy(events)
        these["individuals"] = {"patients": 200, "draws": 20, "strategies": {"new": rules}}
        found = lived(these)
        totals.append(total(found.base, found.cohort_base))
    besides, instead = totals
    assert (besides.costs - instead.costs)[0] == pytest.approx([0, 0.1 * 16_510], rel=1e-9)
    assert (instead.effects - besides.effects)[0] == pytest.approx([0, 0.1 * 0.2 * 4 * WEEK], rel=1e-9)


def test_deaths_within_survival_are_counted_and_those_added_shorten_life(words: dict[str, Any]) -> None:
    severe = {
        "high_grade": 0.5, "fatal": 0.4, "admitted": 0.5, "days_in_hospital": 8, "stops_high": 1.0,
        "cost_high": 0.0, "cost_per_day": 1000.0, "disutility_high": 0.0,
    }  # fmt: skip
    within = lived(with_rash(copy.deepcopy(words), **severe))
    words["individuals"] = {"patients": 200, "draws": 20, "deaths": "added"}
    added = lived(with_rash(words, **severe))
    for found in (within, added):
        assert found.base["new"].deaths["rash"][0] == pytest.approx(0.2 * 0.5 * 0.4, rel=0.06)
        assert found.base["new"].with_iraes.cost_by_category["iraes"][0] == pytest.approx(
            0.2 * 0.5 * 0.5 * 8000, rel=0.04
        )
    years = [total(found.base, found.cohort_base).life_years[0, 1] for found in (within, added)]
    assert years[0] == within.cohort_base.life_years[0, 1]
    # Who dies of it loses a life of 1 / rate years, cut at the horizon.
    lost = 0.2 * 0.5 * 0.4 / RATE_ALIVE * (1 - np.exp(-RATE_ALIVE * 20))
    assert years[0] - years[1] == pytest.approx(lost, rel=0.1)


def test_draws_move_with_their_own_incidence(words: dict[str, Any]) -> None:
    words["individuals"] = {"patients": 4000, "draws": 60}
    for ratio in ("pfs", "os"):
        words["strategies"]["new"][ratio]["hazard_ratio"]["ratio"] = 0.6
    found = lived(with_rash(words, incidence={"value": 0.2, "se": 0.04}))
    given = np.asarray(found.drawn["new"].iraes["rash"].chance) / np.asarray(
        found.base["new"].iraes["rash"].chance
    )
    seen = found.drawn["new"].with_iraes.iraes["rash"]["any_grade"]
    assert np.corrcoef(given, seen)[0, 1] > 0.97
    np.testing.assert_allclose(seen, 0.2 * given, atol=4 * np.sqrt(0.25 / 4000))


def test_the_same_seed_gives_the_same_lives_and_another_others(words: dict[str, Any]) -> None:
    one, again = (lived(with_rash(copy.deepcopy(words), stops_low=0.5)) for _ in range(2))
    np.testing.assert_array_equal(
        one.base["new"].with_iraes.by_patient, again.base["new"].with_iraes.by_patient
    )
    assert one.histories == again.histories
    assert one.base["new"].with_iraes.by_patient.shape[1] == BASE_PATIENTS


def test_what_moves_cannot_take_over_is_refused(words: dict[str, Any]) -> None:
    words["individuals"] = {"structure": "clock_reset"}
    with pytest.raises(MissingData, match="missing"):
        lived(with_rash(copy.deepcopy(words)))
    followed, _ = follow(300)
    fitted_model(words, "clock_reset")
    words["structures"] = {"partitioned_survival": 1}
    words["strategies"]["new"]["os"]["waning"] = {"towards": "old", "from_years": 1, "until_years": 2}
    with pytest.raises(InvalidSetting, match="clock_reset has moves"):
        lived(with_rash(words), followed)
