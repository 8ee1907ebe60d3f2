"""Words for single patients with irAEs: what is filled from published figures, and one message for each slip."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.analysis.inputs import drawn
from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnknownName, UnreadableInput

COLITIS: dict[str, Any] = {
    "incidence": {"value": 0.12, "se": 0.02, "source": "a paper"},
    "high_grade": 0.6,
    "onset_weeks": 8,
    "resolution_weeks": 6,
    "admitted": 0.9,
    "days_in_hospital": 8,
    "fatal": 0.03,
    "stops_low": 0.1,
    "stops_high": 0.6,
    "persists": 0.0,
    "cost_low": 500,
    "cost_high": 1500,
    "cost_per_day": 2000,
    "disutility_low": 0.05,
    "disutility_high": 0.2,
}
REST = {
    "admitted": 0.5, "fatal": 0.01, "stops_low": 0.0, "stops_high": 0.6, "persists": 0.0, "cost_low": 100,
    "cost_high": 900, "cost_per_day": 2000, "cost_chronic_per_month": 20, "disutility_low": 0.01,
    "disutility_high": 0.1, "disutility_chronic": 0.01,
}  # fmt: skip


@pytest.fixture
def with_iraes(words: dict[str, Any]) -> dict[str, Any]:
    del words["strategies"]["new"]["adverse_events"]
    words["individuals"] = {}
    words["strategies"]["new"]["iraes"] = {"colitis": dict(COLITIS)}
    return words


def refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableInput, match=message):
        model_of(words)


def test_numbers_of_iraes_are_inputs_with_draws_like_all_others(with_iraes: dict[str, Any]) -> None:
    model = model_of(with_iraes)
    known = quantities(model)
    assert known["strategies.new.iraes.colitis.incidence"].source == "a paper"
    assert known["strategies.new.iraes.colitis.days_in_hospital"].kind == "number of days"
    sample = drawn(model, {}, draws=400, seed=1).numbers["strategies.new.iraes.colitis.incidence"]
    assert sample.std() == pytest.approx(0.02, rel=0.1)


def test_a_regimen_fills_what_is_published_and_what_the_user_says_goes_first(words: dict[str, Any]) -> None:
    words["individuals"] = {
        "strategies": {"new": {"regimen": "nivolumab + ipilimumab", "leave_out": ["diarrhoea"]}}
    }
    del words["strategies"]["new"]["adverse_events"]
    words["strategies"]["new"]["iraes"] = {
        "every": dict(REST),
        "colitis": {"incidence": 0.2},
        "neuropathy": dict(COLITIS),
    }
    iraes = model_of(words).strategies["new"].iraes
    assert set(iraes) == {"every", "colitis", "neuropathy", "rash", "hepatitis", "hypothyroidism"}
    assert iraes["colitis"].incidence.value == 0.2, "the user's"
    assert iraes["colitis"].recurs.value == pytest.approx(0.376), "published"
    assert "Dolladille" in iraes["colitis"].recurs.source
    assert iraes["colitis"].admitted.value == pytest.approx(29 / 33, abs=1e-5), "published before every"
    assert iraes["rash"].admitted is None, "left to every"
    assert iraes["every"].recurs.value == 0.288
    admitted = iraes["hepatitis"].admitted
    assert (admitted.low, admitted.high) == pytest.approx((0.507, 0.620), abs=2e-3), "Wilson on 166 of 294"


def test_what_was_filled_is_filled_once(words: dict[str, Any]) -> None:
    """A model is written out and read again for its scenarios: nothing may change."""
    words["individuals"] = {"strategies": {"new": {"regimen": "atezolizumab"}}}
    del words["strategies"]["new"]["adverse_events"]
    words["strategies"]["new"]["iraes"] = {"every": dict(REST)}
    model = model_of(words)
    again = type(model).model_validate(model.model_dump())
    assert again == model
    assert type(model).model_validate(model.model_dump(mode="json", exclude_defaults=True)) == model


def test_one_draw_of_every_holds_for_all(words: dict[str, Any]) -> None:
    """What is not known of one irAE alone is uncertain once, not once for each."""
    words["individuals"] = {"strategies": {"new": {"regimen": "nivolumab"}}}
    del words["strategies"]["new"]["adverse_events"]
    words["strategies"]["new"]["iraes"] = {"every": REST | {"fatal": {"value": 0.01, "se": 0.005}}}
    places = [place for place in quantities(model_of(words)) if place.endswith(".fatal")]
    assert places == ["strategies.new.iraes.every.fatal"]


@pytest.mark.parametrize("lacking", ["onset_weeks", "stops_low", "cost_low", "fatal", "cost_per_day"])
def test_what_nobody_says_is_asked_for(with_iraes: dict[str, Any], lacking: str) -> None:
    del with_iraes["strategies"]["new"]["iraes"]["colitis"][lacking]
    refused(
        with_iraes,
        rf"Of colitis under new nobody says {lacking}; nothing is taken to be nought: give it under",
    )
    with_iraes["strategies"]["new"]["iraes"]["every"] = {lacking: COLITIS[lacking]}
    model_of(with_iraes)


def test_what_never_happens_needs_no_cost(with_iraes: dict[str, Any]) -> None:
    mild = with_iraes["strategies"]["new"]["iraes"]["colitis"]
    mild["high_grade"] = 0
    for word in (
        "admitted",
        "days_in_hospital",
        "fatal",
        "stops_high",
        "cost_high",
        "cost_per_day",
        "disutility_high",
    ):
        del mild[word]
    model_of(with_iraes)
    mild["persists"] = 0.5
    refused(with_iraes, "nobody says cost_chronic_per_month, disutility_chronic")


def test_a_rechallenge_needs_to_know_what_recurs(with_iraes: dict[str, Any]) -> None:
    with_iraes["individuals"] = {"strategies": {"new": {"rechallenge": 0.3}}}
    refused(with_iraes, "nobody says recurs")


def test_slips_are_told_in_a_sentence(with_iraes: dict[str, Any]) -> None:
    new = with_iraes["strategies"]["new"]
    with_iraes["individuals"] = {"strategies": {"newer": {}}}
    refused(with_iraes, "Individuals names 'newer', which is no strategy")
    with_iraes["individuals"] = {"histories": 40, "patients": 100, "structure": "semi_markov"}
    refused(with_iraes, "partitioned_survival")
    with_iraes["individuals"] = {}
    new["adverse_events"] = {"colitis": {"probability": 0.1}}
    refused(
        with_iraes, "Colitis of new stands under adverse_events and under iraes: name it under instead_of"
    )
    with_iraes["individuals"] = {"strategies": {"new": {"instead_of": ["colitis"]}}}
    model_of(with_iraes)
    del new["adverse_events"]
    refused(with_iraes, "cannot stand instead of 'colitis', which is none of its adverse_events")
    with_iraes["individuals"] = {}
    new["iraes"]["every"] = {"incidence": 0.1}
    refused(with_iraes, "The incidence of an irAE is its own")
    del new["iraes"]["every"]
    new["iraes"]["colitis"]["admited"] = 0.4
    refused(with_iraes, "no word 'admited' here")
    del new["iraes"]["colitis"]["admited"]
    new["iraes"]["colitis"]["incidence"] = 12
    refused(with_iraes, "a percentage for a share")
    new["iraes"]["colitis"]["incidence"] = 0.12
    new["iraes"]["colitis"]["onset_weeks"] = 0
    refused(with_iraes, "Onset_weeks of colitis under new must be above zero")
    new["iraes"]["colitis"]["onset_weeks"] = 8
    del with_iraes["individuals"]
    refused(with_iraes, "The irAEs of new are events of single patients: add a table individuals")
    del new["iraes"]
    with_iraes["individuals"] = {}
    refused(with_iraes, "no strategy has any: give iraes, or a regimen")


def test_an_unknown_regimen_names_those_that_there_are(with_iraes: dict[str, Any]) -> None:
    with_iraes["individuals"] = {"strategies": {"new": {"regimen": "atezolizumb"}}}
    with pytest.raises(UnknownName, match="atezolizumb"):
        model_of(with_iraes)


def test_a_rate_stands_for_incidence_and_onset(words: dict[str, Any]) -> None:
    del words["strategies"]["new"]["adverse_events"]
    words["individuals"] = {"strategies": {"new": {"regimen": "nivolumab"}}}
    words["strategies"]["new"]["iraes"] = {"every": dict(REST), "rash": {"rate_per_year": 0.4}}
    rash = model_of(words).strategies["new"].iraes["rash"]
    assert (rash.incidence, rash.onset_weeks) == (None, None), "what is published does not stand beside it"
    assert rash.high_grade is not None
    words["strategies"]["new"]["iraes"]["rash"]["incidence"] = 0.2
    refused(words, "Rash under new has an incidence and a rate_per_year: one of them says it")
    words["strategies"]["new"]["iraes"]["rash"] = {"rate_per_year": 0}
    refused(words, "Rate_per_year of rash under new must be above zero; leave out what never comes")
    words["strategies"]["new"]["iraes"] = {"every": REST | {"rate_per_year": 0.4}}
    refused(words, "The incidence of an irAE is its own")


def test_rules_that_act_on_nothing_are_told(with_iraes: dict[str, Any]) -> None:
    with_iraes["individuals"] = {"strategies": {"old": {"rechallenge": 0.2}}}
    refused(with_iraes, "Individuals has rules for old, which has no irAEs")
    with_iraes["individuals"] = {"strategies": {"new": {"regimen": "nivolumab", "leave_out": ["colitus"]}}}
    with pytest.raises(UnknownName, match="colitus"):
        model_of(with_iraes)
    with_iraes["individuals"] = {"patients": 100_000, "draws": 1000}
    refused(with_iraes, "100,000 patients in each of 1,000 draws are more than 10,000,000 lives")


def test_words_that_are_no_tables_are_told_as_such(with_iraes: dict[str, Any]) -> None:
    for path in ("individuals", "strategies"):
        with pytest.raises(UnreadableInput):
            model_of({**with_iraes, path: "much"})
    with_iraes["individuals"] = {"strategies": {"new": {"regimen": "nivolumab"}}}
    with_iraes["strategies"]["new"]["iraes"] = {"colitis": 0.12}
    refused(with_iraes, "must be a table")
