"""What lies in a report's folder: the page, the answers, their tables and figures, the record."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from coley.model.answer_json import to_dict
from coley.model.csv_out import write_csv
from coley.run.manifest import MANIFEST, checksums
from coley.run.provenance import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coley.model.answer import Answer, Check
    from coley.model.study import Study
    from coley.run.steps import Steps


def write_report(
    folder: Path, study: Study, answers: Sequence[Answer], *, checks: Sequence[Check], steps: Steps
) -> None:
    """Write every file of the report into a folder; its record comes last.

    Parameters
    ----------
    folder
        Where to; see `coley.run.output.publish` for how it reaches its place whole.
    study, answers, checks
        What was read, answered and found by the doctor.
    steps
        The steps so far; drawing and writing are added.
    """
    from coley.report import about_study, render_page

    with steps("Drawing"):
        drawn = {answer.question: _write_figures(folder, answer) for answer in answers}
    with steps("Writing"):
        paths = [_write_tables(folder, answer) for answer in answers]
        written = [to_dict(answer, names) for answer, names in zip(answers, paths, strict=True)]
        write_json(folder / "answers.json", written)
        page = render_page(
            answers,
            title=study.name,
            about=about_study(study),
            provenance=record(study, answers, steps),
            figures=drawn,
            checks=checks,
            beside={answer.question: names for answer, names in zip(answers, paths, strict=True)},
        )
        (folder / "report.html").write_text(page, encoding="utf-8", errors="backslashreplace")
    run = record(study, answers, steps) | {"checks": [asdict(check) for check in checks]}
    write_json(folder / MANIFEST, run | {"files": checksums(folder)})


def write_json(path: Path, value: Any) -> None:
    """Write JSON that is the same bytes for the same value; NaN and infinity are refused."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate (from a file name that is not UTF-8) becomes its JSON escape.
    path.write_bytes(text.encode("utf-8", "backslashreplace") + b"\n")


def _write_tables(folder: Path, answer: Answer) -> dict[str, str]:
    paths = {name: f"tables/{file_name(answer.question)}/{file_name(name)}.csv" for name in answer.tables}
    for name, path in paths.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_csv(answer.tables[name], folder / path)
    return paths


def _write_figures(folder: Path, answer: Answer) -> list[str]:
    from coley.report import draw

    drawn = []
    for number, figure in enumerate(answer.figures, 1):
        path = folder / "figures" / file_name(answer.question) / f"{number:02d}-{file_name(figure.kind)}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn.append(draw(figure, answer.tables))
        path.write_text(drawn[-1], encoding="utf-8")
    return drawn


def file_name(name: str) -> str:
    """Return `name` with everything replaced that has a meaning in a path.

    Examples
    --------
    >>> file_name("survival_os"), file_name("../etc/passwd")
    ('survival_os', '.._etc_passwd')
    """
    return re.sub(r"[^\w.+-]", "_", name) or "_"
