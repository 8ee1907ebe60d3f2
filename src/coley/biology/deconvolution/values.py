"""The value that every method of this package returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import UnknownName

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fractions:
    """What each sample is made of, as far as its expression tells; NaN where it does not.

    Attributes
    ----------
    method
        Name of the method, in `coley.model.method.METHODS`.
    unit
        What a value is: "fraction of cells", "mean log2(TPM + 1)", "score".
    cells, samples
        Names of the rows and columns.
    values, low, high
        Cells x samples, with their interval; limits are NaN where there are none, and `notes` says why.
    level
        Coverage that the intervals aim at.
    coverage
        For each cell, the share of the genes behind it that the data hold.
    missing
        Genes that the data lack, in the order of the method's table.
    notes
        What a reader must know beside the numbers.
    """

    method: str
    unit: str
    cells: tuple[str, ...]
    samples: tuple[str, ...]
    values: Floats
    low: Floats
    high: Floats
    level: float
    coverage: Floats
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, cell: str) -> Floats:
        """Return the values of one cell type, one for each sample.

        Raises
        ------
        UnknownName
            Where there is no such cell type here.
        """
        if cell not in self.cells:
            raise UnknownName("cell type", cell, self.cells)
        row: Floats = self.values[self.cells.index(cell)]
        return row

    def frame(self) -> pl.DataFrame:
        """Return a long table: sample_id, cell, value, low, high, coverage; NaN as null."""
        import polars as pl

        k, n = self.values.shape
        columns: Mapping[str, Any] = {
            "sample_id": np.tile(np.array(self.samples, dtype=object), k).tolist(),
            "cell": np.repeat(np.array(self.cells, dtype=object), n).tolist(),
            "value": self.values.ravel(),
            "low": self.low.ravel(),
            "high": self.high.ravel(),
            "coverage": np.repeat(self.coverage, n),
        }
        return pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))
