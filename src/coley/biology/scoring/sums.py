"""Weighted sums over gene sets: one sparse product, the same to the last bit for one sample or for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coley.biology.scoring.gene_sets import GeneSets

    Floats = NDArray[np.float64]

SAMPLES = 512  # worked on together: bounds the memory, whatever the size of the cohort


def weighted_sums(
    X: Floats,
    sets: GeneSets,
    weights: Floats,
    *,
    shift: Floats | None = None,
    through: Callable[[Floats], Floats] | None = None,
) -> Floats:
    """Return, for each set and sample, the sum of `weights` times expression, minus `shift` of the gene.

    Parameters
    ----------
    X
        Genes x samples.
    sets
        Whose members are summed.
    weights
        One for each of `sets.indices`; they replace the weights of the sets.
    shift
        One for each of `sets.indices`, taken from the gene before it is weighted.
    through
        A function of each value, such as a logarithm, that comes before all else.
    """
    from scipy.sparse import csr_array

    used, columns = np.unique(sets.indices, return_inverse=True)
    centre = np.zeros(len(used))
    if shift is not None:
        centre[columns] = shift
    matrix = csr_array((weights, columns, sets.starts), shape=(len(sets), len(used)))
    out = np.empty((len(sets), X.shape[1]))
    for start in range(0, X.shape[1], SAMPLES):
        block = slice(start, start + SAMPLES)
        values = X[used, block] if through is None else through(X[used, block])
        out[:, block] = matrix @ (values - centre[:, None])
    return out


def per_set(sets: GeneSets, values: Floats) -> Floats:
    """Return the sum of `values`, one for each of `sets.indices`, within each set."""
    owner = np.repeat(np.arange(len(sets)), sets.sizes)
    return np.bincount(owner, weights=values, minlength=len(sets)).astype(np.float64)
