"""What has been published of irAEs: onset, fatality, incidence, signals. To be compared with, not to be used."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.irae.terms import resource
from coley.model.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

# Each table with its columns of numbers; every other column is text. `regimen` is a class of regimens as
# `biology.drugs.regimens` names it, or ingredients joined by ";", or "monotherapy", "combination", "placebo".
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "onset": ("median_days", "low", "high"),
        "fatality": ("value", "low", "high", "n", "percent"),
        "incidence": ("percent", "low", "high", "patients", "n"),
        "signals": ("n", "prr", "prr_low", "prr_high", "chi2", "ror", "ror_low", "ror_high"),
        "death_outcomes": ("percent",),
    }
)


def published(table: str) -> pl.DataFrame:
    """Return a table of published figures, each row with its source; null where nothing is printed.

    Parameters
    ----------
    table
        "onset" (days to irAEs), "fatality" (deaths by irAE in VigiBase and in trials), "incidence" (percent of
        patients in trials), "signals" (PRR and ROR in FAERS) or "death_outcomes" (percent of fatal reports
        of a regimen that name an organ class, FAERS).

    Raises
    ------
    UnknownName
        For any other table.

    Notes
    -----
    Incidence comes from trials and is never comparable with counts of reports; a fatality among reports is
    the share of reports that are fatal, not of patients. Figures whose paper or regimen could not be named
    were left out.

    Examples
    --------
    >>> import polars as pl
    >>> fatal = published("fatality")
    >>> fatal.filter((pl.col("irae") == "colitis") & (pl.col("regimen") == "ctla4"))["value"].to_list()
    [135.0]
    """
    import polars as pl

    if table not in TABLES:
        raise UnknownName("table of published figures", table, TABLES)
    frame = pl.DataFrame(list(resource(f"{table}.csv")))
    numbers = TABLES[table]
    empty_is_null = [pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in frame.columns]
    return frame.with_columns(empty_is_null).with_columns(pl.col(numbers).cast(pl.Float64))
