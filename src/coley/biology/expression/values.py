"""A prepared matrix of expression: genes x samples on a log scale, with all that was found on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.biology.genes import Repair
    from coley.model.answer import Check

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Expression:
    """Expression that scores can be made of.

    Attributes
    ----------
    genes
        Approved symbols (or the name as given, where no gene is known by it), each once.
    given
        The name that each of them had in the file.
    samples
        Names of the columns, each once.
    values
        Genes x samples, float64, finite; log2(x + 1) of what `unit` says, or z scores.
    family
        What the values are the logarithm of: "tpm", "fpkm" or "cpm"; "z" for z scores.
    unit
        The scale of `values` in words.
    whole
        Whether the rows are a whole transcriptome (at least half of the protein-coding genes).
    repair
        What was done to the names of genes, for all rows of the file.
    notes
        What was found and done on the way.
    """

    genes: tuple[str, ...]
    given: tuple[str, ...]
    samples: tuple[str, ...]
    values: Floats
    family: str
    unit: str
    whole: bool
    repair: Repair
    notes: tuple[Check, ...]

    @property
    def comparable_genes(self) -> bool:
        """Whether two genes can be compared within a sample: the length of the gene is taken out."""
        return self.family in ("tpm", "fpkm")

    def linear(self) -> Floats:
        """Return the values before the logarithm (TPM, FPKM or CPM).

        Raises
        ------
        NotEstimable
            Where they are z scores.
        """
        if self.family == "z":
            raise NotEstimable(
                "z scores cannot be turned back into expression.", remedy="Supply TPM or FPKM."
            )
        return np.exp2(self.values) - 1.0

    def __repr__(self) -> str:
        return f"Expression({len(self.genes)} genes x {len(self.samples)} samples, {self.unit})"
