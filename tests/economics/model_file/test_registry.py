from __future__ import annotations

import pytest

from coley.economics.model_file.parse import model_of
from coley.model.errors import UnreadableInput

DATA = {"time": "t", "event": "e", "time_unit": "years", "file": "patients.csv"}
REGISTRY = {"file": "registry.csv", "time_unit": "years", "deaths": "deaths"}


@pytest.mark.parametrize(
    ("registry", "says"),
    [
        ({"deaths": ""}, r"deaths, its survivors or survival at its end; here none of them"),
        ({"survivors": "r"}, r"here deaths and survivors"),
        ({"counts_as": 0}, r"must be above 0[\s\S]*Of a patient, that one person of the registry counts"),
        ({"counts_as": 1.5}, r"must be 1 or less"),
        ({"from_years": -1}, r"must be 0 or more"),
        ({"time_unit": "decades"}, r"Of both ends of an interval"),
        ({"death": "d"}, r"no word 'death' here[\s\S]*Did you mean 'deaths'"),
    ],
)
def test_what_is_said_of_a_registry_must_be_whole(words, registry, says):
    words["strategies"]["old"]["os"] = {"data": DATA, "registry": REGISTRY | registry}
    with pytest.raises(UnreadableInput, match=says):
        model_of(words)


def test_a_registry_needs_a_fit(words):
    words["strategies"]["old"]["os"]["registry"] = REGISTRY
    with pytest.raises(UnreadableInput, match="enters the likelihood of a fit; this curve is not fitted"):
        model_of(words)
