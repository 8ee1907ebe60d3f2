"""A study to a folder of the native format."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from coley.model.csv_out import write_csv
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
    folder.mkdir(parents=True, exist_ok=True)
    said = {"name": study.name, **asdict(study.about)}
    lines = [f"{key} = {_toml(value)}\n" for key, value in said.items() if value not in (None, "")]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    for name, frame in study.tables.items():
        write_csv(frame.drop(WHERE_COLUMN, strict=False), folder / f"{name}.csv")


def _toml(value: bool | float | str) -> str:
    """Return a value in TOML, whose basic strings escape as JSON strings do, and DEL besides."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
