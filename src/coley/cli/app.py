"""The commands, gathered; each lives in a module of its own and imports its work when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from coley.cli.ask import ask
from coley.cli.check import check
from coley.cli.data import data
from coley.cli.demo import demo
from coley.cli.lint import lint_predictions
from coley.cli.methods import methods
from coley.cli.score import score
from coley.cli.signals import signals
from coley.cli.worth import worth

app = typer.Typer(
    name="coley",
    help="From an immunotherapy cohort's own data to answers, each with its uncertainty. For research use.",
    epilog="Exit codes: 0 done, 1 a check failed, 2 unusable input.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, check, lint_predictions, score, ask, signals, worth, methods):
    app.command()(command)
app.add_typer(data, name="data")


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print Coley's version and leave.")] = False,
) -> None:
    """Print the version, or the help where no command was given."""
    if version:
        import coley

        typer.echo(f"coley {coley.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.get_help()
        raise typer.Exit
