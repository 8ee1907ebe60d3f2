"""What is wrong with words of equity is said in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnknownName, UnreadableInput


def halves(**changes: Any) -> list[dict[str, Any]]:
    return [{"label": "young", "share": 0.5}, {"label": "old", "share": 0.5, "weight": 2.0, **changes}]


def fifths(**changes: Any) -> dict[str, Any]:
    shares = {"population_share": 0.5, "patients_share": 0.5, "opportunity_share": 0.5}
    groups = [
        {"label": "worse off", "lifetime_qalys": 66.0, **shares},
        {"label": "better off", "lifetime_qalys": 77.0, **shares, **changes},
    ]
    return {"people": 1e6, "aversion": 10.95, "groups": groups}


@pytest.mark.parametrize(
    ("equity", "said"),
    [
        ({"subgroups": halves(share=0.6)}, "shares of the subgroups add up to 1.1, and must add up to 1"),
        ({"subgroups": halves(label="young")}, "Two subgroups have one label: young, young"),
        ({"subgroups": [{"label": "all", "share": 1.0}]}, "needs 2 or more entries"),
        ({"subgroups": halves(weight=-1)}, "must be 0 or more"),
        ({"subgroups": [one | {"weight": 0} for one in halves()]}, "weight of zero: one must weigh more"),
        (
            {"subgroups": halves(age_years=75)},
            "'old' differs in age or sex, which change nothing without a life",
        ),
        ({"subgroups": halves(female=1.0)}, "change nothing without a life table"),
        ({"subgroups": halves(relative_gain=0.8, hazard_ratio=1.2)}, "'old' gives its gain as a multiple"),
        ({"subgroups": halves(relative_gain=-0.2)}, "a relative gain is 0 or more"),
        ({"subgroups": halves(hazard_ratio=-0.2)}, "a ratio is 1e-06 or more"),
        ({"subgroups": halves(age=75)}, "A model file has no word 'age' here"),
    ],
)
def test_subgroups_that_cannot_be(words, equity, said) -> None:
    words["equity"] = equity
    with pytest.raises(UnreadableInput, match=f"(?i){said}"):
        model_of(words)


def test_a_hazard_ratio_needs_curves_to_act_on(words) -> None:
    words["equity"] = {"subgroups": halves(hazard_ratio=1.2)}
    words["structures"] = {"clock_reset": 0.5, "partitioned_survival": 0.5}
    with pytest.raises(UnreadableInput, match="acts on curves, and a state transition structure has moves"):
        model_of(words)


def test_a_hazard_ratio_refuses_a_comparator_that_follows_the_treatment(words) -> None:
    words["equity"] = {"subgroups": halves(hazard_ratio=1.2)}
    words["comparator"] = "new"
    with pytest.raises(UnreadableInput, match=r"the curve new\.pfs leans on another strategy's"):
        model_of(words)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"patients_share": 0.6}, "patients_share of the groups add up to 1.1"),
        ({"opportunity_share": 0.1}, "opportunity_share of the groups add up to 0.6"),
        ({"population_share": 0.4}, "population_share of the groups add up to 0.9"),
        ({"label": "worse off"}, "Two groups have one label"),
        ({"lifetime_qalys": 0}, "must be above 0"),
        ({"lifetime_qalys": 900}, "must be 110 or less"),
    ],
)
def test_groups_that_cannot_be(words, changes, said) -> None:
    words["population"]["incident_per_year"] = 100
    words["distribution"] = fifths(**changes)
    with pytest.raises(UnreadableInput, match=said):
        model_of(words)


def test_a_distribution_needs_patients_people_and_a_cost(words) -> None:
    words["distribution"] = fifths()
    with pytest.raises(UnreadableInput, match=r"needs population\.incident_per_year"):
        model_of(words)
    words["population"]["incident_per_year"] = 2e6
    with pytest.raises(UnreadableInput, match="more patients a year"):
        model_of(words)
    words["population"]["incident_per_year"] = 100
    words["distribution"]["cost_of_a_qaly"] = 0
    with pytest.raises(UnreadableInput, match="cost_of_a_qaly must be more than zero"):
        model_of(words)
    words["distribution"] = fifths() | {"aversion": -1}
    with pytest.raises(UnreadableInput, match=r"(?i)aversion to inequality is 0 or more"):
        model_of(words)


def test_an_end_of_life_rule_is_known_and_its_thresholds_are_in_order(words) -> None:
    words["end_of_life"] = {"rule": "nice-2008", "thresholds": [30_000, 50_000]}
    with pytest.raises(UnknownName, match="nice-2009"):
        model_of(words)
    words["end_of_life"] = {"thresholds": [50_000, 30_000]}
    with pytest.raises(UnreadableInput, match="comes second, and is the higher"):
        model_of(words)
    words["end_of_life"] = {}
    with pytest.raises(UnreadableInput, match=r"end_of_life\.thresholds is missing"):
        model_of(words)


def test_what_is_uncertain_has_a_place(words) -> None:
    words["equity"] = {"subgroups": halves(hazard_ratio={"value": 1.2, "low": 1.0, "high": 1.44})}
    words["population"]["incident_per_year"] = 100
    words["distribution"] = fifths(relative_gain={"value": 0.9, "se": 0.1})
    places = quantities(model_of(words))
    assert places["equity.subgroups.2.hazard_ratio"].value == 1.2
    assert places["distribution.groups.2.relative_gain"].uncertain
    assert places["distribution.aversion"].value == 10.95
