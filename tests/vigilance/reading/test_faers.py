"""Quarters of FAERS and AERS: what is read, and what becomes of broken lines, quarters and archives."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.vigilance.reading import Limits, ReadingLog, read_reports
from coley.vigilance.schema import RAW

AERS = {
    "DEMO": "ISR$CASE$I_F_COD$FOLL_SEQ$IMAGE$EVENT_DT$MFR_DT$FDA_DT$REPT_COD$MFR_NUM$MFR_SNDR$AGE$AGE_COD$GNDR_COD$"
    "E_SUB$WT$WT_COD$REPT_DT$OCCP_COD$DEATH_DT$TO_MFR$CONFID\r\n"
    "4263742$4061110$F$3$4263742-7$20031115$20031218$20040102$EXP$DSA_1$BIOVAIL$18$MON$F$N$9500$GMS$20031231$OT$$$$\r\n",
    "DRUG": "ISR$DRUG_SEQ$ROLE_COD$DRUGNAME$VAL_VBM$ROUTE$DOSE_VBM$DECHAL$RECHAL$LOT_NUM$EXP_DT$NDA_NUM\r\n"
    "4263742$1004492716$PS$TAVOR$2$$$D$D$$$17794$\r\n",
    "REAC": "ISR$PT\r\n4263742$DIARRHOEA$\r\n",
    "THER": "ISR$DRUG_SEQ$START_DT$END_DT$DUR$DUR_COD\r\n4263742$1004492716$20031115$200311$2$MON$\r\n",
}


def rows(store: Path, relation: str) -> list[dict]:
    return pq.read_table(store / relation).to_pylist()


def reasons(log: ReadingLog, relation: str) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {
        tally.reason: (tally.count, tally.lines)
        for file in log.files
        if file.relation == relation
        for tally in (*file.dropped, *file.altered)
    }


def test_a_quarter_becomes_the_relations_of_the_schema(quarter, tmp_path):
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    first, second = rows(tmp_path / "store", "reports")
    assert first == {
        "report_id": 1000000011, "case_id": 100000001, "version": 1, "follow_up": False, "quarter": "2017Q2",
        "received_date": 20170402, "first_received_date": 20170402, "event_date": 20170301, "report_type": "EXP",
        "manufacturer": "BMS", "manufacturer_number": "US-1", "literature": None, "age_years": 70.0, "sex": "M",
        "weight_kg": 80.0, "reporter": "MD", "country": "FR",
    }  # fmt: skip
    assert (second["follow_up"], second["event_date"], second["age_years"]) == (True, 201702, 60.0)
    assert second["weight_kg"] == pytest.approx(69.853, abs=5e-4)  # 154 lb
    assert second["country"] == "US"  # where it was reported from, as where it happened is not told
    drug = rows(tmp_path / "store", "drugs")[0]
    assert drug == {
        "report_id": 1000000011, "drug_seq": 1, "role": "PS", "name": "OPDIVO", "ingredient": "NIVOLUMAB",
        "route": "Intravenous", "dechallenge": "Y", "rechallenge": "N", "dose_amount": 3.0, "dose_unit": "MG/KG",
        "dose_frequency": "QOW",
    }  # fmt: skip
    therapies = rows(tmp_path / "store", "therapies")
    assert [(t["start_date"], t["end_date"], t["duration_days"]) for t in therapies] == [
        (20170201, 2017, 21.0),
        (20170101, None, 0.5),
    ]
    assert log.rows == {
        "reports": 2, "drugs": 3, "reactions": 3, "outcomes": 1, "therapies": 2, "indications": 1, "sources": 1,
        "deleted": 0,
    }  # fmt: skip
    assert log.dropped == log.altered == {}
    assert log.adds_up


def test_aers_is_read_by_its_own_columns_and_units(tmp_path):
    for name, text in AERS.items():
        (tmp_path / f"{name}04Q1.TXT").write_bytes(text.encode())
    log = read_reports(tmp_path, tmp_path / "store")
    report = rows(tmp_path / "store", "reports")[0]
    assert (report["report_id"], report["case_id"], report["version"], report["follow_up"]) == (
        4263742, 4061110, 3, True,
    )  # fmt: skip
    assert (report["age_years"], report["sex"], report["weight_kg"]) == (1.5, "F", 9.5)
    assert report["quarter"] == "2004Q1"
    assert rows(tmp_path / "store", "therapies")[0]["duration_days"] == 60.875
    assert rows(tmp_path / "store", "drugs")[0]["drug_seq"] == 1004492716
    assert {file.vintage for file in log.files} == {"AERS"}
    assert log.adds_up
    assert log.dropped == {}


def test_a_store_has_every_relation_with_the_columns_of_the_schema(quarter, tmp_path):
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    for name, relation in RAW.items():
        assert pq.read_table(tmp_path / "store" / name).schema.names == list(relation.names)
    assert ReadingLog.from_json((tmp_path / "store" / "log.json").read_text()) == log


@pytest.mark.parametrize("block", [1 << 25, 700])
def test_broken_lines_are_named_counted_and_add_up(quarter, tmp_path, block):
    quarter.lines["DRUG"] += [
        "1000000022$100000002$2$C$ASPIRIN",  # fewer: cut off
        "1000000022$100000002$3$C$A$B$1$$$$$U$U$$$$$$$$$$",  # a dollar sign within the name
        "case$100000002$4$C$ASPIRIN$ASPIRIN$1$$$$$U$U$$$$$$$",
        "1000000022$100000002$5$C$ASP\0IRIN$ASPIRIN$1$$$$$U$U$$$$$$$",
        "",
        "1000000022$100000002$six$C$ASPIRIN$ASPIRIN$1$$$$$U$U$$$$10 or so$MG$$",
        "1000000022$100000002$7$C$ASPIRIN$ASPIRIN$1$$$$$U$U$$$$81$MG$$",
    ]
    folder = quarter.write(tmp_path / "q")
    log = read_reports(folder, tmp_path / "store", limits=Limits(block_bytes=block, line_bytes=600))
    assert reasons(log, "drugs") == {
        "fewer fields than the header": (1, (5,)),
        "more fields than the header": (1, (6,)),
        "no number in the key": (1, (7,)),
        "zero bytes": (1, (8,)),
        "blank line": (1, (9,)),
        "drug_seq: no whole number, null": (1, (10,)),
        "dose_amount: no number, null": (1, (10,)),
    }
    assert log.adds_up
    assert [row["drug_seq"] for row in rows(tmp_path / "store", "drugs")] == [1, 2, 1, None, 7]
    example = next(t for f in log.files for t in f.altered if t.reason.startswith("dose_amount"))
    assert example.example == "10 or so"


@pytest.mark.parametrize("block", [1 << 25, 700])
def test_a_line_broken_within_a_field_is_joined(quarter, tmp_path, block):
    quarter.lines["DRUG"][2:2] = [
        "1000000011$100000001$3$C$CALCIUM", "", "CARBONATE$CALCIUM CARBONATE$1$$$$$U$U$$$", "$500$MG$$",
    ]  # fmt: skip
    folder = quarter.write(tmp_path / "q")
    log = read_reports(folder, tmp_path / "store", limits=Limits(block_bytes=block, line_bytes=600))
    drug = next(row for row in rows(tmp_path / "store", "drugs") if row["drug_seq"] == 3)
    assert (drug["name"], drug["dose_amount"]) == ("CALCIUM  CARBONATE", 500.0)
    file = next(file for file in log.files if file.relation == "drugs")
    assert (file.lines, file.header, file.kept, file.joined, file.dropped) == (8, 1, 4, 3, ())
    assert reasons(log, "drugs") == {"broken over several lines, joined": (1, (3,))}


def test_two_cut_reports_are_not_joined_to_one(quarter, tmp_path):
    quarter.lines["INDI"] += ["1000000022$100000002", "1000000033$100000003$1"]
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    assert reasons(log, "indications") == {"fewer fields than the header": (2, (3, 4))}
    assert log.adds_up


def test_a_field_is_not_joined_over_more_lines_than_anybody_types(quarter, tmp_path):
    quarter.lines["INDI"] += ["1000000022$100000002$2$Lung", *[""] * 25, "cancer"]
    quarter.lines["DRUG"] += ["1000000022$100000002$2$C$CAL", *[""] * 25, "CIUM$CALCIUM$1$$$$$U$U$$$$81$MG$$"]
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    assert {reason: count for reason, (count, _) in reasons(log, "drugs").items()} == {
        "blank line": 25, "fewer fields than the header": 2,
    }  # fmt: skip
    assert log.adds_up


def test_fragments_with_a_report_between_them_are_not_joined(quarter, tmp_path):
    whole = "1000000022$100000002$1$Lymphoma"
    quarter.lines["INDI"] += [
        "1000000022$100000002$2$Non-small".replace("$2$", " "),
        whole,
        "cell$2$lung cancer",
    ]
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    assert reasons(log, "indications") == {"fewer fields than the header": (2, (3, 5))}
    assert [row["term"] for row in rows(tmp_path / "store", "indications")] == [
        "Malignant melanoma",
        "Lymphoma",
    ]


def test_a_broken_line_of_aers_keeps_its_closing_delimiter(tmp_path):
    texts = {**AERS, "REAC": AERS["REAC"] + "4263742$NAUSEA AND\r\nVOMITING$\r\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}04Q1.TXT").write_bytes(text.encode())
    log = read_reports(tmp_path, tmp_path / "store")
    assert [row["term"] for row in rows(tmp_path / "store", "reactions")] == ["DIARRHOEA", "NAUSEA AND"]
    assert reasons(log, "reactions") == {"no number in the key": (1, (4,))}  # it was complete before its rest
    texts["DRUG"] += "4263742$1004492717$C$CALCIUM\r\nCARBONATE$2$$$D$D$$$$\r\n"
    (tmp_path / "DRUG04Q1.TXT").write_bytes(texts["DRUG"].encode())
    read_reports(tmp_path, tmp_path / "store")
    assert rows(tmp_path / "store", "drugs")[-1]["name"] == "CALCIUM CARBONATE"


def test_two_reports_of_aers_on_one_line_are_split(tmp_path):
    texts = dict(AERS)
    row = "4263742$1004492717$C$ASPIRIN$2$$$D$D$$$$"
    texts["DRUG"] += (
        row
        + row.replace("492717", "492718")
        + "\r\n"
        + row
        + row
        + row
        + "\r\n"
        + row
        + "SPARE$\r\nx"
        + row
        + row
        + "\r\n"
    )
    for name, text in texts.items():
        (tmp_path / f"{name}11Q2.TXT").write_bytes(text.encode())
    log = read_reports(tmp_path, tmp_path / "store")
    assert [r["drug_seq"] for r in rows(tmp_path / "store", "drugs")] == [1004492716, 1004492717, 1004492718]
    assert reasons(log, "drugs") == {
        "two reports on one line, split": (1, (3,)),
        "more fields than the header": (3, (4, 5, 6)),
    }
    assert log.adds_up


def test_lines_that_are_not_utf8_are_reencoded_and_kept(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    path = folder / "REAC17Q2.txt"
    path.write_bytes(path.read_bytes() + "1000000022$100000002$Sjögren’s$\n".encode("cp1252"))
    log = read_reports(folder, tmp_path / "store")
    assert rows(tmp_path / "store", "reactions")[-1]["term"] == "Sjögren’s"
    assert reasons(log, "reactions") == {"not UTF-8, read as Windows-1252": (1, (5,))}


def test_a_long_line_is_dropped_and_a_long_first_line_refused(quarter, tmp_path):
    quarter.lines["REAC"].insert(2, "1000000022$100000002$" + "x" * 5000 + "$")
    folder = quarter.write(tmp_path / "q")
    tight = Limits(block_bytes=1000, line_bytes=900)
    log = read_reports(folder, tmp_path / "store", limits=tight)
    assert reasons(log, "reactions") == {"longer than a line can be": (1, (3,))}
    assert log.adds_up
    assert len(rows(tmp_path / "store", "reactions")) == 3
    (folder / "REAC17Q2.txt").write_bytes(b"x" * 5000)
    with pytest.raises(UnreadableInput, match="first line is longer than 900 bytes"):
        read_reports(folder, tmp_path / "other", limits=tight)
    assert not (tmp_path / "other").exists()


def test_values_that_mean_nothing_are_null_and_counted(quarter, tmp_path):
    quarter.lines["DEMO"] += [
        "1000000033$100000003$1$X$20170230$$$20170403$EXP$$$$$70$$$UNK$Y$80$STONE$$$MD$US$",
        "1000000044$100000004$1$I$$$$2017-04$EXP$$$$$7O$YR$$T$Y$$$$$MD$US$",
        "1000000055$100000005$1$I$$$$20170403$EXP$$$$$$$$UNK$Y$$$$$MD$UNITED STATES$COUNTRY NOT SPECIFIED",
        "1000000066$100000006$1$I$$$$20170403$EXP$$$$$$$$NS$Y$$$$$MD$Atlantis$",
    ]
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    assert reasons(log, "reports") == {
        "follow_up: unknown code, null": (1, (4,)),
        "event_date: no date, null": (1, (4,)),
        "age_years: no unit, null": (1, (4,)),
        "weight_kg: unknown unit, null": (1, (4,)),
        "received_date: no date, null": (1, (5,)),
        "age_years: no number, null": (1, (5,)),
        "sex: unknown code, null": (1, (5,)),
    }
    third, fourth, fifth, sixth = rows(tmp_path / "store", "reports")[2:]
    assert (fifth["country"], sixth["country"]) == ("US", "Atlantis")
    for name in ("follow_up", "event_date", "age_years", "weight_kg", "sex"):
        assert third[name] is None
    assert fourth["received_date"] is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "$\n", "$\r\n"])
def test_line_ends_and_closing_delimiters_do_not_matter(quarter, tmp_path, end):
    read_reports(quarter.write(tmp_path / "plain"), tmp_path / "first")
    read_reports(quarter.write(tmp_path / "other", end), tmp_path / "second")
    for relation in RAW:
        assert rows(tmp_path / "first", relation) == rows(tmp_path / "second", relation)


def test_byte_order_mark_quotes_and_case_of_the_header_do_not_matter(quarter, tmp_path):
    quarter.lines["REAC"][0] = '\ufeff"PRIMARYID"$CaseID$PT$"DRUG_REC_ACT"'
    log = read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")
    assert log.rows["reactions"] == 3


def test_blocks_lines_and_workers_do_not_change_what_is_read(quarter, tmp_path):
    quarter.lines["REAC"] += [f"{10**9 + n}$1$Term {n}$" for n in range(500)]
    folder = quarter.write(tmp_path / "q")
    first = read_reports(folder, tmp_path / "first", limits=Limits(workers=1))
    second = read_reports(
        folder, tmp_path / "second", limits=Limits(workers=3, block_bytes=777, line_bytes=500)
    )
    assert first == second
    for relation in RAW:
        assert rows(tmp_path / "first", relation) == rows(tmp_path / "second", relation)


def test_zipped_gzipped_and_nested_are_the_same_as_loose(quarter, another, tmp_path):
    read_reports(quarter.write(tmp_path / "loose" / "ascii"), tmp_path / "first")
    with zipfile.ZipFile(tmp_path / "faers_ascii_2017q2.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in quarter.texts().items():
            archive.writestr(f"ascii/{name.upper()}", text)
    packed = tmp_path / "gz"
    packed.mkdir()
    for name, text in quarter.texts().items():
        (packed / f"{name}.gz").write_bytes(gzip.compress(text))
    read_reports(tmp_path / "faers_ascii_2017q2.zip", tmp_path / "second")
    read_reports(packed, tmp_path / "third")
    for relation in RAW:
        assert rows(tmp_path / "first", relation) == rows(tmp_path / "second", relation)
        assert rows(tmp_path / "first", relation) == rows(tmp_path / "third", relation)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DELETE17Q2.txt", "100000001\n100000009\n"),
        ("ADR17Q2DeletedCases.txt", "caseid\r\n100000001$\r\n100000009\r\nall\r\n"),
    ],
)
def test_lists_of_deleted_cases(quarter, tmp_path, name, text):
    quarter.write(tmp_path / "q" / "ascii")
    (tmp_path / "q" / "Deleted").mkdir()
    (tmp_path / "q" / "Deleted" / name).write_bytes(text.encode())
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert [row["case_id"] for row in rows(tmp_path / "store", "deleted")] == [100000001, 100000009]
    assert log.adds_up
    assert log.dropped == ({"no number in the key": 1} if "all" in text else {})


def test_a_quarter_without_drugs_is_refused_or_read_as_it_is_set(quarter, another, tmp_path):
    quarter.write(tmp_path / "q" / "one")
    (another("17Q3").write(tmp_path / "q" / "two") / "DRUG17Q3.txt").unlink()
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert log.rows["reports"] == 2
    (problem,) = log.problems
    assert "2017Q3 has no readable DRUG" in problem.what
    log = read_reports(tmp_path / "q", tmp_path / "store", limits=Limits(incomplete="read"))
    assert log.rows["reports"] == 4
    assert len(log.problems) == 1


def test_a_wrong_delimiter_is_named_and_the_quarter_refused(quarter, another, tmp_path):
    quarter.lines["DRUG"] = [line.replace("$", "|") for line in quarter.lines["DRUG"]]
    folder = quarter.write(tmp_path / "q")
    with pytest.raises(UnreadableInput, match=r"separated by '\|'"):
        read_reports(folder, tmp_path / "store")
    another("17Q3").write(tmp_path / "q")
    log = read_reports(folder, tmp_path / "store")
    assert {row["quarter"] for row in rows(tmp_path / "store", "reports")} == {"2017Q3"}
    assert log.rows["drugs"] == 3
    assert not any(file.used for file in log.files if file.quarter == "2017Q2")


def test_the_same_quarter_twice_is_read_once(quarter, tmp_path):
    quarter.write(tmp_path / "q" / "a")
    quarter.write(tmp_path / "q" / "b")
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert log.rows["reports"] == 2
    assert not log.problems
    assert len(log.notes) == 7
    quarter.lines["REAC"].append("1000000022$100000002$Nausea$")
    quarter.write(tmp_path / "q" / "b")
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert log.rows["reactions"] == 3
    (problem,) = log.problems
    assert "twice and the two differ" in problem.what
    assert "b/REAC17Q2.txt" in problem.where


def test_two_vintages_in_a_folder_are_read_each_by_its_own_header(quarter, tmp_path):
    quarter.write(tmp_path / "q")
    for name, text in AERS.items():
        (tmp_path / "q" / f"{name}04Q1.TXT").write_bytes(text.encode())
    log = read_reports(tmp_path / "q", tmp_path / "store")
    assert not log.problems
    assert {row["report_id"] for row in rows(tmp_path / "store", "reports")} == {
        4263742,
        1000000011,
        1000000022,
    }


def test_a_file_of_another_vintage_than_its_siblings_is_named(quarter, tmp_path):
    quarter.write(tmp_path / "q")
    (tmp_path / "q" / "REAC17Q2.txt").write_bytes(AERS["REAC"].encode())
    log = read_reports(tmp_path / "q", tmp_path / "store")
    (problem,) = log.problems
    assert "REAC17Q2.txt (AERS)" in problem.what
    assert "find no report" in problem.remedy


def test_a_header_that_names_a_column_twice_is_refused(quarter, tmp_path):
    quarter.lines["REAC"][0] = "primaryid$caseid$pt$pt"
    with pytest.raises(UnreadableInput, match="names pt 2 times"):
        read_reports(quarter.write(tmp_path / "q"), tmp_path / "store")


@pytest.mark.parametrize(("text", "told"), [(b"", "no readable DRUG"), (None, "a header and no row")])
def test_empty_tables_are_told(quarter, tmp_path, text, told):
    folder = quarter.write(tmp_path / "q")
    header = quarter.lines["DRUG"][0].encode() + b"\n"
    (folder / "DRUG17Q2.txt").write_bytes(header if text is None else text)
    if text is None:
        log = read_reports(folder, tmp_path / "store")
        assert told in log.problems[0].what
        assert log.adds_up
    else:
        with pytest.raises(UnreadableInput, match="is empty"):
            read_reports(folder, tmp_path / "store")
        log = read_reports(folder, tmp_path / "store", limits=Limits(incomplete="read"))
        assert told in log.problems[1].what


def test_lines_that_end_with_a_carriage_return_alone_are_told(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    (folder / "REAC17Q2.txt").write_bytes("\r".join(quarter.lines["REAC"]).encode())
    with pytest.raises(UnreadableInput, match="carriage return alone"):
        read_reports(folder, tmp_path / "store")


def test_several_lists_of_deleted_cases_are_all_read(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    for name, text in (("DELETE17Q2.txt", "1\n2\n"), ("ADR17Q2DeletedCases.txt", "3\n")):
        (folder / name).write_text(text)
    log = read_reports(folder, tmp_path / "store")
    assert log.rows["deleted"] == 3
    assert log.notes == ()


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"block_bytes": 1 << 31}, {"block_bytes": 10, "line_bytes": 20}]
)
def test_limits_that_cannot_hold_are_refused(wrong):
    with pytest.raises(InvalidSetting, match="do not go together"):
        Limits(**wrong)


def test_the_store_may_lie_within_the_source(quarter, tmp_path, monkeypatch):
    quarter.write(tmp_path / "q")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        log = read_reports(Path("q"), tmp_path / "q" / "store")
        assert log.notes == ()


def test_nothing_to_read_is_told_with_the_formats(tmp_path):
    (tmp_path / "readme.txt").write_text("Dear reader")
    with pytest.raises(UnreadableInput, match="no reports here") as told:
        read_reports(tmp_path, tmp_path / "store")
    assert "FAERS" in told.value.remedy
    with pytest.raises(UnreadableInput, match="There is no nowhere"):
        read_reports(tmp_path / "nowhere", tmp_path / "store")


def test_a_place_that_is_no_store_is_left_alone(quarter, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(InvalidSetting, match="left alone"):
        read_reports(quarter.write(tmp_path / "q"), tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "x"


def test_an_interrupted_run_leaves_the_old_store_and_no_other(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    read_reports(folder, tmp_path / "store")
    before = json.loads((tmp_path / "store" / "log.json").read_text())

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_reports(folder, tmp_path / "store", progress=interrupt)
    assert json.loads((tmp_path / "store" / "log.json").read_text()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["q", "store"]


def test_progress_counts_every_byte(quarter, tmp_path):
    told = []
    read_reports(quarter.write(tmp_path / "q"), tmp_path / "store", progress=told.append)
    assert sum(told) == sum(map(len, quarter.texts().values()))


@pytest.mark.real
def test_both_vintages_of_the_miniature_extracts(shared, tmp_path):
    log = read_reports(shared / "faers_ascii_mini", tmp_path / "store")
    # The numbers of lines of the files, less the headers.
    assert log.rows == {
        "reports": 200, "drugs": 714, "reactions": 702, "outcomes": 168, "therapies": 287, "indications": 356,
        "sources": 121, "deleted": 0,
    }  # fmt: skip
    assert log.adds_up
    assert log.dropped == {}
    assert {file.vintage for file in log.files if file.relation == "reports"} == {"AERS", "FAERS 2014Q3"}
    reports = {row["report_id"]: row for row in rows(tmp_path / "store", "reports")}
    drugs = rows(tmp_path / "store", "drugs")
    assert {drug["report_id"] for drug in drugs} <= set(reports)
    assert reports[4263742]["age_years"] == 42.0
    assert reports[109792364]["event_date"] == 2003
