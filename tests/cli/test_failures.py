"""Whatever goes wrong, the user sees one screen and an exit code that tells whose fault it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from coley.cli import main
from coley.model.errors import UnreadableInput


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """Run `coley methods` with a catalogue that raises `error`."""

    def fail() -> NoReturn:
        raise error

    monkeypatch.setattr("coley.run.catalogue.method_catalogue", fail)
    return main(["methods"])


def test_a_users_error_is_its_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = UnreadableInput(
        "It is \x1b[31mempty.", where="a.csv", cause="export failed", remedy="Export again."
    )
    assert failing(monkeypatch, error) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "coley: It is \\x1b[31mempty.\n  where:  a.csv\n  cause:  export failed\n  remedy: Export again.\n"
    )


def test_a_fault_of_coleys_keeps_its_traceback_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert failing(monkeypatch, ZeroDivisionError("by zero")) == 70
    err = capsys.readouterr().err
    (kept,) = tmp_path.iterdir()
    assert str(kept) in err
    assert "not your mistake" in err
    assert "Traceback" not in err
    assert "ZeroDivisionError: by zero" in kept.read_text()
    assert "in fail" in kept.read_text()


def test_a_panic_that_is_no_exception_is_a_fault_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class PanicException(BaseException):  # what polars raises
        pass

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert failing(monkeypatch, PanicException("index out of bounds")) == 70
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "stopped as you asked"),
        (MemoryError(), 2, "too little free memory"),
        (SystemExit(3), 3, ""),
    ],
)
def test_other_ends(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    says: str,
) -> None:
    assert failing(monkeypatch, error) == code
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chek", "x"], "Did you mean 'check'?"),
        (["ask", "x", "--ouut", "y"], "Did you mean '--out'?"),
        (["ask"], "Missing argument"),
        (["ask", "x", "--zebra"], "`coley ask --help`"),
        (["demo", "--patients", "many"], "--patients"),
        (["demo", "--patients", "3"], "--patients"),
        (["methods", "kaplan_meyer"], "Did you mean 'kaplan_meier'?"),
        (["data", "gte"], "Did you mean 'get'?"),
    ],
)
def test_what_is_misspelt_gets_its_nearest(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err


def test_no_word_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("demo", "check", "ask", "methods", "data"))


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_leaves_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "coley", "methods", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 141
