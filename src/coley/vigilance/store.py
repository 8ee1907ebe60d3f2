"""A store of reports on disk, and relations from frames: two ways to the same `RawReports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from coley.model.errors import UnreadableInput
from coley.vigilance.engine import is_spark, read_relation
from coley.vigilance.relations import RawReports
from coley.vigilance.schema import RAW, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl
    import pyarrow as pa
    from ibis.backends import BaseBackend


def open_store(folder: Path, con: BaseBackend) -> RawReports:
    """Return the relations of a store that `vigilance.reading` wrote.

    Raises
    ------
    UnreadableInput
        Where a relation is missing.
    """
    return RawReports(**{name: read_relation(con, folder / name, relation) for name, relation in RAW.items()})


def from_frames(frames: Mapping[str, pl.DataFrame], con: BaseBackend) -> RawReports:
    """Return the relations of frames in memory; a relation or column that is absent is empty.

    Parameters
    ----------
    frames
        Name of a relation of `schema.RAW` to its frame; `reports`, `drugs` and `reactions` at least.
    con
        The engine.

    Raises
    ------
    UnreadableInput
        Where a relation without which nothing can be counted is missing.
    """
    import ibis

    missing = [name for name in ("reports", "drugs", "reactions") if name not in frames]
    if missing:
        raise UnreadableInput(
            f"Reports cannot be counted without: {', '.join(missing)}.",
            where=f"relations given: {', '.join(sorted(frames)) or 'none'}",
            remedy="Give reports, drugs and reactions, each with report_id.",
        )
    tables = {name: as_arrow(frames.get(name), relation) for name, relation in RAW.items()}
    if is_spark(con):
        return RawReports(**{name: ibis.memtable(table) for name, table in tables.items()})
    token = uuid4().hex[:12]  # names of their own each time: engines remember what they computed from a name
    return RawReports(
        **{name: con.create_table(f"raw_{name}_{token}", table) for name, table in tables.items()}
    )


def as_arrow(frame: pl.DataFrame | None, relation: Relation) -> pa.Table:
    """Return a frame as an Arrow table with exactly the relation's columns and types, missing ones null."""
    import polars as pl

    types: dict[Kind, Any] = {
        "text": pl.String,
        "whole": pl.Int64,
        "number": pl.Float64,
        "date": pl.Int32,
        "flag": pl.Boolean,
    }
    schema = {column.name: types[column.kind] for column in relation.columns}
    if frame is None:
        return pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    ).to_arrow(compat_level=pl.CompatLevel.oldest())
