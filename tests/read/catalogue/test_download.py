"""Broken connections, wrong files and full disks, on a server of our own."""

from __future__ import annotations

import errno
import shutil
import socket
from pathlib import Path

import pytest

import coley
from coley.model.errors import DownloadFailed, UnknownName
from coley.read.catalogue import Cohort, fetch_cohort
from coley.read.catalogue.download import ATTEMPTS, CHUNK, Interrupted

from .conftest import LABS, MANIFEST, PATIENTS, Server

HALF = 2 * CHUNK  # whole chunks are kept; what follows them is fetched again


def nothing_left(folder: Path) -> bool:
    return not list(folder.iterdir())


def test_a_cohort_arrives_whole_with_its_manifest(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    place = fetch_cohort(
        "made_up", tmp_path / "here", base_url=server.address, progress=lambda *report: seen.append(report)
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here"]
    assert {p.name: p.read_bytes() for p in place.iterdir()} == {
        "patients.csv": PATIENTS,
        "labs.csv": LABS,
        "study.toml": MANIFEST.encode(),
    }
    assert seen[-1] == ("labs.csv", len(LABS), len(LABS))
    study = coley.read(place)
    assert study.about.title == "Made up"
    assert study.patients.height == 20_000


def test_the_folder_is_that_of_its_name_here(
    made_up: Cohort, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fetch_cohort("made_up", base_url=server.address) == Path("made_up")
    assert (tmp_path / "made_up" / "labs.csv").read_bytes() == LABS


def test_what_is_here_is_not_fetched_again_and_stays_as_the_user_left_it(
    made_up: Cohort, server: Server, tmp_path: Path
) -> None:
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    (place / "study.toml").write_text('title = "Mine"\n')
    server.asked.clear()
    assert fetch_cohort("made_up", place, base_url=server.address) == place
    assert server.asked == []
    assert (place / "study.toml").read_text() == 'title = "Mine"\n'


def test_a_folder_with_something_else_is_left_alone(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("my data")
    with pytest.raises(DownloadFailed, match="there already"):
        fetch_cohort("made_up", tmp_path, base_url=server.address)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_a_cut_connection_goes_on_where_it_stopped(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    server.cuts = [HALF]
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert (place / "patients.csv").read_bytes() == PATIENTS
    assert server.asked[:2] == [("/o/r/abc/patients.csv", ""), ("/o/r/abc/patients.csv", f"bytes={HALF}-")]


def test_a_connection_lost_for_good_keeps_what_arrived_for_the_next_attempt(
    made_up: Cohort, server: Server, tmp_path: Path
) -> None:
    server.cuts = [HALF, *[0] * ATTEMPTS]
    with pytest.raises(Interrupted, match="connection was lost") as caught:
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert f"{HALF:,} of {len(PATIENTS):,} bytes are here" in caught.value.remedy
    assert not (tmp_path / "here").exists()
    server.cuts, server.asked = [], []
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert server.asked[0] == ("/o/r/abc/patients.csv", f"bytes={HALF}-")
    assert (place / "patients.csv").read_bytes() == PATIENTS
    assert [p.name for p in tmp_path.iterdir()] == ["here"]


def test_a_server_without_ranges_sends_the_whole_again(
    made_up: Cohort, server: Server, tmp_path: Path
) -> None:
    server.cuts, server.ranges = [HALF], False
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert (place / "patients.csv").read_bytes() == PATIENTS


def test_a_foreign_first_half_is_thrown_away(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    aside = tmp_path / ".here.part"
    aside.mkdir()
    (aside / "patients.csv.part").write_bytes(b"x" * HALF)
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert (place / "patients.csv").read_bytes() == PATIENTS
    assert [wanted for path, wanted in server.asked if "patients" in path] == [f"bytes={HALF}-", ""]


def test_a_wrong_checksum_leaves_nothing(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    server.files["/o/r/abc/labs.csv"] = LABS.replace(b"180", b"181")
    with pytest.raises(DownloadFailed, match="SHA-256"):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert nothing_left(tmp_path)


def test_a_page_in_place_of_the_file_is_refused_early(
    made_up: Cohort, server: Server, tmp_path: Path
) -> None:
    server.files["/o/r/abc/labs.csv"] = b"<html>" * 1000
    with pytest.raises(DownloadFailed, match="larger than the published"):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert nothing_left(tmp_path)


def test_a_file_that_is_gone(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    del server.files["/o/r/abc/labs.csv"]
    with pytest.raises(DownloadFailed, match="not on the server") as caught:
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert "404" in caught.value.cause
    assert nothing_left(tmp_path)


def test_a_server_that_refuses(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    server.statuses = [403]
    with pytest.raises(DownloadFailed, match="refuses"):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert nothing_left(tmp_path)


def test_a_busy_server_is_asked_again(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    server.statuses = [503, 429]
    place = fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert (place / "labs.csv").read_bytes() == LABS


def test_no_network(made_up: Cohort, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadFailed, match="cannot be reached") as caught:
            fetch_cohort("made_up", tmp_path / "here", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert "network" in caught.value.remedy
    assert "HTTPConnectionPool" not in str(caught.value)
    assert not (tmp_path / "here").exists()


def test_a_disk_that_fills_half_way_is_given_back(
    made_up: Cohort, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    class Full:
        def __init__(self, stream: object) -> None:
            self.stream, self.room = stream, HALF

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()  # type: ignore[attr-defined]

        def write(self, chunk: bytes) -> int:
            self.room -= len(chunk)
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.stream.write(chunk)  # type: ignore[attr-defined, no-any-return]

    def opened(path: Path, *args: object, **kwargs: object) -> object:
        stream = real(path, *args, **kwargs)  # type: ignore[arg-type, call-overload]
        return Full(stream) if path.name.endswith(".part") else stream

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(DownloadFailed, match="disk is full"):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    monkeypatch.undo()
    assert nothing_left(tmp_path)


def test_a_disk_without_room_is_noticed_before_the_first_byte(
    made_up: Cohort, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10))
    with pytest.raises(DownloadFailed, match="disk is full"):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address)
    assert server.asked == []
    assert nothing_left(tmp_path)


def test_an_interrupt_by_the_user_leaves_nothing(made_up: Cohort, server: Server, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_cohort("made_up", tmp_path / "here", base_url=server.address, progress=stop)
    assert nothing_left(tmp_path)


def test_a_misspelt_name_gets_help() -> None:
    with pytest.raises(UnknownName, match="published cohort") as caught:
        fetch_cohort("chowel2021")
    assert "chowell2021" in caught.value.remedy
