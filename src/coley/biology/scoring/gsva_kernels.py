"""Kernels of GSVA. Imported lazily, since numba takes its time to load."""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from coley.biology.scoring.rank_kernels import BUCKETS, PASSES, sort_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Owners = NDArray[np.int32]

# The kernel estimate F(q) = mean_i Phi((q - x_i) / h) is a sum over all pairs. Here the axis is cut into boxes
# of WIDTH bandwidths; within a pair of boxes Phi is a polynomial of TERMS terms in either position, to 1e-16.
# So the sources of a box enter by their power sums alone, and each target by one polynomial of its box: the
# one-dimensional fast multipole method (Greengard and Strain 1991), here for the integral of the Gaussian.
WIDTH = 1.25
TERMS = 16
NEAR = 7  # boxes; Phi of -NEAR * WIDTH, the nearest that is left out, is 1e-18
GRID = 2.0**40  # F is rounded to this grid: genes whose F is equal on paper stay tied on the machine


def translations() -> Floats:
    """Return coefficients (offset, power of the source, power of the target) of Phi between two boxes.

    Interpolated at Chebyshev nodes, then written in powers: the terms fall faster than the change of basis
    can magnify their rounding.
    """
    from numpy.polynomial import chebyshev
    from scipy.special import ndtr

    nodes = np.cos(np.pi * (np.arange(TERMS) + 0.5) / TERMS)
    to_terms = chebyshev.chebvander(nodes, TERMS - 1).T * 2 / TERMS
    to_terms[0] /= 2
    powers = np.zeros((TERMS, TERMS))
    for k in range(TERMS):
        powers[: k + 1, k] = chebyshev.cheb2poly(np.eye(TERMS)[k])[: k + 1]
    offsets = np.arange(-NEAR, NEAR + 1)[:, None, None]
    between = ndtr(WIDTH * (offsets + (nodes[None, None, :] - nodes[None, :, None]) / 2))
    terms = to_terms @ between @ to_terms.T  # small beyond the first few: only then may the basis change
    return np.ascontiguousarray(powers @ terms @ powers.T)


@njit(cache=True, nogil=True, error_model="numpy")
def kernel_order(values: Floats, reference: Floats, bandwidth: Floats, table: Floats, out: Floats) -> None:
    """Write a number that orders as the kernel estimate of the distribution of each gene does.

    `values` is genes x samples, `reference` genes x reference samples, `bandwidth` one for each gene. What is
    written is -1 / F for F up to a half and 1 / (1 - F) above, so that both tails keep their digits.
    """
    genes, samples = values.shape
    n = reference.shape[1]
    for g in range(genes):
        h = bandwidth[g]
        x = reference[g]
        lowest, highest = x.min(), x.max()
        step = WIDTH * h
        boxes = int((highest - lowest) / step) + 1
        sums = np.zeros((boxes, TERMS))
        for i in range(n):
            place = (x[i] - lowest) / step
            box = min(int(place), boxes - 1)
            t = 2.0 * (place - box) - 1.0
            here = sums[box]
            square = t * t
            even, odd = 1.0, t
            for k in range(0, TERMS, 2):
                here[k] += even
                here[k + 1] += odd
                even *= square
                odd *= square
        left = np.zeros(boxes)  # sources in boxes too far to the left for anything but Phi = 1
        for box in range(NEAR + 1, boxes):
            left[box] = left[box - 1] + sums[box - NEAR - 1, 0]
        local = np.zeros((boxes, TERMS))
        known = np.zeros(boxes, np.bool_)
        for j in range(samples):
            q = values[g, j]
            if q < lowest or q > highest:
                out[g, j] = _outside(q, x, h, -1.0 if q < lowest else 1.0)
                continue
            place = (q - lowest) / step
            box = min(int(place), boxes - 1)
            here = local[box]
            if not known[box]:
                known[box] = True
                for source in range(max(0, box - NEAR), min(boxes, box + NEAR + 1)):
                    if sums[source, 0] > 0:
                        way = table[box - source + NEAR]
                        for k in range(TERMS):
                            much = sums[source, k]
                            for m in range(TERMS):
                                here[m] += way[k, m] * much
                here[0] += left[box]
            t = 2.0 * (place - box) - 1.0
            square = t * t
            even, odd = here[TERMS - 2], here[TERMS - 1]
            for k in range(TERMS - 4, -1, -2):
                even = even * square + here[k]
                odd = odd * square + here[k + 1]
            F = np.rint((even + odd * t) / n * GRID) / GRID
            out[g, j] = -1.0 / F if F <= 0.5 else 1.0 / (1.0 - F)


@njit(cache=True, nogil=True, error_model="numpy")
def _outside(q: float, x: Floats, h: float, side: float) -> float:
    """Return the same for a value outside the reference, where one tail is small and needs its own digits."""
    tail = 0.0
    for i in range(len(x)):
        tail += 0.5 * erfc(side * (q - x[i]) / (h * sqrt(2.0)))
    tail /= len(x)
    return side / tail if tail > 0.0 else side * np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def walk(
    block: Floats,
    gene_starts: Integers,
    gene_sets: Owners,
    sizes: Floats,
    steps: Floats,
    difference: bool,
    out: Floats,
) -> None:
    """Write the largest deviations of the random walk of every set, in one pass over the ranked genes.

    `block` is samples x genes; `gene_sets[gene_starts[g]:gene_starts[g + 1]]` are the sets of gene g; `steps`
    is the weight of each position from the top. Tied genes are one step: their mean weight each, and no
    deviation is read within the group.
    """
    samples, genes = block.shape
    count = len(sizes)
    keys_a = np.empty(genes, np.uint64)
    keys_b = np.empty(genes, np.uint64)
    order_a = np.empty(genes, np.int32)
    order_b = np.empty(genes, np.int32)
    counts = np.empty((PASSES, BUCKETS), np.int32)
    step = np.empty(genes)
    ends = np.empty(genes, np.int32)
    miss = 1.0 / np.maximum(genes - sizes, 1.0)
    for s in range(samples):
        keys, order = sort_order(block[s], keys_a, order_a, keys_b, order_b, counts)
        total = np.zeros(count)
        start = 0  # a position from the top; the gene there is order[genes - 1 - start]
        while start < genes:
            end = start + 1
            while end < genes and keys[genes - 1 - end] == keys[genes - 1 - start]:
                end += 1
            weight = steps[start] if end == start + 1 else steps[start:end].sum() / (end - start)
            ends[start] = end
            for p in range(start, end):
                step[p] = weight
                gene = order[genes - 1 - p]
                for e in range(gene_starts[gene], gene_starts[gene + 1]):
                    total[gene_sets[e]] += weight
            start = end
        inside = np.zeros(count)
        met = np.zeros(count)
        highest = np.zeros(count)
        lowest = np.zeros(count)
        start = 0
        while start < genes:
            end = ends[start]
            for p in range(start, end):  # the walk just before the group: as low as it gets
                gene = order[genes - 1 - p]
                for e in range(gene_starts[gene], gene_starts[gene + 1]):
                    k = gene_sets[e]
                    lowest[k] = min(lowest[k], inside[k] / total[k] - (start - met[k]) * miss[k])
            for p in range(start, end):
                gene = order[genes - 1 - p]
                for e in range(gene_starts[gene], gene_starts[gene + 1]):
                    inside[gene_sets[e]] += step[p]
                    met[gene_sets[e]] += 1.0
            for p in range(start, end):  # and just after: as high
                gene = order[genes - 1 - p]
                for e in range(gene_starts[gene], gene_starts[gene + 1]):
                    k = gene_sets[e]
                    value = inside[k] / total[k] - (end - met[k]) * miss[k]
                    highest[k] = max(highest[k], value)
                    lowest[k] = min(lowest[k], value)
            start = end
        for k in range(count):
            if total[k] <= 0.0 or sizes[k] == genes:
                out[k, s] = np.nan
            elif difference:
                out[k, s] = highest[k] + lowest[k]
            else:
                out[k, s] = highest[k] if highest[k] > -lowest[k] else lowest[k]
