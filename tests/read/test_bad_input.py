"""What a new user may hand over by mistake, and what an ill-meaning one may: one clear message, or a clean result."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

import coley
from coley.model.errors import ColeyError, UnreadableInput
from coley.read import kinds, text
from coley.read.facts import limits


def test_an_empty_file_and_a_header_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(UnreadableInput, match=r"a\.csv is empty"):
        coley.read(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("patient_id,os_months,os_event,response\n")
    with pytest.raises(UnreadableInput, match="patients has no rows"):
        coley.read(tmp_path / "b.csv")


def test_an_empty_folder_and_one_of_photographs(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="holds nothing"):
        coley.read(tmp_path)
    for i in range(38):
        (tmp_path / f"IMG_{i}.JPG").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    (tmp_path / "film.mov").touch()
    with pytest.raises(UnreadableInput, match="38 JPEG images") as caught:
        coley.read(tmp_path)
    assert "study.toml" in caught.value.cause
    with pytest.raises(UnreadableInput, match="JPEG image"):
        coley.read(tmp_path / "IMG_1.JPG")


def test_two_gigabytes_are_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.write(b"patient_id,age\nP1,61\n")
        stream.truncate(2 << 30)  # sparse: takes no room on the disk
    monkeypatch.setattr(text, "parse", lambda *_, **__: pytest.fail("the file was read"))
    try:
        with pytest.raises(UnreadableInput, match=r"too large: 2,048 MB"):
            coley.read(path)
    finally:
        path.unlink()


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {**limits(), "text_bytes": 1 << 20}
    monkeypatch.setattr(text, "limits", lambda: small)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"0" * (50 << 20)))
    with pytest.raises(UnreadableInput, match="more than 1 MB when unpacked"):
        coley.read(tmp_path / "a.csv.gz")


def test_more_cells_than_the_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {**limits(), "cells": 100}
    monkeypatch.setattr(text, "limits", lambda: small)
    (tmp_path / "a.csv").write_text("patient_id,a\n" + "".join(f"P{i},1\n" for i in range(50)))
    with pytest.raises(UnreadableInput, match="51 rows and 2 columns"):
        coley.read(tmp_path / "a.csv")


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    header = ",".join(["patient_id", *(f"c{i}" for i in range(100_000))])
    (tmp_path / "a.csv").write_text(f"{header}\n" + "1," * 100_000 + "1\n")
    with pytest.raises(UnreadableInput, match="100,001 columns"):
        coley.read(tmp_path / "a.csv")


def test_many_columns_below_the_limit_are_cut_with_a_warning(tmp_path: Path) -> None:
    n = 20_000
    header = ",".join(["patient_id", *(f"c{i}" for i in range(n))])
    (tmp_path / "a.csv").write_text(f"{header}\nP1" + ",1.5" * n + "\n")
    study = coley.read(tmp_path / "a.csv")
    assert study.patients.width == limits()["covariates"] + 2
    assert "too_many_columns" in {note.name for note in study.notes}


def test_binary_named_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(os.urandom(5000) + b"\0\0")
    with pytest.raises(ColeyError):
        coley.read(tmp_path / "a.csv")


def test_a_line_without_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x" * (5 << 20))
    with pytest.raises(UnreadableInput, match="No table of patients"):
        coley.read(tmp_path / "a.csv")


def test_symlink_loops(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UnreadableInput, match="in a circle"):
        coley.read(tmp_path / "a")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "patients.csv").symlink_to("patients.csv")
    (folder / "self").symlink_to(folder)
    with pytest.raises(UnreadableInput):
        coley.read(folder)
    (folder / "patients.csv").unlink()
    (folder / "patients.csv").write_text("patient_id\nP1\n")
    assert coley.read(folder).patients.height == 1


def test_a_huge_folder_is_not_searched_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {**limits(), "folder_entries": 50}
    monkeypatch.setattr(kinds, "limits", lambda: small)
    for i in range(200):
        (tmp_path / f"{i:03}.jpg").touch()
    assert len(kinds.files_in(tmp_path)) <= 50
    with pytest.raises(UnreadableInput, match="JPEG images"):
        coley.read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "patients.csv")
    with pytest.raises(UnreadableInput):
        coley.read(tmp_path / "patients.csv")
    with pytest.raises(UnreadableInput):
        coley.read(tmp_path)


def test_names_with_markup_and_formulas_are_only_names(tmp_path: Path) -> None:
    hostile = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "../../etc",
        "'; DROP TABLE x;--",
        "\u202eabc",
    ]
    rows = "".join(f'"{name}","{name}",3\n' for name in hostile)
    (tmp_path / "a.csv").write_text(f'patient_id,"=HYPERLINK(""http://x"")",os_months\n{rows}')
    study = coley.read(tmp_path / "a.csv")
    assert study.patients["patient_id"].to_list() == hostile
    assert '=HYPERLINK("http://x")' in study.patients.columns


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_end_in_a_message_or_a_study(tmp_path: Path, seed: int) -> None:
    import numpy as np

    random = np.random.default_rng(seed)
    data = bytearray(b'patient_id,response,"os_months",os_event\n' + b'P1,CR,3.5,1\nP2,"PD",,0\n' * 20)
    for position in random.integers(0, len(data), 6):
        data[position] = random.choice(np.frombuffer(b'",;\t\r\n\x00\xff\xfe|#', dtype=np.uint8))
    (tmp_path / "a.csv").write_bytes(bytes(data))
    try:
        study = coley.read(tmp_path / "a.csv")
    except ColeyError:
        return  # any other error fails the test
    assert set(study.patients["patient_id"]) != set()
