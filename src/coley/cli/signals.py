"""`coley signals`: which harms spontaneous reports signal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coley.cli.ask import conclude
from coley.cli.terminal import progress


def signals(
    reports: Annotated[
        list[Path],
        typer.Argument(
            metavar="REPORTS...",
            help="Quarters of FAERS or AERS, VAERS, a dashboard export, a table of reports or of counts; or a store.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report.")] = Path(
        "coley-signals"
    ),
    store: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep what was read here; give it as REPORTS the next time."),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(metavar="ENGINE", help="duckdb, duckdb://FILE, spark://HOST:PORT or local[2]."),
    ] = "duckdb",
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Most memory of the engine, as in 5GB; the rest is spilled.")
    ] = "",
    meddra: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Your own MedDRA (MedAscii): its preferred terms; its queries with --set queries=CODE.",
        ),
    ] = None,
    keep_duplicates: Annotated[
        bool, typer.Option("--keep-duplicates", help="List probable duplicates for review, and drop none.")
    ] = False,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Read quarters that lack DEMO, DRUG or REAC all the same.")
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, as in --set fdr=0.1; may be repeated."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Read spontaneous reports and write which harms they signal."""
    from coley.run.settings import parse
    from coley.run.signals import SignalsSettings, run_signals

    how = SignalsSettings(
        engine=engine,
        memory=memory,
        store=store,
        cleaning={"remove_duplicates": not keep_duplicates},
        meddra=meddra,
        incomplete=incomplete,
    )
    with progress(quiet=json) as shown:
        result = run_signals(reports, out=out, settings=parse(settings or ()), how=how, progress=shown)
    conclude(result, json=json)
