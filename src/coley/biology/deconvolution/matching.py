"""Genes of a table found among the genes of a matrix, under their present or former names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.short_rna import symbols_of
from coley.model.errors import MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHOWN = 8  # names in a note or an error; more would not be read


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Expression of wanted genes.

    Attributes
    ----------
    wanted
        Symbols.
    values
        Wanted genes x samples; a row of NaN for a gene that is not there.
    found
        For each wanted gene, whether it is there.
    renamed
        Wanted gene to the name under which the matrix has it, where that differs.
    """

    wanted: tuple[str, ...]
    values: Floats
    found: NDArray[np.bool_]
    renamed: dict[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted genes that are not there."""
        return tuple(gene for gene, there in zip(self.wanted, self.found, strict=True) if not there)

    def notes(self) -> tuple[str, ...]:
        """Say which genes go by another name in the data."""
        if not self.renamed:
            return ()
        names = [f"{new} as {old}" for new, old in self.renamed.items()]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        return (f"Read under another name: {', '.join(names[:SHOWN])}{more}.",)


def match(wanted: Sequence[str], genes: Sequence[str], X: Floats) -> Matched:
    """Find genes in a matrix; a gene that has its wanted name there is taken under that name.

    Where only former names are there, and more than one row goes by them, their median is taken, as the
    authors of quanTIseq do.

    Parameters
    ----------
    wanted
        Symbols, each once.
    genes, X
        Names of the rows of a matrix of genes x samples.

    Examples
    --------
    >>> found = match(["CD8A", "SQOR"], ["SQRDL", "CD8A"], np.array([[1.0], [2.0]]))
    >>> found.values.ravel(), found.renamed
    (array([2., 1.]), {'SQOR': 'SQRDL'})
    """
    at = {gene: i for i, gene in enumerate(genes)}
    values = np.full((len(wanted), X.shape[1]), np.nan)
    renamed: dict[str, str] = {}
    lacking = [gene for gene in wanted if gene not in at]
    aliases = _aliases(lacking, genes) if lacking else {}
    for i, gene in enumerate(wanted):
        if gene in at:
            values[i] = X[at[gene]]
        elif gene in aliases:
            values[i] = np.median(X[[at[name] for name in aliases[gene]]], axis=0)
            renamed[gene] = " and ".join(aliases[gene])
    found = np.array([gene in at or gene in aliases for gene in wanted], dtype=bool)
    return Matched(tuple(wanted), values, found, renamed)


def _aliases(lacking: Sequence[str], genes: Sequence[str]) -> dict[str, list[str]]:
    """Map each lacking gene to the rows that mean the same gene by its present symbol."""
    by_symbol: dict[str, list[str]] = {}
    for gene, symbol in zip(genes, symbols_of(tuple(genes)), strict=True):
        by_symbol.setdefault(symbol, []).append(gene)
    present = zip(lacking, symbols_of(tuple(lacking)), strict=True)
    return {gene: by_symbol[symbol] for gene, symbol in present if symbol in by_symbol}


def require(matched: Matched, *, least: float, what: str) -> None:
    """Refuse data that lack too many of the wanted genes.

    Raises
    ------
    MissingData
        Where less than a share `least` of them was found.
    """
    share = float(matched.found.mean())
    if share < least:
        lacking = matched.missing
        raise MissingData(
            f"{what} needs at least {least:.0%} of its {len(matched.wanted)} genes; these data hold "
            f"{int(matched.found.sum())} ({share:.0%}).",
            where=f"missing: {', '.join(lacking[:SHOWN])}{' ...' if len(lacking) > SHOWN else ''}",
            cause="A panel or a cut-down matrix, or identifiers that are no gene symbols.",
            remedy="Give all genes that were measured, by symbol; least_coverage sets the share.",
        )
