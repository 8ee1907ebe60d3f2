"""What every scoring method asks of its input, in one place and with one message each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import COHORT
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

ROWS = 1024  # looked at together, so that no second matrix of the size of the first is made


def expression(X: ArrayLike) -> Floats:
    """Return the matrix of genes x samples as floats, examined.

    Raises
    ------
    UnreadableInput
        Where it is not a matrix, is empty, or holds a missing or infinite value.
    """
    try:
        matrix = np.ascontiguousarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnreadableInput("Expression must be a matrix of numbers.", cause=str(error)) from None
    if matrix.ndim != 2 or not matrix.size:
        raise UnreadableInput(
            "Expression must be a matrix of genes x samples, with at least one of each.",
            where=f"shape {np.shape(X)}",
        )
    for start in range(0, len(matrix), ROWS):
        bad = np.argwhere(~np.isfinite(matrix[start : start + ROWS]))
        if len(bad):
            row, column = int(bad[0, 0]) + start, int(bad[0, 1])
            raise UnreadableInput(
                "Expression holds missing or infinite values, and no score is made from a guess.",
                where=f"first at row {row}, sample {column} (counted from 0): {matrix[row, column]}",
                remedy="Leave out genes with missing values, or say what they are.",
            )
    return matrix


def examined(
    X: ArrayLike,
    sets: GeneSets,
    reference: Reference | None,
    *,
    pairs: bool = False,
    signed: bool = True,
    needs: int = 1,
) -> Floats:
    """Return the matrix, after examining it with the sets and the reference.

    Parameters
    ----------
    X, sets, reference
        As every scoring method takes them.
    pairs
        True where the method takes pair rules.
    signed
        False where the method has no use for negative weights.
    needs
        Least number of samples without a reference.

    Raises
    ------
    UnreadableInput
        Where the matrix is not one of finite numbers.
    InvalidSetting
        Where sets lie outside the matrix or are of the wrong kind, or the reference has other genes.
    NotEstimable
        Where there are fewer samples than the method needs, and no reference.
    """
    matrix = expression(X)
    genes, samples = matrix.shape
    if sets.pairs != pairs:
        raise InvalidSetting(
            "This method scores pair rules." if pairs else "This method scores gene sets, not pair rules.",
            remedy="Make them with `pair_rules`." if pairs else "Score pair rules with `gene_pairs`.",
        )
    if len(sets.indices) and sets.indices.max() >= genes:
        outside = int(np.searchsorted(sets.starts, int(np.argmax(sets.indices)), side="right")) - 1
        raise InvalidSetting(
            f"Gene set {sets.names[outside]!r} points to a row that does not exist.",
            where=f"row {sets.indices.max()} of {genes}, counted from 0",
            remedy="Translate gene symbols to rows of this very matrix.",
        )
    if not signed and (sets.weights < 0).any():
        first = int(np.searchsorted(sets.starts, int(np.argmax(sets.weights < 0)), side="right")) - 1
        raise InvalidSetting(
            f"Gene set {sets.names[first]!r} has negative weights, which this method does not know.",
            cause="Its genes that should be low would count as high.",
            remedy="Take a method that uses weights or signs, or score its two parts as two sets.",
        )
    if reference is not None and len(reference.genes) != genes:
        raise InvalidSetting(
            "The reference and the matrix must hold the same genes in the same order.",
            where=f"{len(reference.genes)} genes in the reference, {genes} in the matrix",
            remedy="Take the rows that both have: `reference.restrict(genes)`.",
        )
    if reference is None and samples < needs:
        raise NotEstimable(
            f"This score is relative to a cohort of at least {needs} samples.",
            where=f"{samples} samples",
            remedy="Give a frozen reference (`freeze`), or take a method whose scores need one sample.",
        )
    return matrix


def enough(samples: int) -> None:
    """Raise `NotEstimable` where a reference would rest on fewer samples than `COHORT`."""
    if samples < COHORT:
        raise NotEstimable(
            f"A reference needs at least {COHORT} samples.",
            where=f"{samples} samples",
            cause="With fewer, the standard deviation of a gene is known to no better than a quarter.",
        )
