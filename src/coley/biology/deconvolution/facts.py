"""The tables of this package, as values."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table in `resources/`."""
    text = files("coley.biology.deconvolution.resources").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Expression of pure cells.

    Attributes
    ----------
    genes, cells
        Names of rows and columns.
    profiles
        (genes, cells) in TPM.
    mrna
        (cells,) relative mRNA content of one cell; ones where it is not known.
    left_out_for
        For each gene, the kinds of data in which the authors leave it out ("rnaseq", "tumour").
    """

    genes: tuple[str, ...]
    cells: tuple[str, ...]
    profiles: Floats
    mrna: Floats
    left_out_for: tuple[frozenset[str], ...]


@cache
def til10() -> Reference:
    """Return the TIL10 signature of quanTIseq.

    Examples
    --------
    >>> til10().profiles.shape
    (170, 10)
    """
    table = rows("til10_signature.csv")
    cells = tuple(list(table[0])[2:])
    mrna = {row["cell"]: float(row["mrna"]) for row in rows("til10_mrna.csv")}
    return Reference(
        tuple(row["gene"] for row in table),
        cells,
        np.array([[float(row[cell]) for cell in cells] for row in table]),
        np.array([mrna[cell] for cell in cells]),
        tuple(frozenset(row["left_out_for"].split("|")) - {""} for row in table),
    )


@cache
def mcp_markers() -> dict[str, tuple[str, ...]]:
    """Return the markers of each population of MCP-counter.

    Examples
    --------
    >>> mcp_markers()["CD8 T cells"]
    ('CD8B',)
    """
    markers: dict[str, list[str]] = {}
    for row in rows("mcp_counter.csv"):
        markers.setdefault(row["population"], []).append(row["gene"])
    return {population: tuple(genes) for population, genes in markers.items()}


@dataclass(frozen=True, slots=True)
class ScoredGene:
    """A gene of the immunophenoscore: the group in which it is averaged, its class, its weight."""

    gene: str
    group: str
    category: str
    weight: float


@cache
def immunophenoscore_genes() -> tuple[ScoredGene, ...]:
    """Return the genes of the immunophenoscore.

    Examples
    --------
    >>> len({gene.group for gene in immunophenoscore_genes()})
    26
    """
    return tuple(
        ScoredGene(row["gene"], row["group"], row["class"], float(row["weight"]))
        for row in rows("immunophenoscore.csv")
    )
