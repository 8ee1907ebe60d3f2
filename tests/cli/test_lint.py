"""`coley lint-predictions` from outside: exit codes, JSON, places, and files that are no predictions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

Coley = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 60 patients, honest predictions of it, and the same sorted without their ids."""
    folder = tmp_path_factory.mktemp("lint")
    rng = np.random.default_rng(4)
    score = rng.normal(size=60)
    ids = [f"P{k:04d}" for k in rng.permutation(9000)[:60]]
    responder = score + rng.normal(size=60) > 0.5
    (folder / "study").mkdir()
    pl.DataFrame(
        {
            "patient_id": ids,
            "response": np.where(responder, "PR", "PD"),
            "tmb_per_mb": np.exp(2 + 0.5 * score + rng.normal(0, 0.5, 60)).round(1),
        }
    ).write_csv(folder / "study" / "patients.csv")
    frame = pl.DataFrame({"patient_id": ids, "score": score.round(4)})
    frame.sort("score").write_csv(folder / "good.csv")
    frame.with_columns(pl.col("score").sort(descending=True)).write_csv(folder / "tide.tsv", separator="\t")
    (folder / "made.toml").write_text('steps = ["scale", "split", "fit", "test"]\n')
    return folder


def test_exit_codes_and_places(cohort: Path, coley: Coley) -> None:
    good = coley("lint-predictions", cohort / "good.csv", "--truth", cohort / "study")
    assert good.returncode == 0, good.stderr
    assert "0 failed, 0 to look at" in good.stdout
    bad = coley("lint-predictions", cohort / "tide.tsv", "--truth", cohort / "study")
    assert bad.returncode == 1
    assert "fail: score falls without exception along the order of the study" in bad.stdout
    assert "tide.tsv, lines 2, 3, 4, 5, 6, column score" in bad.stdout
    assert "remedy: Join the scores to the patients by the id" in bad.stdout


def test_what_was_in_order_is_shown_on_demand(cohort: Path, coley: Coley) -> None:
    done = coley("lint-predictions", cohort / "good.csv", "-t", cohort / "study", "--all")
    assert "pass: Predictions along the rows" in done.stdout


def test_json_and_protocol(cohort: Path, coley: Coley) -> None:
    done = coley(
        "lint-predictions", cohort / "good.csv", "--truth", cohort / "study", "--json",
        "--protocol", cohort / "made.toml", "--features", cohort / "study" / "patients.csv",
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (found["file"], found["scores"], found["roles"]) == (
        "good.csv",
        ["score"],
        {"patient_id": "patient_id"},
    )
    failed = [check for check in found["checks"] if check["level"] == "fail"]
    assert [(check["name"], check["where"]["file"]) for check in failed] == [("protocol_order", "made.toml")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing.csv", "--truth", "study"], "There is no file"),
        (["good.csv", "--truth", "nothing"], "There is no file"),
        (["good.csv"], "Missing option"),
        (["study", "--truth", "study"], "is a folder"),
        (["good.csv", "--truth", "study", "--protocol", "good.csv"], "neither TOML nor JSON"),
    ],
)
def test_unusable_input_ends_in_one_message(
    cohort: Path, coley: Coley, words: list[str], message: str
) -> None:
    done = coley("lint-predictions", *words, cwd=cohort)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
