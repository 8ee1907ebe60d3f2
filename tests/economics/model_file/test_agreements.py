"""Words for refunds and indications: what is refused, one message each."""

from __future__ import annotations

import pytest

from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnreadableInput

SIX = {"by_months": 6, "share": 0.5}


def refund(**words):
    return {"strategy": "new", "drug": "pembrolizumab", "stages": [SIX]} | words


def indication(label="here", **words):
    return {
        "label": label,
        "strategy": "new",
        "drug": "pembrolizumab",
        "patients_per_year": 100,
    } | words


def test_refunds_are_read(words):
    answer = {"value": 0.4, "se": 0.05, "source": "a trial"}
    later = {"stages": [], "non_response": {"by_months": 3, "response": answer}}
    model = model_of(words | {"refunds": [refund(), refund(**later)]})
    assert [one.last_months for one in model.refunds] == [6, 3]
    assert model.refunds[1].non_response.share == 1
    place = [place for place in quantities(model) if place.startswith("refunds")]
    assert place == ["refunds.pembrolizumab 2.non_response.response"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stages": []}, "by stages of failure or for non_response: neither is here"),
        ({"non_response": {"by_months": 3, "response": 0.4}}, "both are here"),
        ({"stages": [SIX, {"by_months": 6, "share": 0.2}]}, "one after the other: month 6 follows month 6"),
        ({"stages": [SIX | {"share": 0}]}, "No stage of the refund pays anything back"),
        ({"stages": [SIX | {"share": 50}]}, "must be 1 or less"),
        ({"stages": [SIX | {"by_months": 300}]}, "until month 300 lies beyond the horizon of 20 years"),
        ({"budget": 1e6}, "give patients"),
        ({"strategy": "newest"}, "names the strategy 'newest', which is none of old, new"),
        ({"strategy": "old"}, "for 'old', which is the comparator"),
        ({"drug": "nivolumab"}, "names the drug 'nivolumab', and new gives pembrolizumab"),
        ({"stage": [SIX]}, "no word 'stage'"),
    ],
)
def test_refunds_that_cannot_be(words, changed, said):
    with pytest.raises(UnreadableInput, match=said):
        model_of(words | {"refunds": [refund(**changed)]})


def test_a_share_of_responders_is_a_share(words):
    late = refund(stages=[], non_response={"by_months": 3, "response": 40})
    with pytest.raises(UnreadableInput, match="percentage"):
        model_of(words | {"refunds": [late]})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([indication()], "One indication has one price"),
        ([indication(), indication(model="other.toml")], "Two indications have one label"),
        (
            [indication(), indication("there", model="other.toml", drug="nivolumab")],
            "name nivolumab and pembrolizumab",
        ),
        ([indication(strategy="old"), indication("there", model="other.toml")], "is the comparator"),
        ([indication(patients_per_year=0), indication("there")], "must be above 0"),
    ],
)
def test_indications_that_cannot_be(words, given, said):
    with pytest.raises(UnreadableInput, match=said):
        model_of(words | {"indications": given})
