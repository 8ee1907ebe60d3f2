"""`coley data`: published cohorts, by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coley.cli.terminal import progress, say, say_json, say_paragraph

if TYPE_CHECKING:
    from coley.read.catalogue import Cohort

data = typer.Typer(help="List published cohorts, or bring one here.", no_args_is_help=True)

MEGABYTE = 1e6


@data.command("list")
def list_all(json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False) -> None:
    """Show which published cohorts can be brought here."""
    from coley.read.catalogue import list_cohorts

    cohorts = list_cohorts()
    if json:
        from dataclasses import asdict

        say_json([asdict(one) | {"title": one.title} for one in cohorts])
        return
    for one in cohorts:
        say_paragraph(f"{one.name}: ", f"{one.title} ({_size(one)})", style="bold", indent=0)
    say("\n`coley data get NAME` brings one here.")


@data.command()
def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the cohort.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder for it; its name where not given."),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A server with the same paths, in place of the published one."),
    ] = None,
) -> None:
    """Download a published cohort, verify it, and map it with a study.toml."""
    from coley.read.catalogue import cohort, fetch_cohort

    wanted = cohort(name)
    with progress(quiet=False) as shown:
        place = fetch_cohort(name, out, base_url=mirror, progress=shown)
    say(f"{wanted.title}: {place}", style="bold")
    for label, text in (
        ("licence:  ", wanted.licence),
        ("cite:     ", wanted.citation),
        ("beware:   ", wanted.warning),
    ):
        if text:
            say_paragraph(label, text)
    say_paragraph("next:     ", f"coley ask {place}")


def _size(one: Cohort) -> str:
    return f"{one.bytes / MEGABYTE:.1f} MB"
