"""Words for the impact on a budget: shares and uptake that cannot be are refused."""

from __future__ import annotations

import pytest

from coley.economics.model_file.parse import model_of
from coley.model.errors import UnreadableInput


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"shares": {"old": 0.5, "new": 0.5}}, "the other strategies, and 'new' is the one that comes in"),
        ({"shares": {"old": 0.7}}, "add up to 0.7, and must add up to 1"),
        ({"shares": {}}, "needs 1 or more entries, and has 0"),
        ({"uptake": []}, "needs 1 or more entries, and has 0"),
        ({"uptake": [0.1, 1.4]}, "must be 1 or less, and is 1.4"),
        ({"uptake": [float("nan")]}, "must be a finite number, and is nan"),
        ({"new": "nwe"}, "'nwe', which is no strategy"),
    ],
)
def test_what_cannot_be_is_refused(words, changed, told) -> None:
    words["population"]["incident_per_year"] = 100
    words["budget"] = {"new": "new", "uptake": [0.2], "shares": {"old": 1.0}} | changed
    with pytest.raises(UnreadableInput) as found:
        model_of(words)
    assert told in str(found.value)
