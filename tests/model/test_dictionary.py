"""The data dictionary is consistent with itself."""

from __future__ import annotations

import pytest

from coley.model.dictionary import normalise, table, tables
from coley.model.errors import UnknownName


def test_every_table_of_the_design_is_there() -> None:
    wanted = {"patients", "lesions", "adverse_events", "labs", "doses", "mutations", "expression", "clones"}
    assert wanted | {"samples", "scores", "ctdna", "hla", "costs", "utilities"} == set(tables())


def test_no_foreign_name_means_two_columns_of_one_table() -> None:
    for found in tables().values():
        seen: dict[str, str] = {}
        for column in found.columns.values():
            for synonym in column.synonyms:
                assert seen.setdefault(synonym, column.name) == column.name, (found.name, synonym)


def test_ranges_have_a_width() -> None:
    for found in tables().values():
        for column in found.columns.values():
            if column.low is not None and column.high is not None:
                assert column.low < column.high, column


def test_numbers_of_measured_columns_carry_a_unit() -> None:
    patients = table("patients").columns
    assert patients["os_months"].unit == "months"
    assert patients["albumin_g_dl"].unit == "g/dL"


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(UnknownName, match="patients"):
        table("patient")


def test_foreign_names_are_compared_without_case_and_punctuation() -> None:
    assert normalise("PFS.CNSR") == normalise("pfs_cnsr") == "pfscnsr"
    assert table("patients").columns["pfs_event"].synonyms["pfscnsr"] == "censored"
