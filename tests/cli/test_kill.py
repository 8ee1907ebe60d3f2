"""Killing `coley ask` at any moment leaves the earlier report whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coley.run.manifest import verify

KILLS = 26  # half spread over the whole run, half while the report is being written


def ask(study: Path, out: Path, seed: int) -> subprocess.Popen[bytes]:
    words = ["ask", study, "respond", "--out", out, "--set", f"seed={seed}", "--set", "bootstraps=20"]
    return subprocess.Popen(
        [sys.executable, "-m", "coley", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def seed_of(report: Path) -> int:
    """Return the seed of a whole report, having made sure that all its files are of one run."""
    assert verify(report) == ()
    record = json.loads((report / "run.json").read_text())
    (answer,) = json.loads((report / "answers.json").read_text())
    assert record["settings"]["respond"] == answer["settings"]
    assert set(answer["tables"].values()) <= set(record["files"])
    assert (report / "report.html").read_text().rstrip().endswith("</html>")
    return int(answer["settings"]["seed"])


def wait_until(happens: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None and not happens():
        time.sleep(0.001)


@pytest.mark.slow
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux exchanges two folders in one step"
)
def test_the_earlier_report_is_whole_after_every_kill(study: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    begun = time.perf_counter()
    assert ask(study, report, 0).wait(timeout=120) in (0, 1)
    whole_run = time.perf_counter() - begun
    assert seed_of(report) == 0

    def half_written() -> list[str]:
        return [path.name for path in tmp_path.glob(".coley-*.aside")]

    writing, seeds = 0, {0}
    for i in range(1, KILLS + 1):
        process = ask(study, report, i)
        if i % 2:
            time.sleep(whole_run * i / KILLS)
        else:
            wait_until(lambda: bool(half_written()), process)
            time.sleep(0.004 * (i * 7 % KILLS))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        writing += bool(half_written())
        assert seed_of(report) in seeds | {i}
        seeds = {seed_of(report)}
    assert writing > KILLS // 4, "too few kills fell into the writing to show anything"
    assert ask(study, report, 99).wait(timeout=120) in (0, 1)
    assert seed_of(report) == 99
    assert list(tmp_path.iterdir()) == [report]
