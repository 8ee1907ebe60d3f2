"""Cancer cell fractions from allele fractions and purity, where no caller of clones was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting, MissingData
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    import polars as pl


def fractions(mutations: pl.DataFrame, samples: pl.DataFrame, *, level: float = 0.95) -> pl.DataFrame:
    """Estimate cancer cell fractions from allele fractions and purity, for tumours without copy-number calls.

    The fraction is 2 x VAF / purity, at most 1: two copies of the locus in every cell, one of them
    mutated. Loci that gained or lost copies are wrong by that factor, so that calls that know the copy
    number are better.

    Parameters
    ----------
    mutations
        sample_id, vaf and, for an interval, alt_reads with ref_reads; `mutation` names each, or gene and
        protein_change do.
    samples
        sample_id and purity (fraction of tumour cells, above 0 and at most 1).
    level
        Coverage of the interval (Wilson, of the reads alone).

    Returns
    -------
    pl.DataFrame
        sample_id, mutation, ccf, ccf_low, ccf_high: a table of clones. Null where purity or VAF is missing.

    Raises
    ------
    MissingData
        Where there is no allele fraction or no purity.
    InvalidSetting
        Where a purity is not above 0 and at most 1.

    Examples
    --------
    >>> import polars as pl
    >>> mutations = pl.DataFrame({"sample_id": ["a"], "mutation": ["x"], "vaf": [0.3]})
    >>> fractions(mutations, pl.DataFrame({"sample_id": ["a"], "purity": [0.8]}))["ccf"].to_list()
    [0.75]
    """
    import polars as pl

    if "vaf" not in mutations.columns or "purity" not in samples.columns:
        lacking = "mutations.vaf" if "vaf" not in mutations.columns else "samples.purity"
        raise MissingData(
            f"Cancer cell fractions need {lacking}.",
            remedy="Supply it, or a table of clones with ccf; without either, clonal burden cannot be told.",
        )
    wrong = samples.filter((pl.col("purity") <= 0) | (pl.col("purity") > 1))
    if wrong.height:
        raise InvalidSetting(
            "Purity is a fraction above 0 and at most 1.",
            where=f"{wrong.height} samples, as {wrong['sample_id'][0]}: {wrong['purity'][0]}",
            cause="Percent instead of a fraction.",
        )
    if "mutation" not in mutations.columns:
        place = ["chromosome", "position", "reference", "alternate"]
        named = place if set(place) <= set(mutations.columns) else ["gene", "protein_change"]
        parts = [pl.col(name).cast(pl.String).fill_null("") for name in named]
        mutations = mutations.with_columns(pl.concat_str(parts, separator=" ").alias("mutation"))
    table = mutations.join(samples.select("sample_id", "purity"), on="sample_id", how="left")
    per_vaf = 2 / pl.col("purity")
    made = [(pl.col("vaf") * per_vaf).clip(upper_bound=1.0).alias("ccf")]
    if {"alt_reads", "ref_reads"} <= set(table.columns):
        alt, ref = (
            table[name].cast(pl.Float64).fill_null(0).to_numpy() for name in ("alt_reads", "ref_reads")
        )
        limits = wilson(alt, alt + ref, level=level)
        table = table.with_columns(
            pl.Series("_low", limits.low).fill_nan(None), pl.Series("_high", limits.high).fill_nan(None)
        )
        made += [
            (pl.col("_low") * per_vaf).clip(upper_bound=1.0).alias("ccf_low"),
            (pl.col("_high") * per_vaf).clip(upper_bound=1.0).alias("ccf_high"),
        ]
    return table.select("sample_id", "mutation", *made)
