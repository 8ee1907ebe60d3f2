"""Names of human genes: the table of HGNC, and the repair of symbols that are old, mangled or not symbols."""

from coley.biology.genes.repair import Change, Repair, repair
from coley.biology.genes.table import GENES_VERSION, GeneTable, gene_table

__all__ = ["GENES_VERSION", "Change", "GeneTable", "Repair", "gene_table", "repair"]
