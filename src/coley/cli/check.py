"""`coley check`: read a study, let the doctor examine it, and show what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coley.cli.terminal import LEVEL_STYLES, progress, say, say_json, say_paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.model.answer import Check, Level, Where
    from coley.run.examine import Examined

HEADINGS: dict[Level, str] = {
    "fail": "Failed: numbers computed from this would be wrong",
    "warn": "Look at this",
    "pass": "Examined and found in order",
}


def check(
    studies: Annotated[
        list[Path], typer.Argument(metavar="STUDY...", help="Folders or files.", show_default=False)
    ],
    everything: Annotated[bool, typer.Option("--all", help="Show what was found in order, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Examine studies: units, codes, contradictions, and patients that several of them share."""
    from coley.run.examine import examine_all

    with progress(quiet=json) as shown:
        examined = examine_all(studies, progress=shown)
    if json:
        say_json([_plain(one) for one in examined])
    else:
        for one in examined:
            _show(one, levels=("fail", "warn", "pass") if everything else ("fail", "warn"))
    raise typer.Exit(1 if any(one.failed for one in examined) else 0)


def _plain(one: Examined) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "study": one.study.name,
        "tables": {name: {"rows": rows, "columns": columns} for name, rows, columns in one.shapes},
        "checks": [asdict(found) for found in one.checks],
    }


def _show(one: Examined, *, levels: Sequence[Level]) -> None:
    tables = ", ".join(f"{name} ({rows:,} rows, {columns} columns)" for name, rows, columns in one.shapes)
    say(f"\n{one.study.name}", style="bold")
    say_paragraph("", f"Tables: {tables or 'none'}.")
    found = {level: [check for check in one.checks if check.level == level] for level in HEADINGS}
    for level in levels:
        if found[level]:
            say(f"\n  {HEADINGS[level]} ({len(found[level])})", style=LEVEL_STYLES[level])
            show_checks(found[level])
    say()
    say_paragraph(
        "", f"{len(found['fail'])} failed, {len(found['warn'])} to look at, {len(found['pass'])} in order."
    )


def show_checks(checks: Sequence[Check]) -> None:
    """Print checks, each with its place, cause and remedy."""
    for found in checks:
        say_paragraph(f"{found.level}: ", found.message, style=LEVEL_STYLES[found.level], indent=4)
        if found.level == "pass":
            continue
        for label, text in (
            ("where:  ", _place(found.where)),
            ("cause:  ", found.cause),
            ("remedy: ", found.remedy),
        ):
            if text:
                say_paragraph(label, text, indent=6)


def _place(where: Where | None) -> str:
    if where is None:
        return ""
    lines = ", ".join(str(line) for line in where.lines)
    parts = (
        where.file,
        f"line{'s' if len(where.lines) > 1 else ''} {lines}" if lines else "",
        f"column {where.column}" if where.column else "",
        f"values {', '.join(where.values)}" if where.values else "",
    )
    return ", ".join(part for part in parts if part)
