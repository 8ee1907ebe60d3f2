"""Spontaneous reports without a manifest: recognised by their headers, and nothing else is taken for them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import coley
from coley.model.errors import UnreadableInput
from coley.read.reports import REPORTS
from coley.toy.reports import ReportDesign, simulate_reports, write_faers

VAERS = {
    "2021VAERSDATA.csv": "VAERS_ID,RECVDATE,STATE,AGE_YRS,SEX,DIED,VAX_DATE,ONSET_DATE\n"
    "916600,01/01/2021,TX,33.0,F,,12/28/2020,12/30/2020\n916601,01/02/2021,CA,73,M,Y,,\n",
    "2021VAERSVAX.csv": "VAERS_ID,VAX_TYPE,VAX_MANU,VAX_NAME\n"
    "916600,FLU4,SANOFI,INFLUENZA (FLUZONE)\n916601,FLU4,SANOFI,INFLUENZA (FLUZONE)\n",
    "2021VAERSSYMPTOMS.csv": "VAERS_ID,SYMPTOM1,SYMPTOM2\n916600,Dysphagia,Rash\n916601,Death,\n",
}
DASHBOARD = {
    "export.csv": "Case ID,Suspect Product Names,Suspect Product Active Ingredients,Reason for Use,Reactions,"
    "Outcomes,Sex,Event Date,Patient Age,Concomitant Product Names\n"
    "10000001,Opdivo,Nivolumab,Melanoma,Colitis;Rash,Hospitalized,Male,2019,63 YR,Aspirin\n"
    "10000002,Keytruda,Pembrolizumab,Melanoma,Myocarditis,Died,Female,2020,71 YR,-\n"
}
DIANA = {
    "Demo.csv": "primaryid,sex,age_in_days,wt_in_kgs,occr_country,event_dt,fda_dt,rept_cod\n"
    "1,M,22000,80,FR,20170301,20170401,EXP\n",
    "Drug.csv": "primaryid,drug_seq,substance,role_cod\n1,1,nivolumab,PS\n1,1,ipilimumab,PS\n",
    "Reac.csv": "primaryid,pt\n1,colitis\n",
}
ROWS = "CASEID,DRUG,AE\n1,Nivolumab,Colitis\n1,Nivolumab,Rash\n2,Aspirin,Nausea\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("files", [VAERS, DASHBOARD, DIANA], ids=["vaers", "dashboard", "diana"])
def test_a_folder_of_reports_is_a_study(files: dict[str, str], tmp_path: Path) -> None:
    study = coley.read(write(tmp_path / "reports", files))
    assert {"reports", "report_drugs", "report_reactions"} <= set(study.tables)
    assert study.table("report_reactions").height >= 1
    assert {source.file for source in study.sources} == set(files)


def test_a_single_export_is_a_study_and_says_what_it_cannot_tell(tmp_path: Path) -> None:
    study = coley.read(write(tmp_path / "reports", DASHBOARD) / "export.csv")
    assert study.table("reports").height == 2
    assert study.table("report_drugs")["role"].to_list() == ["SS", "C", "SS"]
    assert any("no dates of therapy" in note.message for note in study.notes)


@pytest.mark.parametrize("packed", [False, True])
def test_one_table_that_numbers_reports_is_a_study(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("rows.csv.gz" if packed else "rows.csv")
    path.write_bytes(gzip.compress(ROWS.encode()) if packed else ROWS.encode())
    assert coley.read(path).table("reports").height == 2


def test_quarters_are_known_whatever_their_names(tmp_path: Path) -> None:
    write_faers(tmp_path / "a", simulate_reports(ReportDesign(n_cases=50, quarters=1)).raw)
    renamed = tmp_path / "b"
    renamed.mkdir()
    for path in (tmp_path / "a").rglob("*.txt"):
        (renamed / f"my {path.stem[:4]}.txt").write_bytes(path.read_bytes())
    assert REPORTS.sniff(tmp_path / "a")
    assert REPORTS.sniff(renamed)


@pytest.mark.parametrize(
    "text",
    [
        "id,drug,event,months\n1,nivolumab,1,3.2\n2,docetaxel,0,8.0\n",  # patients with their survival
        "case_id,treatment,response\n1,nivolumab,CR\n",
        "patient_id,drug,event,date\n1,nivolumab,rash,2020-01-01\n",
        "drug,event,count\nnivolumab,rash,3\n",  # counts: there is nothing to clean
        "",
        "\x00\x01",
    ],
)
def test_no_table_of_patients_or_counts_is_taken_for_reports(text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert not REPORTS.sniff(path)
    assert not REPORTS.sniff(tmp_path)


def test_a_folder_without_a_table_that_reports_need_is_told_so(tmp_path: Path) -> None:
    files = {name: text for name, text in VAERS.items() if "SYMPTOMS" not in name}
    with pytest.raises(UnreadableInput, match="has no SYMPTOMS"):
        coley.read(write(tmp_path / "reports", files))


def test_vaers_is_asked_like_any_study(tmp_path: Path) -> None:
    answer = coley.ask(coley.read(write(tmp_path / "reports", VAERS)), "harm", screen=False)
    assert answer.headline.startswith("None of 2 reports")


@pytest.mark.real
def test_real_folders_are_recognised_and_no_cohort_is(shared: Path) -> None:
    reports = {"diana_faers_sample", "faers_ascii_mini", "ici_faers_bladder_dashboard"}
    found = {path.name for path in shared.iterdir() if path.is_dir() and REPORTS.sniff(path)}
    assert found == reports
    assert REPORTS.sniff(shared / "faers_2022q3_primary_suspect" / "faers22q3_ps.csv.gz")
