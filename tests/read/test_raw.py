"""One file of any kind: content decides, not the name; workbooks, Parquet and SAS; foreign files are named."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from coley.model.errors import UnreadableInput
from coley.read import excel
from coley.read.excel import list_sheets
from coley.read.raw import RawTable, read_raw


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if isinstance(value, datetime):
                        sheet.write_datetime(i, j, value, dates)
                    elif isinstance(value, str):
                        sheet.write_string(i, j, value)
                    elif value is not None:
                        sheet.write(i, j, value)
    return path


def test_a_workbook_is_read_as_text_with_its_own_lines(tmp_path: Path) -> None:
    rows = [
        [],
        ["id", "x", None, "x"],
        ["0040", 1, None, 0.1],
        [],
        ["0041", 1e15, None, datetime(2020, 1, 2)],
    ]
    table = read_raw(workbook(tmp_path / "a.xlsx", {"clinical": rows, "other": [["a"]]}))
    assert table.file == "a.xlsx[clinical]"
    assert table.frame.columns == ["id", "x", "x_2"]
    assert table.frame["id"].to_list() == ["0040", "0041"]
    assert table.frame["x"].cast(pl.Float64).to_list() == [1, 1e15]
    assert table.frame["x_2"][0] == "0.1"
    assert table.frame["x_2"][1].startswith("2020-01-02")
    assert table.where().to_list() == ["a.xlsx[clinical]:3", "a.xlsx[clinical]:5"]


def test_sheets_are_listed_and_a_misspelt_one_suggested(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"MSK1": [["a"], [1]], "Ravi_NSCLC": [["a"], [2]]})
    assert list_sheets(path) == ("MSK1", "Ravi_NSCLC")
    assert read_raw(path, sheet="Ravi_NSCLC").frame.rows() == [("2",)]
    with pytest.raises(UnreadableInput, match="no sheet 'Ravi_NSLC'") as caught:
        read_raw(path, sheet="Ravi_NSLC")
    assert "Ravi_NSCLC" in caught.value.remedy


def test_an_empty_sheet_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="is empty"):
        read_raw(workbook(tmp_path / "a.xlsx", {"s": []}))


def test_a_workbook_bomb_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fastexcel

    monkeypatch.setattr(fastexcel, "read_excel", lambda *_: pytest.fail("the bomb was opened"))
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(20):
            part.write(b" " * (1 << 20))
    with pytest.raises(UnreadableInput, match="would fill the memory"):
        read_raw(path)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"s": [["a"]] + [[i] for i in range(500)]})
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != data
    path.write_bytes(lie)
    with pytest.raises(UnreadableInput, match="not a workbook that can be read"):
        read_raw(path)


def test_one_cell_in_the_last_corner_does_not_make_a_sheet_of_seventeen_billion(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "patient_id")
        sheet.write("XFD1048576", "far")
    with pytest.raises(UnreadableInput, match="1,048,576 rows and 16,384 columns"):
        read_raw(tmp_path / "far.xlsx")


def test_the_farthest_cell_is_found_across_the_edge_of_a_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "CHUNK", 7)
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        book.add_worksheet().write("XFD1048576", 1)
    with pytest.raises(UnreadableInput, match="1,048,576 rows"):
        excel.check_workbook(tmp_path / "far.xlsx")


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"patient_id": ["0040"], "os": [1.5], "day": [date(2020, 1, 2)]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert read_raw(tmp_path / "a.parquet").frame.equals(frame)
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:60])
    with pytest.raises(UnreadableInput, match="Parquet file that cannot be read"):
        read_raw(tmp_path / "b.parquet")


def test_sas_transport_is_read_with_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"USUBJID": ["01-701", "01-702"], "AGE": [61.0, None]})
    pyreadstat.write_xport(frame.to_pandas(), str(tmp_path / "adsl.xpt"), table_name="ADSL")
    table = read_raw(tmp_path / "adsl.xpt").frame
    assert table["USUBJID"].to_list() == ["01-701", "01-702"]
    assert table["AGE"].to_list() == [61.0, None]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"\x89PNG\r\n\x1a\n\0", "a PNG image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04\0\0", "a ZIP archive"),
        (b"BZh91AY", "a bzip2 file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git-LFS pointer"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_foreign_file_named_as_a_table_is_called_what_it_is(
    tmp_path: Path, head: bytes, words: str, packed: bool
) -> None:
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(head * 3) if packed else head * 3)
    with pytest.raises(UnreadableInput, match=words):
        read_raw(path)


def test_a_text_named_as_a_workbook_is_read_and_a_broken_workbook_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("a,b\n1,2\n")
    assert read_raw(tmp_path / "a.xlsx").frame.rows() == [("1", "2")]
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04" + b"\1" * 100)
    with pytest.raises(UnreadableInput, match="not a workbook"):
        read_raw(tmp_path / "b.xlsx")


def test_missing_spellings_and_filtered_rows_keep_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x\n1, -99 \n\n2,5\n3,-99\n")
    table = read_raw(tmp_path / "a.csv", missing=["-99"])
    assert table.frame["x"].to_list() == [None, "5", None]
    kept = table.filter(table.frame["x"].is_null())
    assert kept.where().to_list() == ["a.csv:2", "a.csv:5"]
    assert isinstance(kept, RawTable)
