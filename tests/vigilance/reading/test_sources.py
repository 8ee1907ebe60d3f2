"""Archives that are damaged, protected or made to do harm."""

from __future__ import annotations

import gzip
import zipfile

import pytest

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import Limits, read_reports


def pack(path, quarter, **more: bytes):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**quarter.texts(), **more}.items():
            archive.writestr(f"ascii/{name}", text)
    return path


def test_a_truncated_archive_is_named_and_the_others_are_read(quarter, another, tmp_path):
    folder = tmp_path / "q"
    folder.mkdir()
    pack(folder / "faers_ascii_2017q2.zip", quarter)
    whole = pack(folder / "faers_ascii_2017q3.zip", another("17Q3")).read_bytes()
    (folder / "faers_ascii_2017q3.zip").write_bytes(whole[: len(whole) // 2])
    log = read_reports(folder, tmp_path / "store")
    assert log.rows["reports"] == 2
    (problem,) = log.problems
    assert "faers_ascii_2017q3.zip is damaged" in problem.what
    (folder / "faers_ascii_2017q2.zip").unlink()
    with pytest.raises(UnreadableInput, match="damaged"):
        read_reports(folder, tmp_path / "other")


def test_a_member_whose_bytes_are_damaged_costs_its_quarter(quarter, another, tmp_path):
    folder = tmp_path / "q"
    folder.mkdir()
    pack(folder / "a_2017q2.zip", quarter)
    path = pack(folder / "b_2017q3.zip", another("17Q3"))
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("ascii/DRUG17Q3.txt")
        middle = member.header_offset + 50 + member.compress_size // 2
    data = bytearray(path.read_bytes())
    data[middle : middle + 8] = bytes(byte ^ 0xFF for byte in data[middle : middle + 8])
    path.write_bytes(data)
    log = read_reports(folder, tmp_path / "store")
    assert log.rows["reports"] == 2
    assert any("DRUG17Q3.txt is damaged" in problem.what for problem in log.problems)


@pytest.mark.parametrize("declared", [None, 100])
def test_a_bomb_is_stopped_whatever_size_it_declares(quarter, tmp_path, declared):
    path = pack(tmp_path / "faers_ascii_2017q2.zip", quarter)
    bomb = quarter.lines["REAC"][0].encode() + b"\n" + b"0" * 4_000_000
    quarter_bomb = {**quarter.texts(), "REAC17Q2.txt": bomb}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in quarter_bomb.items():
            archive.writestr(name, text)
    if declared:
        data = path.read_bytes()
        path.write_bytes(data.replace(len(bomb).to_bytes(4, "little"), declared.to_bytes(4, "little")))
    tight = Limits(archive_ratio=20, archive_ratio_from=100_000)
    with pytest.raises(UnreadableInput, match=r"unpacks to more than|damaged"):
        read_reports(path, tmp_path / "store", limits=tight)
    assert not (tmp_path / "store").exists()


def test_a_bomb_compressed_alone_and_a_file_too_large(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    (folder / "REAC17Q2.txt").unlink()
    text = quarter.texts()["REAC17Q2.txt"] + b"1000000011$1$x$\n" * 200_000
    (folder / "REAC17Q2.txt.gz").write_bytes(gzip.compress(text))
    with pytest.raises(UnreadableInput, match="unpacks to more than"):
        read_reports(folder, tmp_path / "store", limits=Limits(archive_ratio=20, archive_ratio_from=100_000))
    with pytest.raises(UnreadableInput, match="unpacks to more than"):
        read_reports(folder, tmp_path / "store", limits=Limits(member_bytes=100_000))


def test_a_truncated_gzip_is_named(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    (folder / "REAC17Q2.txt").unlink()
    (folder / "REAC17Q2.txt.gz").write_bytes(gzip.compress(quarter.texts()["REAC17Q2.txt"])[:-12])
    with pytest.raises(UnreadableInput, match="damaged"):
        read_reports(folder, tmp_path / "store")


def test_members_that_point_outside_are_not_read(quarter, tmp_path):
    path = pack(tmp_path / "faers_ascii_2017q2.zip", quarter, **{"../../DELETE17Q2.txt": b"100000001\n"})
    log = read_reports(path, tmp_path / "store")
    assert log.rows["deleted"] == 0
    assert "outside of itself" in log.problems[0].what


def test_a_protected_member_is_told(quarter, tmp_path):
    path = pack(tmp_path / "faers_ascii_2017q2.zip", quarter)
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:  # the flag of every entry of the directory
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    path.write_bytes(data)
    with pytest.raises(UnreadableInput, match="password"):
        read_reports(path, tmp_path / "store")


def test_an_archive_within_an_archive_is_told(quarter, tmp_path):
    inner = pack(tmp_path / "inner.zip", quarter).read_bytes()
    path = pack(tmp_path / "faers_ascii_2017q2.zip", quarter, **{"more.zip": inner})
    log = read_reports(path, tmp_path / "store")
    assert "archive within an archive" in log.problems[0].what
    assert log.rows["reports"] == 2


def test_what_is_no_report_is_left_alone_and_told(quarter, tmp_path):
    folder = quarter.write(tmp_path / "q")
    (folder / "ASC_NTS.pdf").write_bytes(b"%PDF-1.4 ...")
    (folder / ".DS_Store").write_bytes(b"x")
    with zipfile.ZipFile(folder / "FAQ.docx", "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("word/document.xml", "<w:document/>")
    log = read_reports(folder, tmp_path / "store")
    assert [note.where for note in log.notes] == ["q/ASC_NTS.pdf", "q/FAQ.docx"]
    assert not log.problems
