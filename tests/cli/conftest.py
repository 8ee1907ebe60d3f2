"""The command line as a user runs it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

HANG = 120  # seconds after which a command counts as hung


Done = subprocess.CompletedProcess[str]


def run_coley(*words: str | Path, cwd: Path | None = None, **environment: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "coley", *words],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=HANG,
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="session")
def coley() -> Callable[..., Done]:
    """Runs `coley` with the given words, in a folder and environment if wished, and waits for it."""
    return run_coley


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo of few patients: a whole report with its study and truth."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = run_coley("demo", "--patients", "80", "--seed", "3", "--out", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def study(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's study cut down to what can be asked in a second."""
    folder = tmp_path_factory.mktemp("study") / "small"
    folder.mkdir()
    columns = ["patient_id", "arm", "response", "pfs_months", "pfs_event", "age_years"]
    pl.read_csv(demo / "study" / "patients.csv").select(columns).write_csv(folder / "patients.csv")
    manifest = (demo / "study" / "study.toml").read_text(encoding="utf-8").splitlines()
    beside = ("reports =", "economic_model =")  # what they name stays where it is
    kept = [line for line in manifest if not line.startswith(beside)]
    (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")
    return folder
