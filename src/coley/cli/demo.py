"""`coley demo`: a simulated study, asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coley.cli.ask import conclude
from coley.cli.terminal import progress, say


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report.")] = Path(
        "coley-demo"
    ),
    patients: Annotated[int, typer.Option(min=20, max=20_000, help="Patients to simulate.")] = 600,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same study.")] = 1,
    open_page: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
) -> None:
    """Simulate a study whose truth is known, ask it every question, and write the report."""
    from coley.run.demo import run_demo

    with progress(quiet=json) as shown:
        result = run_demo(patients, seed=seed, out=out, progress=shown)
    if not json:
        say(f"Simulated: {result.folder / 'study'}, {patients:,} patients; the truth behind them: ../truth")
    if open_page:
        typer.launch(str(result.folder / "report.html"))
    conclude(result, json=json)
