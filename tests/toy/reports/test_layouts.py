"""Layouts of the quarterly extracts against the real ones, and the columns that they ask for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from coley.toy.reports import ReportDesign, simulate_reports
from coley.toy.reports.layouts import FILES, layout_of, layouts, written_columns


@pytest.mark.parametrize(
    ("quarter", "name"),
    [
        ("2004Q1", "AERS"),
        ("2005Q3", "AERS with country"),
        ("2012Q3", "AERS with country"),
        ("2012Q4", "FAERS"),
        ("2014Q2", "FAERS"),
        ("2014Q3", "FAERS with ingredient"),
        ("2025Q4", "FAERS with ingredient"),
    ],
)
def test_each_quarter_has_the_layout_of_its_time(quarter: str, name: str) -> None:
    assert layout_of(quarter).name == name
    assert layout_of(quarter).legacy == (quarter < "2012Q4")


def test_every_layout_has_every_file_and_every_column_is_known_or_left_empty() -> None:
    raw = simulate_reports(ReportDesign(n_cases=60, first_quarter="2011Q1", quarters=20)).raw
    known = {}
    for file, relation in FILES.items():
        frame = raw[relation]
        if relation != "reports":
            frame = frame.join(raw["reports"].select("report_id", "case_id"), on="report_id")
        known[file] = set(written_columns(relation, frame, padded=True).columns)
    empty = {
        "auth_num",
        "age_grp",
        "to_mfr",
        "cum_dose_chr",
        "cum_dose_unit",
        "exp_dt",
        "drug_rec_act",
        "death_dt",
    }
    for layout in layouts():
        assert set(layout.columns) == set(FILES)
        for file, columns in layout.columns.items():
            assert {name.lower() for name in columns} - known[file] <= empty | {"confid", "foll_seq"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("archive", "quarter"), [("aers_ascii_2004q1", "2004Q1"), ("faers_ascii_2017q2", "2017Q2")]
)
def test_columns_are_those_of_the_real_extracts(shared: Path, archive: str, quarter: str) -> None:
    layout = layout_of(quarter)
    with zipfile.ZipFile(shared / "faers_ascii_mini" / f"{archive}.zip") as source:
        for name in source.namelist():
            if not name.endswith("/"):
                header = source.open(name).readline().decode().strip().rstrip("$").split("$")
                wanted = [column.lower() for column in layout.columns[Path(name).name[:4]]]
                assert header[: len(wanted)] == wanted
                assert [column[0] for column in header[len(wanted) :]] in (
                    [],
                    ["v"],
                )  # made by the closing delimiter
