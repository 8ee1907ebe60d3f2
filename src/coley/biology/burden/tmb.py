"""Tumour mutational burden: distinct mutations of stated classes per assayed megabase, with a Poisson interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.burden.assayed import PRE, assayed
from coley.biology.burden.classes import Rule, rule
from coley.biology.burden.poisson import GARWOOD, garwood
from coley.biology.burden.somatic import somatic
from coley.model.answer import Check
from coley.model.errors import InvalidSetting, MissingData, NotEstimable
from coley.model.method import method

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.biology.burden.somatic import Somatic

VEGA = (
    "Vega DM et al. Aligning tumor mutational burden (TMB) quantification across diagnostic platforms: phase II of "
    "the Friends of Cancer Research TMB Harmonization Project. Ann Oncol 2021;32:1626-1636."
)
MERINO = (
    "Merino DM et al. Establishing guidelines to harmonize tumor mutational burden (TMB): phase I of the Friends of "
    "Cancer Research TMB Harmonization Project. J Immunother Cancer 2020;8:e000147."
)
SMALL_PANEL = 0.667  # Mb; Vega 2021: panels must be larger to call TMB high and low reliably
# About a fifth of coding mutations are synonymous; among 30 rows, none is seen by chance once in 800 times.
ENOUGH_FOR_SYNONYMOUS = 30
REMEDY = (
    "State what the assay covers: panel_megabases in study.toml, from the panel's description "
    "(coding megabases that were called; about 30 for an exome). It is in no mutation table, and is never guessed."
)


@dataclass(frozen=True, eq=False)
class Burden:
    """Burden of each sample.

    Attributes
    ----------
    table
        sample_id, patient_id, assayed, mutations (count), megabases, per_mb, low, high; zero for a
        sample that was sequenced and has no mutation, null for one that was not, sorted by sample_id.
    rule
        What was counted.
    level
        Coverage of the intervals.
    checks
        What was left out, assumed or cannot be told.
    """

    table: pl.DataFrame
    rule: Rule
    level: float
    checks: tuple[Check, ...]


@method(
    "tmb",
    title="Tumour mutational burden",
    summary="Distinct somatic mutations of stated classes per assayed megabase, with an exact Poisson interval.",
    needs="a table of mutations, the megabases assayed, and which samples were sequenced",
    limits="Depends on panel, caller, purity and what is counted; cut-points of one assay are not those of another. "
    "The interval holds counting error alone and is wide for small panels.",
    references=(GARWOOD, VEGA, MERINO),
)
def tmb(
    mutations: pl.DataFrame,
    samples: pl.DataFrame | None = None,
    *,
    megabases: float | Mapping[str, float] | None,
    counted: str = "nonsynonymous",
    timepoint: str | None = PRE,
    level: float = 0.95,
) -> Burden:
    """Return the mutational burden of each sample.

    Parameters
    ----------
    mutations, samples
        Tables of the data dictionary; without `samples`, a sample without a mutation is not known.
    megabases
        Megabases assayed, of all samples or by sample_id.
    counted
        A counting rule: "nonsynonymous", "coding" (with synonymous ones), "missense", "truncating",
        "indel", "frameshift", "every".
    timepoint
        Samples of another known time are left out; None keeps all.
    level
        Coverage of the intervals.

    Raises
    ------
    MissingData
        Where nobody says how many megabases were assayed.
    NotEstimable
        Where synonymous mutations are to be counted and the file holds none.
    InvalidSetting
        For megabases that are not positive.
    UnknownName
        For an unknown counting rule.

    Examples
    --------
    >>> import polars as pl
    >>> mutations = pl.DataFrame({"sample_id": ["a"] * 3, "gene": ["TP53", "KRAS", "TTN"],
    ...     "protein_change": ["p.R175H", "p.G12D", "p.L5="],
    ...     "classification": ["Missense_Mutation", "Missense_Mutation", "Silent"]})
    >>> samples = pl.DataFrame({"sample_id": ["a", "b", "c"], "sequenced": [True, True, False]})
    >>> burden = tmb(mutations, samples, megabases=1.1)
    >>> burden.table["per_mb"].round(2).to_list()
    [1.82, 0.0, None]
    """
    import polars as pl

    what = rule(counted)
    found = somatic(mutations)
    who = assayed(found.table["sample_id"].cast(pl.String).unique(), samples, timepoint=timepoint)
    checks = (*found.checks, *who.checks, *_countable(found, what))
    count = found.having(*what.classes).group_by("sample_id").agg(pl.len().alias("mutations"))
    count = count.with_columns(pl.col("sample_id").cast(pl.String), pl.col("mutations").cast(pl.Int64))
    table = who.table.join(count, on="sample_id", how="left")
    sequenced = pl.col("assayed").fill_null(value=False)
    table = table.with_columns(pl.when(sequenced).then(pl.col("mutations").fill_null(0)).alias("mutations"))
    size = sizes(table["sample_id"].to_list(), megabases)
    k = table["mutations"].cast(pl.Float64).to_numpy()
    without_size = np.isfinite(k) & ~np.isfinite(size)
    if without_size.any():
        raise MissingData(
            f"{without_size.sum()} sequenced samples have no assayed megabases.",
            where=", ".join(table["sample_id"].to_numpy()[without_size][:3].astype(str)),
            remedy=REMEDY,
        )
    rate = garwood(k, np.where(np.isfinite(size), size, 1.0), level=level) if table.height else None
    columns = {"per_mb": rate.value, "low": rate.low, "high": rate.high} if rate else {}
    table = table.with_columns(
        pl.Series("megabases", size, dtype=pl.Float64).fill_nan(None),
        *(pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()),
    )
    return Burden(table, what, level, (*checks, *_width(size[np.isfinite(size)], level)))


def _countable(found: Somatic, what: Rule) -> tuple[Check, ...]:
    """Refuse to count what the file cannot hold, and say what is counted."""
    import polars as pl

    rows = found.table.filter(pl.col("class") != "unknown").height
    said = Check("counted", "pass", f"Counted: {what.title} ({', '.join(what.classes)}).")
    if "synonymous" not in what.classes or what.name == "every" or found.having("synonymous").height:
        return (said,)
    if rows >= ENOUGH_FOR_SYNONYMOUS:
        raise NotEstimable(
            f"A burden that counts synonymous mutations cannot be had from this file: none of its {rows} mutations is "
            "synonymous.",
            cause="They were removed before (cBioPortal, among others, drops them).",
            remedy="Count nonsynonymous mutations, or supply the file as it was called.",
        )
    message = f"None of {rows} mutations is synonymous; whether they were removed before cannot be told."
    return (said, Check("synonymous_absent", "warn", message))


def sizes(ids: list[str], megabases: float | Mapping[str, float] | None) -> NDArray[np.float64]:
    """Return the assayed megabases of each sample; NaN where a mapping does not name it.

    Raises
    ------
    MissingData
        Where nobody says them.
    InvalidSetting
        Where they are not positive.
    """
    if megabases is None:
        raise MissingData("TMB needs the megabases that were assayed, and nobody says them.", remedy=REMEDY)
    size = (
        np.array([megabases.get(name, np.nan) for name in ids], dtype=float)
        if isinstance(megabases, Mapping)
        else np.full(len(ids), float(megabases))
    )
    if (size <= 0).any() or (not isinstance(megabases, Mapping) and not np.isfinite(megabases)):
        raise InvalidSetting(f"Assayed megabases must be positive, not {megabases!r}.", remedy=REMEDY)
    return size


def _width(size: NDArray[np.float64], level: float) -> tuple[Check, ...]:
    """Say how wide the interval of 10/Mb is on the smallest panel, and that small panels do not tell high from low."""
    if not len(size):
        return ()
    least = float(size.min())
    at_ten = garwood(10 * least, least, level=level)[0]
    message = (
        f"On {least:.3g} Mb, a TMB of 10 per Mb has a {level:.0%} interval of {at_ten.low:.1f} to {at_ten.high:.1f} "
        "from counting error alone."
    )
    if least > SMALL_PANEL:
        return (Check("counting_error", "pass", message),)
    return (
        Check(
            "small_panel",
            "warn",
            f"{message} Panels of up to {SMALL_PANEL:g} Mb do not tell high from low TMB reliably (Vega 2021).",
            remedy="Read the interval, not the value.",
        ),
    )
