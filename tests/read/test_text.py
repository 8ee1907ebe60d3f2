"""Delimited text: every encoding, line end, delimiter and quotation gives the same table, with true lines."""

from __future__ import annotations

import csv
import gzip
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.errors import UnreadableInput
from coley.read.text import clean_names, parse, read_bytes

TABLE = "patient_id,site,response\n0040,Zürich,CR\n0041,Köln,PD\n"
WANTED = [("0040", "Zürich", "CR"), ("0041", "Köln", "PD")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_line_ends_and_delimiters_do_not_matter(encoding: str, end: str, delimiter: str) -> None:
    data = TABLE.replace(",", delimiter).replace("\n", end).encode(encoding)
    table = parse(data, "a.csv")
    assert table.frame.rows() == WANTED
    assert list(table.lines) == [2, 3]
    assert table.delimiter == delimiter


def test_an_encoding_other_than_unicode_is_noted() -> None:
    assert not parse(TABLE.encode("utf-8"), "a.csv").notes
    (note,) = parse(TABLE.encode("cp1252"), "a.csv").notes
    assert "cp1252" in note.message


@pytest.mark.parametrize(
    ("encoding", "row"),
    [
        ("cp932", ("患者番号", "性別は男性", "部分奏効が続いた")),
        ("gb18030", ("患者编号", "性别为男性", "部分缓解持续时间")),
        ("cp949", ("환자번호", "성별은 남성", "부분반응이 지속됨")),
        ("cp1251", ("пациент", "мужчина", "частичный ответ")),
    ],
)
def test_text_in_other_scripts_is_recognised(encoding: str, row: tuple[str, ...]) -> None:
    text = "".join(f"{row[0]}{i},{row[1]},{row[2]}\n" for i in range(30))
    assert parse(("a,b,c\n" + text).encode(encoding), "a.csv").frame.row(3) == (f"{row[0]}3", row[1], row[2])


def test_a_named_encoding_is_used_and_a_wrong_one_refused() -> None:
    data = "id,лечение\n1,ниволумаб\n".encode("koi8_r")
    assert parse(data, "a.csv", encoding="koi8_r").frame.row(0) == ("1", "ниволумаб")
    with pytest.raises(UnreadableInput, match="not text in the encoding ascii"):
        parse(data, "a.csv", encoding="ascii")
    with pytest.raises(UnreadableInput, match="not text in the encoding klingon"):
        parse(data, "a.csv", encoding="klingon")


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0\ufeff", exclude_categories=("Cs",)), max_size=8
)


@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
)
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    table = parse(buffer.getvalue().encode(), "a.csv", delimiter=delimiter)
    wanted, line, lines = [], 2, []
    for row in rows:
        wanted.append(tuple(row))
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    found = [tuple(cell or "" for cell in row) for row in table.frame.rows()]
    assert found == wanted
    assert list(table.lines) == lines


def test_lines_are_true_after_comments_blank_lines_and_breaks_within_fields() -> None:
    text = '#version 2.4\n\npatient_id,note\n\nP1,"two\nlines"\n,\nP2,x\n'
    table = parse(text.encode(), "a.csv", comment="#")
    assert table.frame["patient_id"].to_list() == ["P1", "P2"]
    assert list(table.lines) == [5, 8]


def test_comment_lines_are_found_but_a_header_that_begins_like_one_is_kept() -> None:
    assert parse(b"#version 2.4\ngene\tsample\nTP53\tS1\n", "a.maf").frame.columns == ["gene", "sample"]
    assert parse(b"#A\tB\n#a\tb\nid\tx\n1\t2\n", "a.txt").frame.columns == ["id", "x"]
    assert parse(b"#id,age\n1,61\n", "a.csv").frame.columns == ["#id", "age"]


def test_a_delimiter_within_quotation_marks_does_not_divide() -> None:
    assert parse(b'id,drug\n1,"nivolumab, ipilimumab"\n', "a.csv").frame.row(0) == (
        "1",
        "nivolumab, ipilimumab",
    )


def test_quotation_marks_in_disorder_are_letters() -> None:
    tabbed = parse(b'id\tsize\n1\t5" wide\n2\t"open\n', "a.tsv")
    assert tabbed.frame["size"].to_list() == ['5" wide', '"open']
    assert parse(b'id,size\n1,5" wide\n2,6\n', "a.csv").frame["size"].to_list() == ['5" wide', "6"]


def test_a_quotation_mark_never_closed_takes_the_rest_and_is_refused_by_its_rows() -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse(b'id,a,b\n1,"x,2\n3,4,5\n' + b"6,7,8\n" * 3_000_000, "a.csv")
    assert "never closed" in caught.value.cause
    assert "line 2" in caught.value.where


def test_rows_longer_than_the_header_are_refused_by_line() -> None:
    with pytest.raises(UnreadableInput, match="3 instead of 2") as caught:
        parse(b"a,b\n1,2\n1,2,3\n4,5\n6,7,8\n", "a.csv")
    assert "lines 3, 5" in caught.value.where


def test_empty_fields_beyond_the_header_are_harmless() -> None:
    assert parse(b"a,b\n1,2,,\n3,4\n", "a.csv").frame.rows() == [("1", "2"), ("3", "4")]


def test_rows_shorter_than_the_header_are_noted_by_line() -> None:
    table = parse(b"a,b,c\n1,2,3\n4\n", "a.csv")
    assert table.frame.row(1) == ("4", None, None)
    (note,) = table.notes
    assert (note.level, note.where.lines) == ("warn", (3,))


def test_row_names_of_r_become_a_column() -> None:
    table = parse(b"age\tsex\nP1\t61\tM\nP2\t70\tF\n", "a.tsv")
    assert table.frame.columns == ["row_name", "age", "sex"]
    assert table.frame.row(1) == ("P2", "70", "F")


def test_names_are_made_unique_with_a_note() -> None:
    names, (note,) = clean_names(["x", "x", " x", None, "'=1+1"], "a.csv")
    assert names == ["x", "x_2", "x_3", "column_4", "=1+1"]
    assert "x -> x_2" in note.message


def test_header_only_is_a_table_without_rows() -> None:
    table = parse(b"patient_id,os_months\n", "a.csv")
    assert table.frame.shape == (0, 2)
    assert table.frame.dtypes == [pl.String, pl.String]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \n", b"\xef\xbb\xbf", b"# only a comment\n"])
def test_an_empty_file_is_named_so(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is empty"):
        parse(data, "a.csv", comment="#")


def test_zero_bytes_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="zero bytes"):
        parse(b"patient_id,age\nP1,6\x001\n" + b"P2,70\n" * 2000, "a.csv")


def test_a_broken_gzip_file_is_named_so(tmp_path) -> None:
    whole = gzip.compress(TABLE.encode() * 1000)
    for name, data in (("cut.csv.gz", whole[:-20]), ("bad.csv.gz", whole[:30] + b"\0" * 20 + whole[50:])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableInput, match="broken or was cut off"):
            read_bytes(tmp_path / name)
