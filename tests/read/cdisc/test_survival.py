"""ADTTE: the unit of AVAL, CNSR inverted, one row a subject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import coley
from coley.model.errors import UnreadableInput
from coley.model.study import DAYS_PER_MONTH

from .conftest import ADSL, ADTTE, changed, notes, without

Folder = Callable[..., Path]
DAYS = [366, 60, 10]


def test_censoring_is_inverted_and_every_reason_for_it_is_censoring(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=ADTTE))
    assert study.patients["os_event"].to_list() == [True, False, False]
    assert study.patients["pfs_event"].to_list() == [True, True, False]
    assert "1 events among 3" in notes(study, "event_inverted")[0].message


def test_days_become_months(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=ADTTE))
    assert [m * DAYS_PER_MONTH for m in study.patients["os_months"]] == pytest.approx(DAYS)
    assert "AVAL is in days: it equals ADT - STARTDT + 1 in 100% of 3" in notes(study, "time_unit")[0].message


@pytest.mark.parametrize(("unit", "size"), [("weeks", 7.0), ("months", DAYS_PER_MONTH), ("years", 365.25)])
def test_other_units_are_shown_by_the_dates(folder: Folder, unit: str, size: float) -> None:
    values = [round(days / size, 3) for days in [*DAYS, 100, 30, 10]]
    study = coley.read(folder(adsl=ADSL, adtte=changed(ADTTE, AVAL=values)))
    assert study.patients["os_months"].to_list() == pytest.approx(
        [d / DAYS_PER_MONTH for d in DAYS], abs=0.03
    )
    assert f"AVAL is in {unit}" in notes(study, "time_unit")[0].message


def test_the_unit_may_be_said_by_avalu_or_by_param(folder: Folder) -> None:
    bare = without(ADTTE, "ADT", "STARTDT")
    said = coley.read(folder(adsl=ADSL, adtte=changed(bare, AVALU=["MONTHS"] * 6)))
    assert said.patients["os_months"].to_list() == [366, 60, 10]
    named = changed(bare, PARAM=["Overall Survival (Months)"] * 3 + ["PFS (Days)"] * 3)
    study = coley.read(folder(adsl=ADSL, adtte=named))
    assert study.patients["os_months"].to_list() == [366, 60, 10]
    assert study.patients["pfs_months"][0] == pytest.approx(100 / DAYS_PER_MONTH)


def test_dates_are_believed_against_avalu(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=changed(ADTTE, AVALU=["MONTHS"] * 6)))
    assert study.patients["os_months"][0] == pytest.approx(366 / DAYS_PER_MONTH)
    assert notes(study, "time_unit_contradicted")[0].level == "warn"


def test_times_of_unknown_unit_are_not_read(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=without(ADTTE, "ADT", "STARTDT")))
    assert "os_months" not in study.patients.columns
    assert "days or in months" in notes(study, "time_unit")[0].message
    assert notes(study, "no_survival_endpoint")


def test_two_rows_of_a_subject_are_refused_unless_one_is_marked(folder: Folder) -> None:
    twice = {name: [*values, values[0]] for name, values in ADTTE.items()}
    with pytest.raises(UnreadableInput, match="more than one row of OS") as caught:
        coley.read(folder(adsl=ADSL, adtte=twice))
    assert "lines 2, 8" in caught.value.where
    flags = ["Y"] * 6 + [None]
    study = coley.read(folder(adtte=changed(twice, ANL01FL=flags)))
    assert study.patients["os_event"].to_list() == [True, False, False]


def test_an_endpoint_under_another_code_is_found_by_its_name(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=changed(ADTTE, PARAMCD=["OSITT"] * 3 + ["PFSINV"] * 3)))
    assert study.patients["os_event"].to_list() == [True, False, False]
    assert study.patients["pfs_event"].to_list() == [True, True, False]


def test_a_reversed_cnsr_raises_an_alarm(folder: Folder) -> None:
    reasons = [None, "Alive", "Lost", None, None, "Alive"]
    study = coley.read(folder(adsl=ADSL, adtte=changed(ADTTE, CNSDTDSC=reasons)))
    assert not notes(study, "event_reversed")
    study = coley.read(folder(adtte=changed(ADTTE, CNSDTDSC=reasons, CNSR=[1, 0, 0, 1, 1, 0])))
    assert [note.level for note in notes(study, "event_reversed")] == ["warn", "warn"]


def test_censoring_codes_that_are_none(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=changed(ADTTE, CNSR=[0, "X", -1, 0, 0, None])))
    assert study.patients["os_event"].to_list() == [True, None, None]
    assert study.patients["pfs_event"].to_list() == [True, True, None]
    assert "2 values of CNSR" in notes(study, "unknown_code")[0].message


def test_the_origin_of_time_is_that_of_startdt(folder: Folder) -> None:
    assert coley.read(folder(adsl=ADSL, adtte=ADTTE)).about.time_origin == "randomisation"
    assert coley.read(folder(adsl=changed(ADSL, RANDDT=[None] * 3))).about.time_origin == ""
    same = changed(without(ADSL, "RANDDT"), TRTSDT=ADSL["RANDDT"])
    assert coley.read(folder(adsl=same)).about.time_origin == "first dose"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(folder: Folder, order: list[int]) -> None:
    mixed = {name: [values[i] for i in order] for name, values in ADTTE.items()}
    study = coley.read(folder(adsl=ADSL, adtte=mixed))
    assert study.patients["os_event"].to_list() == [True, False, False]
    assert [m * DAYS_PER_MONTH for m in study.patients["pfs_months"]] == pytest.approx([100, 30, 10])
