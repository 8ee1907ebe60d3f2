"""`coley score`: signatures and cells of a matrix of expression, and what stands behind each score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coley.cli.check import show_checks
from coley.cli.terminal import LEVEL_STYLES, progress, say, say_json, say_paragraph

if TYPE_CHECKING:
    from coley.model.answer import Level
    from coley.run.score import ScoreResult

HEADINGS: dict[Level, str] = {
    "fail": "Failed: a sample or a score that was asked for is missing, or numbers would be wrong",
    "warn": "Look at this",
}
NONE = "none"
SHOWN = 5  # refused signatures; signatures.csv has them all


def score(
    expression: Annotated[
        Path,
        typer.Argument(
            metavar="EXPRESSION", help="A matrix, or a study that has expression.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the tables.")] = Path(
        "coley-scores"
    ),
    unit: Annotated[
        str,
        typer.Option(
            metavar="UNIT", help="tpm, log2_tpm1, counts ...; else what the study says, or a guess."
        ),
    ] = "",
    signatures: Annotated[
        list[str] | None,
        typer.Option(
            "--signature", metavar="NAME", help="A signature; may be repeated. The preferred ones, if none."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Score every signature of the registry.")] = False,
    cells: Annotated[
        str | None,
        typer.Option(
            metavar="METHODS", help="Of quantiseq, mcp_counter, ips, with commas; or none. All, if not given."
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Score against this frozen cohort: no score depends on the others."
        ),
    ] = None,
    freeze: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write these samples as a frozen reference.")
    ] = None,
    min_coverage: Annotated[float, typer.Option(help="Least share of the genes of a signature.")] = 0.8,
    json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Score signatures and cells from expression."""
    from coley.run.score import ScoreSettings, run_score

    named = None if cells is None else tuple(name.strip() for name in cells.split(",") if name.strip())
    settings = ScoreSettings(
        unit=unit,
        signatures=tuple(signatures or ()),
        everything=everything,
        cells=() if named == (NONE,) else named,
        min_coverage=min_coverage,
    )
    with progress(quiet=json) as shown:
        result = run_score(
            expression, out=out, settings=settings, reference=reference, freeze=freeze, progress=shown
        )
    if json:
        say_json(result.summary())
    else:
        _show(result)
    raise typer.Exit(1 if result.found("fail") else 0)


def _show(result: ScoreResult) -> None:
    told = result.summary()
    made, cells = told["signatures"], told["cells"]
    say(f"\n{told['study']}", style="bold")
    say_paragraph("", f"{_counted(told['samples'], 'sample')}, {_counted(told['genes'], 'gene')}.")
    origin = told["unit_from"] if told["unit_from"] == "a guess" else f"according to {told['unit_from']}"
    say_paragraph("Unit:       ", f"{told['unit']} ({origin}); scored as {told['scale']}.")
    kinds = ", ".join(f"{n} {kind}" for kind, n in made["kinds"].items())
    say_paragraph(
        "Signatures: ", f"{made['scored']} of {made['asked']} scored{f': {kinds}' if kinds else ''}."
    )
    for name, why in list(made["refused"].items())[:SHOWN]:
        say_paragraph("refused: ", f"{name}: {why}", indent=4)
    if len(made["refused"]) > SHOWN:
        say_paragraph(
            "", f"... and {len(made['refused']) - SHOWN} more; signatures.csv has them all", indent=4
        )
    say_paragraph("Cells:      ", f"{', '.join(cells['scored']) or 'none'}; {len(cells['refused'])} refused.")
    for level, heading in HEADINGS.items():
        if found := result.found(level):
            say(f"\n  {heading} ({len(found)})", style=LEVEL_STYLES[level])
            show_checks(found)
    say()
    say_paragraph("", f"{len(result.found('fail'))} failed, {len(result.found('warn'))} to look at.")
    say(f"Scores: {result.folder / 'scores.csv'}")
    if result.frozen is not None:
        say(f"Reference: {result.frozen}")


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
