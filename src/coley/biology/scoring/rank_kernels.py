"""Kernels on the ranks of genes within a sample. Imported lazily, since numba takes its time to load.

Every kernel takes samples x genes (a sample in one piece) and writes sets x samples; tied genes share the
lowest and the highest rank of their group, from which each method takes what it defines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Ranks = NDArray[np.int32]
    Keys = NDArray[np.uint64]

DIGIT = 11  # bits a pass of the radix sort: six passes for 64 bits, counters of 2,048 stay in the cache
PASSES = 6
BUCKETS = 1 << DIGIT
SIGN = np.uint64(1 << 63)


@njit(cache=True, nogil=True, error_model="numpy")
def sort_order(
    values: Floats, keys: Keys, order: Ranks, spare_keys: Keys, spare_order: Ranks, counts: Ranks
) -> tuple[Keys, Ranks]:
    """Return the bits of `values` in ascending order, and their positions: a stable radix sort.

    The other arrays are room to work in: as long as `values`, and PASSES x BUCKETS. Two of them are returned.
    """
    n = len(values)
    bits = values.view(np.uint64)
    counts[:] = 0
    for i in range(n):
        # flip negative numbers and set the sign of the others: unsigned order is then numeric order
        b = bits[i]
        key = ~b if b >> np.uint64(63) else b | SIGN
        if values[i] == 0.0:
            key = SIGN  # minus zero equals zero
        keys[i] = key
        order[i] = i
        for k in range(PASSES):
            counts[k, (key >> np.uint64(k * DIGIT)) & np.uint64(BUCKETS - 1)] += 1
    for k in range(PASSES):
        shift = np.uint64(k * DIGIT)
        total = 0
        alike = False
        for bucket in range(BUCKETS):
            here = counts[k, bucket]
            if here == n:
                alike = True
                break
            counts[k, bucket] = total
            total += here
        if alike:
            continue
        for i in range(n):
            bucket = (keys[i] >> shift) & np.uint64(BUCKETS - 1)
            place = counts[k, bucket]
            counts[k, bucket] = place + 1
            spare_keys[place] = keys[i]
            spare_order[place] = order[i]
        keys, spare_keys = spare_keys, keys
        order, spare_order = spare_order, order
    return keys, order


@njit(cache=True, nogil=True, error_model="numpy")
def ranks(block: Floats, low: Ranks, high: Ranks) -> None:
    """Write the lowest and the highest ascending rank (from 1) of each gene's group of ties.

    `block`, `low`, `high` (int32) are samples x genes.
    """
    samples, genes = block.shape
    keys_a = np.empty(genes, np.uint64)
    keys_b = np.empty(genes, np.uint64)
    order_a = np.empty(genes, np.int32)
    order_b = np.empty(genes, np.int32)
    counts = np.empty((PASSES, BUCKETS), np.int32)
    for s in range(samples):
        keys, order = sort_order(block[s], keys_a, order_a, keys_b, order_b, counts)
        start = 0
        while start < genes:
            end = start + 1
            while end < genes and keys[end] == keys[start]:
                end += 1
            for i in range(start, end):
                low[s, order[i]] = start + 1
                high[s, order[i]] = end
            start = end


@njit(cache=True, nogil=True, error_model="numpy")
def ssgsea(low: Ranks, high: Ranks, indices: Integers, starts: Integers, powers: Floats, out: Floats) -> None:
    """Write the sums of the running difference; `powers[2 r]` is r to the weight, for half ranks too."""
    samples, genes = low.shape
    total = genes * (genes + 1) / 2
    for s in range(samples):
        for k in range(len(starts) - 1):
            size = starts[k + 1] - starts[k]
            if size == 0 or size == genes:
                out[k, s] = np.nan
                continue
            weight = 0.0
            weighted = 0.0
            inside = 0.0
            for i in range(starts[k], starts[k + 1]):
                gene = indices[i]
                twice = low[s, gene] + high[s, gene]
                power = powers[twice]
                weight += power
                weighted += power * (0.5 * twice)
                inside += 0.5 * twice
            out[k, s] = weighted / weight - (total - inside) / (genes - size)


@njit(cache=True, nogil=True, error_model="numpy")
def singscore(low: Ranks, indices: Integers, starts: Integers, up: NDArray[np.bool_], out: Floats) -> None:
    """Write, for the members that are `up` or that are not, scores between 0 and 1; NaN for none."""
    samples, genes = low.shape
    for s in range(samples):
        for k in range(len(starts) - 1):
            size = 0
            total = 0.0
            for i in range(starts[k], starts[k + 1]):
                if up[i]:
                    size += 1
                    total += low[s, indices[i]]
            if size == 0 or size == genes:
                out[k, s] = np.nan
            else:
                out[k, s] = (total / size - (size + 1) / 2) / (genes - size)


@njit(cache=True, nogil=True, error_model="numpy")
def aucell(low: Ranks, high: Ranks, indices: Integers, starts: Integers, top: int, out: Floats) -> None:
    """Write areas under the recovery curve of the `top` genes, averaged over the orders of tied genes."""
    samples, genes = low.shape
    below = genes + 1 - top  # a gene of ascending rank r adds r - below where that is positive
    for s in range(samples):
        for k in range(len(starts) - 1):
            size = starts[k + 1] - starts[k]
            best = min(size, top - 1)
            area = 0.0
            for i in range(starts[k], starts[k + 1]):
                first = low[s, indices[i]]
                last = high[s, indices[i]]
                if first >= below:
                    area += 0.5 * (first + last) - below
                elif last > below:
                    area += 0.5 * (last - below) * (last - below + 1) / (last - first + 1)
            out[k, s] = area / (best * top - 0.5 * best * (best + 1)) if best > 0 else np.nan
