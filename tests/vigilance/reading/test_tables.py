"""Formats other than the quarterly files: each read whole, and its broken rows accounted for."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import polars as pl
import pytest

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import read_reports

VAERS = {
    "2021VAERSDATA.csv": "VAERS_ID,RECVDATE,STATE,AGE_YRS,CAGE_YR,SEX,SYMPTOM_TEXT,DIED,L_THREAT,HOSPITAL,X_STAY,"
    "DISABLE,VAX_DATE,ONSET_DATE,SPLTTYPE,BIRTH_DEFECT\r\n"
    '0916600,01/01/2021,TX,33.0,33,F,"Right side of epiglottis swelled,\r\n""tight"" throat",,,Y,Y,,12/28/2020,'
    "12/30/2020,,\r\n"
    "0916601,01/02/2021,CA,,0.5,U,Died,Y,,,,,,,US-1,\r\n"
    "x,01/02/2021,CA,73.0,73,M,No key,,,,,,,,,\r\n",
    "2021VAERSVAX.csv": "VAERS_ID,VAX_TYPE,VAX_MANU,VAX_LOT,VAX_DOSE_SERIES,VAX_ROUTE,VAX_SITE,VAX_NAME\r\n"
    "0916600,COVID19,MODERNA,037K20A,1,IM,LA,COVID19 (COVID19 (MODERNA))\r\n"
    "0916600,FLU4,SANOFI,1,1,IM,RA,INFLUENZA (SEASONAL) (FLUZONE)\r\n"
    "0916601,COVID19,MODERNA,025L20A,1,IM,RA,COVID19 (COVID19 (MODERNA))\r\n",
    "2021VAERSSYMPTOMS.csv": "VAERS_ID,SYMPTOM1,SYMPTOMVERSION1,SYMPTOM2,SYMPTOMVERSION2,SYMPTOM3,SYMPTOMVERSION3,"
    "SYMPTOM4,SYMPTOMVERSION4,SYMPTOM5,SYMPTOMVERSION5\r\n"
    "0916600,Dysphagia,23.1,Epiglottitis,23.1,,,,,,\r\n"
    "0916601,Death,23.1,,,,,,,,\r\n"
    "0916601,Sj\xf6gren's syndrome,23.1,,,,,,,,\r\n",
}


def frame(store: Path, relation: str) -> pl.DataFrame:
    return pl.read_parquet(store / relation / "*.parquet")


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("cp1252"))
    return folder


def test_a_year_of_vaers(tmp_path):
    log = read_reports(write(tmp_path / "v", VAERS), tmp_path / "store")
    assert log.adds_up
    assert not log.problems
    first, second = frame(tmp_path / "store", "reports").to_dicts()
    assert (first["report_id"], first["received_date"], first["event_date"]) == (916600, 20210101, 20201230)
    assert (first["age_years"], first["sex"], second["age_years"], second["sex"]) == (33.0, "F", 0.5, None)
    outcomes = frame(tmp_path / "store", "outcomes").rows()
    assert sorted(outcomes) == [(916600, "HO"), (916601, "DE")]  # HOSPITAL and X_STAY are one outcome
    drugs = frame(tmp_path / "store", "drugs")
    assert drugs["ingredient"].to_list() == ["COVID19", "FLU4", "COVID19"]
    assert set(drugs["role"]) == {"PS"}
    given = frame(tmp_path / "store", "therapies").join(drugs, on=["report_id", "drug_seq"])
    assert sorted(given.select("ingredient", "start_date").rows()) == [
        ("COVID19", 20201228),
        ("FLU4", 20201228),
    ]
    assert frame(tmp_path / "store", "reactions").rows() == [
        (916600, "Dysphagia"), (916600, "Epiglottitis"), (916601, "Death"), (916601, "Sjögren's syndrome"),
    ]  # fmt: skip
    assert log.dropped == {"no number in the key": 1}
    assert log.altered == {"not UTF-8, read as Windows-1252": 1}
    data = next(file for file in log.files if file.relation == "reports")
    assert (data.lines, data.header, data.kept, data.joined) == (5, 1, 2, 1)
    assert data.dropped[0].lines == (5,)


def test_a_year_of_vaers_without_symptoms_is_refused(tmp_path):
    files = {name: text for name, text in VAERS.items() if "SYMPTOMS" not in name}
    with pytest.raises(UnreadableInput, match="has no SYMPTOMS"):
        read_reports(write(tmp_path / "v", files), tmp_path / "store")


DASHBOARD = (
    "Case ID,Suspect Product Names,Suspect Product Active Ingredients,Reason for Use,Reactions,Serious,Outcomes,Sex,"
    "Event Date,Latest FDA Received Date,Case Priority,Patient Age,Patient Weight,Sender,Reporter Type,"
    "Concomitant Product Names,Initial FDA Received Date,Country where Event occurred\n"
    "11,Keytruda;Padcev,Pembrolizumab;A\\B,Bladder Cancer;Pain,Rash;Colitis;Rash,Serious,Died;Other Outcomes,Male,"
    "MAR-2019,08-FEB-2020,Expedited,61 DEC,160 LB,Merck,Consumer,Eliquis,05-FEB-2020,JP\n"
    "12,Opdivo,Nivolumab,-,Death,Non-Serious,Non-Serious,Not Specified,2018,31-FEB-2020,Direct,Not Specified,-,-,-,-,-,"
    "Not Specified\n"
    "13,Imfinzi,-,-,Rash,Serious,Burned,Female,-,08-FEB-2020,Expedited,80 YR,70 STONE,-,-,-,-,-\n"
)


def test_an_export_of_the_dashboard(tmp_path):
    (tmp_path / "d.csv").write_text(DASHBOARD)
    log = read_reports(tmp_path / "d.csv", tmp_path / "store")
    assert log.adds_up
    first, second, _ = frame(tmp_path / "store", "reports").to_dicts()
    assert (first["event_date"], first["received_date"], first["report_type"]) == (201903, 20200208, "EXP")
    assert (first["age_years"], first["sex"], first["reporter"], first["country"]) == (610.0, "M", "CN", "JP")
    assert first["weight_kg"] == pytest.approx(72.5747792)
    assert (second["event_date"], second["received_date"], second["sex"], second["country"]) == (
        2018,
        None,
        None,
        None,
    )
    drugs = (
        frame(tmp_path / "store", "drugs")
        .select("report_id", "drug_seq", "role", "name", "ingredient")
        .rows()
    )
    assert drugs == [
        (11, 1, "SS", None, "Pembrolizumab"), (11, 2, "SS", None, "A\\B"), (11, 3, "C", "Eliquis", None),
        (12, 1, "SS", "Opdivo", "Nivolumab"), (13, 1, "SS", "Imfinzi", None),
    ]  # fmt: skip
    reactions = frame(tmp_path / "store", "reactions").rows()
    assert reactions == [(11, "Rash"), (11, "Colitis"), (12, "Death"), (13, "Rash")]
    assert frame(tmp_path / "store", "outcomes").rows() == [(11, "DE"), (11, "OT")]
    assert frame(tmp_path / "store", "indications").rows() == [
        (11, None, "Bladder Cancer"),
        (11, None, "Pain"),
    ]
    assert log.altered == {
        "outcome: unknown code, null": 1, "received_date: no date, null": 1, "weight_kg: unknown unit, null": 1,
    }  # fmt: skip
    assert "does not tell the primary suspect" in log.notes[0].what


@pytest.mark.real
def test_the_dashboard_export_of_bladder_cancer_as_csv_and_as_workbook(shared, tmp_path):
    source = shared / "ici_faers_bladder_dashboard"
    with gzip.open(source / "ici_faers_bladder.csv.gz", "rt", encoding="utf-8") as stream:
        cells = list(csv.DictReader(stream))
    names = ("ici_faers_bladder.csv.gz", "ICI_FAERS.xlsx")
    logs = [read_reports(source / name, tmp_path / name) for name in names]
    assert logs[0].rows == logs[1].rows
    assert logs[0].adds_up
    assert logs[0].dropped == logs[0].altered == {}
    store = tmp_path / "ICI_FAERS.xlsx"
    assert frame(store, "reports").height == 2948
    assert frame(store, "reports")["event_date"].is_not_null().sum() == 1892
    both = (
        frame(store, "drugs").filter(pl.col("role") == "SS").group_by("report_id").agg(pl.col("ingredient"))
    )
    assert both["ingredient"].list.set_intersection(["Ipilimumab", "Nivolumab"]).list.len().eq(2).sum() == 151
    for relation, name in (
        ("reactions", "Reactions"),
        ("outcomes", "Outcomes"),
        ("indications", "Reason for Use"),
    ):
        expected = sum(
            len({v.strip() for v in row[name].split(";")} - {"-", "", "Non-Serious"}) for row in cells
        )
        assert frame(store, relation).height == expected


@pytest.mark.real
def test_the_tables_of_diana_give_the_four_numbers_of_its_tests(shared, tmp_path):
    log = read_reports(shared / "diana_faers_sample", tmp_path / "store")
    assert log.adds_up
    assert not log.problems
    drugs = (
        frame(tmp_path / "store", "drugs")
        .with_columns(pl.col("ingredient").str.split("\\"))
        .explode("ingredient", empty_as_null=True)
    )
    assert drugs.height == 3909  # rows of its Drug table, one a substance
    exposed = set(drugs.filter(pl.col("ingredient") == "paracetamol")["report_id"])
    event = set(frame(tmp_path / "store", "reactions").filter(pl.col("term") == "nausea")["report_id"])
    everybody = set(frame(tmp_path / "store", "reports")["report_id"])
    both = len(exposed & event)
    assert (both, len(exposed) - both, len(event) - both, len(everybody - exposed - event)) == (
        2,
        49,
        24,
        925,
    )
    reports = frame(tmp_path / "store", "reports")
    assert reports["case_id"].null_count() == 0
    assert set(reports["quarter"].str.slice(0, 2)) == {"20"}
    assert reports["quarter"].str.len_chars().unique().to_list() == [6]
    assert reports.filter(report_id=4523436)["age_years"].item() == pytest.approx(12410 / 365.25)
    assert reports["country"].drop_nulls().str.len_chars().unique().to_list() == [2]
    starts = frame(tmp_path / "store", "therapies")["start_date"]
    assert starts.null_count() == 55  # cells without a date in its Ther table
    assert 2014 in set(starts)


@pytest.mark.real
def test_pairs_of_2022q3(shared, tmp_path):
    log = read_reports(shared / "faers_2022q3_primary_suspect" / "faers22q3_ps.csv.gz", tmp_path / "store")
    # 496,312 rows, of which 5 repeat another; 215,867 cases with one drug each (SOURCE.txt).
    assert log.adds_up
    assert log.files[0].kept == 496312
    assert {name: log.rows[name] for name in ("reports", "drugs", "reactions")} == {
        "reports": 215867, "drugs": 215867, "reactions": 496307,
    }  # fmt: skip
    names = frame(tmp_path / "store", "drugs")["name"].str.to_lowercase()
    assert (names == "keytruda").sum() > 0


@pytest.mark.real
def test_dated_rows_without_reports_stand_for_one_each(shared, tmp_path):
    log = read_reports(shared / "maude_mesh_dated" / "sample.csv", tmp_path / "store")
    assert log.rows["reports"] == log.rows["drugs"] == log.rows["reactions"] == 4359
    dates = frame(tmp_path / "store", "reports")["received_date"]
    assert (dates.min() // 100, dates.max() // 100) == (200301, 201712)  # SOURCE.txt
    assert any("names no report" in note.what for note in log.notes)


def test_counts_stand_for_so_many_reports(tmp_path):
    (tmp_path / "t.csv").write_text(
        "drug;event;count;date\nA;Rash;3;2020-01-31\nB;Rash;0;2020\nB;Pain;x;2020\n"
    )
    log = read_reports(tmp_path / "t.csv", tmp_path / "store")
    assert frame(tmp_path / "store", "reports")["received_date"].to_list() == [20200131] * 3
    assert frame(tmp_path / "store", "drugs")["name"].to_list() == ["A"] * 3
    assert log.dropped == {"no whole number in the count": 1}
    assert log.adds_up


def test_reports_that_are_named_by_words_are_numbered(tmp_path):
    (tmp_path / "t.csv").write_text(
        "case_id,drug,pt,sex\nP-1,A,Rash,female\nP-2,B,Pain,M\nP-1,B,Rash,female\n,B,Rash,M\n"
    )
    log = read_reports(tmp_path / "t.csv", tmp_path / "store")
    assert frame(tmp_path / "store", "reports").select("report_id", "case_id", "sex").rows() == [
        (1, 1, "F"),
        (2, 2, "M"),
    ]
    assert frame(tmp_path / "store", "drugs").select("report_id", "drug_seq", "role", "name").rows() == [
        (1, 1, "SS", "A"), (2, 1, "SS", "B"), (1, 2, "SS", "B"),
    ]  # fmt: skip
    assert frame(tmp_path / "store", "reactions").rows() == [(1, "Rash"), (2, "Pain")]
    assert log.dropped == {"no report in the key": 1}
    assert log.adds_up


def test_broken_rows_of_a_table_add_up(tmp_path):
    text = (
        b'caseid,drug,ae\n1,A,Rash\n2,A\n3,A,Rash,x\n\n4,"A,\nB",Rash\n5,A\0,Rash\n6,,Rash\n7,\xe4,Rash\n'
        b'8,"A,Rash\n9,A,Rash\n'
    )
    (tmp_path / "t.csv").write_bytes(text)
    log = read_reports(tmp_path / "t.csv", tmp_path / "store")
    assert frame(tmp_path / "store", "drugs")["name"].to_list() == ["A", "A,\nB", "ä"]
    (file,) = log.files
    assert (file.lines, file.kept, file.joined) == (12, 3, 1)
    assert {tally.reason: tally.lines for tally in file.dropped} == {
        "fewer fields than the header": (3, 11, 12), "more fields than the header": (4,), "blank line": (5,),
        "zero bytes": (8,), "no drug or no event": (9,),
    }  # fmt: skip
    assert log.adds_up


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path):
    body = "".join(f"{number},A,Rash\n" for number in range(20_000))
    (tmp_path / "t.csv").write_text(f'caseid,drug,ae\n1,"A,Rash\n{body}')
    with pytest.raises(UnreadableInput, match="cell does not end") as told:
        read_reports(tmp_path / "t.csv", tmp_path / "store")
    assert "line 2" in told.value.where


def test_carriage_returns_alone_are_told(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"caseid,drug,ae\r1,A,Rash\r")
    with pytest.raises(UnreadableInput, match="a line ends within it"):
        read_reports(tmp_path / "t.csv", tmp_path / "store")


def test_a_table_of_counts_is_no_table_of_reports(tmp_path):
    (tmp_path / "t.csv").write_text("Drug lab,AE lab,n11\nD1,A1,3\n")
    with pytest.raises(UnreadableInput, match="table of counts") as told:
        read_reports(tmp_path / "t.csv", tmp_path / "store")
    assert "contingency table" in told.value.remedy


def test_of_two_tables_the_second_is_told(tmp_path):
    write(tmp_path / "t", {"a.csv": "caseid,drug,ae\n1,A,Rash\n", "b.csv": "caseid,drug,ae\n1,B,Pain\n"})
    log = read_reports(tmp_path / "t", tmp_path / "store")
    assert frame(tmp_path / "store", "drugs")["name"].to_list() == ["A"]
    assert "b.csv" in log.problems[0].where


def test_a_table_beside_a_database_is_left_alone(quarter, tmp_path):
    quarter.write(tmp_path / "q")
    (tmp_path / "q" / "published.csv").write_text("drug,event,n,date\nOPDIVO,Colitis,30,2017\n")
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert log.rows["reports"] == 2
    assert [note.where for note in log.notes] == ["q/published.csv"]


def test_two_databases_are_not_mixed(quarter, tmp_path):
    quarter.write(tmp_path / "q")
    write(tmp_path / "q", VAERS)
    with pytest.raises(UnreadableInput, match="several databases") as told:
        read_reports(tmp_path / "q", tmp_path / "store")
    assert "VAERS" in told.value.what
    assert "FAERS" in told.value.what


def test_a_workbook_with_a_cell_far_out_is_refused(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(("Case ID", "Suspect Product Active Ingredients", "Reactions")):
            sheet.write(0, column, name)
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(UnreadableInput, match="more than 702 columns"):
        read_reports(path, tmp_path / "store")
