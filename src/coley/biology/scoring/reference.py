"""A frozen reference cohort: with it, a patient's score never depends on who else is in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.examine import ROWS, enough, examined, expression
from coley.biology.scoring.gene_sets import GeneSets
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FLAT = 1e-12  # standard deviation over largest value, below which a gene is constant but for rounding


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a cohort tells about each gene by itself, and nothing of any one patient as a whole.

    Attributes
    ----------
    genes
        Names, one for each row; the universe in which samples are ranked.
    values
        Genes x reference samples, each row sorted by itself, so that no column is a patient.
    mean, sd
        Of each gene; the standard deviation has n - 1 below it and is 0 for constant genes.
    loadings
        The gene sets that were given to `freeze`, with their PLAGE loadings as weights; or None.
    """

    genes: tuple[str, ...]
    values: Floats
    mean: Floats
    sd: Floats
    loadings: GeneSets | None = None

    @property
    def samples(self) -> int:
        """Number of reference samples."""
        return int(self.values.shape[1])

    def restrict(self, genes: Sequence[str]) -> Reference:
        """Return the reference of these genes, in this order.

        PLAGE loadings are kept for the sets whose genes are all among them.

        Raises
        ------
        MissingData
            Where a gene is not in the reference.
        InvalidSetting
            Where a gene is named twice.
        """
        position = {gene: row for row, gene in enumerate(self.genes)}
        unknown = [gene for gene in genes if gene not in position]
        if unknown:
            raise MissingData(
                f"{len(unknown)} genes are not in the reference.",
                where=", ".join(unknown[:5]),
                remedy="Take the genes that the file and the reference share.",
            )
        _distinct(genes)
        rows = np.array([position[gene] for gene in genes], dtype=np.int64)
        return Reference(
            tuple(genes),
            np.ascontiguousarray(self.values[rows]),
            self.mean[rows],
            self.sd[rows],
            None if self.loadings is None else _moved(self.loadings, rows, len(self.genes)),
        )


def freeze(X: ArrayLike, genes: Sequence[str], *, sets: GeneSets | None = None) -> Reference:
    """Make a reference of a cohort.

    Parameters
    ----------
    X
        Genes x samples, finite, on the scale on which later samples will be (log for every method that
        uses a reference); at least 10 samples.
    genes
        Names of the rows, all different.
    sets
        Gene sets whose PLAGE loadings are wanted; nothing else depends on them.

    Raises
    ------
    UnreadableInput
        Where the matrix is not one of finite numbers.
    InvalidSetting
        Where the names do not fit the rows, or the sets lie outside them.
    NotEstimable
        Where there are fewer than 10 samples.

    Examples
    --------
    >>> reference = freeze(np.arange(20.0).reshape(2, 10), ["CD8A", "GZMB"])
    >>> reference.mean, reference.restrict(["GZMB"]).genes
    (array([ 4.5, 14.5]), ('GZMB',))
    """
    matrix = expression(X)
    names = tuple(genes)
    if len(names) != len(matrix):
        raise InvalidSetting(f"{len(matrix)} rows cannot carry the names of {len(names)} genes.")
    _distinct(names)
    enough(matrix.shape[1])
    loadings = None
    if sets is not None:
        from coley.biology.scoring.plage import loadings_of

        loadings = loadings_of(examined(matrix, sets, None, signed=False), sets)
    return from_sorted(names, np.sort(matrix, axis=1), loadings)


def from_sorted(genes: tuple[str, ...], values: Floats, loadings: GeneSets | None) -> Reference:
    """Make a reference of rows that are sorted; moments are taken from them, whatever was saved."""
    mean, sd = moments(values, np.arange(len(values)))
    return Reference(genes, values, mean, sd, loadings)


def moments(X: Floats, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (n - 1; 0 for constant genes) of rows of a matrix."""
    mean, sd = np.empty(len(rows)), np.empty(len(rows))
    for start in range(0, len(rows), ROWS):
        block = slice(start, start + ROWS)
        part = X[rows[block]]
        mean[block] = part.mean(axis=1)
        spread = part.std(axis=1, ddof=1)
        sd[block] = np.where(spread > FLAT * np.abs(part).max(axis=1), spread, 0.0)
    return mean, sd


def _distinct(genes: Sequence[str]) -> None:
    if len(set(genes)) < len(genes):
        seen: set[str] = set()
        twice = next(gene for gene in genes if gene in seen or seen.add(gene))  # type: ignore[func-returns-value]
        raise InvalidSetting(f"Gene {twice!r} is named twice.", remedy="Keep one row for each gene.")


def _moved(loadings: GeneSets, rows: NDArray[np.int64], genes: int) -> GeneSets:
    """Return the loadings of the sets that lie wholly within `rows`, as positions there."""
    place = np.full(genes, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    moved = place[loadings.indices]
    kept = [
        k for k in range(len(loadings)) if (moved[loadings.starts[k] : loadings.starts[k + 1]] >= 0).all()
    ]
    within = np.isin(np.repeat(np.arange(len(loadings)), loadings.sizes), kept)
    starts = np.concatenate([[0], np.cumsum(loadings.sizes[kept])]).astype(np.int64)
    return GeneSets(tuple(loadings.names[k] for k in kept), moved[within], starts, loadings.weights[within])
