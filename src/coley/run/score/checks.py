"""What a reader must know of scores that were made: what was refused, and what still hangs on the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coley.biology.expression import Expression
    from coley.biology.signatures import Scores
    from coley.run.score.cells import Cells
    from coley.run.score.matrix import Measured

SHOWN = 5  # names in a message
COVERAGE = "signature_coverage"  # the runner's own check on how many were refused


def score_checks(scores: Scores, *, named: bool) -> Iterator[Check]:
    """Yield what there is to say of signatures; one that was asked for by name and has no score has failed."""
    refused = scores.refused()
    for note in scores.notes:
        if not (named and refused and note.name == COVERAGE):
            yield note
    if named and refused:
        shown = "; ".join(f"{name}: {why}" for name, why in list(refused.items())[:SHOWN])
        yield Check(
            COVERAGE,
            "fail",
            f"{len(refused)} of {scores.table.height} signatures that were asked for have no score: {shown}.",
            remedy="signatures.csv says which genes are missing.",
        )


def cell_checks(cells: Cells, *, named: bool) -> Iterator[Check]:
    """Yield what there is to say of each deconvolution method; one that was named and refused has failed."""
    from coley.biology.deconvolution import DECONVOLUTION

    for method, note in cells.notes.items():
        yield Check(f"cells_{method}", "pass", f"{DECONVOLUTION[method].title} was used. {note}".strip())
    for method, why in cells.refused.items():
        message = f"{DECONVOLUTION[method].title} was not used: {why}."
        yield Check(f"cells_{method}", "fail" if named else "warn", message)


def file_checks(measured: Measured, expression: Expression) -> Iterator[Check]:
    """Yield what a score still takes from the other samples of the file, though there is a reference."""
    found = {note.name for note in (*measured.notes, *expression.notes)}
    if "duplicated_genes" in found:
        message = "With a reference, the highest of several rows of a gene counts, in each sample by itself."
        yield Check("duplicated_genes", "pass", message)
    if "genes_repeated" in found:
        yield Check(
            "depends_on_file",
            "warn",
            "Genes are named twice in the file, and the row with the highest mean over its samples was kept; in "
            "another file it may be another row.",
            remedy="Keep one row for each gene.",
        )
    if "missing_values" in found:
        yield Check(
            "depends_on_file",
            "warn",
            "Genes with a missing value in any sample were left out for all; a file without that sample has them.",
            remedy="Score samples with missing values in a file of their own.",
        )
