from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from tests.economics.conftest import TEXT

from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnreadableInput

TEST = {
    "label": "a test",
    "treated": "new",
    "otherwise": "old",
    "sensitivity": 0.8,
    "specificity": 0.7,
    "prevalence": 0.3,
}
GUIDED = {
    "marker": "tmb",
    "treated": "new",
    "otherwise": "old",
    "within_months": 12,
    "response": {"column": "responder"},
}


@pytest.fixture
def words() -> dict[str, Any]:
    return copy.deepcopy(tomllib.loads(TEXT))


def test_numbers_of_a_test_are_inputs_of_the_model(words: dict[str, Any]) -> None:
    model = model_of(
        {**words, "tests": [TEST], "guided": [{**GUIDED, "turnaround": {"value": 2, "se": 0.5}}]}
    )
    known = quantities(model)
    assert known["tests.1.sensitivity"].value == 0.8
    assert known["tests.1.drugs_without"].value == 1, "without a word, drugs cost as much in everybody"
    assert known["guided.1.response.gain_without"].value == 0
    assert known["guided.1.turnaround"].uncertain
    assert "guided.1.lost_waiting" not in known


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treated": "newer"}, "guided treatment by a test names 'newer', which is no strategy"),
        ({"treated": "old"}, "gives 'old' either way"),
        ({"sensitivity": 80}, "a percentage for a share"),
        ({"specifity": 0.7}, "Did you mean 'specificity'"),
        ({"turnaround": -1}, "number of weeks is 0 or more"),
    ],
)
def test_bad_tests(words: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        model_of({**words, "tests": [TEST | change]})
    assert message.lower() in str(error.value).lower()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"otherwise": "none"}, "guided treatment by tmb names 'none'"),
        ({"response": {"column": "responder", "landmark_months": 12}}, "must lie before within_months, 12"),
        ({"response": {"colum": "responder"}}, "Did you mean 'column'"),
        ({"response": {}}, "response.column is missing"),
    ],
)
def test_bad_markers(words: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        model_of({**words, "guided": [GUIDED | change]})
    assert message.lower() in str(error.value).lower()


def test_two_tests_of_one_name_are_refused(words: dict[str, Any]) -> None:
    with pytest.raises(UnreadableInput, match="Two tests are called 'A test'"):
        model_of({**words, "tests": [TEST | {"label": "A test"}, TEST | {"label": "a  test"}]})


def test_a_test_that_is_wrong_more_often_than_right_is_refused(words: dict[str, Any]) -> None:
    words["tests"] = [TEST | {"sensitivity": 0.1, "specificity": 0.8}]
    with pytest.raises(UnreadableInput, match="below 1 together, it picks those without the condition"):
        model_of(words)


def test_a_result_comes_within_the_horizon(words: dict[str, Any]) -> None:
    words["tests"] = [TEST | {"turnaround": 2000}]
    with pytest.raises(UnreadableInput, match="would come after 2000 weeks, beyond the horizon"):
        model_of(words)
