"""Clonal and subclonal burden: from cancer cell fractions, or from allele fractions and purity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.burden.poisson import GARWOOD, garwood
from coley.biology.burden.tmb import sizes
from coley.model.answer import Check
from coley.model.errors import InvalidSetting, MissingData
from coley.model.method import method
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

MCGRANAHAN = (
    "McGranahan N et al. Clonal neoantigens elicit T cell immunoreactivity and sensitivity to immune checkpoint "
    "blockade. Science 2016;351:1463-1469."
)
RIAZ = "Riaz N et al. Tumor and microenvironment evolution during immunotherapy with nivolumab. Cell 2017;171:934-949."
# The published classes of Riaz 2017 split at this fraction: the least clonal one is 0.952, the largest subclonal 0.946.
CLONAL_CCF = 0.95


@dataclass(frozen=True, eq=False)
class Clonality:
    """Clonal and subclonal mutations of each sample.

    Attributes
    ----------
    table
        sample_id, clonal, subclonal (counts of mutations), clonal_share and, where megabases were
        given, clonal_per_mb and subclonal_per_mb with _low and _high; sorted by sample_id.
    checks
        By what rule a mutation is clonal, and what could not be classified.
    """

    table: pl.DataFrame
    checks: tuple[Check, ...]


@method(
    "clonal_burden",
    title="Clonal and subclonal mutational burden",
    summary="Counts mutations that every cancer cell carries apart from those that a part of them carries.",
    needs="cancer cell fractions, or allele fractions with purity",
    limits="The fraction rests on purity and copy number; low depth makes subclonal mutations look clonal and hides "
    "others. From allele fractions, two copies and one mutated copy are assumed.",
    references=(MCGRANAHAN, RIAZ, GARWOOD),
)
def clonal_burden(
    clones: pl.DataFrame,
    *,
    threshold: float = CLONAL_CCF,
    megabases: float | Mapping[str, float] | None = None,
    level: float = 0.95,
) -> Clonality:
    """Count clonal and subclonal mutations of each sample.

    Parameters
    ----------
    clones
        sample_id, mutation, ccf (fraction of cancer cells) and, where known, ccf_high (upper limit of
        its interval). Every row counts once per sample and mutation, whatever its class.
    threshold
        A mutation is clonal where the upper limit, or the fraction itself where no limit is given,
        reaches this.
    megabases
        As for `tmb`; None gives counts alone.
    level
        Coverage of the intervals per megabase.

    Raises
    ------
    MissingData
        Where the table lacks a column.
    InvalidSetting
        Where the threshold is not between 0 and 1.

    Examples
    --------
    >>> import polars as pl
    >>> clones = pl.DataFrame({"sample_id": ["a"] * 3, "mutation": ["x", "y", "z"], "ccf": [1.0, 0.97, 0.4]})
    >>> clonal_burden(clones).table.select("clonal", "subclonal").row(0)
    (2, 1)
    """
    import polars as pl

    if not 0 < threshold <= 1:
        raise InvalidSetting(f"A cancer cell fraction that is clonal lies in (0, 1], not at {threshold!r}.")
    for name in ("sample_id", "mutation", "ccf"):
        if name not in clones.columns:
            raise MissingData(
                f"Clonal burden needs the column {name!r} of the table of clones.",
                remedy="Supply clones with ccf, or allele fractions and purity (`fractions`).",
            )
    ccf = pl.col("ccf").cast(pl.Float64).fill_nan(None)
    with_limit = "ccf_high" in clones.columns
    upper = pl.coalesce(pl.col("ccf_high").cast(pl.Float64).fill_nan(None), ccf) if with_limit else ccf
    once = clones.with_columns(upper.alias("_upper")).unique(["sample_id", "mutation"], maintain_order=True)
    clonal = pl.col("_upper") >= threshold
    table = (
        once.group_by("sample_id")
        .agg(
            clonal.sum().cast(pl.Int64).alias("clonal"),
            (~clonal).sum().cast(pl.Int64).alias("subclonal"),
            pl.col("_upper").null_count().cast(pl.Int64).alias("_unknown"),
        )
        .sort("sample_id")
    )
    total = pl.col("clonal") + pl.col("subclonal")
    known = total > 0  # a sample none of whose mutations has a fraction was not classified: null, not zero
    table = table.with_columns(pl.when(known).then(pl.col("clonal", "subclonal")))
    table = table.with_columns((pl.col("clonal") / total).alias("clonal_share"))
    by = "the upper limit of its cancer cell fraction" if with_limit else "its cancer cell fraction"
    checks = [Check("clonal_rule", "pass", f"A mutation is clonal where {by} reaches {threshold:g}.")]
    unknown = int(table["_unknown"].sum())
    if unknown:
        message = (
            f"{unknown} mutations have no cancer cell fraction and count neither as clonal nor as subclonal."
        )
        checks.append(Check("clonality_unknown", "warn", message))
    if megabases is not None:
        size = sizes(table["sample_id"].to_list(), megabases)
        for name in ("clonal", "subclonal"):
            k = table[name].cast(pl.Float64).to_numpy()
            rate = garwood(
                np.where(np.isfinite(size), k, np.nan), np.where(np.isfinite(size), size, 1.0), level=level
            )
            ends = (("per_mb", rate.value), ("low", rate.low), ("high", rate.high))
            table = table.with_columns(
                pl.Series(f"{name}_{end}", values, dtype=pl.Float64).fill_nan(None) for end, values in ends
            )
    return Clonality(table.drop("_unknown"), tuple(checks))


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
