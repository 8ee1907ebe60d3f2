"""`coley data`: published cohorts, by name."""

from __future__ import annotations

import typer

data = typer.Typer(help="List published cohorts, or bring one here.", no_args_is_help=True)
