"""A study to a folder of the native format."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from coley.model.csv_out import write_csv
from coley.model.errors import InvalidSetting
from coley.model.study import WHERE_COLUMN
from coley.read.manifest import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from coley.model.study import Study


def write_study(study: Study, folder: Path) -> None:
    """Write a study as study.toml and one CSV per table, none of whose cells begins a live formula.

    Parameters
    ----------
    study
        The study.
    folder
        Made where it is not there; files of the same names are replaced.

    Raises
    ------
    InvalidSetting
        Where the study is a collection of studies.

    Examples
    --------
    >>> import polars as pl, tempfile, coley
    >>> from coley.model.study import Study
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_study(Study("tiny", {"patients": pl.DataFrame({"patient_id": ["0040"]})}), folder)
    >>> coley.read(folder).patients["patient_id"].to_list()
    ['0040']
    """
    if study.about.cohorts:
        raise InvalidSetting(
            f"{study.name} is several studies read as one, and cannot be written as one folder.",
            cause="Each of them has its own units and design, which one manifest cannot say.",
            remedy="Write each study, and name their folders under studies in a study.toml.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    said = {"name": study.name, **asdict(study.about)}
    lines = [f"{key} = {_toml(value)}\n" for key, value in said.items() if value not in (None, "", {})]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    for name, frame in study.tables.items():
        write_csv(frame.drop(WHERE_COLUMN, strict=False), folder / f"{name}.csv")


def _toml(value: bool | float | str) -> str:
    """Return a value in TOML, whose basic strings escape as JSON strings do, and DEL besides."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
