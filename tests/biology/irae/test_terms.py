"""The terms of immune-related adverse events: whole, and as the published list has them."""

from __future__ import annotations

import csv

import pytest

from coley.biology.irae import (
    classes_of,
    irae_terms,
    label_iraes,
    organ_classes,
    standard_term,
    term_table,
)
from coley.biology.irae.terms import resource
from coley.model.errors import InvalidSetting


def test_rows_are_whole_and_unique() -> None:
    rows = list(resource("terms.csv"))
    keys = [(row["term"].lower(), row["organ_class"]) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert row["source"]
        assert row["organ_class"] in organ_classes()
        assert row["specific"] in ("yes", "broad", "not")
        assert row["reason"] or row["specific"] == "yes", row
    assert [c.order for c in organ_classes().values()] == list(range(1, len(organ_classes()) + 1))


def test_terms_stand_as_they_are_looked_up() -> None:
    assert all(standard_term(term.term) == term.term for term in irae_terms("as_published"))


@pytest.mark.parametrize(
    "term",
    [
        "radiation pneumonitis",
        "hepatitis mumps",
        "colitis psychogenic",
        "hepatitis alcoholic",
        "embolic pneumonia",
        "postrenal failure",
        "carcinomatous polyarthritis",
    ],
)
def test_terms_that_name_another_cause_are_left_out_by_default(term: str) -> None:
    assert classes_of(term) == ()
    assert classes_of(term, scope="as_published") != ()
    reason = next(t.reason for t in irae_terms("as_published") if t.term == term)
    assert reason


@pytest.mark.parametrize(
    ("term", "specific"),
    [
        ("colitis", "yes"),
        ("toxic epidermal necrolysis", "yes"),
        ("thyrotoxic crisis", "yes"),
        ("immune-mediated hepatitis", "yes"),
        ("diarrhoea", "broad"),
        ("alanine aminotransferase increased", "broad"),
        ("acute kidney injury", "broad"),
        ("rheumatoid arthritis", "broad"),
    ],
)
def test_how_specific(term: str, specific: str) -> None:
    assert {t.specific for t in irae_terms() if t.term == term} == {specific}


def test_a_term_may_stand_in_two_classes() -> None:
    assert classes_of("tubulointerstitial nephritis and uveitis syndrome") == ("ocular", "renal")
    assert classes_of("pulmonary vasculitis") == ("cardiovascular", "lung")


def test_scopes_are_nested_and_others_are_refused() -> None:
    specific, default, published = (
        {(t.term, t.organ_class) for t in irae_terms(scope)}
        for scope in ("specific", "default", "as_published")
    )
    assert specific < default < published
    with pytest.raises(InvalidSetting, match="no scope"):
        irae_terms("everything")


def test_table_to_join_holds_every_term_of_its_scope() -> None:
    assert term_table().height == len(irae_terms())
    assert set(term_table(scope="specific")["specific"]) == {"yes"}


def test_every_term_that_means_a_label_irae_is_a_specific_term_of_a_class() -> None:
    specific = {t.term for t in irae_terms("specific")}
    for irae in label_iraes().values():
        assert irae.terms <= specific, (irae.name, irae.terms - specific)


@pytest.mark.real
def test_the_published_list_is_all_there_and_in_its_classes(shared) -> None:
    published = {row["chen_2021"]: row["organ_class"] for row in resource("organ_classes.csv")}
    with (shared.parent / "facts/irae_pt_groups_chen2021.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 527
    ours = {(t.term, t.organ_class) for t in irae_terms("as_published") if t.source.startswith("Chen")}
    assert ours == {(row["preferred_term"].lower(), published[row["toxicity_type"]]) for row in rows}
