"""Deconvolution with a reference of the user's own, by the same constrained least squares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.expression import (
    WHOLE_TRANSCRIPTOME,
    comparable_between_genes,
    expression,
    to_million,
)
from coley.biology.deconvolution.least_squares import capped_least_squares, cells_from_mrna, with_limits
from coley.biology.deconvolution.matching import match, require
from coley.biology.deconvolution.quantiseq import DRAWS, FINOTELLO, LEAST_COVERAGE, OTHER
from coley.biology.deconvolution.values import Fractions
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LAWSON = "Lawson CL, Hanson RJ. Solving least squares problems. Englewood Cliffs: Prentice-Hall; 1974."


@method(
    "constrained_deconvolution",
    title="Deconvolution by constrained least squares",
    summary="Fractions of the cell types of a given reference, and of all other cells together.",
    needs="TPM of the whole transcriptome, and TPM of pure cells for the signature genes",
    limits="As good as the reference: cells that it lacks and that share its genes are counted as the nearest "
    "cell it has. Without mRNA contents the fractions are fractions of mRNA. The interval is a bootstrap "
    "over signature genes and holds no error that all genes share.",
    references=(LAWSON, FINOTELLO),
)
def deconvolve(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    signature: pl.DataFrame,
    unit: str,
    scaling: Mapping[str, float] | None = None,
    samples: Sequence[str] | None = None,
    least_coverage: float = LEAST_COVERAGE,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> Fractions:
    """Estimate cell fractions with your own table of pure profiles: f >= 0, sum at most one.

    Parameters
    ----------
    X
        Genes x samples in `unit`: all genes that were measured.
    genes, samples
        Gene symbols of the rows, names of the columns.
    signature
        Column `gene` and one column for each cell type, in linear TPM.
    unit
        "tpm", "log2_tpm1", "fpkm" ...; counts are refused.
    scaling
        Relative mRNA content of one cell of each type; without it fractions are of mRNA.
    least_coverage, draws, seed, level
        As for `quantiseq`.

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where the matrix or the signature is not what it should be.
    MissingData
        Where too few genes are there.

    Examples
    --------
    >>> import polars as pl
    >>> pure = pl.DataFrame({"gene": ["A", "B", "C"], "T": [900.0, 10.0, 0.0], "B": [20.0, 500.0, 80.0]})
    >>> X = np.zeros((10_000, 1))
    >>> X[:3, 0] = 0.2 * pure["T"].to_numpy() + 0.1 * pure["B"].to_numpy()
    >>> X[3, 0] = 1e6 - X.sum()
    >>> names = ["A", "B", "C", *map(str, range(9_997))]
    >>> deconvolve(X, names, signature=pure, unit="tpm").values.ravel().round(3)
    array([0.2, 0.1, 0.7])
    """
    wanted, cells, profiles = _reference(signature)
    mrna = _contents(cells, scaling)
    data = expression(X, genes, unit=unit, samples=samples, least_genes=WHOLE_TRANSCRIPTOME)
    comparable_between_genes(data, "Deconvolution")
    scaled, notes = to_million(data)
    matched = match(wanted, data.genes, scaled)
    require(matched, least=least_coverage, what="The signature")

    def fit(A: Floats, B: Floats, weights: Floats | None) -> Floats:
        found = cells_from_mrna(capped_least_squares(A, B, weights), mrna)
        return np.vstack([found, np.maximum(0.0, 1.0 - found.sum(axis=0))])

    value, low, high = with_limits(
        fit,
        profiles[matched.found],
        matched.values[matched.found],
        draws=draws,
        seed=seed,
        level=level,
    )
    names = (*cells, OTHER)
    return Fractions(
        method="constrained_deconvolution",
        unit="fraction of cells" if scaling else "fraction of mRNA",
        cells=names,
        samples=data.samples,
        values=value,
        low=low,
        high=high,
        level=level,
        coverage=np.full(len(names), matched.found.mean()),
        missing=matched.missing,
        notes=notes + matched.notes(),
    )


def _reference(signature: pl.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...], Floats]:
    cells = tuple(column for column in signature.columns if column != "gene")
    remedy = "Give a column gene (each gene once) and one column of linear TPM for each cell type."
    if "gene" not in signature.columns or not cells:
        raise UnreadableInput(
            "A signature needs a column gene and columns of cell types.",
            where=f"columns {', '.join(signature.columns[:8])}",
            remedy=remedy,
        )
    wanted = tuple(map(str, signature["gene"].to_list()))
    try:
        profiles = signature.select(cells).to_numpy().astype(float)
    except (TypeError, ValueError):
        raise UnreadableInput("A signature holds something that is not a number.", remedy=remedy) from None
    if len(set(wanted)) < len(wanted) or not np.isfinite(profiles).all() or (profiles < 0).any():
        raise UnreadableInput(
            "A signature repeats a gene, or holds a missing or negative value.", remedy=remedy
        )
    if len(wanted) < len(cells) or np.linalg.matrix_rank(profiles) < len(cells):
        raise UnreadableInput(
            f"{len(cells)} cell types cannot be told apart by these {len(wanted)} genes.",
            cause="Two cell types have the same profile, up to a factor, or there are too few genes.",
            remedy="Merge the cell types, or give more genes.",
        )
    return wanted, cells, profiles


def _contents(cells: Sequence[str], scaling: Mapping[str, float] | None) -> Floats:
    if scaling is None:
        return np.ones(len(cells))
    if set(scaling) != set(cells) or not all(np.isfinite(v) and v > 0 for v in scaling.values()):
        raise InvalidSetting(
            "The scaling must give one positive mRNA content for each cell type of the signature.",
            where=f"signature: {', '.join(cells)}; scaling: {', '.join(scaling)}",
        )
    return np.array([scaling[cell] for cell in cells], dtype=float)
