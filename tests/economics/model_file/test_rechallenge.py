"""What is wrong with words of rechallenge is said in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnreadableInput

TOLD = {
    "label": "after colitis",
    "strategy": "new",
    "after_years": 0.5,
    "recurrence": {"value": 0.376, "se": 0.0433},
    "gain_qalys": {"value": 0.1, "se": 0.1},
    "event_cost": 16_510,
}


def told(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (TOLD | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("rechallenges", "said"),
    [
        ([told(strategy="newest")], "names 'newest', which is no strategy"),
        ([told(gain_qalys=None)], "is given as gain_qalys or as a hazard_ratio, as one"),
        ([told(hazard_ratio=0.9)], "is given as gain_qalys or as a hazard_ratio, as one"),
        ([told(), told()], "two rechallenges have one label: 'after colitis'"),
        ([told(recurrence=28.8)], "a share is 0 to 1; its value is 28.8 (a percentage for a share)"),
        ([told(event_disutility=-0.1)], "a loss of utility is 0 to 1"),
        ([told(event_cost=None)], "event_cost is missing"),
        ([told(cost=1)], "has no word 'cost' here"),
    ],
)
def test_rechallenges_that_cannot_be(words, rechallenges, said) -> None:
    words["rechallenge"] = rechallenges
    with pytest.raises(UnreadableInput) as caught:
        model_of(words)
    assert said.lower() in str(caught.value).lower()


def test_a_loss_of_qalys_may_be_told_and_numbers_have_places(words) -> None:
    words["rechallenge"] = [told(gain_qalys=-0.2)]
    places = quantities(model_of(words))
    assert places["rechallenge.1.gain_qalys"].value == -0.2
    assert places["rechallenge.1.recurrence"].uncertain
