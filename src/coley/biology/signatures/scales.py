"""The scales on which signatures are scored: the matrix itself, or what is made of the rows that are needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import COHORT
from coley.biology.signatures.registry import table
from coley.model.errors import MissingData, NotEstimable
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from coley.biology.scoring import Reference

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# Of the 11 housekeeping genes: the mean of more than half of them differs from the mean of all by little more than
# a constant, which moves every patient alike; so one lost gene must not cost every patient a score.
LEAST_HOUSEKEEPING = 6


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Log expression as the runner sees it: rows by name, and the reference with the same rows, if any."""

    values: Floats
    place: Mapping[str, int]
    reference: Reference | None


@cache
def housekeeping_genes() -> tuple[str, ...]:
    """Return the 11 housekeeping genes of the T cell-inflamed gene expression profile."""
    return tuple(row["gene"] for row in table("housekeeping"))


def linear(matrix: Matrix, rows: Integers) -> Floats:
    """Return expression before the logarithm."""
    return np.maximum(np.exp2(matrix.values[rows]) - 1.0, 0.0)


def housekeeping(matrix: Matrix, rows: Integers) -> Floats:
    """Return log expression less the mean of the housekeeping genes of the sample.

    Raises
    ------
    MissingData
        Where fewer than six of the eleven are there.
    """
    genes = housekeeping_genes()
    there = [matrix.place[gene] for gene in genes if gene in matrix.place]
    if len(there) < LEAST_HOUSEKEEPING:
        raise MissingData(
            f"{len(there)} of {len(genes)} housekeeping genes are there, and {LEAST_HOUSEKEEPING} are needed",
            remedy="Supply the whole transcriptome.",
        )
    return np.asarray(matrix.values[rows] - matrix.values[there].mean(axis=0))


def sample_ranks(matrix: Matrix, rows: Integers) -> Floats:
    """Return, for each gene, the rank of the sample within the cohort (or the reference) over its size.

    Raises
    ------
    NotEstimable
        Where there are fewer than ten samples and no reference.
    """
    values = matrix.values[rows]
    if matrix.reference is not None:
        known = matrix.reference.values[rows]
        left, right = (
            np.array([np.searchsorted(k, v, side=side) for k, v in zip(known, values, strict=True)])
            for side in ("left", "right")
        )
        return np.asarray((left + right + 2) / 2 / (known.shape[1] + 1))  # its rank once it has joined them
    if values.shape[1] < COHORT:
        raise NotEstimable(f"ranks within a cohort need at least {COHORT} samples, or a frozen reference")
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=1) / values.shape[1])


SCALES: Registry[Callable[[Matrix, Integers], Floats]] = Registry("scale")
SCALES.add("linear", linear)
SCALES.add("housekeeping", housekeeping)
SCALES.add("sample_ranks", sample_ranks)
COHORT_SCALES = ("sample_ranks",)  # they make any score relative to the cohort
