"""What lies in the folder of scores: four tables, and the record of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.csv_out import write_csv
from coley.run.folder import write_json
from coley.run.manifest import MANIFEST, checksums
from coley.run.provenance import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from coley.biology.expression import Expression
    from coley.biology.signatures import Scores
    from coley.run.score.cells import Cells
    from coley.run.score.matrix import Measured
    from coley.run.steps import Steps


def tables_of(
    measured: Measured, expression: Expression, *, scores: Scores, cells: Cells
) -> dict[str, pl.DataFrame]:
    """Return the tables by name.

    A sample that could not be scored has a row in `scores` that is empty.
    """
    import polars as pl

    from coley.biology.signatures import signatures

    registry = signatures()
    samples = pl.DataFrame({"sample_id": measured.samples}, schema={"sample_id": pl.String})
    papers = [registry[name].paper for name in scores.table["signature"]]
    return {
        "scores": samples.join(scores.frame, on="sample_id", how="left", maintain_order="left"),
        "signatures": scores.table.with_columns(paper=pl.Series(papers, dtype=pl.String)),
        "cells": cells.table,
        "genes": expression.repair.table().drop("position"),
    }


def write_scores(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    measured: Measured,
    *,
    told: Mapping[str, Any],
    steps: Steps,
) -> None:
    """Write the tables, and the record last.

    Parameters
    ----------
    folder
        Where to; see `coley.run.output.publish` for how it reaches its place whole.
    tables
        Name of the file to its table.
    measured
        Whose study and sources are recorded.
    told
        What the record says beside them: settings, checks, the reference.
    steps
        The steps so far.
    """
    with steps("Writing"):
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")
    run = record(measured.study, (), steps) | dict(told)
    write_json(folder / MANIFEST, run | {"files": checksums(folder)})
