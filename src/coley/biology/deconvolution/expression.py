"""Expression as it comes in: examined, brought to one unit, and the genes of a table found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.short_rna import short_rna
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MILLION = 1e6  # what TPM of one sample add up to
LEAST_SUM, MOST_SUM = (
    0.6,
    1.02,
)  # of a million: a matrix without some transcripts has less, rounding little more
# Share of short RNAs that is worth a word: in libraries of mRNA they hold well under a hundredth.
MUCH_SHORT = 0.05
# log2 of a million is 20 and of the deepest count about 30; linear expression has genes in the thousands.
# Finotello 2019 draws the line between logs and linear values at the same place.
LARGEST_LOG = 50.0
# Genes without which a matrix is no transcriptome: scaling to a million, or a z against all genes of the
# sample, means something else in a panel. Protein-coding genes are about 19,000; half of them will do.
WHOLE_TRANSCRIPTOME = 10_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of expression.

    Attributes
    ----------
    name
        As in `About.expression_unit`.
    offset
        What was added before log2; None where values are linear.
    per_million
        True where a sample already stands in parts per million.
    between_genes
        True where a value is corrected for the length of its gene.
    """

    name: str
    offset: float | None
    per_million: bool
    between_genes: bool


UNITS: Registry[Unit] = Registry("unit of expression")
for _unit in (
    Unit("tpm", None, per_million=True, between_genes=True),
    Unit("log2_tpm1", 1.0, per_million=True, between_genes=True),
    Unit("log2_tpm001", 0.001, per_million=True, between_genes=True),
    Unit("log2_tpm01", 0.01, per_million=True, between_genes=True),
    Unit("fpkm", None, per_million=False, between_genes=True),
    Unit("log2_fpkm1", 1.0, per_million=False, between_genes=True),
    Unit("counts", None, per_million=False, between_genes=False),
    Unit("log2_counts1", 1.0, per_million=False, between_genes=False),
    Unit("cpm", None, per_million=True, between_genes=False),
    Unit("log2_cpm1", 1.0, per_million=True, between_genes=False),
):
    UNITS.add(_unit.name, _unit)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Genes x samples, linear, in parts per million of each sample.

    Attributes
    ----------
    values
        TPM where `unit` corrects for length, else counts per million.
    genes, samples
        Names of rows and columns.
    unit
        In which it came.
    """

    values: Floats
    genes: tuple[str, ...]
    samples: tuple[str, ...]
    unit: Unit

    @property
    def label(self) -> str:
        """What the values are, in a word."""
        return "TPM" if self.unit.between_genes else "CPM"


def expression(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    unit: str,
    samples: Sequence[str] | None = None,
    least_genes: int = 1,
) -> Expression:
    """Examine a matrix of expression and undo its logs; FPKM and counts are scaled to one million.

    Parameters
    ----------
    X
        Genes x samples in `unit`.
    genes, samples
        Names of rows and columns; samples are numbered from 1 where they are not named.
    unit
        A word of `UNITS`: "tpm", "log2_tpm1", "fpkm", "counts" ...
    least_genes
        Rows that there must be.

    Raises
    ------
    UnreadableInput
        Where names do not fit, repeat, or values are missing, negative, or not in the unit they are said to be.
    MissingData
        Where there are fewer genes than the method can do with.

    Examples
    --------
    >>> expression([[0.0], [30.0], [70.0]], ["A", "B", "C"], unit="fpkm").values.ravel()
    array([     0., 300000., 700000.])
    """
    word = UNITS[unit]
    matrix = np.asarray(X, dtype=float)
    names = tuple(str(gene) for gene in genes)
    if matrix.ndim != 2 or len(names) != len(matrix):
        raise UnreadableInput(
            "Expression must be genes x samples, with one name for each gene.",
            where=f"{matrix.shape} values, {len(names)} names",
            cause="Perhaps samples are in rows; then turn the matrix.",
        )
    labels = (
        tuple(f"sample {i + 1}" for i in range(matrix.shape[1]))
        if samples is None
        else tuple(map(str, samples))
    )
    if len(labels) != matrix.shape[1]:
        raise UnreadableInput(f"{matrix.shape[1]} columns cannot carry {len(labels)} names of samples.")
    if len(names) < least_genes:
        raise MissingData(
            f"This method sees each gene against the whole transcriptome and needs at least {least_genes:,} "
            f"genes; there are {len(names):,}.",
            cause="A panel, or a matrix cut down to the genes of some signatures.",
            remedy="Give all genes that were measured.",
        )
    _unique(names)
    linear = _linear(matrix, names, labels, word)
    total = linear.sum(axis=0)
    if (total <= 0).any():
        empty = [labels[i] for i in np.flatnonzero(total <= 0)[:5]]
        raise UnreadableInput(
            "A sample without any expression cannot be scaled to a million.", where=str(empty)
        )
    data = Expression(linear, names, labels, word)
    return data if word.per_million else replace(data, values=to_million(data)[0])


def _unique(names: tuple[str, ...]) -> None:
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = sorted({name for name in names if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
        raise UnreadableInput(
            f"{len(twice)} genes have more than one row.",
            where=", ".join(twice[:5]),
            remedy="Sum TPM or counts over the transcripts of a gene; average logs of probes.",
        )


def _linear(matrix: Floats, names: tuple[str, ...], samples: tuple[str, ...], unit: Unit) -> Floats:
    bad = ~np.isfinite(matrix)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise UnreadableInput(
            f"{int(bad.sum())} values of expression are missing or infinite; a missing value is not zero.",
            where=f"{int(bad.any(axis=1).sum())} genes, first {names[row]} in {samples[column]}",
            remedy="Leave out these genes.",
        )
    low, high = (float(matrix.min()), float(matrix.max())) if matrix.size else (0.0, 0.0)
    if unit.offset is None:
        if low < 0:
            raise UnreadableInput(f"{unit.name} cannot be negative; the least value is {low:.3g}.")
        if high < LARGEST_LOG and len(names) >= WHOLE_TRANSCRIPTOME:
            raise UnreadableInput(
                f"These values are said to be {unit.name} but look like logarithms: the largest is {high:.3g}.",
                remedy='Say the unit in which they are, for example unit="log2_tpm1".',
            )
        return matrix
    floor = float(np.log2(unit.offset))
    if high > LARGEST_LOG or low < floor - 0.01:  # rounding to two digits
        raise UnreadableInput(
            f"These values are said to be {unit.name}, which go from {floor:.3g} to at most {LARGEST_LOG:.0f}; "
            f"they go from {low:.3g} to {high:.4g}.",
            remedy='Say the unit in which they are, for example unit="tpm".',
        )
    return np.maximum(np.exp2(matrix) - unit.offset, 0.0)


def to_million(data: Expression) -> tuple[Floats, tuple[str, ...]]:
    """Return the values with all but short RNAs of each sample at one million, and notes on what was far off."""
    short = short_rna(data.genes)
    total = data.values.sum(axis=0)
    scale = total - data.values[short].sum(axis=0)
    notes = []
    far = (total < LEAST_SUM * MILLION) | (total > MOST_SUM * MILLION)
    if data.unit.per_million and far.any():
        notes.append(
            f"{int(far.sum())} samples add up to {total[far].min():,.0f} to {total[far].max():,.0f} "
            f"{data.label} before they were scaled to a million; are they {data.label}?"
        )
    largest = float((1 - scale / total).max(initial=0.0))
    if largest > MUCH_SHORT:
        notes.append(
            f"Short RNAs hold up to {largest:.0%} of a sample; they are left out of the scale, but they may "
            "have cost it depth."
        )
    return data.values / np.where(scale > 0, scale, total) * MILLION, tuple(notes)


def comparable_between_genes(data: Expression, method: str) -> None:
    """Refuse units in which a long gene counts for more than a short one.

    Raises
    ------
    InvalidSetting
        For counts and counts per million.
    """
    if not data.unit.between_genes:
        raise InvalidSetting(
            f"{method} compares genes within a sample, which {data.unit.name} do not allow.",
            cause="Long genes have more reads.",
            remedy="Give TPM (or FPKM, which are scaled to TPM here).",
        )
