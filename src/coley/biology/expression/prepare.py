"""From any matrix of expression to genes x samples on one log scale, nothing guessed and nothing hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.biology.expression.examine import MILLION, unit_checks
from coley.biology.expression.input import arrays_of
from coley.biology.expression.rows import SHOWN, named_genes, one_row_each
from coley.biology.expression.units import units
from coley.biology.expression.values import Expression
from coley.biology.genes import gene_table
from coley.model.answer import Check, Where
from coley.model.errors import NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coley.biology.expression.units import Unit

    Floats = NDArray[np.float64]

WHOLE = 0.5  # of the protein-coding genes: RNA sequencing finds two thirds of them in any tumour, no panel has half
FEW = 20  # genes: with fewer, hardly any signature can be computed and nothing can be ranked against
SHALLOW = 1e6  # counts in a sample; below, a gene at 1 CPM rests on less than one read
LOST = 0.5  # of the genes with a missing value somewhere: then samples are broken, not genes
WORDS = {"tpm": "log2(TPM + 1)", "fpkm": "log2(FPKM + 1)", "cpm": "log2(CPM + 1)", "z": "z scores"}


def prepare(
    matrix: Any, *, unit: str, genes: Sequence[str] | None = None, samples: Sequence[str] | None = None
) -> Expression:
    """Make a matrix of expression ready for scoring.

    Names of genes are repaired; the unit is checked against the numbers; FPKM of a whole transcriptome
    become TPM, counts of a whole transcriptome become CPM. A subset of the transcriptome is never rescaled.

    Parameters
    ----------
    matrix
        A dataframe with a column "gene" and one column for each sample, or a matrix of genes x samples
        with `genes` and `samples`.
    unit
        "tpm", "fpkm", "counts", "cpm", "log2_tpm1", "log2_tpm001", "log2_fpkm1", "log2_counts1",
        "log2_cpm1" or "z_score".
    genes, samples
        Names of rows and columns of a matrix.

    Raises
    ------
    UnknownName
        Where the unit is not known.
    UnreadableInput
        Where the numbers cannot be in that unit, the rows are not human genes, or too much is missing.
    NotEstimable
        Where counts are of a part of the transcriptome, so that the depth of each sample is unknown.

    Examples
    --------
    >>> made = prepare([[7.0, 0.0], [31.0, 15.0]], unit="tpm", genes=["GZMA", "C10orf54"], samples=["a", "b"])
    >>> made.genes, made.values.tolist()
    (('GZMA', 'VSIR'), [[3.0, 0.0], [5.0, 4.0]])
    """
    said = units()[unit]
    rows, columns, values = arrays_of(matrix, genes, samples)
    repaired, notes = named_genes(rows, columns)
    present, values, columns, missing = _without_missing(values, rows, columns)
    coding = [gene_table().is_protein_coding(repaired.symbols[i]) for i in present]
    whole = sum(coding) >= WHOLE * sum(map(gene_table().is_protein_coding, gene_table().approved))
    doubts = unit_checks(values, said, whole=whole)
    values, columns, empty = _without_empty(values, columns, said)
    linear = values if said.family == "z" else _linear(values, said)
    nuclear = np.array(coding) & np.array([not repaired.symbols[i].startswith("MT-") for i in present])
    scaled, family, scaling = _scaled(linear, columns, said, nuclear=nuclear, whole=whole)
    full = np.full((len(rows), len(columns)), -np.inf)  # rows with missing values never win
    full[present] = scaled
    keep, duplicated = one_row_each(repaired, full, rows)
    keep = keep[np.isin(keep, present)]
    final = full[keep] if family == "z" else np.log2(full[keep] + 1.0)
    if not len(keep):
        raise UnreadableInput("No gene is left.", where=f"{len(rows)} rows")
    size = _size(len(keep), family, whole=whole)
    return Expression(
        tuple(repaired.symbols[i] for i in keep),
        tuple(rows[i] for i in keep),
        tuple(columns),
        np.ascontiguousarray(final),
        family,
        WORDS[family],
        whole,
        repaired,
        (
            *notes,
            *missing,
            *doubts,
            *empty,
            *scaling,
            *duplicated,
            *size,
            *_constant(final, repaired.symbols, keep),
        ),
    )


def _without_missing(
    values: Floats, rows: list[str], columns: list[str]
) -> tuple[NDArray[np.int64], Floats, list[str], tuple[Check, ...]]:
    """Leave out genes with a missing value: a score with a hole in one patient would be another score there."""
    holes = ~np.isfinite(values)
    lost = holes.any(axis=1)
    if lost.mean() > LOST:
        worst = np.argsort(-holes.sum(axis=0), kind="stable")[:SHOWN]
        raise UnreadableInput(
            f"{int(lost.sum())} of {len(rows)} genes have a missing or infinite value.",
            where=", ".join(f"{columns[j]}: {int(holes[:, j].sum())} missing" for j in worst),
            remedy="Leave out the samples that were not measured, or say what was not detected as 0.",
        )
    present = np.flatnonzero(~lost)
    if not lost.any():
        return present, values, columns, ()
    names = tuple(rows[i] for i in np.flatnonzero(lost))
    message = f"{len(names)} genes have missing values and are left out: {', '.join(names[:SHOWN])} ..."
    return (
        present,
        values[present],
        columns,
        (Check("missing_values", "warn", message, remedy="Missing is not zero.", where=Where(values=names)),),
    )


def _without_empty(
    values: Floats, columns: list[str], unit: Unit
) -> tuple[Floats, list[str], tuple[Check, ...]]:
    """Leave out samples in which nothing is expressed; they get no score, and are named."""
    floor = 0.0 if unit.offset is None else float(np.log2(unit.offset))
    empty = (values <= floor + 1e-9).all(axis=0) if unit.family != "z" else (values == 0).all(axis=0)
    if not empty.any():
        return values, columns, ()
    names = tuple(columns[j] for j in np.flatnonzero(empty))
    if empty.all():
        raise UnreadableInput("Nothing is expressed in any sample.", where=", ".join(names[:SHOWN]))
    message = f"Nothing is expressed in {len(names)} samples, which are left out: {', '.join(names[:SHOWN])}."
    return (
        values[:, ~empty],
        [columns[j] for j in np.flatnonzero(~empty)],
        (Check("empty_samples", "fail", message, remedy="Ask for them again.", where=Where(values=names)),),
    )


def _linear(values: Floats, unit: Unit) -> Floats:
    return values if unit.offset is None else np.maximum(np.exp2(values) - unit.offset, 0.0)


def _sums(linear: Floats) -> Floats:
    """Return the sum of each sample, added in one order whether it comes alone or in company."""
    sums: Floats = np.ascontiguousarray(linear.T).sum(axis=1)
    return sums


def _scaled(
    linear: Floats, columns: list[str], unit: Unit, *, nuclear: NDArray[np.bool_], whole: bool
) -> tuple[Floats, str, tuple[Check, ...]]:
    """Return linear values on the scale that is kept, its family, and what was done."""
    if unit.family == "fpkm" and whole:
        # Small and ribosomal RNA can hold most of the FPKM of a sample, and how much depends on the library;
        # so the million is that of the nuclear protein-coding genes.
        sums = _sums(linear[nuclear])
        message = (
            "FPKM were rescaled to TPM: in each sample the protein-coding genes outside the mitochondrion add up to "
            f"one million (before: {sums.min() / MILLION:.2f} to {sums.max() / MILLION:.2f} million)."
        )
        return linear * (MILLION / sums), "tpm", (Check("expression_scale", "pass", message),)
    if unit.family == "counts":
        if not whole:
            raise NotEstimable(
                "Counts of a part of the transcriptome cannot be compared between samples.",
                where=f"{len(linear)} genes",
                cause="The depth of a sample is the sum of all its counts, and most of them are not here.",
                remedy="Supply all genes, or CPM or TPM that were made from all genes.",
            )
        depth = _sums(linear)
        notes = [
            Check(
                "expression_scale",
                "warn",
                f"Counts became CPM ({depth.min() / MILLION:.1f} to {depth.max() / MILLION:.1f} million counts a "
                "sample). The lengths of genes are unknown, so comparing genes within a sample (pair rules, "
                "ratios, ranks) favours long genes.",
                remedy="Supply TPM.",
            )
        ]
        if (depth < SHALLOW).any():
            names = tuple(columns[j] for j in np.flatnonzero(depth < SHALLOW))
            message = f"{len(names)} samples have less than one million counts: {', '.join(names[:SHOWN])}."
            notes.append(Check("shallow_samples", "warn", message, where=Where(values=names)))
        return linear * (MILLION / depth), "cpm", tuple(notes)
    if unit.family == "cpm":
        message = "CPM keep the length of genes: comparing genes within a sample favours long ones."
        return linear, "cpm", (Check("expression_scale", "warn", message, remedy="Supply TPM."),)
    return linear, unit.family, ()


def _size(genes: int, family: str, *, whole: bool) -> tuple[Check, ...]:
    if whole:
        return ()
    notes = []
    if genes < FEW:
        message = f"Only {genes} genes: hardly any signature can be computed, and none by ranks."
        notes.append(Check("few_genes", "warn", message, remedy="Supply the whole transcriptome."))
    rest = " FPKM cannot be rescaled to TPM then." if family == "fpkm" else ""
    message = (
        f"{genes} genes are a part of the transcriptome: values are taken as they are, and ranks within a sample "
        f"(ssGSEA, singscore, AUCell, GSVA) are among these genes only.{rest}"
    )
    notes.append(Check("part_of_transcriptome", "warn", message, remedy="Supply the whole transcriptome."))
    return tuple(notes)


def _constant(values: Floats, symbols: tuple[str, ...], keep: NDArray[np.int64]) -> tuple[Check, ...]:
    if values.shape[1] < 2:
        return ()
    constant = np.ptp(values, axis=1) == 0
    silent = constant & (values[:, 0] == 0)
    odd = [symbols[i] for i in keep[constant & ~silent]]
    message = f"{int(silent.sum())} genes are expressed in no sample"
    if odd:
        message += f", and {len(odd)} have one value above 0 in every sample ({', '.join(odd[:SHOWN])})"
    if not constant.any():
        return ()
    return (
        Check(
            "constant_genes",
            "warn" if odd else "pass",
            f"{message}; they cannot tell patients apart.",
            where=Where(values=tuple(odd)),
        ),
    )
