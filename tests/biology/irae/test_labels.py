"""Label irAEs: their terms, and what a database can show of them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.irae import label_iraes, label_table, observable, organ_classes, standard_term
from coley.biology.irae.terms import resource


def test_rows_are_whole() -> None:
    known = {row["irae"] for row in resource("label_iraes.csv")}
    assert known == set(label_iraes())
    for row in resource("label_terms.csv"):
        assert row["irae"] in known
        assert row["scope"] in ("narrow", "broad")
        assert row["source"]
    for irae in label_iraes().values():
        assert irae.terms
        assert irae.source
        assert irae.organ_class in organ_classes()
        assert not irae.terms & irae.broad_terms
        assert all(standard_term(term) == term for term in irae.terms | irae.broad_terms)


def test_a_term_means_one_label_irae() -> None:
    assert label_table()["term"].is_unique().all()


def test_the_harms_that_must_be_found_are_there() -> None:
    core = {irae.name for irae in label_iraes().values() if irae.core}
    assert core == {
        "colitis",
        "pneumonitis",
        "hepatitis",
        "myocarditis",
        "myasthenia_gravis",
        "hypophysitis",
        "thyroiditis",
        "hypothyroidism",
        "hyperthyroidism",
        "adrenal_insufficiency",
        "type_1_diabetes",
        "sjs_ten",
    }


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(sorted(label_table()["term"]))))
def test_every_label_irae_is_either_seen_or_unseen(terms: set[str]) -> None:
    can = observable(terms)
    assert set(can.seen) | set(can.unseen) == set(label_iraes())
    assert not set(can.seen) & set(can.unseen)
    assert frozenset[str]().union(*can.seen.values()) == terms
    more = observable(terms | {"colitis"})
    assert set(can.seen) <= set(more.seen)


def test_unseen_says_why() -> None:
    assert "one word only" in observable(["colitis"]).unseen["sjs_ten"]
    assert "one word" not in observable(["colitis", "acute kidney injury"]).unseen["sjs_ten"]
    assert "one word" not in observable(["acute kidney injury"]).unseen["hepatitis"]


@pytest.mark.real
def test_what_one_quarter_of_single_words_can_show(shared) -> None:
    """SOURCE.txt of the quarter: multi-word terms are absent, so four core harms cannot be seen in it."""
    path = shared / "faers_2022q3_primary_suspect/faers22q3_ps.csv.gz"
    terms = pl.read_csv(path, columns=["AE"])["AE"].unique()
    can = observable(standard_term(term) for term in terms)
    core = {irae.name for irae in label_iraes().values() if irae.core}
    assert core & set(can.unseen) == {
        "myasthenia_gravis",
        "adrenal_insufficiency",
        "type_1_diabetes",
        "sjs_ten",
    }
    assert all("one word only" in can.unseen[name] for name in core & set(can.unseen))


@pytest.mark.real
def test_in_full_vocabularies_longer_terms_are_found(shared) -> None:
    path = shared / "ici_faers_bladder_dashboard/ici_faers_bladder.csv.gz"
    terms = pl.read_csv(path, infer_schema=False)["Reactions"].str.split(";").explode().unique().drop_nulls()
    can = observable(standard_term(term) for term in terms)
    assert {irae.name for irae in label_iraes().values() if irae.core} <= set(can.seen)
    assert not any("one word" in reason for reason in can.unseen.values())
