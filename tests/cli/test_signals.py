"""`coley signals` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from coley.cli.app import app
from coley.toy.reports import ReportDesign, simulate_reports, write_faers


def test_signals_are_told_and_written(tmp_path: Path) -> None:
    write_faers(
        tmp_path / "faers", simulate_reports(ReportDesign(n_cases=3_000, quarters=2)).raw, zipped=True
    )
    command = ["signals", str(tmp_path / "faers"), "--out", str(tmp_path / "out"), "--set", "screen=false"]
    result = CliRunner().invoke(app, [*command, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)[0]
    assert told["question"] == "harm"
    assert "name a checkpoint inhibitor" in told["headline"]
    assert (tmp_path / "out" / "tables" / "harm" / "harm_signals.csv").is_file()


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    from coley.model.errors import UnreadableInput

    (tmp_path / "letter.txt").write_text("Dear Sir")
    result = CliRunner().invoke(
        app, ["signals", str(tmp_path / "letter.txt"), "--out", str(tmp_path / "out")]
    )
    assert isinstance(result.exception, UnreadableInput)
    assert not (tmp_path / "out").exists()


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    from coley.model.errors import InvalidSetting

    (tmp_path / "a.txt").write_text("x")
    command = ["signals", str(tmp_path / "a.txt"), "--engine", "dask", "--out", str(tmp_path / "out")]
    assert isinstance(CliRunner().invoke(app, command).exception, InvalidSetting)
