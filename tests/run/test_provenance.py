"""The record of a run tells what is needed to repeat it."""

from __future__ import annotations

import sys
from datetime import datetime

import polars as pl

import coley
from coley.model.answer import Answer
from coley.model.study import Source, Study
from coley.run.provenance import peak_memory_mib, record, versions
from coley.run.steps import Steps, silent


def test_record_names_inputs_settings_versions_and_times() -> None:
    steps = Steps(1, progress=silent)
    with steps("Reading"):
        pass
    study = Study("toy", {}, sources=(Source("patients.csv", ("patients",), 12, "ab" * 32),))
    found = record(study, [Answer("respond", "?", "toy", "", settings={"seed": 3, "by": "arm"})], steps)
    assert found["inputs"] == [
        {"file": "patients.csv", "tables": ["patients"], "bytes": 12, "sha256": "ab" * 32}
    ]
    assert found["settings"] == {"respond": {"seed": 3, "by": "arm"}}
    assert found["seed"] == {"respond": 3}
    assert list(found["seconds"]) == ["Reading"]
    assert datetime.fromisoformat(found["started"]) <= datetime.fromisoformat(found["finished"])
    assert datetime.fromisoformat(found["started"]).tzinfo is not None


def test_versions_are_those_that_run() -> None:
    found = versions()
    assert found["python"] == sys.version.split()[0]
    assert found["coley"] == coley.__version__
    assert found["polars"] == pl.__version__
    assert "pytest" not in found


def test_peak_memory_grows_with_what_is_held() -> None:
    before = peak_memory_mib()
    held = bytearray(300 * 2**20)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    after = peak_memory_mib()
    assert before is not None
    assert after is not None
    assert after >= 300
    assert after >= before
