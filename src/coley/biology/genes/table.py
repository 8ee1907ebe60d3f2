"""The human genes of HGNC and every name by which data sets call them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

GENES_VERSION = "HGNC 2024-10-18"  # newest entry of the table, as resources/sources.csv says


@dataclass(frozen=True, slots=True)
class GeneTable:
    """Approved symbols of HGNC, and other names with the approved symbols they may stand for.

    Attributes
    ----------
    approved
        Approved symbol to its locus type ("gene with protein product", "RNA, long non-coding" ...).
    previous, alias
        Earlier approved symbol, or unofficial name, to the genes that bore it.
    ensembl, entrez
        Number of the Ensembl gene ("ENSG00000107738" is 107738) and Entrez id, to the gene.
    withdrawn
        Symbols that HGNC approved once and no gene bears now.
    folded
        Name in upper case to the names so written in the three tables above.
    """

    approved: Mapping[str, str]
    previous: Mapping[str, tuple[str, ...]]
    alias: Mapping[str, tuple[str, ...]]
    ensembl: Mapping[int, str]
    entrez: Mapping[int, str]
    withdrawn: frozenset[str]
    folded: Mapping[str, tuple[str, ...]]

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.approved

    def is_protein_coding(self, symbol: str) -> bool:
        """Say whether this approved symbol is that of a gene with a protein product."""
        return self.approved.get(symbol) == "gene with protein product"


@cache
def gene_table() -> GeneTable:
    """Return the table of human genes (HGNC, CC0); loaded once.

    Examples
    --------
    >>> table = gene_table()
    >>> table.previous["C10orf54"], "VSIR" in table, table.is_protein_coding("VSIR")
    (('VSIR',), True, True)
    """
    import polars as pl

    with as_file(files("coley.biology.genes").joinpath("resources/genes.parquet")) as path:
        frame = pl.read_parquet(path)
    gone = pl.col("locus_group") == "withdrawn"
    genes = frame.filter(~gone)
    approved = dict(genes.select("symbol", "locus_type").iter_rows())
    previous, alias = _names(genes, "previous"), _names(genes, "alias")
    return GeneTable(
        MappingProxyType(approved),
        MappingProxyType(previous),
        MappingProxyType(alias),
        MappingProxyType(dict(genes.select("ensembl", "symbol").drop_nulls().iter_rows())),
        MappingProxyType(dict(genes.select("entrez", "symbol").drop_nulls().iter_rows())),
        frozenset(frame.filter(gone)["symbol"]),
        MappingProxyType(_folded(approved, previous, alias)),
    )


def _names(genes: pl.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    """Return each name of the column with the genes that carry it."""
    import polars as pl

    pairs = (
        genes.select("symbol", pl.col(column).str.split("|").alias("name"))
        .explode("name")
        .drop_nulls()
        .group_by("name", maintain_order=True)
        .agg("symbol")
    )
    return {name: tuple(symbols) for name, symbols in pairs.iter_rows()}


def _folded(*tables: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name in table:
            key = name.upper()
            if name not in found.get(key, ()):
                found[key] = (*found.get(key, ()), name)
    return found
