"""Read expression, score it, write the tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coley.model.answer import Check, Level
from coley.model.errors import NotEstimable
from coley.run.score.cells import SEED, Cells, cells_of
from coley.run.score.checks import cell_checks, file_checks, score_checks
from coley.run.score.folder import tables_of, write_scores
from coley.run.score.frozen import check_place, read_reference, write_reference
from coley.run.score.matrix import Measured, measured, prepared
from coley.run.score.settings import ScoreSettings, methods_asked, signatures_asked
from coley.run.steps import Progress, Steps, silent

if TYPE_CHECKING:
    from coley.biology.expression import Expression
    from coley.biology.signatures import Scores


@dataclass(frozen=True, eq=False)
class ScoreResult:
    """What was scored and where it was written.

    Attributes
    ----------
    folder
        The folder of the tables, absolute.
    measured, expression
        The matrix as it was read, and as it was prepared.
    scores, cells
        Signatures and cells.
    checks
        What was found in the matrix and in the scores.
    frozen
        The reference that was made of the cohort, if one was asked for.
    """

    folder: Path
    measured: Measured
    expression: Expression
    scores: Scores
    cells: Cells
    checks: tuple[Check, ...]
    frozen: Path | None = None

    def found(self, level: Level) -> tuple[Check, ...]:
        """Return the checks of one level."""
        return tuple(check for check in self.checks if check.level == level)

    def summary(self) -> dict[str, Any]:
        """Return what a program wants to know, as plain values."""
        refused = self.scores.refused()
        kinds = [
            kind
            for name, kind in self.scores.table.select("signature", "kind").iter_rows()
            if name not in refused
        ]
        return {
            "study": self.measured.study.name,
            "samples": len(self.expression.samples),
            "samples_in_file": len(self.measured.samples),
            "genes": len(self.expression.genes),
            "unit": self.measured.unit,
            "unit_from": self.measured.unit_from,
            "scale": self.expression.unit,
            "signatures": {
                "asked": self.scores.table.height,
                "scored": len(kinds),
                "kinds": dict(Counter(kinds)),
                "refused": refused,
            },
            "cells": {"scored": list(self.cells.notes), "refused": self.cells.refused},
            "checks": [asdict(check) for check in self.checks],
            "folder": str(self.folder),
            "frozen": None if self.frozen is None else str(self.frozen),
        }


def run_score(
    source: Path | str,
    *,
    out: Path | str,
    settings: ScoreSettings | None = None,
    reference: Path | None = None,
    freeze: Path | None = None,
    progress: Progress = silent,
) -> ScoreResult:
    """Read expression, score it, and write the tables.

    Parameters
    ----------
    source
        A matrix, or a study that has one.
    out
        Folder of the tables; an earlier report there is replaced in one step.
    settings
        What is scored, and how.
    reference
        A file that `freeze` wrote: with it no score depends on who else is in the matrix.
    freeze
        Where to write this cohort as a reference for others.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    ColeyError
        For unusable input, a misspelt name, a place that cannot be written, and where nothing at all can be
        scored; what lay in `out` is then as it was.
    """
    from coley.biology.signatures import reference as frozen_of
    from coley.biology.signatures import score
    from coley.run.output import prepare as prepare_folder
    from coley.run.output import publish
    from coley.run.pipeline import refuse_own_input

    settings = settings or ScoreSettings()
    names, methods = signatures_asked(settings), methods_asked(settings)
    target = prepare_folder(Path(out))
    refuse_own_input(Path(source).expanduser(), target)
    if freeze is not None:
        check_place(freeze, reference)
    steps = Steps(5, progress=progress)
    with steps("Reading"):
        used = None if reference is None else read_reference(reference)
        read = measured(Path(source), unit=settings.unit)
    with steps("Preparing"):
        expression = prepared(read, by_reference=used is not None)
        made = None if freeze is None else frozen_of(expression)
    with steps("Scoring"):
        scores = score(expression, names, reference=used, min_coverage=settings.min_coverage)
    with steps("Estimating cells"):
        cells = cells_of(expression, methods, by_reference=used is not None)
    _refuse_nothing(expression, scores, cells)
    checks = (
        *read.notes,
        *expression.notes,
        *score_checks(scores, named=bool(settings.signatures)),
        *cell_checks(cells, named=settings.cells is not None),
        *(file_checks(read, expression) if used is not None else ()),
    )
    told = {
        "settings": {"score": _settings(settings, read, names, methods)},
        "seed": {"score": SEED},
        "signature_registry": scores.version,
        "reference": None if reference is None else _file(reference.expanduser()),
        "checks": [asdict(check) for check in checks],
    }
    tables = tables_of(read, expression, scores=scores, cells=cells)

    def fill(folder: Path) -> None:
        write_scores(folder, tables, read, told=told, steps=steps)

    folder = publish(target, fill)
    written = None if made is None or freeze is None else write_reference(made, freeze)
    return ScoreResult(folder, read, expression, scores, cells, checks, written)


def _refuse_nothing(expression: Expression, scores: Scores, cells: Cells) -> None:
    refused = scores.refused()
    if len(refused) < scores.table.height or cells.notes:
        return
    reasons = {**refused, **cells.refused}
    first = next(iter(reasons.items()), None)
    raise NotEstimable(
        f"Nothing can be scored: none of {scores.table.height} signatures"
        + (f", and none of {len(cells.refused)} methods for cells." if cells.refused else "."),
        where=f"{len(expression.genes)} genes, {len(expression.samples)} samples, {expression.unit}",
        cause=f"{first[0]}: {first[1]}." if first else "",
        remedy="Supply the whole transcriptome, named by gene symbols or Ensembl ids.",
    )


def _settings(
    settings: ScoreSettings, read: Measured, names: tuple[str, ...], methods: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "unit": read.unit,
        "unit_from": read.unit_from,
        "signatures": list(names),
        "cells": list(methods),
        "min_coverage": settings.min_coverage,
    }


def _file(path: Path) -> dict[str, Any]:
    from coley.read.sources import sha256

    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
