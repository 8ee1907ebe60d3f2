from __future__ import annotations

import re

import pytest

from coley.economics.model_file.parse import drug_places, model_of, quantities
from coley.model.errors import UnreadableInput


def _set(words, path, value):
    *above, last = path
    for part in above:
        words = words[part]
    words[last] = value


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("horizon_yeers",), 20, r"no word 'horizon_yeers'[\s\S]*Did you mean 'horizon_years'"),
        (
            ("utilities", "progresed"),
            0.5,
            r"no word 'progresed'[\s\S]*utilities\.progresed[\s\S]*'progressed'",
        ),
        (("utilities", "progressed"), 1.2, r"a utility is -1 to 1; its value is 1\.2"),
        (("utilities", "progressed"), {"value": 0.5, "low": 0.4}, "one limit of an interval is missing"),
        (("utilities", "progressed"), {"value": 0.5, "low": 0.6, "high": 0.7}, "lies outside its limits"),
        (("utilities", "progressed"), {"value": 0.5, "se": 0.1, "low": 0.3, "high": 0.7}, "not both"),
        (("costs", "at_death"), -1, "a cost is 0 or more; its value is -1"),
        (("strategies", "new", "adverse_events", "colitis", "probability"), 10, "percentage for a share"),
        (("strategies", "new", "os", "hazard_ratio", "ratio"), -0.5, "the logarithm of a ratio"),
        (("strategies", "new", "os", "hazard_ratio", "of"), "odl", "leans on 'odl'"),
        (("comparator",), "odl", "is none of the strategies old, new"),
        (("discount", "costs"), 3.5, r"discount\.costs"),
        (("strategies", "new", "os", "cure"), "mixture", "cure is of the curve whose hazard"),
        (("strategies", "new", "os", "background"), "likelihood", "of the curve whose hazard is multiplied"),
        (("currency",), "dollar", "currency"),
    ],
)
def test_what_a_model_file_cannot_say_is_told_with_its_place(words, path, value, says):
    _set(words, path, value)
    with pytest.raises(UnreadableInput) as caught:
        model_of(words, where="model.toml")
    assert re.search(says, str(caught.value), flags=re.IGNORECASE), str(caught.value)
    assert "model.toml" in str(caught.value)


@pytest.mark.parametrize("path", [("utilities", "progressed"), ("population",), ("strategies", "old", "os")])
def test_what_is_missing_is_named(words, path):
    *above, last = path
    table = words
    for part in above:
        table = table[part]
    del table[last]
    with pytest.raises(UnreadableInput, match=rf"{'.'.join(path)} is missing"):
        model_of(words, where="model.toml")


def test_a_curve_has_one_origin(words):
    words["strategies"]["new"]["os"]["published"] = words["strategies"]["old"]["os"]["published"]
    with pytest.raises(UnreadableInput, match="here published and hazard_ratio"):
        model_of(words)
    words["strategies"]["new"]["os"] = {}
    with pytest.raises(UnreadableInput, match="here none of them"):
        model_of(words)


def test_discount_rates_come_from_the_file_or_from_a_payer(words):
    del words["discount"]
    with pytest.raises(UnreadableInput, match="Discount rates are missing"):
        model_of(words)
    words["reference_case"] = "nice-2026"
    assert model_of(words).discount is None


def test_every_number_has_a_place_of_its_own(words):
    drugs = words["strategies"]["new"]["drugs"]
    drugs[0]["until_week"] = 12
    drugs.append({**drugs[0], "dose": "400 mg", "every_weeks": 6, "from_week": 12, "until_week": 52})
    model = model_of(words)
    places = quantities(model)
    assert list(drug_places(model.strategies["new"])) == ["pembrolizumab", "pembrolizumab 2"]
    assert "strategies.new.drugs.pembrolizumab 2.discount" in places
    assert places["utilities.progression_free"].source == "a paper"
    assert places["strategies.old.pfs.published.parameters.rate"].value == 1.0


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("horizon_years",), float("nan"), "'horizon_years' must be a finite number, and is nan"),
        (("population", "incident_per_year"), float("inf"), "must be a finite number, and is inf"),
        (("population", "female"), 40, "'female' must be 1 or less, and is 40"),
        (("draws",), 2.5, "'draws' must be a whole number, and is 2.5"),
        (("currency",), "pounds", "'currency' cannot be 'pounds'"),
        (("discount",), 0.03, "'discount' must be a table, and is 0.03"),
        (("notes",), "x", "'notes' must be a list in [brackets], and is 'x'"),
        (("utilities", "progressed"), True, "True is no number"),
        (("strategies", "new", "on_treatment"), "os", "'on_treatment' must be 'pfs', and is 'os'"),
        (("strategies", "new", "on_treatment"), {"famly": 1}, "no word 'famly' here"),
        (("strategies",), {}, "'strategies' needs 2 or more entries, and has 0"),
        (("strategies", "new", "drugs", 0, "every_weeks"), 0, "'every_weeks' must be above 0, and is 0"),
    ],
)
def test_a_slip_is_told_in_plain_words_with_what_was_written(words, path, value, told):
    *above, last = path
    table = words
    for part in above:
        table = table[part]
    table[last] = value
    with pytest.raises(UnreadableInput) as found:
        model_of(words, where="model.toml")
    assert told in str(found.value)
    places = [str(part + 1) if isinstance(part, int) else part for part in path]
    assert found.value.where.startswith(f"model.toml: {'.'.join(places)}"), "entries are counted from 1"
    assert not {"literal", "function"} & set(found.value.where.replace("[", "-").split("-"))


DATA = {"data": {"time": "t", "event": "e", "time_unit": "months"}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": "  "}, "'label' cannot be '  '"),
        ({"label": "x" * 81}, "80 characters at most"),
        ({"os": DATA | {"families": []}}, "needs 1 or more entries"),
        ({"os": DATA | {"families": ["weibull", "weibull"]}}, "a family is named twice"),
        (
            {"os": DATA | {"families": ["weibull", "gamma"], "weights": {"weibull": 0.5}}},
            "weights are given to weibull, and the families are weibull, gamma: give one to each",
        ),
        (
            {"adverse_events": {"colitis": {"probability": 0.1, "weeks": 5000}}},
            "colitis of new lasts 5000 weeks, longer than the horizon of 20 years",
        ),
    ],
)
def test_what_a_strategy_cannot_be(words, change, told):
    words["strategies"]["new"] |= change
    with pytest.raises(UnreadableInput) as found:
        model_of(words)
    assert told.lower() in str(found.value).lower()
