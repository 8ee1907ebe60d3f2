"""Clonal and subclonal burden: from cancer cell fractions, or from allele fractions and purity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.burden.assayed import PRE, assayed
from coley.biology.burden.classes import rule
from coley.biology.burden.poisson import GARWOOD, garwood
from coley.biology.burden.somatic import somatic
from coley.biology.burden.tmb import sizes
from coley.model.answer import Check
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput
from coley.model.method import method

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
# How tables of clones name a mutation, by columns of the table of mutations.
NAMES = (
    ("mutation",),
    ("gene", "protein_change"),
    ("chromosome", "position", "reference", "alternate"),
    ("sample_id", "chromosome", "position", "reference", "alternate"),
)


@dataclass(frozen=True, eq=False)
class Clonality:
    """Clonal and subclonal mutations of each sample.

    Attributes
    ----------
    table
        sample_id, patient_id, clonal, subclonal (counts of mutations), clonal_share and, where megabases were
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
    samples: pl.DataFrame | None = None,
    *,
    mutations: pl.DataFrame | None = None,
    counted: str = "nonsynonymous",
    threshold: float = CLONAL_CCF,
    megabases: float | Mapping[str, float] | None = None,
    timepoint: str | None = PRE,
    level: float = 0.95,
) -> Clonality:
    """Count clonal and subclonal mutations of each sample.

    Parameters
    ----------
    clones
        sample_id, mutation, ccf (fraction of cancer cells) and, where known, ccf_high (upper limit of
        its interval). A mutation counts once a sample.
    samples, timepoint
        As for `tmb`. A sample without clones has no value: it is not known to have none.
    mutations, counted
        The table of mutations and the rule by which they count. Without the table every mutation of
        `clones` counts, whatever its class. The two are joined by `mutation`, or by names made of gene
        and protein change or of position and alleles.
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
    UnreadableInput
        Where no name of a mutation stands in both tables.
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
    kept, checks = _counted(clones, mutations, counted)
    who = assayed(clones["sample_id"].cast(pl.String).unique(), samples, timepoint=timepoint)
    ccf = pl.col("ccf").cast(pl.Float64).fill_nan(None)
    with_limit = "ccf_high" in clones.columns
    upper = pl.coalesce(pl.col("ccf_high").cast(pl.Float64).fill_nan(None), ccf) if with_limit else ccf
    once = kept.with_columns(upper.alias("_upper")).unique(["sample_id", "mutation"], maintain_order=True)
    clonal = pl.col("_upper") >= threshold
    counts = once.group_by(pl.col("sample_id").cast(pl.String)).agg(
        clonal.sum().cast(pl.Int64).alias("clonal"),
        (~clonal).sum().cast(pl.Int64).alias("subclonal"),
        pl.col("_upper").null_count().cast(pl.Int64).alias("_unknown"),
    )
    table = who.table.drop("assayed").join(counts, on="sample_id", how="left")
    # A sample whose clones hold none that counts has none; one without any fraction was not classified.
    described = clones.filter(ccf.is_not_null())["sample_id"].cast(pl.String).unique().to_list()
    known = pl.col("sample_id").is_in(described)
    total = pl.col("clonal") + pl.col("subclonal")
    table = table.with_columns(pl.when(known).then(pl.col("clonal", "subclonal").fill_null(0)))
    share = pl.when(total > 0).then(pl.col("clonal") / total)
    table = table.with_columns(share.alias("clonal_share"))
    by = "the upper limit of its cancer cell fraction" if with_limit else "its cancer cell fraction"
    checks = [*who.checks, *checks]
    checks.append(Check("clonal_rule", "pass", f"A mutation is clonal where {by} reaches {threshold:g}."))
    unknown = int(table["_unknown"].fill_null(0).sum())
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


def _counted(
    clones: pl.DataFrame, mutations: pl.DataFrame | None, counted: str
) -> tuple[pl.DataFrame, list[Check]]:
    """Keep the clones whose mutation counts by the rule, joined by sample and the name that fits most of them."""
    import polars as pl

    if mutations is None:
        message = "Every mutation of the table of clones counts, whatever its class."
        return clones, [Check("counted", "pass", message)]
    what = rule(counted)
    found = somatic(mutations)
    clones = clones.with_columns(_plain(pl.col("mutation")).alias("_name"))
    best, most = None, 0
    for columns in NAMES:
        if not set(columns) <= set(found.table.columns):
            continue
        name = _plain(
            pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in columns], separator=" ")
        )
        names = found.table.select(
            pl.col("sample_id").cast(clones["sample_id"].dtype), name.alias("_name"), "class"
        )
        fits = clones.join(names, on=["sample_id", "_name"], how="semi").height
        if fits > most:
            best, most = names, fits
    if best is None:
        raise UnreadableInput(
            "No mutation of the table of clones is in the table of mutations.",
            where=f"clones: {clones['mutation'][0]}" if clones.height else "no clones",
            cause="Names that are made in another way, or ids of samples written in two ways.",
            remedy="Name mutations alike in both tables (column mutation), or count every clone.",
        )
    checks = [*found.checks, Check("counted", "pass", f"Counted: {what.title}.")]
    if most < clones.height:
        message = f"{clones.height - most} of {clones.height} clones have no row among the mutations and do not count."
        checks.append(Check("clones_unmatched", "warn", message))
    counts = best.filter(pl.col("class").is_in(list(what.classes)))
    return clones.join(counts, on=["sample_id", "_name"], how="semi").drop("_name"), checks


def _plain(name: pl.Expr) -> pl.Expr:
    import polars as pl

    return name.cast(pl.String).str.to_lowercase().str.replace_all(r"[^a-z0-9*=>]", "")
