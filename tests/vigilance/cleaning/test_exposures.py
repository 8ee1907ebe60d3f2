"""Drugs: matched once a distinct name, combinations taken apart, the strongest role kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from coley.model.errors import InvalidSetting
from coley.vigilance.cleaning import CleaningLog, Match
from coley.vigilance.cleaning.matchers import known_drugs

KNOWN = {
    "opdivo": ("nivolumab",),
    "nivolumab": ("nivolumab",),
    "opdualag": ("nivolumab", "relatlimab"),
    "placebo": (),
}


def matcher(names: Sequence[tuple[str | None, str | None]]) -> list[Match]:
    """A small dictionary; other names stand as written."""
    found = []
    for name, ingredient in names:
        word = (name or ingredient or "").lower()
        known = KNOWN.get(word)
        if known is not None:
            found.append(Match(known, "exact"))
        else:
            found.append(Match((word,) if word else (), "unmatched"))
    return found


def drugs(*rows: tuple[int, str | None, str | None]) -> dict[str, list[Any]]:
    ids, roles, names = (list(column) for column in zip(*rows, strict=True))
    return {"report_id": ids, "drug_seq": list(range(1, len(ids) + 1)), "role": roles, "name": names}


def test_the_strongest_role_of_an_ingredient_is_kept(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {"report_id": [1, 2]},
            "drugs": drugs(
                (1, "C", "OPDIVO"),
                (1, "SS", "nivolumab"),
                (1, "I", "Opdivo"),
                (2, "C", "aspirin"),
                (2, None, "x"),
            ),
        },
        matcher=matcher,
    )
    assert frames["exposures"].rows() == [
        (1, "nivolumab", "SS", True),
        (2, "aspirin", "C", False),
        (2, "x", None, False),
    ]
    assert log.step("ingredients").dropped == {"named again in the report": 2}
    assert log.noted["drug rows whose name no dictionary knew"] == 2
    assert log.unmatched == {"aspirin": 1, "x": 1}


def test_combination_products_are_taken_apart(cleaned: Any) -> None:
    frames, log = cleaned(
        {"reports": {"report_id": [1]}, "drugs": drugs((1, "PS", "OPDUALAG"), (1, "C", "Opdivo"))},
        matcher=matcher,
    )
    assert frames["exposures"].select("ingredient", "role").rows() == [
        ("nivolumab", "PS"),
        ("relatlimab", "PS"),
    ]
    step = log.step("ingredients")
    assert (step.before, step.gained, step.after) == (2, 1, 2)


def test_rows_that_name_no_drug_or_were_not_given_are_counted(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {"report_id": [1, 2], "case_id": [7, 7], "received_date": [20100101, 20110101]},
            "drugs": drugs(
                (2, "PS", "Placebo"),
                (2, "C", None),
                (2, "DN", "opdivo"),
                (2, "SS", "opdivo"),
                (1, "PS", "opdivo"),
            ),
        },
        matcher=matcher,
    )
    assert frames["exposures"].rows() == [(2, "nivolumab", "SS", True)]
    assert log.step("drugs").dropped == {
        "not given (role DN)": 1,
        "names no drug": 2,
        "blinded, so that nobody knows whether the drug was given": 0,
        "of a report that is not kept": 1,
    }


def test_blinded_products_are_no_exposure_and_are_counted(cleaned: Any) -> None:
    names = ["BLINDED NIVOLUMAB", "Pembrolizumab/placebo", "UNBLINDED NIVOLUMAB", "placebo", "Opdivo"]
    frames, log = cleaned(
        {
            "reports": {"report_id": [1, 2]},
            "drugs": drugs(*((1, "PS", name) for name in names), (2, "PS", "blinded nivolumab")),
        },
        matcher=known_drugs,
    )
    assert frames["exposures"].rows() == [(1, "nivolumab", "PS", True)]
    assert log.step("drugs").after == 2
    assert log.step("drugs").dropped == {
        "not given (role DN)": 0,
        "names no drug": 1,
        "blinded, so that nobody knows whether the drug was given": 3,
        "of a report that is not kept": 0,
    }


def test_a_name_is_learned_from_rows_that_give_its_ingredient(cleaned: Any) -> None:
    """An old extract without ingredients beside a newer one with them."""
    told = [("LIPITOR", "ATORVASTATIN CALCIUM")] * 5 + [("TWICE", "ASPIRIN")] * 2
    bare = [("Lipitor 10 mg", None), ("TWICE", None)]
    rows = told + bare
    frames, log = cleaned(
        {
            "reports": {"report_id": list(range(len(rows)))},
            "drugs": {
                "report_id": list(range(len(rows))),
                "drug_seq": [1] * len(rows),
                "role": ["PS"] * len(rows),
                "name": [name for name, _ in rows],
                "ingredient": [ingredient for _, ingredient in rows],
            },
        },
        matcher=known_drugs,
    )
    ingredient = dict(frames["exposures"].select("report_id", "ingredient").iter_rows())
    assert [ingredient[7], ingredient[8]] == ["atorvastatin", "twice"]  # two rows are too few
    assert log.learned == {"Lipitor 10 mg": "atorvastatin"}
    assert log.noted["drug rows of these whose name was so learned"] == 1
    assert "Lipitor 10 mg" not in log.unmatched
    assert CleaningLog.from_json(log.to_json()) == log


def test_the_matcher_meets_each_distinct_name_once(cleaned: Any) -> None:
    asked: list[Any] = []

    def remember(names: Sequence[tuple[str | None, str | None]]) -> list[Match]:
        asked.extend(names)
        return matcher(names)

    cleaned(
        {
            "reports": {"report_id": [1, 2, 3]},
            "drugs": drugs((1, "PS", "a"), (2, "PS", "a"), (3, "PS", None)),
        },
        matcher=remember,
    )
    assert sorted(asked, key=str) == [("a", None), (None, None)]


def test_a_matcher_that_loses_names_is_refused(cleaned: Any) -> None:
    with pytest.raises(InvalidSetting, match="0 answers for 1 names"):
        cleaned({"reports": {"report_id": [1]}, "drugs": drugs((1, "PS", "a"))}, matcher=lambda names: [])


def test_without_a_dictionary_names_stand_as_written(cleaned: Any) -> None:
    frames, _ = cleaned(
        {
            "reports": {"report_id": [1]},
            "drugs": {
                "report_id": [1, 1],
                "drug_seq": [1, 2],
                "role": ["PS", "C"],
                "name": ["OPDUALAG", "Aspirin  tab."],
                "ingredient": ["NIVOLUMAB\\RELATLIMAB-RMBW", None],
            },
        }
    )
    assert frames["exposures"]["ingredient"].to_list() == ["aspirin tab", "nivolumab", "relatlimab-rmbw"]
