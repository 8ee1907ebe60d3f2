"""A ready table in place of reports: what is recognised, what is written, what is left to the other readers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from coley.model.errors import ColeyError, UnreadableInput
from coley.run.signals import contingency, run_signals
from coley.run.signals.contingency import EVERY_PAIR, ready_table
from coley.toy.reports import ReportDesign, simulate_reports, write_faers

MATRIX = ",Atorvastatin,Simvastatin,Other\n" + "".join(
    f"{event},{a},{b},{c}\n"
    for event, a, b, c in (
        ("Rhabdomyolysis", 90, 60, 300),
        ("Myalgia", 40, 50, 900),
        ("Rash", 10, 12, 4000),
        ("Headache", 31, 0, 9000),
        ("Other AE", 400, 300, 60000),
    )
)


def as_list(matrix: str) -> str:
    header, *lines = [line.split(",") for line in matrix.strip().split("\n")]
    pairs = [(drug, line[0], n) for line in lines for drug, n in zip(header[1:], line[1:], strict=True)]
    return "drug,event,n11\n" + "".join(f"{drug},{event},{n}\n" for drug, event, n in pairs)


@pytest.mark.parametrize(
    ("name", "text", "is_table"),
    [
        ("matrix.csv", MATRIX, True),
        ("reports.txt", MATRIX, True),  # never by the name of the file
        ("list.csv", as_list(MATRIX), True),
        ("tabs.tsv", "AE\tA\tB\nRash\t1\t2\n", True),
        ("rows.csv", "caseid,drug,event\n1,A,Rash\n", False),
        ("counted.csv", "date,drug,event,n\n20200101,A,Rash,3\n", False),
        ("numbered.csv", ",caseid,drug,event\n0,1,A,Rash\n", False),
        ("grades.csv", "event,grade\nRash,3\n", False),  # one column alone cannot be compared
        ("contingency.csv", "patient,response\n1,CR\n", False),
    ],
)
def test_a_table_of_counts_is_known_by_its_header(
    tmp_path: Path, name: str, text: str, is_table: bool
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert ready_table([path]) == (path if is_table else None)
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert ready_table([packed]) == (packed if is_table else None)


def test_folders_several_files_and_absent_ones_are_left_to_the_readers_of_reports(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(MATRIX)
    assert ready_table([tmp_path]) is None
    assert ready_table([tmp_path / "a.csv", tmp_path / "b.csv"]) is None
    assert ready_table([tmp_path / "absent.csv"]) is None
    with pytest.raises(UnreadableInput, match=r"There is no absent\.csv"):
        run_signals([tmp_path / "absent.csv"], out=tmp_path / "out")


def test_no_file_of_reports_is_taken_for_a_table(tmp_path: Path) -> None:
    write_faers(tmp_path, simulate_reports(ReportDesign(n_cases=50, quarters=1)).raw)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 5
    assert not [path for path in files if ready_table([path]) is not None]


def test_a_report_is_written(tmp_path: Path) -> None:
    (tmp_path / "statins.csv").write_text(MATRIX)
    run = run_signals([tmp_path / "statins.csv"], out=tmp_path / "out", settings={"fdr": "0.1"})
    assert not run.failed
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "Rhabdomyolysis with Atorvastatin" in page
    assert "never of incidence or risk" in page
    record = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert record["files"]
    answer = json.loads((run.folder / "answers.json").read_text(encoding="utf-8"))[0]
    assert (answer["question"], answer["study"], answer["settings"]["fdr"]) == ("harm", "statins", 0.1)
    assert len(list((run.folder / "figures" / "harm").iterdir())) == 2
    assert not (run.folder / EVERY_PAIR).exists()  # the table of the page holds all
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_list_and_a_matrix_of_the_same_counts_give_the_same_answer(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "t.csv").write_text(MATRIX)
    (tmp_path / "two" / "t.csv").write_text(as_list(MATRIX))
    one, two = (
        run_signals([tmp_path / name / "t.csv"], out=tmp_path / f"{name}-out") for name in ("one", "two")
    )
    assert one.answers == two.answers


def test_every_pair_is_in_a_file_where_the_page_cannot_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coley.questions.harm.contingency import pictures

    monkeypatch.setattr(pictures, "MOST_ROWS", 3)
    (tmp_path / "statins.csv").write_text(MATRIX)
    run = run_signals([tmp_path / "statins.csv"], out=tmp_path / "out")
    held = run.answers[0].tables["pairs"]
    every = pl.read_csv(run.folder / contingency.EVERY_PAIR)
    assert (held.height, every.height) == (3, 8)
    assert every.head(3)["event"].to_list() == held["event"].to_list()
    assert any("All 8 pairs" in check.message for check in run.checks)
    assert contingency.EVERY_PAIR in json.loads((run.folder / "run.json").read_text())["files"]


@pytest.mark.parametrize(
    "text", [",A,B\nRash,1,x\n", ",A,B\nRash,1,2\nPain,3\n", ",A,B\nRash,0,0\nPain,0,0\n"]
)
def test_a_broken_table_ends_in_one_message_and_an_earlier_report_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(MATRIX)
    before = (run_signals([path], out=tmp_path / "out").folder / "report.html").read_bytes()
    path.write_text(text)
    with pytest.raises(ColeyError):
        run_signals([path], out=tmp_path / "out")
    assert (tmp_path / "out" / "report.html").read_bytes() == before


@pytest.mark.real
def test_every_real_table_is_recognised_and_no_file_of_reports_is(shared: Path) -> None:
    folders = ("pvlrt_contingency_tables", "pvebayes_contingency_tables", "mddc_contingency_tables")
    tables = [path for name in folders for path in (shared / name).glob("*.csv*")]
    tables.append(shared / "phvid_example" / "phvid_pairs.csv.gz")
    unknown = {path.name for path in tables if ready_table([path]) is None}
    assert unknown == {"statin49_AE_idx.csv"}  # names of events with their groups
    others = (
        "faers_2022q3_primary_suspect",
        "ici_faers_bladder_dashboard",
        "diana_faers_sample",
        "faers_ascii_mini",
    )
    files = [path for name in others for path in (shared / name).rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not [path.name for path in files if ready_table([path]) is not None]
