"""`coley worth`: is it worth the cost, by a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coley.cli.ask import conclude
from coley.cli.terminal import progress


def worth(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A model file (TOML); docs/model-file.md tells its words.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report.")] = Path(
        "coley-worth"
    ),
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="A setting, as in --set draws=10000; may be repeated."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Work out an economic model and write its report."""
    from coley.run.settings import parse
    from coley.run.worth import run_worth

    with progress(quiet=json) as shown:
        result = run_worth(model, out=out, settings=parse(settings or ()), progress=shown)
    conclude(result, json=json)
