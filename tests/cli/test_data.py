"""`coley data`: the catalogue is shown, a cohort is brought with what must be known about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coley.cli import main
from coley.read.catalogue import list_cohorts


def test_the_list_names_every_cohort(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for cohort in list_cohorts():
        assert any(line.startswith(f"{cohort.name}: {cohort.title}") for line in lines)


def test_what_was_brought_is_said_with_licence_citation_and_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: dict[str, Any] = {}

    def fetch(name: str, folder: Path | None, **more: Any) -> Path:
        asked.update(more, name=name, folder=folder)
        more["progress"]("data.tsv", 5, 10)
        return tmp_path / "oak"

    monkeypatch.setattr("coley.read.catalogue.fetch_cohort", fetch)
    assert main(["data", "get", "oak", "--out", str(tmp_path / "oak"), "--mirror", "http://localhost:1"]) == 0
    assert (asked["name"], asked["folder"], asked["base_url"]) == (
        "oak",
        tmp_path / "oak",
        "http://localhost:1",
    )
    out = capsys.readouterr().out
    (oak,) = (cohort for cohort in list_cohorts() if cohort.name == "oak")
    for text in (oak.title, oak.licence, oak.citation, f"coley ask {tmp_path / 'oak'}"):
        assert text in out


def test_a_server_that_does_not_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirror = "http://127.0.0.1:9"  # the port "discard", on which nothing listens
    assert main(["data", "get", "oak", "--out", str(tmp_path / "oak"), "--mirror", mirror]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("coley: ")
    assert "remedy:" in err
    assert not (tmp_path / "oak").exists()


def test_a_misspelt_cohort(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "get", "chowel2021"]) == 2
    assert "Did you mean 'chowell2021'?" in capsys.readouterr().err
