"""Mutational status of named genes: mutated, wild type, or not looked at."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.biology.burden.assayed import PRE, assayed
from coley.biology.burden.classes import rule
from coley.biology.burden.somatic import EXCERPT, somatic
from coley.model.answer import Check
from coley.model.errors import MissingData

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene whose mutations were reported to go with the outcome under checkpoint inhibitors.

    Attributes
    ----------
    name
        HGNC symbol.
    counted
        The counting rule that stands for the alteration.
    direction
        "resistance", "response" or "mixed", as reported.
    mechanism, cancer_type, evidence, source, caveat
        Class of mechanism; where it was seen; A to D and R (review); the paper; what speaks against it.
    """

    name: str
    counted: str
    direction: str
    mechanism: str
    cancer_type: str
    evidence: str
    source: str
    caveat: str


@dataclass(frozen=True, eq=False)
class GeneStatus:
    """Which samples carry a mutation of which gene.

    Attributes
    ----------
    table
        sample_id, patient_id and a column per gene: true (mutated), false (assayed and wild type), null
        (not on the panel, or the sample was not sequenced).
    checks
        What was counted, and what is assumed about the panel.
    """

    table: pl.DataFrame
    checks: tuple[Check, ...]


@cache
def ici_genes() -> tuple[Gene, ...]:
    """Return the genes whose mutations were reported to matter under checkpoint inhibitors.

    Examples
    --------
    >>> [gene.name for gene in ici_genes() if gene.mechanism == "antigen presentation"]
    ['B2M']
    """
    text = files("coley.biology.burden").joinpath("resources", "ici_genes.csv").read_text(encoding="utf-8")
    return tuple(Gene(*row.values()) for row in csv.DictReader(text.splitlines()))


def gene_status(
    mutations: pl.DataFrame,
    samples: pl.DataFrame | None,
    genes: Iterable[str],
    *,
    counted: str = "nonsynonymous",
    panel: Iterable[str] | None = None,
    timepoint: str | None = PRE,
) -> GeneStatus:
    """Return the mutational status of genes in each sample.

    Parameters
    ----------
    mutations, samples
        Tables of the data dictionary.
    genes
        HGNC symbols.
    counted
        A counting rule: "nonsynonymous" for any change of the protein, "truncating" ...
    panel
        Genes that the assay covers; None where nobody says, and then every gene is taken as covered.
    timepoint
        As for `tmb`.

    Raises
    ------
    MissingData
        Where the table of mutations has no genes.
    UnknownName
        For an unknown counting rule.

    Examples
    --------
    >>> import polars as pl
    >>> mutations = pl.DataFrame({"sample_id": ["a"], "gene": ["B2M"], "protein_change": ["p.L15fs"],
    ...     "classification": ["Frame_Shift_Del"]})
    >>> samples = pl.DataFrame({"sample_id": ["a", "b"], "sequenced": [True, True]})
    >>> status = gene_status(mutations, samples, ["B2M", "JAK1"], panel=["B2M"])
    >>> status.table["B2M"].to_list(), status.table["JAK1"].to_list()
    ([True, False], [None, None])
    """
    import polars as pl

    if "gene" not in mutations.columns:
        raise MissingData("The table of mutations has no column 'gene'.", remedy="Name it in study.toml.")
    what = rule(counted)
    wanted = tuple(dict.fromkeys(genes))
    found = somatic(mutations)
    who = assayed(found.table["sample_id"].cast(pl.String).unique(), samples, timepoint=timepoint)
    hits = found.having(*what.classes).select(pl.col("sample_id").cast(pl.String), "gene").unique()
    covered = set(wanted) if panel is None else set(panel)
    table = who.table
    for gene in wanted:
        carriers = hits.filter(pl.col("gene") == gene)["sample_id"].to_list()
        status = (
            pl.col("sample_id").is_in(carriers) if gene in covered or carriers else pl.lit(None, pl.Boolean)
        )
        table = table.with_columns(pl.when(pl.col("assayed")).then(status).alias(gene))
    checks = [*found.checks, *who.checks, Check("counted", "pass", f"Counted: {what.title}.")]
    off = [gene for gene in wanted if gene not in covered]
    if off:
        checks.append(Check("genes_off_panel", "pass", f"Not on the panel, so unknown: {', '.join(off)}."))
    if panel is None:
        seen = set(mutations["gene"].drop_nulls())
        never = [gene for gene in wanted if gene not in seen]
        if never:
            named = ", ".join(never[:EXCERPT]) + (" ..." if len(never) > EXCERPT else "")
            message = f"{len(never)} genes have no row in any sample ({named}): wild type if covered, unknown if not."
            checks.append(
                Check("panel_unknown", "warn", message, remedy="Name the genes that the assay covers.")
            )
    return GeneStatus(table.drop("assayed"), tuple(checks))
