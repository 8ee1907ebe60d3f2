"""Which genes of a signature a matrix has, and whether they are enough for a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coley.biology.signatures.values import Signature

MIN_COVERAGE = 0.8  # of the genes: what PredictioR asks; a mean over fewer is a mean of another list
# Where each gene has its own weight or place in a rule, nothing stands in for a lost one: a weighted sum loses its
# scale, and a count of pairs its steps. One rule of fifteen may be missing, not three.
STRICT_COVERAGE = 0.9
STRICT = ("weighted_sum", "gene_pairs")


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The rows of a matrix that a signature uses.

    Attributes
    ----------
    rows
        Row numbers; for pair rules, rules x 2, those of which both genes are there.
    weights
        One for each row, or None where all count alike.
    counted
        What is counted: "genes", or "pairs".
    named, found
        How many the signature has, and how many of them are there.
    coverage
        Share that was found, by weight where genes are weighted; the smaller of the two.
    missing
        Genes that are not there, as the signature names them.
    """

    rows: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    counted: str
    named: int
    found: int
    coverage: float
    missing: tuple[str, ...]


def members_of(signature: Signature, place: Mapping[str, int], *, as_given: bool = False) -> Members:
    """Return the rows of a signature.

    Parameters
    ----------
    signature
        Not a composite.
    place
        Name of a gene to its row.
    as_given
        Take the names as the source of the signature writes them, without repair.
    """
    names = signature.given if as_given else signature.genes
    rows = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    missing = tuple(dict.fromkeys(n for n, row in zip(names, rows, strict=True) if row < 0))
    missing += tuple(old for old, _ in signature.dropped)
    if signature.method == "gene_pairs":
        pairs = rows.reshape(-1, 2)
        there = (pairs >= 0).all(axis=1)
        share = float(there.mean())
        return Members(pairs[there], None, "pairs", len(pairs), int(there.sum()), share, missing)
    named, there = len(names) + len(signature.dropped), rows >= 0
    coverage = there.sum() / named
    weights = None
    if signature.weights:
        all_weights = np.array(signature.weights)
        weights = all_weights[there]
        coverage = min(coverage, np.abs(weights).sum() / np.abs(all_weights).sum())
    return Members(rows[there], weights, "genes", named, int(there.sum()), float(coverage), missing)


def needed(method: str, min_coverage: float) -> float:
    """Return the share of genes (or pairs) that a score by this method needs."""
    return max(min_coverage, STRICT_COVERAGE) if method in STRICT else min_coverage
