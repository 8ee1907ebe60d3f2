"""Bad input, tried as a newcomer would: one clear message or a clean result; no traceback, no hang."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "patient_id,response,pfs_months,pfs_event,os_months,os_event\n"
GOOD = [f"p{i},{['CR', 'PR', 'SD', 'PD'][i % 4]},{2 + i % 7},1,{9 + i % 11},{i % 2}\n" for i in range(40)]

Case = Callable[[Path], Path]
Coley = Callable[..., subprocess.CompletedProcess[str]]


def table(folder: Path, *rows: str, header: str = HEADER, name: str = "patients.csv") -> Path:
    path = folder / name
    path.write_text(header + "".join(rows))
    return path


def replaced(old: str, new: str) -> list[str]:
    """Return the good rows with `old` replaced in the fourth of them."""
    return [row.replace(old, new) if i == 3 else row for i, row in enumerate(GOOD)]


def empty(folder: Path) -> Path:
    return table(folder, header="")


def header_alone(folder: Path) -> Path:
    return table(folder)


def photographs(folder: Path) -> Path:
    for i in range(5):
        (folder / f"IMG_{i}.jpg").write_bytes(
            b"\xff\xd8\xff\xe0\x00\x10JFIF" + random.Random(i).randbytes(5000)
        )
    return folder


def two_gigabytes_of_nothing(folder: Path) -> Path:
    path = table(folder, *GOOD)
    os.truncate(path, 2 * 2**30)  # sparse: takes no room on the disk
    return path


def hundred_thousand_columns(folder: Path) -> Path:
    names = ",".join(f"gene{i}" for i in range(100_000))
    values = ",".join("1" * 100_000)
    return table(
        folder, *(f"{row.strip()},{values}\n" for row in GOOD[:5]), header=f"{HEADER.strip()},{names}\n"
    )


def binary_named_csv(folder: Path) -> Path:
    path = folder / "patients.csv"
    path.write_bytes(b"\x7fELF\x02\x01\x01\x00" + random.Random(1).randbytes(100_000))
    return path


def no_ids_at_all(folder: Path) -> Path:
    return table(folder, *(row.partition(",")[2] for row in GOOD), header=HEADER.partition(",")[2])


def some_ids_missing(folder: Path) -> Path:
    return table(folder, *replaced("p3,", ","))


def duplicated_ids(folder: Path) -> Path:
    return table(folder, *GOOD, GOOD[3].replace("PD", "CR"))


def times(value: str) -> Case:
    def make(folder: Path) -> Path:
        return table(folder, *(row.replace(",5,", f",{value},") for row in GOOD))

    make.__name__ = f"times_{value}"
    return make


def workbook_bomb(folder: Path) -> Path:
    path = folder / "patients.xlsx"
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(sheet)
            for _ in range(1200):  # 1.2 GB, 1.2 MB when packed
                file.write(b" " * 2**20)
    return path


def not_a_workbook(folder: Path) -> Path:
    path = folder / "patients.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    return path


def link_to_itself(folder: Path) -> Path:
    (folder / "study").symlink_to(folder / "study")
    return folder / "study"


def folder_within_itself(folder: Path) -> Path:
    (folder / "again").symlink_to(folder)
    return folder


def nothing_there(folder: Path) -> Path:
    return folder / "no such study"


def a_pipe_nobody_writes_to(folder: Path) -> Path:
    os.mkfifo(folder / "patients.csv")
    return folder / "patients.csv"


def a_pipe_in_the_folder(folder: Path) -> Path:
    os.mkfifo(folder / "patients.csv")
    return folder


def endless_device(folder: Path) -> Path:
    return Path("/dev/zero")


def broken_manifest(folder: Path) -> Path:
    table(folder, *GOOD)
    (folder / "study.toml").write_text("title = 'unclosed\n[tables.patients")
    return folder


def manifest_that_names_no_file(folder: Path) -> Path:
    (folder / "study.toml").write_text('title = "x"\n[tables.patients]\nfile = "lost.csv"\n')
    return folder


def manifest_that_leaves_the_study(folder: Path) -> Path:
    (folder / "study.toml").write_text('title = "x"\n[tables.patients]\nfile = "/etc/passwd"\n')
    return folder


UNUSABLE = (
    empty, header_alone, photographs, two_gigabytes_of_nothing, binary_named_csv, no_ids_at_all,
    workbook_bomb, not_a_workbook, link_to_itself, folder_within_itself, nothing_there, a_pipe_nobody_writes_to,
    a_pipe_in_the_folder, endless_device, broken_manifest, manifest_that_names_no_file,
    manifest_that_leaves_the_study,
)  # fmt: skip
FOUND_OUT = (some_ids_missing, duplicated_ids, times("-5"), times("inf"), times("-inf"))
READABLE = (hundred_thousand_columns, times("NaN"), times("NA"))


def assert_civil(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    assert "fault in Coley" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices of POSIX")
@pytest.mark.parametrize("case", UNUSABLE, ids=lambda case: case.__name__)
def test_unusable_input_gets_one_message_that_says_what_to_do(
    coley: Coley, case: Case, tmp_path: Path
) -> None:
    done = coley("check", case(tmp_path))
    assert_civil(done)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    assert done.stderr.startswith("coley: ")
    assert "remedy:" in done.stderr
    assert len(done.stderr) < 2500


@pytest.mark.parametrize("case", FOUND_OUT, ids=lambda case: case.__name__)
def test_what_is_wrong_with_the_rows_is_found(coley: Coley, case: Case, tmp_path: Path) -> None:
    done = coley("check", case(tmp_path))
    assert_civil(done)
    assert done.returncode in (1, 2) or "warn:" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("case", READABLE, ids=lambda case: case.__name__)
def test_odd_but_readable_input_is_read(coley: Coley, case: Case, tmp_path: Path) -> None:
    assert_civil(coley("check", case(tmp_path)))


@pytest.mark.parametrize(
    "case", [photographs, some_ids_missing, times("inf")], ids=lambda case: case.__name__
)
def test_asking_is_as_civil_and_leaves_nothing_half_done(coley: Coley, case: Case, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    done = coley("ask", case(tmp_path / "in"), "--out", tmp_path / "out" / "report")
    assert_civil(done)
    left = list((tmp_path / "out").iterdir())
    assert left == ([] if done.returncode == 2 else [tmp_path / "out" / "report"])


def test_a_foreign_folder_is_told_what_was_looked_for_and_what_was_found(
    coley: Coley, tmp_path: Path
) -> None:
    done = coley("check", photographs(tmp_path))
    assert "study.toml" in done.stderr
    assert "5 JPEG images" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names that are not UTF-8 are Linux")
def test_a_name_that_is_no_text(coley: Coley, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[31m.csv"
    Path(os.fsdecode(name)).write_text(HEADER + "".join(GOOD))
    done = coley("check", name)
    assert_civil(done)
    assert "\x1b" not in done.stdout + done.stderr


def test_escape_sequences_in_the_data_do_not_reach_the_terminal(tmp_path: Path, coley: Coley) -> None:
    hostile = "\x1b]0;owned\x07\x1b[31mPD"
    done = coley("check", table(tmp_path, *(row.replace("PD", hostile) for row in GOOD)), "--all")
    assert_civil(done)
    assert "owned" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
