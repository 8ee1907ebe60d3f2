"""`coley worth` as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.economics.conftest import TEXT

Coley = Callable[..., CompletedProcess[str]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.toml").write_text(TEXT)
    return tmp_path / "model.toml"


def test_the_answer_is_told_and_the_report_named(coley: Coley, model: Path, tmp_path: Path) -> None:
    done = coley("worth", "model.toml", "--set", "draws=300", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "Is it worth the cost?" in told
    assert "Immunotherapy against Chemotherapy" in told
    assert "USD per QALY" in told
    assert (tmp_path / "coley-worth" / "report.html").is_file()


def test_json_is_what_the_file_holds_and_nothing_else_is_said(
    coley: Coley, model: Path, tmp_path: Path
) -> None:
    done = coley("worth", model, "--out", tmp_path / "out", "--set", "draws=300", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "answers.json").read_text())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "progression_free_per_month",
            "progresion_free_per_month",
            "Did you mean 'progression_free_per_month'",
        ),
        ("costs = 0.0", "costs = 3.5", "3.5 % a year is 0.035"),
    ],
)
def test_unusable_input_ends_with_2_and_one_message(
    coley: Coley, model: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    model.write_text(TEXT.replace(old, new, 1))
    done = coley("worth", model, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert told.lower() in " ".join(done.stderr.split()).lower()
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_not_there_ends_with_2(coley: Coley, tmp_path: Path) -> None:
    done = coley("worth", tmp_path / "modle.toml")
    assert done.returncode == 2
    assert "modle.toml is not there" in " ".join(done.stderr.split())
