"""A matrix of expression from a file or a study, with its unit and who says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from coley.biology.expression import Expression
    from coley.model.study import Study
    from coley.read.expression.units import Guess

    Floats = NDArray[np.float64]

UNIT = "expression_unit"  # name of the check, as the reader has it
SETTING, STUDY, GUESS = "--unit", "the study", "a guess"  # who says the unit


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Genes x samples as they were read.

    Attributes
    ----------
    study
        What was read.
    frame
        The column gene, and one for each sample.
    unit, unit_from
        The unit, and who says it: "--unit", "the study" or "a guess".
    notes
        What the reader noted about the matrix, and what there is to say about its unit.
    """

    study: Study
    frame: pl.DataFrame
    unit: str
    unit_from: str
    notes: tuple[Check, ...]

    @property
    def samples(self) -> list[str]:
        """Names of all samples in the file, those that cannot be scored among them."""
        return [name for name in self.frame.columns if name != "gene"]


def measured(source: Path, *, unit: str = "") -> Measured:
    """Read a matrix of expression.

    Parameters
    ----------
    source
        A lone matrix (text, GCT, h5ad ...), or the folder or study.toml of a study that has expression.
    unit
        The unit, where the user says it; it goes before what the study says.

    Raises
    ------
    UnreadableInput
        Where the file or folder cannot be understood.
    MissingData
        Where the study has no expression.
    InvalidSetting
        Where the unit cannot be told, or the study holds the expression of several cohorts.
    """
    from coley.biology.expression import units
    from coley.read.doctor.expression import matrices
    from coley.read.expression import guess_unit

    if unit:
        units()[unit]  # a misspelt unit is said before a large file is read
    study, said = _read(source.expanduser())
    study.table("expression", "gene")
    parts = list(matrices(study))
    if len(parts) != 1:
        cohorts = ", ".join(cohort for cohort, _, _ in parts)
        raise InvalidSetting(
            f"Study {study.name!r} holds the expression of {len(parts)} cohorts: {cohorts or 'none has a sample'}.",
            remedy="Score each by itself: name its own folder.",
        )
    cohort, told, frame = parts[0]
    said = told if cohort else said
    guess = guess_unit(_expressed(frame))
    known, origin = (unit, SETTING) if unit else (said, STUDY) if said else (guess.unit, GUESS)
    file = ", ".join(sorted(_files(study)))
    if not known:
        raise InvalidSetting(
            f"The unit of the expression cannot be told: {guess.why}.",
            where=file,
            remedy=f"Say it with --unit, which may be {', '.join(units())}.",
        )
    note = replace(_unit_note(known, origin, guess), where=Where(file))
    return Measured(study, frame, known, origin, (note, *_notes(study)))


def _unit_note(unit: str, origin: str, guess: Guess) -> Check:
    if origin == GUESS:
        message = f"Nobody says the unit; it is probably {unit}, because {guess.why}. This is a guess."
        return Check(UNIT, "warn", message, "Say it with --unit, or expression_unit in study.toml.")
    message = f"The unit is {unit}, according to {origin}"
    if guess.unit in ("", unit):
        return Check(UNIT, "pass", f"{message}.")
    message += f", but it looks like {guess.unit}: {guess.why}."
    return Check(UNIT, "warn", message, "Check the unit: scores follow from it.")


def _expressed(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out samples that are zero throughout: they add up to nothing, and would hide the unit of the others."""
    empty = [name for name in frame.columns if name != "gene" and (frame[name].fill_null(0) == 0).all()]
    return frame.drop(empty) if len(empty) < frame.width - 1 else frame


def prepared(matrix: Measured, *, by_reference: bool) -> Expression:
    """Make the matrix ready for scoring.

    Parameters
    ----------
    matrix
        As it was read.
    by_reference
        Whether the values of a sample may depend on that sample alone. Of several rows of a gene the highest in
        each sample counts then; without a reference it is the row with the highest mean of all samples.
    """
    import numpy as np

    from coley.biology.expression import prepare

    unit, samples = matrix.unit, matrix.samples
    genes = matrix.frame["gene"].fill_null("").to_list()
    values = matrix.frame.select(samples).to_numpy(order="c").astype(np.float64)
    if not by_reference:
        return prepare(values, unit=unit, genes=genes, samples=samples)
    _highest_first(values, genes)
    expression = prepare(values, unit=unit, genes=genes, samples=samples)
    if len(samples) > 1:
        return expression
    # numpy adds up one column in another order than each of several. The sums that scale FPKM and counts then differ
    # in their last bit, and that decides whether a sample of the reference ties with itself. So a lone sample takes
    # its values from a matrix of two.
    twins = prepare(np.repeat(values, 2, axis=1), unit=unit, genes=genes, samples=["one", "other"])
    return replace(expression, values=twins.values[:, :1].copy())


def _highest_first(values: Floats, genes: list[str]) -> None:
    """Sort the rows of a gene that has several within each sample, so that one of them is the highest in all."""
    import numpy as np

    from coley.biology.genes import repair

    for at in repair(genes).collisions.values():
        rows = values[list(at)]
        means = np.where(np.isfinite(rows), rows, -np.inf).mean(axis=1)
        order = np.argsort(-means, kind="stable")  # the name is then the same with and without a reference
        values[np.array(at)[order]] = -np.sort(-rows, axis=0)  # missing values come last


def _read(source: Path) -> tuple[Study, str]:
    """Return the study, and the unit that its manifest says."""
    from coley.read import read
    from coley.read.expression import read as read_lone
    from coley.read.manifest import MANIFEST, load_manifest

    if source.is_file() and source.name != MANIFEST:
        return read_lone(source), ""
    study = read(source)
    manifest = (source if source.is_dir() else source.parent) / MANIFEST
    return study, load_manifest(manifest).expression_unit if manifest.is_file() else ""


def _files(study: Study) -> set[str]:
    return {Path(source.file).name for source in study.sources if "expression" in source.tables}


def _notes(study: Study) -> tuple[Check, ...]:
    """Return the reader's notes about the matrix; those about clinical tables are for `coley check`."""
    files = _files(study)
    return tuple(
        note
        for note in study.notes
        if note.name != UNIT and note.where is not None and Path(note.where.file).name in files
    )
