"""What is wrong with words of drugs, re-treatment and other ways to dose is said in one sentence."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from coley.economics.model_file.parse import model_of, quantities
from coley.economics.model_file.schema import Model
from coley.model.errors import UnreadableInput

DRUG = {"drug": "pembrolizumab", "dose": "200 mg", "every_weeks": 3, "prices": ["48.57 USD per mg"]}
DOUBLE = DRUG | {"dose": "400 mg", "every_weeks": 6}
AGAIN = {"share": 0.4, "weeks": 52, "drugs": [DRUG]}


def way(**changes: Any) -> dict[str, Any]:
    return {"strategy": "new", "label": "400 mg every 6 weeks", "stop_years": 1} | changes


@pytest.mark.parametrize(
    ("drugs", "said"),
    [
        ([{"until_week": 0}], "must be above 0"),
        ([{"from_week": 12, "until_week": 12}], "would end in week 12, before its first dose in week 12"),
        (
            [{}, {"dose": "400 mg", "from_week": 12}],
            "200 mg goes on when 400 mg begins in week 12; write until_week",
        ),
        ([{"doses": 5}, {"dose": "400 mg", "from_week": 12}], "goes on when 400 mg begins in week 12"),
        (
            [{"until_week": 13}, {"every_weeks": 6, "from_week": 12}],
            "200 mg goes on when 200 mg begins in week 12",
        ),
        ([{}, {}], "given twice at once"),
        ([{"until_weeks": 12}], "Did you mean 'until_week'"),
        ([{"rounding": {}}], "give to_mg, bands_mg or down_within"),
        ([{"rounding": {"to_mg": 50, "down_within": 0.1}}], "rounded in one way"),
        ([{"rounding": {"down_within": 10}}], "must be below 1"),
        ([{"rounding": {"to_ml": 4}}], "Did you mean 'to_mg'"),
        ([{"price_falls": [{"from_years": 0, "by": 0.4}]}], "must be above 0"),
        ([{"price_falls": [{"from_years": 2, "by": 40}]}], "a share is 0 to 1"),
    ],
)
def test_phases_that_cannot_be(words, drugs, said) -> None:
    words["strategies"]["new"]["drugs"] = [DRUG | one for one in drugs]
    with pytest.raises(UnreadableInput) as caught:
        model_of(words)
    assert said.lower() in str(caught.value).lower()


@pytest.mark.parametrize(
    "drugs",
    [
        [{"doses": 4}, {"dose": "400 mg", "from_week": 12}],  # the last of four is in week 9
        [{"until_week": 12}, {"dose": "400 mg", "from_week": 12}],
        [{"until_week": 13, "every_weeks": 6}, {"dose": "400 mg", "from_week": 13}],
        [{}, {"from_week": 1}],  # days 1 and 8 of a cycle
        [{}, {"drug": "ipilimumab", "dose": "3 mg/kg"}],
    ],
)
def test_phases_that_follow_each_other_and_days_of_one_cycle_are_taken(words, drugs) -> None:
    words["strategies"]["new"]["drugs"] = [DRUG | one for one in drugs]
    assert len(model_of(words).strategies["new"].drugs) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"share": 40}, "a share is 0 to 1; its value is 40 (a percentage for a share)"),
        ({"weeks": None}, "would never end: give weeks, or doses of the drug"),
        ({"drugs": []}, "needs 1 or more entries"),
        ({"drugs": [DRUG | {"discount": 30}]}, "a share is 0 to 1"),
        ({"from_year": 2}, "Did you mean 'from_years'"),
        ({"delay_weeks": -1}, "must be 0 or more"),
    ],
)
def test_retreatments_that_cannot_be(words, changes, said) -> None:
    told = {name: value for name, value in (AGAIN | changes).items() if value is not None}
    words["strategies"]["new"]["retreatment"] = told
    with pytest.raises(UnreadableInput) as caught:
        model_of(words)
    assert said.lower() in str(caught.value).lower()


def test_a_retreatment_follows_a_planned_end(words) -> None:
    words["strategies"]["new"]["retreatment"] = AGAIN
    del words["strategies"]["new"]["stop_years"]
    with pytest.raises(UnreadableInput, match="follows a planned end: give stop_years, or"):
        model_of(words)
    words["strategies"]["new"]["retreatment"] = AGAIN | {"from_years": 0}
    assert model_of(words).strategies["new"].retreatment is not None


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([way(strategy="newer")], "names 'newer', which is no strategy"),
        ([way(stop_years=None)], "is as the strategy itself: give stop_years, drugs or visit"),
        ([way(), way()], "two ways to dose new have one label: '400 mg every 6 weeks'"),
        ([way(stop_years=-1)], "must be above 0"),
        ([way(death=-0.1)], "a ratio is 1e-06 or more; its value is -0.1 (the logarithm of a ratio)"),
        ([way(drugs=[DRUG, DRUG | {"dose": "400 mg"}])], "given twice at once"),
        ([way(visit=-5)], "a cost is 0 or more"),
        ([way(hazard_ratio=1.1)], "has no word 'hazard_ratio' here"),
    ],
)
def test_ways_to_dose_that_cannot_be(words, ways, said) -> None:
    words["dosing_alternatives"] = [{k: v for k, v in one.items() if v is not None} for one in ways]
    with pytest.raises(UnreadableInput) as caught:
        model_of(words)
    assert said.lower() in str(caught.value).lower()


def test_a_way_to_dose_takes_from_the_strategy_what_it_does_not_say(words) -> None:
    words["strategies"]["new"]["drugs"][0] |= {"discount": 0.3, "missed": 0.1}
    words["strategies"]["new"]["retreatment"] = AGAIN
    words["dosing_alternatives"] = [
        way(drugs=[DOUBLE | {"missed": 0.0}, DRUG | {"drug": "ipilimumab", "dose": "1 mg/kg"}]),
        way(label="no stop", stop_years=math.inf),
        way(label="visits at home", stop_years=2, visit=40),
    ]
    model = model_of(words)
    new = model.strategies["new"]
    one, endless, home = (alternative.of(new) for alternative in model.dosing_alternatives)
    assert (one.drugs[0].discount.value, one.drugs[0].missed.value) == (0.3, 0.0)
    assert one.drugs[1].discount.value == 0
    assert (one.stop_years, one.visit.value) == (1, 150)
    assert one.retreatment is not None, "it moves with the planned end"
    assert (endless.stop_years, endless.retreatment) == (None, None), "and falls away without one"
    assert (home.visit.value, home.drugs) == (40, new.drugs)


def test_no_stop_survives_being_written_as_json_and_read_again(words) -> None:
    words["dosing_alternatives"] = [way(stop_years=math.inf)]
    model = model_of(words)
    again = Model.model_validate(json.loads(json.dumps(model.model_dump(mode="json", exclude_defaults=True))))
    assert again.dosing_alternatives[0].stop_years == math.inf


def test_its_numbers_have_places(words) -> None:
    words["strategies"]["new"]["retreatment"] = AGAIN
    effect = {"value": 1.05, "low": 0.9, "high": 1.2}
    words["dosing_alternatives"] = [way(death=effect, drugs=[DRUG | {"discount": 0.2}])]
    places = quantities(model_of(words))
    assert places["dosing_alternatives.1.death"].uncertain
    assert places["dosing_alternatives.1.drugs.pembrolizumab.discount"].value == 0.2
    assert places["strategies.new.retreatment.share"].value == 0.4
    assert "strategies.new.retreatment.drugs.pembrolizumab.discount" not in places, (
        "it is that of the strategy"
    )
