"""Rows of a table of mutations to distinct somatic mutations, each with its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.biology.burden.classes import CLASSES, RANK, UNKNOWN, variant_class
from coley.model.answer import Check
from coley.model.errors import MissingData, UnreadableInput

if TYPE_CHECKING:
    import polars as pl

# Values of MAF Mutation_Status that are no somatic mutation (cBioPortal file formats; GDC MAF format).
NOT_SOMATIC = ("germline", "loh", "none", "wildtype", "post-transcriptional modification")
EXCERPT = 5  # values named in a message


@dataclass(frozen=True, eq=False)
class Somatic:
    """Distinct somatic mutations.

    Attributes
    ----------
    table
        The table of mutations, one row per mutation of a sample, with the further column `class`.
    checks
        What was left out, and what could not be told.
    """

    table: pl.DataFrame
    checks: tuple[Check, ...]

    def having(self, *classes: str) -> pl.DataFrame:
        """Return the mutations of the named classes."""
        import polars as pl

        return self.table.filter(pl.col("class").is_in(list(classes)))


def somatic(mutations: pl.DataFrame) -> Somatic:
    """Return each somatic mutation of each sample once, with its class.

    Rows that say germline, LOH or wild type are left out. Rows of one sample at one position with the
    same alleles are one mutation, whoever called it and however it was annotated; the class that is
    worst for the protein stands. Callers that place one indel at two positions cannot be told from two
    indels, and neighbouring substitutions called apart count apart.

    Parameters
    ----------
    mutations
        The table `mutations` of the data dictionary.

    Raises
    ------
    MissingData
        Where there is no column `sample_id`.
    UnreadableInput
        Where no classification is known to any vocabulary.

    Examples
    --------
    >>> import polars as pl
    >>> rows = {"sample_id": ["a", "a"], "gene": ["TP53"] * 2, "chromosome": ["17", "chr17"],
    ...         "position": [7578406] * 2, "reference": ["C"] * 2, "alternate": ["T"] * 2,
    ...         "classification": ["Missense_Mutation", "missense_variant"]}
    >>> somatic(pl.DataFrame(rows)).table["class"].to_list()
    ['missense']
    """
    import polars as pl

    if "sample_id" not in mutations.columns:
        raise MissingData(
            "The table of mutations has no column 'sample_id'.", remedy="Name it in study.toml."
        )
    table = mutations.filter(pl.col("sample_id").is_not_null())
    checks: list[Check] = []
    table, checks = _without_germline(table, checks)
    table, checks = _with_class(table, checks)
    table, checks = _distinct(table, checks)
    return Somatic(table, tuple(checks))


def _without_germline(table: pl.DataFrame, checks: list[Check]) -> tuple[pl.DataFrame, list[Check]]:
    import polars as pl

    if "mutation_status" not in table.columns:
        return table, checks
    status = pl.col("mutation_status").cast(pl.String).str.strip_chars().str.to_lowercase()
    kept = table.filter(~status.is_in(list(NOT_SOMATIC)).fill_null(value=False))
    lost = table.height - kept.height
    if lost:
        message = f"{lost} rows are germline variants, LOH or wild type and are not counted."
        checks = [*checks, Check("germline_left_out", "pass", message)]
    return kept, checks


def _with_class(table: pl.DataFrame, checks: list[Check]) -> tuple[pl.DataFrame, list[Check]]:
    import polars as pl

    if "classification" not in table.columns:
        message = "The table of mutations has no classification: nothing can be counted by its class."
        check = Check(
            "classification_absent", "warn", message, remedy="Map the column of effects in study.toml."
        )
        return table.with_columns(pl.lit(UNKNOWN).alias("class")), [*checks, check]
    texts = table["classification"].cast(pl.String)
    seen = texts.unique().to_list()
    of = {text: variant_class(text) for text in seen if text is not None}
    strange = sorted(text for text, name in of.items() if name == UNKNOWN)
    if of and len(strange) == len(of):
        raise UnreadableInput(
            "None of the classifications of the mutations is known.",
            where=f"column classification: {', '.join(strange[:EXCERPT])}",
            cause="Words of another vocabulary than MAF, Sequence Ontology (VEP, SnpEff) or ANNOVAR.",
            remedy="Translate them to MAF Variant_Classification, or map the right column in study.toml.",
        )
    classes = texts.replace_strict(of, default=UNKNOWN, return_dtype=pl.String)
    lost = int((classes == UNKNOWN).sum())
    if lost:
        named = f" ({', '.join(strange[:EXCERPT])})" if strange else ""
        message = f"{lost} of {table.height} mutations have no classification that is known{named}; they do not count."
        checks = [*checks, Check("classification_unknown", "warn", message)]
    return table.with_columns(classes.alias("class")), checks


def _distinct(table: pl.DataFrame, checks: list[Check]) -> tuple[pl.DataFrame, list[Check]]:
    """Keep one row a mutation: same sample, position and alleles, or protein change where there is no position."""
    import polars as pl

    if {"chromosome", "position"} <= set(table.columns):
        chromosome = pl.col("chromosome").cast(pl.String).str.to_uppercase().str.strip_prefix("CHR")
        alleles = [
            pl.col(name).cast(pl.String).str.to_uppercase()
            for name in ("reference", "alternate")
            if name in table.columns
        ]
        # Without the alternate allele, two changes at one position differ in their protein change at most.
        told = ["protein_change"] if "alternate" not in table.columns else []
        key = [chromosome, pl.col("position"), *alleles, *(pl.col(n) for n in told if n in table.columns)]
        known = pl.col("chromosome").is_not_null() & pl.col("position").is_not_null()
    elif {"gene", "protein_change"} <= set(table.columns):
        key = [pl.col("gene"), pl.col("protein_change")]
        known = pl.col("gene").is_not_null() & pl.col("protein_change").is_not_null()
    else:
        message = "Mutations have neither positions nor protein changes: rows that repeat a mutation would count twice."
        return table, [*checks, Check("repeats_unknown", "warn", message)]
    rank = pl.col("class").replace_strict(RANK, default=len(CLASSES), return_dtype=pl.Int32)
    # Rows whose place is missing stand alone: their row number is part of the key.
    alone = pl.when(known).then(None).otherwise(pl.int_range(pl.len()))
    keyed = table.with_columns(
        pl.struct("sample_id", *key, alone.alias("_row")).alias("_key"), rank.alias("_rank")
    )
    kept = keyed.sort("_rank", maintain_order=True).unique("_key", keep="first", maintain_order=True)
    lost = table.height - kept.height
    if lost:
        message = (
            f"{lost} rows repeat a mutation of their sample (several callers or transcripts) and count once."
        )
        checks = [*checks, Check("repeated_mutations", "pass", message)]
    return kept.drop("_key", "_rank"), checks
