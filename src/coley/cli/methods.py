"""`coley methods`: the catalogue of methods, with their limits and references."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coley.cli.terminal import say, say_json, say_paragraph

if TYPE_CHECKING:
    from coley.model.method import Method


def methods(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="One method; all of them where none is named.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON.")] = False,
) -> None:
    """Show the methods that answers rest on."""
    from coley.run.catalogue import method_catalogue

    catalogue = method_catalogue()
    chosen = [catalogue[name]] if name else [catalogue[key] for key in sorted(catalogue)]
    if json:
        say_json([_plain(method) for method in chosen])
    elif name:
        _show(chosen[0])
    else:
        for method in chosen:
            say_paragraph(f"{method.name}: ", method.summary, style="bold", indent=0)
        say("\n`coley methods NAME` shows one with its needs, limits and references.")


def _plain(method: Method) -> dict[str, Any]:
    return {f.name: getattr(method, f.name) for f in fields(method) if f.name != "function"}


def _show(method: Method) -> None:
    say(f"{method.title} ({method.name})", style="bold")
    say_paragraph("", method.summary)
    say_paragraph("needs:  ", method.needs)
    say_paragraph("limits: ", method.limits)
    for reference in method.references:
        say_paragraph("source: ", reference)
