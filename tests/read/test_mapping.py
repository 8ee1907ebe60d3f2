"""From the words of a file to the data dictionary: units, codes, kinds, missing values, keys."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.dictionary import tables
from coley.model.errors import UnreadableInput
from coley.model.study import DAYS_PER_MONTH
from coley.read.columns import ColumnMap
from coley.read.facts import codes, factor, units
from coley.read.mapping import canonical
from coley.read.raw import RawTable


def raw(**columns: list[object]) -> RawTable:
    n = len(next(iter(columns.values())))
    ids = {} if "patient_id" in columns else {"patient_id": [f"P{i}" for i in range(n)]}
    return RawTable(pl.DataFrame({**ids, **columns}, strict=False), "t.csv", 2)


def patients(table: RawTable, columns: dict[str, object] | None = None, **options: object):
    maps = {name: ColumnMap.model_validate(value) for name, value in (columns or {}).items()}
    return canonical(table, "patients", maps, **options)


def note(notes, name: str):
    (found,) = [check for check in notes if check.name == name]
    return found


# --- units -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "unit", "given", "wanted"),
    [
        ("os_months", "days", 365.25, 12.0),
        ("os_months", "weeks", 4.348214285714286, 1.0),
        ("os_months", "years", 2, 24.0),
        ("os_months", "Months", 7, 7.0),
        ("age_years", "days", 365.25 * 60, 60.0),
        ("sld_mm", "cm", 15.2, 152.0),
        ("albumin_g_dl", "g/L", 38, 3.8),
        ("weight_kg", "lb", 100, 45.359237),
        ("platelets", "k/uL", 210, 210.0),
        ("neutrophils", "cells/µL", 4200, 4.2),
        ("neutrophils", "×10³/µL", 4.2, 4.2),
        ("pdl1_tps", "fraction", 0.5, 50.0),
    ],
)
def test_units_become_those_of_the_dictionary(column: str, unit: str, given: float, wanted: float) -> None:
    frame, notes = patients(raw(x=[str(given)]), {column: {"column": "x", "unit": unit}})
    assert frame[column][0] == pytest.approx(wanted, rel=1e-12)
    assert any(check.name == "unit_converted" for check in notes) == (given != wanted)


@given(days=st.floats(0, 1e5))
def test_days_become_months_of_the_house(days: float) -> None:
    frame, _ = patients(raw(os_days=[repr(days)]))
    assert frame["os_months"][0] == pytest.approx(days / DAYS_PER_MONTH, rel=1e-12)


def test_a_number_of_mutations_becomes_a_density_over_the_panel() -> None:
    column = {"tmb_per_mb": {"column": "btmb", "unit": "mutations"}}
    frame, _ = patients(raw(btmb=["11"]), column, panel_megabases=1.1)
    assert frame["tmb_per_mb"][0] == pytest.approx(10)
    with pytest.raises(UnreadableInput, match="cannot be turned into"):
        patients(raw(btmb=["11"]), column)


def test_wrong_and_misspelt_units_are_refused() -> None:
    with pytest.raises(UnreadableInput, match=r"mm \(length\) cannot be turned into months"):
        factor("mm", "months")
    with pytest.raises(UnreadableInput) as caught:
        factor("monts", "months")
    assert "month" in caught.value.remedy


def test_every_unit_of_the_dictionary_that_is_declared_by_a_name_can_be_converted() -> None:
    for table in tables().values():
        for column in table.columns.values():
            for unit in filter(None, column.synonyms.values()):
                assert unit == "censored" or factor(unit, column.unit) > 0
    assert len({unit.name for unit in units().values()}) > 20


# --- codes and flags -------------------------------------------------------------------------------


def test_event_words_of_every_house() -> None:
    words = ["1:DECEASED", "0:LIVING", "Dead", "alive", "TRUE", "0", "1.0", "Y", ".", "[Not Available]"]
    frame, _ = patients(raw(os_status=words))
    assert frame["os_event"].to_list() == [True, False, True, False, True, False, True, True, None, None]


def test_censoring_is_inverted_with_a_note_and_every_reason_for_it_counts() -> None:
    frame, notes = patients(raw(**{"PFS.CNSR": ["0", "1", "2", "."]}))
    assert frame["pfs_event"].to_list() == [True, False, False, None]
    assert "inverted" in note(notes, "event_inverted").message


def test_a_mapped_censoring_column_is_inverted_unless_codes_say_what_it_means() -> None:
    table = raw(PFS_CNSR=["0", "1"])
    assert patients(table, {"pfs_event": "PFS_CNSR"})[0]["pfs_event"].to_list() == [True, False]
    coded = {"pfs_event": {"column": "PFS_CNSR", "codes": {"0": True, "1": False}}}
    assert patients(table, coded)[0]["pfs_event"].to_list() == [True, False]
    reverse = {"pfs_event": {"column": "PFS_CNSR", "codes": {"1": True, "0": False}}}
    assert patients(table, reverse)[0]["pfs_event"].to_list() == [False, True]


def test_codes_leave_nothing_to_guess_for_flags() -> None:
    coded = {"os_event": {"column": "x", "codes": {"0": True}}}
    frame, notes = patients(raw(x=["0", "1", "0.0"]), coded)
    assert frame["os_event"].to_list() == [True, None, True]
    assert note(notes, "unknown_code").where.values == ("1",)


def test_codes_that_never_occur_are_reported() -> None:
    _, notes = patients(raw(x=["A", "B"]), {"arm": {"column": "x", "codes": {"Atezo": "a"}}})
    assert note(notes, "codes_unused").level == "warn"


def test_response_words_become_recist_and_say_who_responded() -> None:
    words = [
        "Complete Response",
        "PARTIAL REMISSION",
        "sd",
        "PROGRESSION",
        "Not evaluable",
        "NE",
        "NA",
        "shrunk",
    ]
    frame, notes = patients(raw(BOR=words))
    assert frame["response"].to_list() == ["CR", "PR", "SD", "PD", "NE", "NE", None, None]
    assert frame["responder"].to_list() == [True, True, False, False, False, False, None, None]
    assert note(notes, "unknown_code").where.values == ("shrunk",)
    assert note(notes, "unknown_code").where.lines == (9,)


def test_response_is_never_made_up_from_a_responder() -> None:
    frame, _ = patients(raw(Response=["1", "0", None]))
    assert frame["responder"].to_list() == [True, False, None]
    assert "response" not in frame.columns


def test_sex_is_read_where_it_is_certain() -> None:
    read = lambda *words: patients(raw(sex=list(words)))[0]  # noqa: E731
    assert read("M", "female", "F")["sex"].to_list() == ["male", "female", "female"]
    assert read("1", "2")["sex"].to_list() == ["male", "female"]
    for words in (("0", "1"), ("1", "1"), ("2",)):
        frame, notes = patients(raw(sex=list(words)))
        assert "sex" not in frame.columns
        assert frame["sex_original"].to_list() == [int(word) for word in words]
        assert note(notes, "column_not_understood").level == "warn"


def test_every_code_of_the_resource_is_a_value_of_its_column() -> None:
    for table in tables().values():
        for column in table.columns.values():
            if column.codes:
                assert set(codes(column.name).values()) <= set(column.codes), column.name
            if column.kind == "flag":
                assert set(codes(column.name).values()) <= {"true", "false"}, column.name


# --- numbers and missing values --------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        ".",
        "NA",
        "n/a",
        "NaN",
        "nan",
        "None",
        "[Not Available]",
        "[not applicable]",
        "#N/A",
        "NE",
        "Unknown",
    ],
)
def test_missing_is_missing_whatever_it_was_written_as(word: str) -> None:
    frame, notes = patients(
        raw(os_months=[word, "3"], ecog=["1", word], histology=[word, "SQUAMOUS"], site=[word, "x"])
    )
    assert [frame[name].null_count() for name in ("os_months", "ecog", "histology", "cohort")] == [1] * 4
    assert not [check for check in notes if check.level == "warn"]


def test_missing_spellings_of_a_manifest_and_of_one_column() -> None:
    table = raw(age=["-9", "61"], nlr=["-9", "-8"])
    frame, _ = patients(table, {"nlr": {"column": "nlr", "missing": ["-8"]}}, missing=["-9"])
    assert frame["age_years"].to_list() == [None, 61.0]
    assert frame["nlr"].to_list() == [None, None]


def test_text_that_is_no_number_becomes_missing_and_is_reported_by_line() -> None:
    frame, notes = patients(raw(age=["61", "old", "70", "very old"]))
    assert frame["age_years"].to_list() == [61, None, 70, None]
    found = note(notes, "not_a_number")
    assert (found.level, found.where.file, found.where.lines, found.where.column, found.where.values) == (
        "warn",
        "t.csv",
        (3, 5),
        "age",
        ("old", "very old"),
    )
    assert found.message.startswith("2 values")


def test_infinite_and_negative_times_become_missing_and_are_reported_by_line() -> None:
    frame, notes = patients(raw(os_months=["inf", "NaN", "-3", "12", "-Infinity"]))
    assert frame["os_months"].to_list() == [None, None, None, 12.0, None]
    assert note(notes, "infinite_value").where.lines == (2, 6)
    assert note(notes, "negative_time").where.lines == (4,)
    assert all(math.isfinite(value) for value in frame["os_months"].drop_nulls())


def test_limits_keep_their_number_with_a_warning() -> None:
    frame, notes = patients(raw(ldh_uln=[">25", "<0.1", "≥ 3", "1"]))
    assert frame["ldh_uln"].to_list() == [25.0, 0.1, 3.0, 1.0]
    assert note(notes, "limit_values").where.lines == (2, 3, 4)


def test_percent_signs_and_decimal_commas() -> None:
    frame, notes = patients(raw(tps=["45%", "0 %"], nlr=["3,5", "4,25"]))
    assert frame["pdl1_tps"].to_list() == [45.0, 0.0]
    assert frame["nlr"].to_list() == [3.5, 4.25]
    assert note(notes, "decimal_comma").level == "pass"
    frame, notes = patients(raw(platelets=["1,234", "2,001"]))  # thousands or thousandths: nobody can tell
    assert "platelets" in frame.columns or note(notes, "column_not_understood").level == "warn"
    assert frame.get_column("platelets", default=pl.Series([None])).null_count() > 0


def test_whole_numbers_stay_whole() -> None:
    frame, notes = patients(raw(ecog=["1", "2.0", "1.5"]))
    assert frame["ecog"].dtype == pl.Int64
    assert frame["ecog"].to_list() == [1, 2, None]
    assert note(notes, "not_a_whole_number").where.lines == (4,)


@given(values=st.lists(st.floats(0, 400, allow_subnormal=False), min_size=1, max_size=6))
def test_typed_and_written_numbers_give_the_same_table(values: list[float]) -> None:
    typed = patients(raw(os_months=values))[0]
    written = patients(raw(os_months=[repr(value) for value in values]))[0]
    assert typed["os_months"].to_list() == written["os_months"].to_list() == values


# --- names, keys, covariates -----------------------------------------------------------------------


def test_leading_zeros_and_blanks_of_ids() -> None:
    frame, _ = patients(raw(patient_id=[" 0040 ", "0471"]))
    assert frame["patient_id"].to_list() == ["0040", "0471"]
    assert patients(raw(patient_id=[40.0, 471.0]))[0]["patient_id"].to_list() == ["40", "471"]


def test_patients_without_an_id_are_refused_by_line() -> None:
    with pytest.raises(UnreadableInput, match="2 rows without a patient_id") as caught:
        patients(raw(patient_id=["a", None, "NA"]))
    assert "t.csv:3, t.csv:4" in caught.value.where


def test_patients_with_the_same_id_are_refused_by_line_and_value() -> None:
    with pytest.raises(UnreadableInput, match="2 rows that share a patient_id") as caught:
        patients(raw(patient_id=["a", "b", "a "]))
    assert "t.csv:2, t.csv:4" in caught.value.where
    assert "'a'" in caught.value.where
    with pytest.raises(UnreadableInput) as caught:
        patients(raw(patient_id=["1", "1"], cohort=["x", "y"]))
    assert "numbers its patients anew" in caught.value.cause


def test_a_table_without_a_required_column_is_refused_with_its_columns() -> None:
    table = RawTable(pl.DataFrame({"who": ["a"], "what": ["b"]}), "t.csv", 2)
    with pytest.raises(UnreadableInput, match="no column that can be patient_id") as caught:
        canonical(table, "patients")
    assert "who, what" in caught.value.where


def test_rows_of_other_tables_without_a_key_are_left_out_and_reported() -> None:
    table = RawTable(pl.DataFrame({"patient_id": ["a", None], "term": ["Rash", "Rash"]}), "ae.csv", 2)
    frame, notes = canonical(table, "adverse_events")
    assert frame.height == 1
    assert note(notes, "key_missing").where.lines == (3,)


def test_misspelt_names_are_met_with_the_nearest() -> None:
    with pytest.raises(UnreadableInput, match="no column 'os_month'") as caught:
        patients(raw(OS=["1"]), {"os_month": "OS"})
    assert "'os_months'" in caught.value.remedy
    with pytest.raises(UnreadableInput, match="no column 'PFSS'") as caught:
        patients(raw(PFS=["1"]), {"pfs_months": "PFSS"})
    assert "'PFS'" in caught.value.remedy


def test_the_first_name_that_is_understood_wins_and_a_map_wins_over_names() -> None:
    table = raw(response=["R", "NR"], recist=["PR", "PD"], OS=["1", "2"], os_days=["61", "122"])
    frame, _ = patients(table)
    assert frame["response"].to_list() == ["PR", "PD"]
    assert frame["response_original"].to_list() == ["R", "NR"]
    assert frame["os_months"].to_list() == [1.0, 2.0]
    mapped, _ = patients(table, {"os_months": {"column": "os_days", "unit": "days"}})
    assert mapped["os_months"][0] == pytest.approx(61 / DAYS_PER_MONTH)


def test_further_columns_are_typed_kept_renamed_or_left_out() -> None:
    table = raw(
        code=["0040", "7"], ki67=["12.5", "."], lines=["2", "3"], fish=["TRUE", "false"], empty=[None, None]
    )
    frame, _ = patients(table)
    kinds = {name: str(dtype) for name, dtype in frame.schema.items()}
    assert kinds["code"] == "String"
    assert kinds["ki67"] == "Float64"
    assert kinds["lines"] == "Int64"
    assert kinds["fish"] == "Boolean"
    assert frame.columns[-1] == "_where"
    assert patients(table, keep=False)[0].columns == ["patient_id", "_where"]
    assert "ki67" not in patients(table, ignore=["ki67"])[0].columns
    assert patients(table, {"proliferation": "ki67"})[0]["proliferation"].to_list() == [12.5, None]


def test_without_guessing_only_what_is_named_and_what_is_required_is_read() -> None:
    frame, _ = patients(raw(nlr=["5"]), {"cancer_type": {"value": "NSCLC"}}, guess=False, keep=False)
    assert frame.columns == ["patient_id", "cancer_type", "_where"]
    assert patients(raw(x=["1"]), {"prior_systemic": {"value": False}})[0]["prior_systemic"].to_list() == [
        False
    ]


def test_infinite_covariates_become_missing_and_are_reported() -> None:
    frame, notes = patients(raw(ki67=["5", "inf", None], ldh=["a", "b", "inf"]))
    assert frame["ki67"].to_list() == [5.0, None, None]
    assert frame["ldh"].to_list() == ["a", "b", "inf"]
    assert "ki67" in note(notes, "infinite_value").message
