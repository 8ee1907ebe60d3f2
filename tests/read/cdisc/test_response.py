"""ADRS and RS: the best response, of one assessor, by one set of criteria."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import coley

from .conftest import ADSL, SUBJECTS, changed, notes

Folder = Callable[..., Path]

ADRS = {
    "STUDYID": ["X"] * 6,
    "USUBJID": SUBJECTS * 2,
    "PARAMCD": ["BOR"] * 3 + ["CBOR"] * 3,
    "PARAM": ["Best"] * 3 + ["Confirmed best"] * 3,
    "AVAL": [2, 4, 7, 3, 4, 7],
    "AVALC": ["PR", "NON-CR/NON-PD", "MISSING", "SD", "NON-CR/NON-PD", "NE"],
    "RSEVAL": ["INVESTIGATOR"] * 6,
}


def rs(visits: dict[str, list[str]], **more: list[object]) -> dict[str, list[object]]:
    """Overall responses of the subjects, visit by visit."""
    rows = [(who, i + 1, word) for who, words in visits.items() for i, word in enumerate(words)]
    return {
        "STUDYID": ["X"] * len(rows),
        "DOMAIN": ["RS"] * len(rows),
        "USUBJID": [who for who, _, _ in rows],
        "RSSEQ": [n for _, n, _ in rows],
        "RSTESTCD": ["OVRLRESP"] * len(rows),
        "RSSTRESC": [word for _, _, word in rows],
        "VISITNUM": [n for _, n, _ in rows],
        **more,
    }


def test_bor_is_the_response_and_the_missing_stay_in_the_denominator(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adrs=ADRS))
    assert study.patients["response"].to_list() == ["PR", "SD", "NE"]
    assert study.patients["responder"].to_list() == [True, False, False]
    assert study.patients["response_confirmed"].to_list() == ["SD", "SD", "not evaluable"]


def test_cbor_stands_in_for_bor(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adrs={name: values[3:] for name, values in ADRS.items()}))
    assert study.patients["response"].to_list() == ["SD", "SD", "NE"]
    assert "response is CBOR" in notes(study, "response_from")[0].message


def test_one_assessor_of_several_is_read(folder: Folder) -> None:
    both = {name: [*values[:3], *values[:3]] for name, values in ADRS.items()}
    both = changed(
        both, PARCAT2=["Investigator"] * 3 + ["Independent"] * 3, AVALC=["PR", "SD", "PD", "SD", "SD", "PD"]
    )
    study = coley.read(folder(adsl=ADSL, adrs=both))
    assert study.patients["response"].to_list() == ["SD", "SD", "PD"]
    assert "Independent" in notes(study, "assessor_chosen")[0].message


@pytest.mark.parametrize(
    ("words", "best"),
    [
        (["SD", "PR", "CR", "PD"], "CR"),
        (["SD", "PD", "PR"], "SD"),  # what comes after progression does not count
        (["PD", "CR"], "PD"),
        (["NE", "NON-CR/NON-PD"], "SD"),
        (["NE", "NE"], "NE"),
        (["iSD", "iUPD", "iPR"], "PR"),  # progression that was not confirmed
        (["iUPD", "iCPD", "iPR"], "PD"),
        (["iUPD"], "NE"),
    ],
)
def test_the_best_of_the_visits_up_to_progression(folder: Folder, words: list[str], best: str) -> None:
    study = coley.read(folder(adsl=ADSL, rs=rs({"X-001": words})))
    assert study.patients["response"].to_list() == [best, None, None]
    assert notes(study, "response_derived")[0].level == "warn"


def test_visits_are_put_in_order_and_not_taken_as_they_lie(folder: Folder) -> None:
    data = rs({"X-001": ["SD", "PR", "PD"]})
    data = {name: list(reversed(values)) for name, values in data.items()}
    assert coley.read(folder(adsl=ADSL, rs=data)).patients["response"][0] == "PR"


def test_the_accepted_read_is_counted_once(folder: Folder) -> None:
    readers = {
        "RSEVAL": ["INDEPENDENT ASSESSOR", "INDEPENDENT ASSESSOR", "INVESTIGATOR"],
        "RSEVALID": ["RADIOLOGIST 1", "RADIOLOGIST 2", None],
        "RSACPTFL": [None, "Y", None],
        "VISITNUM": [1, 1, 1],
    }
    study = coley.read(folder(adsl=ADSL, rs=rs({"X-001": ["CR", "SD", "PR"]}, **readers)))
    assert study.patients["response"][0] == "SD"
    assert "accepted independent read" in notes(study, "assessor_chosen")[0].message


def test_words_that_are_no_response_are_named(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, rs=rs({"X-001": ["CHECK", "SD"]})))
    assert study.patients["response"][0] == "SD"
    assert "CHECK" in notes(study, "response_unknown")[0].message


def test_recist_is_read_where_irecist_is_there_too(folder: Folder) -> None:
    data = rs({"X-001": ["iPR", "SD"]}, RSCAT=["iRECIST", "RECIST 1.1"])
    study = coley.read(folder(adsl=ADSL, rs=data))
    assert study.patients["response"][0] == "SD"
    assert "iRECIST" in notes(study, "criteria_chosen")[0].message
