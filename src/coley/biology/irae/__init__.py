"""Immune-related adverse events: terms by organ, what labels warn of, codes, the user's own MedDRA."""

from coley.biology.irae.icd10 import organ_class_of_icd10
from coley.biology.irae.labels import LabelIrae, Observable, label_iraes, label_table, observable
from coley.biology.irae.meddra import MedDRA, Query, choose_queries, read_meddra
from coley.biology.irae.published import published
from coley.biology.irae.spelling import standard_term
from coley.biology.irae.terms import (
    SCOPES,
    IraeTerm,
    OrganClass,
    classes_of,
    irae_terms,
    organ_classes,
    term_table,
)

__all__ = [
    "SCOPES",
    "IraeTerm",
    "LabelIrae",
    "MedDRA",
    "Observable",
    "OrganClass",
    "Query",
    "choose_queries",
    "classes_of",
    "irae_terms",
    "label_iraes",
    "label_table",
    "observable",
    "organ_class_of_icd10",
    "organ_classes",
    "published",
    "read_meddra",
    "standard_term",
    "term_table",
]
