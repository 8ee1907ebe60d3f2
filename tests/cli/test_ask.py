"""`coley demo`, `ask` and `check` from outside: exit codes, JSON, and the same bytes every time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from coley.model.study import DAYS_PER_MONTH
from coley.run.manifest import verify

Coley = Callable[..., subprocess.CompletedProcess[str]]


def test_a_demo_is_a_whole_report_with_its_study_and_truth(demo: Path) -> None:
    assert verify(demo) == ()
    assert {"report.html", "answers.json", "run.json", "study", "truth", "tables", "figures"} == {
        path.name for path in demo.iterdir()
    }
    page = (demo / "report.html").read_text()
    answers = json.loads((demo / "answers.json").read_text())
    assert [answer["question"] for answer in answers] == ["respond", "believe", "harm", "worth"]
    for answer in answers:
        for path in answer["tables"].values():
            assert (demo / path).is_file()
        assert len(list((demo / "figures" / answer["question"]).iterdir())) == len(answer["figures"])
    assert "80" in page


def test_asking_the_saved_study_gives_the_answers_of_the_demo(
    demo: Path, tmp_path: Path, coley: Coley
) -> None:
    done = coley("ask", demo / "study", "--out", tmp_path / "r", "--set", "seed=3")
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "r" / "answers.json").read_bytes() == (demo / "answers.json").read_bytes()


def test_two_runs_give_the_same_bytes_wherever_and_however_hashed(
    demo: Path, tmp_path: Path, coley: Coley
) -> None:
    study = demo / "study"
    words = ("--set", "bootstraps=20")
    one = coley("ask", study, "--out", tmp_path / "one", *words, PYTHONHASHSEED="1")
    other = coley(
        "ask", study.name, "--out", tmp_path / "two", *words, cwd=study.parent,
        PYTHONHASHSEED="2", TZ="Asia/Tokyo", LANG="C", POLARS_MAX_THREADS="1",
    )  # fmt: skip
    assert one.returncode == other.returncode
    first, second = tmp_path / "one", tmp_path / "two"
    same = [path.relative_to(first) for path in first.rglob("*") if path.suffix in (".csv", ".svg", ".json")]
    assert Path("answers.json") in same
    for path in same:
        if path.name != "run.json":
            assert (first / path).read_bytes() == (second / path).read_bytes(), path


def test_json_alone_on_stdout(study: Path, tmp_path: Path, coley: Coley) -> None:
    done = coley("ask", study, "respond", "--json", "--out", tmp_path / "r", "--set", "bootstraps=20")
    assert json.loads(done.stdout) == json.loads((tmp_path / "r" / "answers.json").read_text())
    assert done.stderr == ""
    done = coley("check", study, "--json")
    (checked,) = json.loads(done.stdout)
    assert checked["tables"]["patients"]["rows"] == 80
    assert {check["level"] for check in checked["checks"]} <= {"pass", "warn", "fail"}
    assert {"kaplan_meier", "cox"} <= {one["name"] for one in json.loads(coley("methods", "--json").stdout)}
    assert "oak" in {one["name"] for one in json.loads(coley("data", "list", "--json").stdout)}


def test_what_is_printed_ends_with_headline_and_page(study: Path, tmp_path: Path, coley: Coley) -> None:
    done = coley("ask", study, "respond", "--out", tmp_path / "r", "--set", "bootstraps=20")
    (answer,) = json.loads((tmp_path / "r" / "answers.json").read_text())
    assert answer["headline"] in done.stdout
    assert done.stdout.endswith(f"Report: {tmp_path / 'r' / 'report.html'}\n")


def test_exit_codes_of_a_check(study: Path, tmp_path: Path, coley: Coley) -> None:
    assert coley("check", study).returncode == 0
    days = pl.read_csv(study / "patients.csv").with_columns((pl.col("pfs_months") * DAYS_PER_MONTH).round())
    days.write_csv(tmp_path / "patients.csv")
    done = coley("check", tmp_path)
    assert done.returncode == 1
    assert "fail: pfs_months" in done.stdout
    assert "patients.csv, lines 2" in done.stdout
    assert "remedy:" in done.stdout
    assert coley("check", tmp_path / "nothing").returncode == 2


def test_the_same_patients_in_two_studies(study: Path, tmp_path: Path, coley: Coley) -> None:
    for name in ("study.toml", "patients.csv"):
        (tmp_path / name).write_bytes((study / name).read_bytes())
    done = coley("check", study, tmp_path, "--json")
    first, second = json.loads(done.stdout)
    shared = [c for c in first["checks"] if "patients" in c["message"] and c["level"] != "pass"]
    assert shared
    assert not [c for c in second["checks"] if c["level"] != "pass"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("respnd",), "Did you mean 'respond'"),
        (("--set", "bootstrap=5"), "Did you mean 'bootstraps'"),
        (("--set", "bootstraps"), "--set name=value"),
        (("--set", "bootstraps=many"), "cannot be 'many'"),
    ],
)
def test_misspelt_questions_and_settings(
    study: Path, tmp_path: Path, coley: Coley, words: tuple[str, ...], says: str
) -> None:
    done = coley("ask", study, *words, "--out", tmp_path / "r")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "r").exists()


def test_places_where_no_report_can_go(study: Path, tmp_path: Path, coley: Coley) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for out in ("file", "thesis"):
        done = coley("ask", study, "--out", tmp_path / out)
        assert done.returncode == 2
        assert "remedy: Choose" in done.stderr
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    assert not list(tmp_path.glob(".coley*"))
