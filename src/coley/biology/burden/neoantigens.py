"""Neoantigens: counted from a table of predicted peptides, not predicted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.biology.burden.assayed import PRE, assayed
from coley.model.answer import Check
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    import polars as pl

# What is counted once: published counts mean one of these (Riaz 2017 table S2 holds pairs and genes apart).
UNITS = {
    "pairs": ("peptide", "allele"),
    "peptides": ("peptide",),
    "genes": ("gene",),
    "mutations": ("mutation",),
    "rows": (),
}


@dataclass(frozen=True, eq=False)
class Neoantigens:
    """Neoantigens of each sample: sample_id, patient_id, neoantigens (null where not assayed); and what was counted."""

    table: pl.DataFrame
    checks: tuple[Check, ...]


def neoantigens(
    peptides: pl.DataFrame,
    samples: pl.DataFrame | None = None,
    *,
    unit: str = "pairs",
    max_ic50_nm: float | None = None,
    timepoint: str | None = PRE,
) -> Neoantigens:
    """Count predicted neoantigens of each sample.

    Parameters
    ----------
    peptides
        sample_id and, as the unit needs them, peptide, allele, gene, mutation; ic50_nm for a cut.
    samples
        The table `samples`; without it, a sample without a neoantigen is not known.
    unit
        What counts once: "pairs" of peptide and HLA allele, "peptides", "genes", "mutations" or "rows".
    max_ic50_nm
        Predicted affinity up to which a peptide counts, in nM; None counts what the table holds.
    timepoint
        As for `tmb`.

    Raises
    ------
    MissingData
        Where a column that is needed is absent.
    InvalidSetting
        For an unknown unit.

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.DataFrame({"sample_id": ["a", "a"], "peptide": ["KLNEPVLLL"] * 2, "allele": ["A0201", "A0203"]})
    >>> neoantigens(table).table["neoantigens"].to_list()
    [2]
    >>> neoantigens(table, unit="peptides").table["neoantigens"].to_list()
    [1]
    """
    import polars as pl

    if unit not in UNITS:
        raise InvalidSetting(
            f"Neoantigens cannot be counted by {unit!r}.", remedy=f"One of: {', '.join(UNITS)}."
        )
    needed = ("sample_id", *UNITS[unit], *(("ic50_nm",) if max_ic50_nm is not None else ()))
    for name in needed:
        if name not in peptides.columns:
            raise MissingData(
                f"Counting neoantigens by {unit} needs the column {name!r}.",
                where=f"columns present: {', '.join(peptides.columns)}",
                remedy="Map it in study.toml, or count by another unit.",
            )
    who = assayed(peptides["sample_id"].cast(pl.String).unique(), samples, timepoint=timepoint)
    kept = peptides if max_ic50_nm is None else peptides.filter(pl.col("ic50_nm") <= max_ic50_nm)
    kept = kept.unique(["sample_id", *UNITS[unit]]) if UNITS[unit] else kept
    count = kept.group_by(pl.col("sample_id").cast(pl.String)).agg(
        pl.len().cast(pl.Int64).alias("neoantigens")
    )
    table = who.table.join(count, on="sample_id", how="left").with_columns(
        pl.when(pl.col("assayed").fill_null(value=False))
        .then(pl.col("neoantigens").fill_null(0))
        .alias("neoantigens")
    )
    cut = "" if max_ic50_nm is None else f" with a predicted affinity of at most {max_ic50_nm:g} nM"
    said = Check("counted", "pass", f"Counted: {unit}{cut}, as predicted by the table's own method.")
    return Neoantigens(table.drop("assayed"), (*who.checks, said))
