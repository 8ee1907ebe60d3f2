"""The table of features that was given beside the predictions, joined by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import normalise
from coley.read.doctor.rows import data_columns
from coley.read.linter.case import AT, LABEL, id_column, plain

if TYPE_CHECKING:
    import polars as pl

    from coley.read.linter.case import Case


def features_at(case: Case) -> pl.DataFrame:
    """Return the features of the patients that the truth knows, with "_at"; empty where there are none."""
    import polars as pl

    frame = case.features
    key = None if frame is None else id_column(frame)
    if frame is None or key is None:
        return pl.DataFrame({AT: pl.Series([], dtype=pl.Int64)})
    keyed = case.patients.select(plain(pl.col("patient_id")).alias("_id")).with_row_index(AT)
    keyed = keyed.filter(pl.col("_id").is_unique()).with_columns(pl.col(AT).cast(pl.Int64))
    named = frame.with_columns(plain(pl.col(key)).alias("_id")).drop(key)
    named = named.filter(pl.col("_id").is_first_distinct())
    return named.join(keyed, on="_id", maintain_order="left").drop("_id")


def named_features(case: Case, frame: pl.DataFrame) -> list[str]:
    """Return the features of the protocol that are columns of the frame."""
    by_name = {normalise(c): c for c in data_columns(frame) if c not in (AT, LABEL)}
    return [by_name[n] for f in case.protocol.features if (n := normalise(f)) in by_name]


def numbers_of(frame: pl.DataFrame) -> list[str]:
    """Return the features that hold numbers; there may be 20,000 of them."""
    return [name for name, kind in frame.schema.items() if kind.is_numeric() and name not in (AT, LABEL)]
