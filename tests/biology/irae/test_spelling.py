"""Terms as written, to the way in which preferred terms are written."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.irae import standard_term


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("Diarrhea", "diarrhoea"),
        ("Edema peripheral", "oedema peripheral"),
        ("ANGIOEDEMA", "angioedema"),
        ("Hemophagocytic lymphohistiocytosis", "haemophagocytic lymphohistiocytosis"),
        ("lymphohemophagocytic", "lymphohaemophagocytic"),
        ("Autoimmune hemolytic anemia", "autoimmune haemolytic anaemia"),
        ("Colitis ischemic", "colitis ischaemic"),
        ("Hypoglycemia", "hypoglycaemia"),
        ("Diabetic hyperglycemic coma", "diabetic hyperglycaemic coma"),
        ("Organizing pneumonia", "organising pneumonia"),
        ("Dermatitis exfoliative generalized", "dermatitis exfoliative generalised"),
        ("Dyspnea", "dyspnoea"),
        ("Paresthesia", "paraesthesia"),
        ("Myasthenia  gravis ", "myasthenia gravis"),
        ("Guillain–Barré syndrome", "guillain-barre syndrome"),
        ("Graves’ disease", "basedow's disease"),
        ("Stevens Johnson Syndrome", "stevens-johnson syndrome"),
        ("Type 1 diabetes", "type 1 diabetes mellitus"),
        ("Systemic inflammatory response syndrome", "systemic inflammatory response syndrome"),
        ("Hemiparesis", "hemiparesis"),
        ("Epidemic pleurodynia", "epidemic pleurodynia"),
        ("", ""),
    ],
)
def test_standard_term(written: str, term: str) -> None:
    assert standard_term(written) == term


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_a_standard_term_stays_as_it_is(text: str) -> None:
    once = standard_term(text)
    assert standard_term(once) == once


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("faers_2022q3_primary_suspect/faers22q3_ps.csv.gz", "AE"),
        ("diana_faers_sample/sample_Reac.csv", "pt"),
    ],
)
def test_preferred_terms_of_real_reports_are_left_as_they_are(shared, file: str, column: str) -> None:
    terms = pl.read_csv(shared / file, infer_schema=False)[column].unique().drop_nulls().to_list()
    assert len(terms) > 900
    assert [term for term in terms if standard_term(term) != term.lower()] == []
