"""The headline: the best-supported marker first, and never more than the grades allow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coley.model.study import Study
from coley.questions.believe.cohorts import Cohorts
from coley.questions.believe.headline import headline
from coley.questions.believe.verdict import Verdict, grades

People = Callable[..., Cohorts]
Studies = Callable[..., Study]


def verdicts(letters: str) -> list[Verdict]:
    return [
        Verdict(
            marker=f"m{i}",
            label=f"Marker {i}",
            grade=grades()[letter],
            endpoint="response",
            p=0.01,
            sentence=f"Sentence {i}.",
            replication="",
            others="",
            clinic="",
            predictive="",
            interactions=(),
            assay="",
            raised_by="",
        )
        for i, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        ("", "No marker could be judged: the study holds none with an outcome."),
        ("––", "No marker could be judged on response. Sentence 0."),
        ("E–", "Sentence 0."),
        (
            "EF–",
            "None of 2 markers is shown to be associated with response (1 of them show little or none; for 1 it "
            "cannot be told).",
        ),
        (
            "DEE",
            "1 of 3 markers is associated with response here; whether any replicates cannot be told. Sentence 0.",
        ),
        (
            "DDE",
            "2 of 3 markers are associated with response here; whether any replicates cannot be told. Sentence 0.",
        ),
        (
            "CDE",
            "None of 3 markers can be relied on in a new cohort; 1 is associated with response on average. Sentence 0.",
        ),
        (
            "CCE",
            "None of 3 markers can be relied on in a new cohort; 2 are associated with response on average. "
            "Sentence 0.",
        ),
        ("BCE", "1 of 3 markers can be believed beyond this study (Marker 0). Sentence 0."),
        (
            "ABBBC",
            "4 of 5 markers can be believed beyond this study (Marker 0, Marker 1, Marker 2 and 1 more). Sentence 0.",
        ),
    ],
)
def test_the_headline_says_how_many_markers_stand_where(
    people: People, study: Studies, letters: str, told: str
) -> None:
    assert headline(people(study()), verdicts(letters), "response") == told
