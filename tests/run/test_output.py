"""A report's folder is the earlier one or the new one, whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coley.model.errors import UnwritableOutput
from coley.run import disk, output
from coley.run.manifest import MANIFEST, WRITER, checksums, verify
from coley.run.output import prepare, publish

if TYPE_CHECKING:
    from collections.abc import Callable

needs_exchange = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux exchanges two folders in one step"
)


def report(version: str, *names: str) -> Callable[[Path], None]:
    """Return what fills a folder with a small, whole report."""

    def fill(folder: Path) -> None:
        for name in names or ("report.html", "tables/respond/t.csv"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(version)
        (folder / MANIFEST).write_text(json.dumps({"written_by": WRITER, "files": checksums(folder)}))

    return fill


def version(folder: Path) -> str:
    assert verify(folder) == ()
    return (folder / "report.html").read_text()


def litter(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path != folder)


def test_into_a_new_an_empty_and_an_earlier_folder(tmp_path: Path) -> None:
    new, empty = tmp_path / "a" / "new", tmp_path / "empty"
    empty.mkdir()
    for folder in (new, empty):
        assert publish(folder, report("one")) == folder
        assert version(folder) == "one"
        publish(folder, report("two", "report.html", "figures/f.svg"))
        assert version(folder) == "two"
        assert not (folder / "tables").exists()
    assert litter(new) == []
    assert litter(empty) == ["a"]


def test_the_folder_keeps_its_mode_and_a_new_one_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        folder = publish(tmp_path / "report", report("one"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    folder.chmod(0o705)
    publish(folder, report("two"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o705


def test_files_that_coley_did_not_write_stay(tmp_path: Path) -> None:
    folder = publish(tmp_path / "report", report("one"))
    (folder / "notes.txt").write_text("mine")
    (folder / "tables" / "own").mkdir()
    (folder / "tables" / "own" / "extra.csv").write_text("mine too")
    (folder / "link").symlink_to("notes.txt")
    publish(folder, report("two"))
    assert version(folder) == "two"
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "link").is_symlink()
    assert (folder / "tables" / "own" / "extra.csv").read_text() == "mine too"


def test_a_stranger_in_the_way_of_a_new_file_is_refused(tmp_path: Path) -> None:
    folder = publish(tmp_path / "report", report("one"))
    (folder / "figures").write_text("mine, and not a folder")
    with pytest.raises(UnwritableOutput, match="overwrite a file that Coley did not write"):
        publish(folder, report("two", "report.html", "figures/f.svg"))
    assert version(folder) == "one"
    assert litter(folder) == []


@pytest.mark.parametrize(
    "manifest", [None, "", "{}", "[1]", '{"written_by": "other", "files": {}}', "[" * 10**5]
)
def test_a_folder_that_is_not_a_report_is_never_touched(tmp_path: Path, manifest: str | None) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.txt").write_text("years of work")
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest)
    before = checksums(folder)
    with pytest.raises(UnwritableOutput, match="not a report that Coley wrote"):
        publish(folder, report("one"))
    assert checksums(folder) == before
    assert litter(folder) == []


def test_a_file_in_the_place_of_the_folder_or_above_it(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.write_text("a file")
    for folder in (file, file / "below" / "it"):
        with pytest.raises(UnwritableOutput, match="there is a file in its place") as caught:
            publish(folder, report("one"))
        assert caught.value.where == str(file)
    assert file.read_text() == "a file"


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UnwritableOutput):
        publish(tmp_path / "a", report("one"))


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    assert publish(tmp_path / "near", report("one")) == tmp_path / "far"
    assert (tmp_path / "near").is_symlink()
    assert version(tmp_path / "near") == "one"


def test_names_as_long_as_a_file_system_allows(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 255)
    publish(folder, report("one"))
    publish(folder, report("two"))
    assert version(folder) == "two"
    with pytest.raises(UnwritableOutput):
        publish(tmp_path / ("x" * 256), report("one"))


def test_the_root_of_a_file_system_is_refused_with_a_folder_inside_it() -> None:
    with pytest.raises(UnwritableOutput):
        prepare(Path("/"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/sys is Linux")
def test_a_place_where_nobody_may_write() -> None:
    with pytest.raises(UnwritableOutput, match="could not be written"):
        publish(Path("/sys/coley-report"), report("one"))


@pytest.mark.parametrize("moment", ["fill", "flush", "swap"])
@pytest.mark.parametrize("earlier", [True, False])
def test_a_full_disk_leaves_the_earlier_report_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, earlier: bool
) -> None:
    folder = tmp_path / "report"
    if earlier:
        publish(folder, report("one"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if moment != "fill":
        monkeypatch.setattr(output, "flush" if moment == "flush" else "_swap", full)
    with pytest.raises(UnwritableOutput, match="No space left on device") as caught:
        publish(folder, full if moment == "fill" else report("two"))
    assert "Free some space" in caught.value.remedy
    assert litter(folder) == []
    assert (version(folder) == "one") if earlier else not folder.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_whatever_stops_the_writing_leaves_no_litter(tmp_path: Path, error: type[BaseException]) -> None:
    folder = publish(tmp_path / "report", report("one"))

    def stop(aside: Path) -> None:
        (aside / "half.html").write_text("half")
        raise error

    with pytest.raises(error):
        publish(folder, stop)
    assert version(folder) == "one"
    assert litter(folder) == []


# --- without an exchange of folders --------------------------------------------------------------


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "exchange", lambda one, other: False)


@pytest.mark.usefixtures("no_exchange")
def test_two_steps_where_the_system_cannot_exchange(tmp_path: Path) -> None:
    folder = publish(tmp_path / "report", report("one"))
    publish(folder, report("two"))
    assert version(folder) == "two"
    assert litter(folder) == []


@pytest.mark.usefixtures("no_exchange")
def test_a_kill_between_the_two_steps_is_mended_by_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = publish(tmp_path / "report", report("one"))
    folder.rename(output._earlier(folder))  # the state after the first step
    assert not folder.exists()
    prepare(folder)
    assert version(folder) == "one"
    assert litter(folder) == []


@pytest.mark.usefixtures("no_exchange")
def test_a_kill_after_the_two_steps_leaves_the_new_report(tmp_path: Path) -> None:
    folder = publish(tmp_path / "report", report("two"))
    earlier = output._earlier(folder)  # the state before the last step
    earlier.mkdir()
    report("one")(earlier)
    prepare(folder)
    assert version(folder) == "two"
    assert not earlier.exists()


# --- real kills ----------------------------------------------------------------------------------

ENDLESS = """
    import itertools, json, sys
    from pathlib import Path
    from coley.run.manifest import MANIFEST, WRITER, checksums
    from coley.run.output import publish

    def fill(folder):
        for i in range(20):
            (folder / f"{i}.txt").write_text(str(run) * 100)
        (folder / "report.html").write_text(str(run))
        (folder / MANIFEST).write_text(json.dumps({"written_by": WRITER, "files": checksums(folder)}))

    for run in itertools.count():
        publish(Path(sys.argv[1]), fill)
        if run == 0:
            print("ready", flush=True)
"""


@needs_exchange
def test_a_folder_republished_without_end_is_whole_after_every_kill(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    for i in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(ENDLESS), str(folder)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.001 * (3 * i % 17))
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert verify(folder) == ()
    publish(folder, report("last"))
    assert version(folder) == "last"
    assert litter(folder) == []


@needs_exchange
def test_an_observer_never_misses_the_folder(tmp_path: Path) -> None:
    folder = publish(tmp_path / "report", report("0"))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ENDLESS), str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        seen = {os.stat(folder).st_ino for _ in range(50_000)}  # noqa: PTH116
    except FileNotFoundError:
        pytest.fail("the folder was missing for a moment")
    finally:
        process.kill()
        process.communicate()
    assert len(seen) > 1


def test_two_runs_at_once_do_not_take_each_others_folder_for_stale(tmp_path: Path) -> None:
    folder = tmp_path / "report"

    def outer(aside: Path) -> None:
        publish(folder, report("inner"))
        assert aside.is_dir()
        report("outer")(aside)

    publish(folder, outer)
    assert version(folder) == "outer"
    assert litter(folder) == []


def test_a_folder_that_cannot_be_locked_is_stale_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with disk.locked(tmp_path, wait=False) as free:
        assert not free
    old = time.time() - 2 * disk.STALE_SECONDS
    os.utime(tmp_path, (old, old))
    with disk.locked(tmp_path, wait=False) as free:
        assert free
