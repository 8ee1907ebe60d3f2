"""Files of both vintages: their bytes, and what a reader that knows nothing of the simulator gets back."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

from coley.model.errors import InvalidSetting
from coley.toy.reports import ReportDesign, SimulatedReports, simulate_reports, write_faers
from coley.vigilance.reading import read_reports
from coley.vigilance.schema import RAW


@pytest.fixture(scope="module")
def both_vintages() -> SimulatedReports:
    return simulate_reports(ReportDesign(n_cases=2000, first_quarter="2011Q3", quarters=16, seed=8))


@pytest.mark.parametrize(("newline", "zipped"), [("\r\n", False), ("\n", True)])
def test_reading_back_gives_the_same_relations(
    both_vintages: SimulatedReports, tmp_path: Path, newline: str, zipped: bool
) -> None:
    raw = both_vintages.raw
    written = write_faers(tmp_path / "ascii", raw, newline=newline, zipped=zipped)
    assert len(written) == 16
    assert all(path.is_file() == zipped for path in written)
    read_reports(tmp_path / "ascii", tmp_path / "store")
    for name in RAW:
        back = pl.read_parquet(tmp_path / "store" / name / "*.parquet").cast(raw[name].schema)
        columns = raw[name].columns
        assert back.select(columns).sort(columns).equals(raw[name].sort(columns)), name


def test_a_legacy_quarter_closes_each_row_and_a_new_one_does_not(
    both_vintages: SimulatedReports, tmp_path: Path
) -> None:
    write_faers(tmp_path, both_vintages.raw)
    old = (tmp_path / "aers_ascii_2012Q3" / "ascii" / "DRUG12Q3.TXT").read_bytes().split(b"\r\n")
    new = (tmp_path / "faers_ascii_2012Q4" / "ascii" / "DRUG12Q4.txt").read_bytes().split(b"\r\n")
    assert old[0].startswith(b"ISR$DRUG_SEQ$")
    assert new[0].startswith(b"primaryid$caseid$drug_seq$")
    assert not old[0].endswith(b"$")
    assert {line.count(b"$") - old[0].count(b"$") for line in old[1:-1]} == {1}
    assert {line.count(b"$") for line in new[:-1]} == {new[0].count(b"$")}
    assert old[-1] == new[-1] == b""


def test_withdrawn_cases_come_with_the_last_quarter(both_vintages: SimulatedReports, tmp_path: Path) -> None:
    written = write_faers(tmp_path, both_vintages.raw)
    (listed,) = tmp_path.rglob("ADR*DeletedCases.txt")
    assert written[-1] in listed.parents
    ids = sorted(int(line) for line in listed.read_text().split())
    assert ids == both_vintages.raw["deleted"]["case_id"].sort().to_list() != []


def test_only_aers_lists_no_withdrawn_case(tmp_path: Path) -> None:
    toy = simulate_reports(ReportDesign(n_cases=1500, first_quarter="2004Q1", quarters=8))
    assert toy.raw["deleted"].height == 0
    assert toy.clean["cases"].height == 1500
    write_faers(tmp_path, toy.raw)
    assert not list(tmp_path.rglob("*Deleted*"))
    assert "REPORTER_COUNTRY" not in (tmp_path / "aers_ascii_2005Q2/ascii/DEMO05Q2.TXT").read_text()[:400]
    assert "REPORTER_COUNTRY" in (tmp_path / "aers_ascii_2005Q3/ascii/DEMO05Q3.TXT").read_text()[:400]


def test_ages_stand_in_several_units(both_vintages: SimulatedReports, tmp_path: Path) -> None:
    write_faers(tmp_path, both_vintages.raw)
    parts = [
        pl.read_csv(path, separator="$", columns=["age", "age_cod"])
        for path in sorted(tmp_path.rglob("DEMO1[345]*.txt"))
    ]
    units = set(pl.concat(parts)["age_cod"].drop_nulls())
    assert units == {"YR", "DEC", "MON"}


def test_equal_databases_give_equal_archives(tmp_path: Path) -> None:
    toy = simulate_reports(ReportDesign(n_cases=100, quarters=2))
    one, two = (write_faers(tmp_path / name, toy.raw, zipped=True) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    with zipfile.ZipFile(one[0]) as archive:
        assert "ascii/DEMO13Q1.txt" in archive.namelist()


def test_unpadded_files_hold_the_same_rows_in_fewer_bytes(tmp_path: Path) -> None:
    toy = simulate_reports(ReportDesign(n_cases=200, quarters=2))
    bare, full = (
        write_faers(tmp_path / str(padded), toy.raw, padded=padded)[0] / "ascii" / "DRUG13Q1.txt"
        for padded in (False, True)
    )
    assert bare.stat().st_size < full.stat().st_size
    assert len(bare.read_text().splitlines()) == len(full.read_text().splitlines())


def test_a_line_ending_that_no_extract_has_is_refused(tmp_path: Path) -> None:
    toy = simulate_reports(ReportDesign(n_cases=5, quarters=1))
    with pytest.raises(InvalidSetting, match="cannot end"):
        write_faers(tmp_path, toy.raw, newline="\t")
