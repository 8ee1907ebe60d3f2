"""CDISC folders: subjects, events, laboratory results, doses, lesions; days, versions, formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import coley
from coley.model.errors import UnreadableInput
from coley.model.study import DAYS_PER_MONTH

from .conftest import ADSL, ADTTE, SUBJECTS, changed, notes, without

Folder = Callable[..., Path]

AE = {
    "STUDYID": ["X"] * 5,
    "DOMAIN": ["AE"] * 5,
    "USUBJID": ["X-001", "X-001", "X-001", "X-002", "X-003"],
    "AESEQ": [1, 2, 3, 1, 1],
    "AETERM": ["rash"] * 5,
    "AEDECOD": ["Rash", "Colitis", "Rash", "Fatigue", "Rash"],
    "AEBODSYS": ["Skin"] * 5,
    "AETOXGR": ["1", "GRADE 3", "2", "5", None],
    "AESER": ["N", "Y", "N", "Y", "N"],
    "AESTDTC": ["2020-01-03", "2020-01-10T10:15", "2020-01", "2020-02-20", "2020-03-01"],
    "AEENDTC": ["2020-01-05", None, None, "2020-02-28", "2020-03"],
    "AESTDY": [1, 8, None, 20, -4],
    "AEENDY": [3, None, None, None, None],
}


def test_subjects_keep_their_population_flags(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, adtte=ADTTE))
    columns = ["patient_id", "cohort", "age_years", "sex", "treatment", "arm", "SAFFL", "ITTFL"]
    assert study.patients.select(columns).rows() == [
        ("X-001", "X", 61.0, "female", "Drug", "Drug", "Y", "Y"),
        ("X-002", "X", 55.0, "male", "Control", "Control", "Y", "Y"),
        ("X-003", "X", 70.0, "male", "Control", "Drug", "N", "Y"),
    ]
    assert "SAFFL 2, ITTFL 3" in notes(study, "populations")[0].message
    assert study.about.title == "X"
    assert study.about.randomised is True


def test_screen_failures_are_left_out_and_counted(folder: Folder) -> None:
    study = coley.read(folder(adsl=changed(ADSL, ARM=["Drug", "Screen Failure", "Drug"])))
    assert study.patients["patient_id"].to_list() == ["X-001", "X-003"]
    assert "1 of 3 subjects" in notes(study, "screen_failures")[0].message


def test_ages_in_months_become_years(folder: Folder) -> None:
    study = coley.read(folder(adsl=changed(ADSL, AGE=[732, 660, 840], AGEU=["MONTHS"] * 3)))
    assert study.patients["age_years"].to_list() == pytest.approx([61, 55, 70])


def test_there_is_no_study_day_0_and_the_first_dose_is_day_0(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, ae=AE))
    rows = study.table("adverse_events").select("patient_id", "term", "start_day", "end_day").rows()
    assert rows == [
        ("X-001", "Rash", 0.0, 2.0),
        ("X-001", "Colitis", 7.0, None),
        ("X-001", "Rash", None, None),  # a partial date is no day
        ("X-002", "Fatigue", 19.0, 27.0),  # the end from its date: no study day was given
        ("X-003", "Rash", -4.0, None),  # day -1 is the day before day 1
    ]
    assert {check.where.column for check in notes(study, "partial_dates") if check.where} == {
        "AESTDTC",
        "AEENDTC",
    }


def test_na_in_a_csv_written_by_r_is_missing(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, ae=changed(AE, AEENDTC=["NA"] * 5, AESTDTC=["NA"] * 5)))
    assert study.table("adverse_events")["end_day"].to_list() == [2.0, None, None, None, None]
    assert not notes(study, "partial_dates")


def test_grades_are_read_as_written_and_severity_is_none(folder: Folder) -> None:
    graded = coley.read(folder(adsl=ADSL, ae=AE)).table("adverse_events")
    assert graded["grade"].to_list() == [1, 3, 2, 5, None]
    assert graded["serious"].to_list() == [False, True, False, True, False]
    words = changed(without(AE, "AETOXGR"), AESEV=["MILD", "SEVERE", "MILD", "SEVERE", "MODERATE"])
    study = coley.read(folder(adsl=ADSL, ae=words))
    assert "grade" not in study.table("adverse_events").columns
    assert study.table("adverse_events")["AESEV"].to_list() == words["AESEV"]
    assert notes(study, "severity_is_no_grade")[0].level == "warn"


def test_study_days_of_another_origin_raise_an_alarm(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, ae=changed(AE, AESTDY=[11, 18, None, 30, 6])))
    assert notes(study, "study_day_reference")[0].level == "warn"
    study = coley.read(folder(ae=changed(AE, AESTDY=[0, 7, None, 19, -4])))
    assert "values 0" in notes(study, "study_day_zero")[0].message


def test_laboratory_results_of_adam_without_derived_rows(folder: Folder) -> None:
    adlb = {
        "STUDYID": ["X"] * 3,
        "USUBJID": ["X-001"] * 3,
        "PARAMCD": ["ALT", "ALT", "LDH"],
        "PARAM": ["Alanine Aminotransferase (U/L)", "Alanine Aminotransferase (U/L)", "LDH (ukat/L)"],
        "AVAL": [30, 35, 3.2],
        "ADT": ["2020-01-03", "2020-01-03", "2020-01-01"],
        "ADY": [1, 1, -2],
        "ANRLO": [5, 5, None],
        "ANRHI": [40, 40, None],
        "DTYPE": [None, "AVERAGE", None],
    }
    study = coley.read(folder(adsl=ADSL, adlb=adlb))
    columns = ["patient_id", "day", "test", "value", "unit", "lower_normal", "upper_normal"]
    assert study.table("labs").select(columns).rows() == [
        ("X-001", 0.0, "ALT", 30.0, "U/L", 5.0, 40.0),
        ("X-001", -2.0, "LDH", 3.2, "ukat/L", None, None),
    ]
    assert "AVERAGE" in notes(study, "derived_rows")[0].message


def test_laboratory_results_of_sdtm(folder: Folder) -> None:
    lb = {
        "STUDYID": ["X"] * 2,
        "DOMAIN": ["LB"] * 2,
        "USUBJID": ["X-001", "X-002"],
        "LBSEQ": [1, 1],
        "LBTESTCD": ["ALT", "ALT"],
        "LBTEST": ["Alanine Aminotransferase"] * 2,
        "LBSTRESN": [30, None],
        "LBSTRESU": ["U/L", None],
        "LBSTNRLO": [5, 5],
        "LBSTNRHI": [40, 40],
        "LBDTC": ["2020-01-04", "2020-02-01"],
    }
    study = coley.read(folder(adsl=ADSL, lb=lb))
    assert study.table("labs").select("day", "test", "value", "unit").rows() == [
        (1.0, "ALT", 30.0, "U/L"), (0.0, "ALT", None, None)
    ]  # fmt: skip


def test_doses_in_mg_and_those_per_kg(folder: Folder) -> None:
    ex = {
        "STUDYID": ["X"] * 3,
        "DOMAIN": ["EX"] * 3,
        "USUBJID": SUBJECTS,
        "EXSEQ": [1, 1, 1],
        "EXTRT": ["NIVOLUMAB"] * 3,
        "EXDOSE": [240, 0.48, 3],
        "EXDOSU": ["mg", "g", "mg/kg"],
        "EXDOSFRQ": ["Q2W", "Q4W", "Q2W"],
        "EXSTDTC": ["2020-01-03", "2020-02-15", "2020-03-05"],
        "EXENDTC": ["2020-01-03", "2020-02-15", "2020-03-05"],
        "EXSTDY": [1, 15, 1],
        "EXENDY": [1, 15, 1],
    }
    study = coley.read(folder(adsl=ADSL, ex=ex))
    doses = study.table("doses")
    assert doses.select("patient_id", "day", "drug", "end_day").row(1) == ("X-002", 14.0, "NIVOLUMAB", 14.0)
    assert doses["mg"].to_list() == [240.0, pytest.approx(480.0), None]
    assert "mg/kg" in notes(study, "dose_unit")[0].message


TR = {
    "STUDYID": ["X"] * 8,
    "DOMAIN": ["TR"] * 8,
    "USUBJID": ["X-001"] * 8,
    "TRSEQ": list(range(1, 9)),
    "TRGRPID": ["TARGET"] * 6 + ["NON-TARGET", "TARGET"],
    "TRLNKID": ["T01", "T01", "T02", "T02", "T01", "T02", "NT01", None],
    "TRTESTCD": ["LDIAM", "LPERP", "LDIAM", "LPERP", "LDIAM", "LDIAM", "TUMSTATE", "SUMDIAM"],
    "TRORRES": ["30", "20", "25", "16", "2.4", None, "ABSENT", "46"],
    "TRSTRESN": [30, 20, 25, 16, 2.4, None, None, 46],
    "TRSTRESC": ["30", "20", "25", "16", "2.4", "TOO SMALL TO MEASURE", "ABSENT", "46"],
    "TRSTRESU": ["mm", "mm", "mm", "mm", "cm", None, None, "mm"],
    "TRDTC": ["2020-01-01"] * 4 + ["2020-02-14"] * 4,
    "TRDY": [-2] * 4 + [43] * 4,
    "VISITNUM": [1] * 4 + [2] * 4,
}
TU = {
    "STUDYID": ["X"] * 3,
    "DOMAIN": ["TU"] * 3,
    "USUBJID": ["X-001"] * 3,
    "TUSEQ": [1, 2, 3],
    "TULNKID": ["T01", "T02", "NT01"],
    "TUTESTCD": ["TUMIDENT"] * 3,
    "TUORRES": ["TARGET", "TARGET", "NON-TARGET"],
    "TULOC": ["LUNG", "LYMPH NODE, AXILLARY", "LIVER"],
}


def test_lesions_are_measured_along_and_nodes_across(folder: Folder) -> None:
    study = coley.read(folder(adsl=ADSL, tr=TR, tu=TU))
    columns = ["lesion_id", "day", "diameter_mm", "role", "organ", "node", "state"]
    assert study.table("lesions").select(columns).rows() == [
        ("T01", -2.0, 30.0, "target", "LUNG", False, "measured"),
        ("T02", -2.0, 16.0, "target", "LYMPH NODE, AXILLARY", True, "measured"),
        ("T01", 42.0, 24.0, "target", "LUNG", False, "measured"),
        ("T02", 42.0, None, "target", "LYMPH NODE, AXILLARY", True, "too small"),
        ("NT01", 42.0, None, "non-target", "LIVER", False, "absent"),
    ]
    assert "longest diameters" in notes(study, "node_longest_diameter")[0].message
    assert study.table("lesions")["_where"].to_list() == [f"tr.csv:{line}" for line in (2, 5, 6, 7, 8)]


def test_analysis_data_come_before_collected_data(folder: Folder) -> None:
    dm = {
        "STUDYID": ["X"] * 3, "DOMAIN": ["DM"] * 3, "USUBJID": SUBJECTS, "SUBJID": ["1", "2", "3"],
        "SEX": ["F", "M", "M"], "ARMCD": ["D", "C", "D"], "RFSTDTC": ["2020-01-03"] * 3, "AGE": [1, 2, 3],
    }  # fmt: skip
    study = coley.read(folder(adsl=ADSL, dm=dm))
    assert study.patients["age_years"].to_list() == [61, 55, 70]
    assert "DM" in notes(study, "collected_data_left_out")[0].message
    (folder() / "adsl.csv").unlink()
    assert coley.read(folder()).patients["age_years"].to_list() == [1, 2, 3]


def test_disposition_is_kept(folder: Folder) -> None:
    ds = {
        "STUDYID": ["X"] * 3, "DOMAIN": ["DS"] * 3, "USUBJID": ["X-001", "X-001", "X-002"], "DSSEQ": [1, 2, 1],
        "DSDECOD": ["RANDOMIZED", "DEATH", "COMPLETED"], "DSTERM": ["x"] * 3,
        "DSCAT": ["PROTOCOL MILESTONE", "DISPOSITION EVENT", "DISPOSITION EVENT"], "DSSTDY": [1, 90, 180],
    }  # fmt: skip
    study = coley.read(folder(adsl=ADSL, ds=ds))
    assert study.patients.select("disposition", "disposition_day").rows() == [
        ("DEATH", 89.0), ("COMPLETED", 179.0), (None, None)
    ]  # fmt: skip


def test_split_data_sets_are_joined_and_versions_are_not(folder: Folder) -> None:
    first = {name: values[:3] for name, values in AE.items()}
    second = {name: values[3:] for name, values in AE.items()}
    study = coley.read(folder(adsl=ADSL, ae1=first, ae2=second))
    assert study.table("adverse_events").height == 5
    assert study.table("adverse_events")["_where"].to_list()[-1] == "ae2.csv:3"
    longer = {name: [*values[:3], values[0]] for name, values in changed(AE, AESEQ=[1, 2, 3, 1, 1]).items()}
    study = coley.read(folder(ae3=changed(longer, AESEQ=[1, 2, 3, 4])))
    assert study.table("adverse_events").height == 6  # ae3 in place of ae1, whose rows it holds too
    assert "Left out: ae1.csv" in notes(study, "dataset_versions")[0].message


def test_a_row_without_a_subject_is_refused(folder: Folder) -> None:
    with pytest.raises(UnreadableInput, match="without USUBJID") as caught:
        coley.read(folder(adsl=ADSL, ae=changed(AE, USUBJID=["X-001", None, "X-001", "X-002", "X-003"])))
    assert "lines 3" in caught.value.where


def test_one_data_set_alone(folder: Folder) -> None:
    study = coley.read(folder(adtte=ADTTE) / "adtte.csv")
    assert study.patients["patient_id"].to_list() == SUBJECTS
    assert study.patients["os_event"].to_list() == [True, False, False]
    assert study.patients["_where"].to_list() == ["adtte.csv:2", "adtte.csv:3", "adtte.csv:4"]
    assert notes(study, "no_subject_data")


def test_a_table_that_only_borrows_the_name_usubjid_is_not_cdisc(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("USUBJID,os_months,os_event\nA,3,1\n")
    study = coley.read(tmp_path)
    assert study.patients["os_months"].to_list() == [3.0]
    assert not notes(study, "no_subject_data")


def test_sas_transport_gives_the_same_study_as_csv(folder: Folder, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    import pandas as pd

    csv = coley.read(folder(adsl=ADSL, adtte=ADTTE, ae=AE))
    place = tmp_path / "sas"
    place.mkdir()
    for name, rows in (("adsl", ADSL), ("adtte", ADTTE), ("ae", AE)):
        frame = pd.DataFrame(rows)
        for column in frame.columns:  # as SAS has them: numbers for dates of ADaM, "" for a missing text
            if column.endswith("DT"):
                frame[column] = pd.to_datetime(frame[column]).dt.date
            elif frame[column].dtype == object:
                frame[column] = frame[column].fillna("")
        formats = {column: "DATE9." for column in frame.columns if column.endswith("DT")}
        pyreadstat.write_xport(
            frame, str(place / f"{name}.xpt"), variable_format=formats, table_name=name.upper()
        )
    sas = coley.read(place)
    for table in ("patients", "adverse_events"):
        ours, theirs = (study.table(table).drop("_where") for study in (csv, sas))
        assert set(ours.columns) == set(theirs.columns)
        shared = [name for name in ours.columns if name == name.lower()]
        assert ours.select(shared).equals(theirs.select(shared))


# Real data


@pytest.mark.real
def test_the_cdisc_pilot_reads_and_says_that_it_has_no_survival(shared: Path) -> None:
    study = coley.read(shared / "cdisc_pilot_ae")
    heights = {name: frame.height for name, frame in study.tables.items()}
    assert heights == {"patients": 254, "adverse_events": 1191, "doses": 591}
    assert study.patients["SAFFL"].to_list() == ["Y"] * 254
    assert study.patients["arm"].value_counts().sort("count").rows()[-1] == ("Placebo", 86)
    assert "grade" not in study.table("adverse_events").columns
    assert "TTDE" in notes(study, "endpoints_not_read")[0].message
    assert notes(study, "no_survival_endpoint")[0].level == "warn"
    assert not {"os_months", "pfs_months"} & set(study.patients.columns)
    first = study.table("doses").sort("patient_id", "day").unique("patient_id", keep="first")
    assert set(first["day"]) == {0.0}


@pytest.mark.real
def test_days_of_the_pilot_agree_with_its_dates(shared: Path) -> None:
    """The day that was read is the day counted from the dates, for all events with both."""
    import pyreadstat

    raw, _ = pyreadstat.read_xport(str(shared / "cdisc_pilot_ae" / "adae.xpt"), output_format="polars")
    days = (raw["ASTDT"] - raw["TRTSDT"]).dt.total_days().cast(pl.Float64)
    assert (
        coley.read(shared / "cdisc_pilot_ae").table("adverse_events")["start_day"].to_list() == days.to_list()
    )


@pytest.mark.real
def test_pharmaverse_adam(shared: Path) -> None:
    study = coley.read(shared / "pharmaverse_onco_adam")
    patients = study.patients
    assert patients.height == 254
    raw = pl.read_csv(shared / "pharmaverse_onco_adam" / "adtte_onco.csv.gz", infer_schema=False)
    for code, endpoint in (("OS", "os"), ("PFS", "pfs")):
        rows = raw.filter(pl.col("PARAMCD") == code)
        both = patients.join(rows, left_on="patient_id", right_on="USUBJID")
        assert both.height == rows.height == 254
        assert (both[f"{endpoint}_months"] * DAYS_PER_MONTH).to_list() == pytest.approx(
            both["AVAL"].cast(pl.Float64).to_list()
        )
        assert both[f"{endpoint}_event"].to_list() == [code == "0" for code in both["CNSR"]]
    assert (patients["os_event"].sum(), patients["pfs_event"].sum()) == (3, 6)
    adrs = pl.read_csv(shared / "pharmaverse_onco_adam" / "adrs_onco.csv.gz", infer_schema=False)
    bor = adrs.filter(
        (pl.col("PARAMCD") == "BOR") & pl.col("USUBJID").is_in(patients["patient_id"].to_list())
    )
    counts = dict(patients["response"].value_counts().iter_rows())
    words = dict(bor["AVALC"].value_counts().iter_rows())
    assert counts["NE"] == words["MISSING"] + words.get("NE", 0)
    assert sum(counts.values()) == 254
    assert patients["response"].is_in(["CR", "PR"]).sum() == words.get("CR", 0) + words.get("PR", 0)
    assert study.table("lesions").filter(pl.col("state") == "measured").height > 0
    assert study.about.time_origin == "randomisation"


@pytest.mark.real
def test_pharmaverse_sdtm_counts_no_scan_twice(shared: Path) -> None:
    study = coley.read(shared / "pharmaverse_onco_sdtm")
    lesions = study.table("lesions")
    assert lesions["patient_id"].n_unique() == 254
    assert not lesions.select("patient_id", "lesion_id", "day").is_duplicated().any()
    raw = pl.read_csv(shared / "pharmaverse_onco_sdtm" / "tr_onco.csv.gz", infer_schema=False)
    accepted = raw.filter(
        (pl.col("TRACPTFL") == "Y") & (pl.col("TRTESTCD") == "LDIAM") & pl.col("TRLNKID").is_not_null()
    )
    chosen = {where.removeprefix("tr_onco.csv.gz:") for where in lesions["_where"]}
    not_accepted = raw.with_row_index("line", offset=2).filter(pl.col("TRACPTFL").is_null())["line"]
    assert not chosen & {str(line) for line in not_accepted}
    assert accepted.height > 0
    assert {note.name for note in notes(study, "dataset_versions")} == {"dataset_versions"}
    assert len(notes(study, "dataset_versions")) == 3
    assert study.patients["response"].null_count() == 254 - 205
