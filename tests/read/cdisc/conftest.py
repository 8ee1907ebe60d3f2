"""Data sets of a made-up trial of three patients, in the variables of ADaM and SDTM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from coley.model.answer import Check
from coley.model.study import Study

Rows = Mapping[str, list[object]]
SUBJECTS = ["X-001", "X-002", "X-003"]

ADSL: Rows = {
    "STUDYID": ["X"] * 3,
    "USUBJID": SUBJECTS,
    "SUBJID": ["001", "002", "003"],
    "AGE": [61, 55, 70],
    "AGEU": ["YEARS"] * 3,
    "SEX": ["F", "M", "M"],
    "TRT01P": ["Drug", "Control", "Drug"],
    "TRT01A": ["Drug", "Control", "Control"],
    "ARM": ["Drug", "Control", "Drug"],
    "SAFFL": ["Y", "Y", "N"],
    "ITTFL": ["Y", "Y", "Y"],
    "RANDDT": ["2020-01-01", "2020-02-01", "2020-03-01"],
    "TRTSDT": ["2020-01-03", "2020-02-01", "2020-03-05"],
}
ADTTE: Rows = {
    "STUDYID": ["X"] * 6,
    "USUBJID": SUBJECTS * 2,
    "PARAMCD": ["OS"] * 3 + ["PFS"] * 3,
    "PARAM": ["Overall Survival"] * 3 + ["Progression Free Survival"] * 3,
    "AVAL": [366, 60, 10, 100, 30, 10],
    "CNSR": [0, 1, 2, 0, 0, 1],
    "STARTDT": ["2020-01-01", "2020-02-01", "2020-03-01"] * 2,
    "ADT": ["2020-12-31", "2020-03-31", "2020-03-10", "2020-04-09", "2020-03-01", "2020-03-10"],
}


def changed(rows: Rows, **values: list[object]) -> Rows:
    return {**rows, **values}


def without(rows: Rows, *names: str) -> Rows:
    return {name: values for name, values in rows.items() if name not in names}


def notes(study: Study, name: str) -> list[Check]:
    return [check for check in study.notes if check.name == name]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write data sets as CSV: name of the file to its rows."""

    def write(**data: Rows) -> Path:
        for name, rows in data.items():
            pl.DataFrame(rows, strict=False).write_csv(tmp_path / f"{name}.csv")
        return tmp_path

    return write
