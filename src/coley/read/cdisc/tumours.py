"""TU and TR, or ADTR, to the table of lesions: one row for each lesion and scan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.read.cdisc.assessors import one_assessor
from coley.read.cdisc.datasets import SUBJECT
from coley.read.cdisc.days import with_days
from coley.read.cdisc.subjects import chosen
from coley.read.columns import ColumnMap
from coley.read.findings import Place
from coley.read.mapping import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.cdisc.datasets import Part
    from coley.read.raw import RawTable

# TRTESTCD, best first: RECIST 1.1 measures nodes across, everything else along (CDISC codelist TRTESTCD).
NODE = ("SAXIS", "LPERP", "DIAMETER", "LDIAM")
OTHER = ("LDIAM", "DIAMETER")
STATE = "TUMSTATE"
_NODE_NAMES = "LYMPH NODE"
_LESION = ["TRLNKID"]


def lesions(
    tr: Sequence[Part], tu: Sequence[Part], dataset: str, *, doses: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the table of lesions.

    Parameters
    ----------
    tr, dataset
        Files of TR or ADTR, and which it is.
    tu
        Files of TU, where there are any: they say where the lesions lie.
    doses
        Date of the first dose of each subject.
    """
    import polars as pl

    frames: list[pl.DataFrame] = []
    notes: list[Check] = []
    for part in tr:
        if not {"TRTESTCD", "TRLNKID"} <= set(part.raw.frame.columns):
            message = f"{part.raw.file} names no lesions (TRLNKID, TRTESTCD) and was not read."
            notes.append(Place(part.raw, "").check("no_lesions", "warn", message))
            continue
        raw, found = one_assessor(part.raw, "TR")
        notes += found
        raw = replace(raw, frame=_placed(raw, tu))
        raw, found = _one_measurement(raw)
        notes += found
        raw, days = with_days(raw, "lesions", dataset, doses=doses)
        columns = {
            **chosen(raw.frame, "lesions"),
            **{name: ColumnMap(column=name) for name in ("day", "diameter_mm", "organ", "node", "state")},
        }
        frame, more = canonical(raw, "lesions", columns, guess=False, keep=False)
        frames.append(frame)
        notes += [*days, *more]
    if not frames:
        return pl.DataFrame(), tuple(notes)
    return pl.concat(frames, how="diagonal_relaxed"), tuple(notes)


def _placed(raw: RawTable, tu: Sequence[Part]) -> pl.DataFrame:
    """Add the organ of each lesion, and whether it is a lymph node."""
    import polars as pl

    frame = raw.frame
    own = [name for name in ("TULOC", "TRLOC") if name in frame.columns]
    organ = pl.coalesce(own) if own else pl.lit(None, pl.String)
    frame = frame.with_columns(organ=organ)
    for part in tu:
        if not {"TULNKID", "TULOC"} <= set(part.raw.frame.columns):
            continue
        where, _ = one_assessor(part.raw, "TU")
        places = (
            where.frame.select(SUBJECT, TRLNKID=pl.col("TULNKID"), found=pl.col("TULOC"))
            .drop_nulls()
            .unique([SUBJECT, *_LESION], keep="first", maintain_order=True)
        )
        frame = frame.join(places, on=[SUBJECT, *_LESION], how="left", maintain_order="left")
        frame = frame.with_columns(organ=pl.coalesce("organ", "found")).drop("found")
    node = pl.col("organ").str.to_uppercase().str.contains(_NODE_NAMES, literal=True)
    return frame.with_columns(node=node.cast(pl.String))


def _one_measurement(raw: RawTable) -> tuple[RawTable, list[Check]]:
    """Keep, for each lesion and scan, the diameter that RECIST 1.1 wants, or its state where none was measured."""
    import polars as pl

    frame = raw.frame
    test = pl.col("TRTESTCD").str.to_uppercase()
    node = pl.col("node") == "true"
    rank = (
        pl.when(node.fill_null(value=False))
        .then(
            test.replace_strict(dict(zip(NODE, range(4), strict=True)), default=None, return_dtype=pl.Int64)
        )
        .otherwise(
            test.replace_strict(dict(zip(OTHER, range(2), strict=True)), default=None, return_dtype=pl.Int64)
        )
    )
    rank = pl.when(test == STATE).then(len(NODE)).otherwise(rank)
    scan = [name for name in ("VISITNUM", "VISIT", "AVISIT", "TRDTC", "ADT") if name in frame.columns][:1]
    if {"TRDTC", "VISITNUM"} <= set(frame.columns):
        scan = ["VISITNUM"]
    ranked = frame.with_columns(rank=rank).with_row_index("row")
    ranked = ranked.filter(pl.col("rank").is_not_null() & pl.col("TRLNKID").is_not_null())
    best = ranked.sort("rank", "row").unique([SUBJECT, *_LESION, *scan], keep="first")["row"].sort()
    mask = pl.Series(range(frame.height)).is_in(best.implode())
    kept = raw.filter(mask)
    notes: list[Check] = []
    longest = (kept.frame["TRTESTCD"] == "LDIAM") & (kept.frame["node"] == "true")
    if longest.any():
        place = Place(kept, "TRTESTCD")
        message = f"{longest.sum()} measurements of lymph nodes are longest diameters; RECIST 1.1 wants the short axis."
        where = place.rows(longest.fill_null(value=False), kept.frame["TRLNKID"])
        notes.append(place.check("node_longest_diameter", "warn", message, where=where))
    message = (
        f"{raw.file}: {frame.height} rows gave {kept.frame.height} lesion measurements, one for each scan."
    )
    notes.append(Place(raw, "TRTESTCD").check("lesion_rows", "pass", message))
    return replace(kept, frame=_measured(kept.frame)), notes


def _measured(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    number = [name for name in ("TRSTRESN", "AVAL") if name in frame.columns]
    text = [name for name in ("TRSTRESC", "TRORRES", "AVALC") if name in frame.columns]
    is_state = pl.col("TRTESTCD").str.to_uppercase() == STATE
    values = pl.coalesce(pl.col(name).cast(pl.Float64, strict=False) for name in number)
    unit = pl.col("TRSTRESU").str.to_lowercase() if "TRSTRESU" in frame.columns else pl.lit("mm")
    values = pl.when(unit == "cm").then(values * 10).otherwise(values)
    word = pl.coalesce(text).str.to_uppercase() if text else pl.lit(None, pl.String)
    undone = pl.col("TRSTAT") == "NOT DONE" if "TRSTAT" in frame.columns else pl.lit(value=False)
    state = (
        pl.when(undone.fill_null(value=False) | word.str.contains("NOT EVALUABLE|^NE$"))
        .then(pl.lit("not evaluable"))
        .when(word.str.contains("TOO SMALL"))
        .then(pl.lit("too small"))
        .when((is_state & (word == "ABSENT")) | (~is_state & (values == 0)))
        .then(pl.lit("absent"))
        .when(~is_state & values.is_not_null())
        .then(pl.lit("measured"))
    )
    return frame.with_columns(diameter_mm=pl.when(~is_state).then(values), state=state)
