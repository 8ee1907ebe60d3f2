"""`coley ask`: questions to a study, and their report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coley.cli.terminal import LEVEL_STYLES, progress, say, say_json, say_paragraph

if TYPE_CHECKING:
    from coley.run.pipeline import RunResult


def ask(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY", help="Folder or file of the study.", show_default=False)
    ],
    questions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUESTION]...", help="Questions to ask; all of them where none is named."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report.")] = Path(
        "coley-report"
    ),
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, as in --set seed=3; may be repeated."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
) -> None:
    """Ask a study and write the report."""
    from coley.run.pipeline import run
    from coley.run.settings import parse

    with progress(quiet=json) as shown:
        result = run(study, questions, out=out, settings=parse(settings or ()), progress=shown)
    conclude(result, json=json)


def conclude(result: RunResult, *, json: bool) -> None:
    """Print what was answered and where the report lies; leave with 1 where a check failed."""
    if json:
        from json import loads

        say_json(loads((result.folder / "answers.json").read_text(encoding="utf-8")))
    else:
        for answer in result.answers:
            say(f"\n{answer.title}", style="bold")
            say_paragraph("", answer.headline)
        say()
        for check in result.failed:
            say_paragraph("fail: ", check.message, style=LEVEL_STYLES["fail"], indent=0)
        say(
            f"Checks: {len(result.failed)} failed, {len(result.found('warn'))} to look at; the page says where."
        )
        say(f"Report: {result.folder / 'report.html'}")
    raise typer.Exit(1 if result.failed else 0)
