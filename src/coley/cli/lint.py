"""`coley lint-predictions`: read predictions and the study they are of, and show what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coley.cli.check import HEADINGS, show_checks
from coley.cli.terminal import LEVEL_STYLES, progress, say, say_json, say_paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.model.answer import Check


def lint_predictions(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Predictions.", show_default=False)],
    truth: Annotated[
        Path,
        typer.Option(
            "--truth", "-t", metavar="STUDY", help="Folder or file of the study.", show_default=False
        ),
    ],
    features: Annotated[
        Path | None, typer.Option("--features", metavar="FILE", help="Table of the features of the model.")
    ] = None,
    protocol: Annotated[
        Path | None,
        typer.Option(
            "--protocol", metavar="FILE", help="How they were made: steps, cuts, claims (TOML or JSON)."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show what was found in order, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Examine predictions: rows that were confused, leaks, cuts and tests that are too good."""
    from coley.read import read
    from coley.read.linter import lint, read_predictions, read_protocol
    from coley.read.raw import read_raw

    with progress(quiet=json) as shown:
        shown(f"Reading {file.name}", 0, 3)
        record = read_protocol(protocol) if protocol else None
        predictions = read_predictions(file, scores=record.scores if record else ())
        table = read_raw(features).frame if features else None
        shown(f"Reading {truth.name}", 1, 3)
        study = read(truth)
        shown("Examining", 2, 3)
        checks = lint(predictions, study, features=table, protocol=record)
    if json:
        from dataclasses import asdict

        say_json(
            {
                "file": file.name,
                "study": study.name,
                "scores": list(predictions.scores),
                "roles": dict(predictions.roles),
                "checks": [asdict(check) for check in checks],
            }
        )
    else:
        say(f"\n{file.name}, predictions of {study.name}", style="bold")
        roles = ", ".join(f"{role} {column}" for role, column in predictions.roles.items())
        say_paragraph("", f"Scores: {', '.join(predictions.scores)}. Columns: {roles or 'no other'}.")
        _show(checks, everything=everything)
    raise typer.Exit(1 if any(check.level == "fail" for check in checks) else 0)


def _show(checks: Sequence[Check], *, everything: bool) -> None:
    found = {level: [check for check in checks if check.level == level] for level in HEADINGS}
    for level in HEADINGS:
        if found[level] and (everything or level != "pass"):
            say(f"\n  {HEADINGS[level]} ({len(found[level])})", style=LEVEL_STYLES[level])
            show_checks(found[level])
    say()
    say_paragraph(
        "", f"{len(found['fail'])} failed, {len(found['warn'])} to look at, {len(found['pass'])} in order."
    )
