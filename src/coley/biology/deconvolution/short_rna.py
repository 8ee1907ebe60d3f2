"""RNAs that libraries of mRNA do not catch as they catch mRNA, and that spoil a scale made of all genes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.facts import rows

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache(maxsize=4)  # the genes of a study, which every method asks about
def symbols_of(genes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the present symbols of genes, under whatever name they come."""
    from coley.biology.genes import repair

    return repair(genes).symbols


def short_rna(genes: Sequence[str]) -> NDArray[np.bool_]:
    """Say which genes are micro, small nucleolar, transfer, ribosomal and other RNAs of their kind.

    An RNA shorter than the fragments of a library has an effective length near zero, and its TPM or FPKM
    no upper bound: a few of them can hold nine tenths of a sample, and differently so in every sample.

    Examples
    --------
    >>> short_rna(["CD8A", "SNORD33", "MALAT1", "MIR6723"])
    array([False,  True, False,  True])
    """
    from coley.biology.genes import gene_table

    types, pattern = _facts()
    approved = gene_table().approved
    return np.array(
        [
            approved.get(symbol) in types or (symbol not in approved and pattern.match(symbol) is not None)
            for symbol in symbols_of(tuple(genes))
        ],
        dtype=bool,
    )


@cache
def _facts() -> tuple[frozenset[str], re.Pattern[str]]:
    table = rows("short_rna.csv")
    return (
        frozenset(row["name"] for row in table if row["kind"] == "locus type"),
        re.compile("|".join(row["name"] for row in table if row["kind"] == "pattern")),
    )
