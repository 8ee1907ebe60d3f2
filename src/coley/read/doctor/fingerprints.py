"""The same patients under other names: rows of two groups that agree in several measurements at once.

Three columns make a fingerprint. How often two different patients share one is counted within the groups
themselves (nobody is twice in one group), which allows for rounding, ties and correlated columns; agreements
between two groups far beyond that are the same patients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.study import WHERE_COLUMN
from coley.read.doctor.chance import digits_of, log10_tail
from coley.read.doctor.rows import ROW, TABLE, middle, numbers
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

GROUP = "_group"


@dataclass(frozen=True, slots=True)
class Twins:
    """Two groups that share patients.

    Attributes
    ----------
    groups
        Names of the two groups.
    pairs
        Rows of the two groups side by side ("_row", "_row_right"), one per shared patient.
    columns
        The fingerprint that agrees most often.
    by_chance
        Agreements in that fingerprint expected of different patients.
    log10_p
        Logarithm of the probability of as many agreements by chance (Poisson, upper bound).
    """

    groups: tuple[str, str]
    pairs: pl.DataFrame
    columns: tuple[str, ...]
    by_chance: float
    log10_p: float


def twins(frame: pl.DataFrame) -> list[Twins]:
    """Return the pairs of groups that share patients.

    Parameters
    ----------
    frame
        All patients; the column "_group" names their group, "_row" numbers them.
    """
    import polars as pl

    names = _telling(frame)
    if len(names) < 3:
        return []
    rounded = _rounded(frame, names)
    found: dict[tuple[str, str], list[tuple[tuple[str, ...], pl.DataFrame, float, float]]] = {}
    sizes: dict[str, int] = {}
    for columns in combinations(names, 3):
        if {"pfs_months", "os_months"} <= set(columns):
            continue  # the same number in all who die without progression
        keyed = rounded.select(ROW, GROUP, pl.struct(columns).hash().alias("key"), *columns).drop_nulls()
        sizes = dict(keyed.group_by(GROUP).len().iter_rows())
        shared = keyed.select("key", GROUP, ROW).filter(pl.col("key").is_duplicated())
        if not shared.height:
            continue
        counts = shared.group_by("key", GROUP).agg(pl.len().alias("n"), pl.col(ROW).first())
        within = dict(
            counts.group_by(GROUP)
            .agg((pl.col("n").cast(pl.Float64) * (pl.col("n").cast(pl.Float64) - 1) / 2).sum())
            .iter_rows()
        )
        single = counts.filter(pl.col("n") == 1)  # a fingerprint of several patients points at nobody
        across = single.join(single, on="key").filter(pl.col(GROUP) < pl.col(GROUP + "_right"))
        for (one, other), matches in across.group_by(GROUP, GROUP + "_right"):
            pair = (str(one), str(other))
            chance = _by_chance(pair, sizes, within)
            log10_p = log10_tail(matches.height, chance)
            if matches.height >= limit("overlap.matches") and log10_p < limit("overlap.log10_p"):
                found.setdefault(pair, []).append((columns, matches, chance, log10_p))
    return [_together(pair, hits) for pair, hits in found.items()]


def _together(pair: tuple[str, str], hits: list[tuple[tuple[str, ...], pl.DataFrame, float, float]]) -> Twins:
    """Join what the fingerprints found: a patient found by one of them is found."""
    import polars as pl

    clear = [hit for hit in hits if hit[2] < limit("overlap.blur") * hit[1].height]
    columns, best, chance, log10_p = max(clear or hits, key=lambda hit: hit[1].height - hit[2])
    counted = [matches for _, matches, _, _ in clear] or [best]
    pairs = (
        pl.concat([matches.select(ROW, ROW + "_right") for matches in counted])
        .group_by(ROW, ROW + "_right")
        .len()
        .filter(pl.col("len") >= max(1.0, limit("overlap.repeated") * len(counted)))
        .sort("len", ROW, ROW + "_right", descending=[True, False, False])
        .unique(ROW, keep="first", maintain_order=True)
        .unique(ROW + "_right", keep="first", maintain_order=True)
        .sort(ROW)
    )
    return Twins(pair, pairs, columns, chance, log10_p)


def _telling(frame: pl.DataFrame) -> list[str]:
    """Return the numbers that tell patients apart and that at least two groups have, best first."""
    import polars as pl

    keys = dictionary_table("patients").role("key")
    scores = []
    for name, dtype in frame.schema.items():
        if not dtype.is_numeric() or name in (ROW, TABLE, GROUP, WHERE_COLUMN, *keys):
            continue
        per_group = frame.group_by(GROUP).agg(
            pl.col(name).n_unique().alias("values"), pl.col(name).count().alias("known")
        )
        rich = per_group.filter(pl.col("values") >= limit("overlap.distinct"))
        if rich.height > 1 and not _counts_rows(frame, name):
            # columns that many patients have, with many values
            scores.append((int(rich["known"].sum()), float(rich["values"].sum()), name))
    best = sorted(scores, key=lambda s: (-s[0] * math.log(s[1] + 1), s[2]))
    return [name for _, _, name in best[: int(limit("overlap.columns"))]]


def _counts_rows(frame: pl.DataFrame, name: str) -> bool:
    steps = frame[name].diff().drop_nulls()
    return len(steps) > 0 and float((steps == 1).sum()) / len(steps) > 0.9


def _rounded(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Bring each column to the grain of its coarsest group, and times in days to months."""
    import polars as pl

    columns = []
    for name in names:
        values = frame[name].cast(pl.Float64)
        values = values.set(~values.is_finite().fill_null(value=True), None)
        held = {str(g): numbers(part, name) for (g,), part in frame.group_by(GROUP)}
        rich = {g: v for g, v in held.items() if v.n_unique() >= limit("overlap.distinct")}
        scale = _scales(name, rich)
        if any(factor != 1 for factor in scale.values()):
            values = values / frame[GROUP].replace_strict(scale, default=1.0, return_dtype=pl.Float64)
        digits = min((digits_of(v / scale[g]) for g, v in rich.items()), default=0)
        spread = float(values.std() or 1.0)  # type: ignore[arg-type]
        # about a thousand steps over the spread tell patients apart, and leave the last digits their noise
        digits = min(digits, max(0, 2 - math.floor(math.log10(spread)))) if 0 < spread < math.inf else digits
        down = digits == 0 and any(digits_of(v / scale[g]) > 0 for g, v in rich.items())
        columns.append((values.floor() if down and name == "age_years" else values.round(digits)).alias(name))
    return frame.select(ROW, GROUP).with_columns(columns)


def _scales(name: str, held: dict[str, pl.Series]) -> dict[str, float]:
    """Return, for times, 30.4375 for each group whose values are days beside groups in months."""
    from coley.model.study import DAYS_PER_MONTH

    if name not in ("pfs_months", "os_months") or not held:
        return dict.fromkeys(held, 1.0)
    lowest = min(middle(v) for v in held.values())
    days = limit("time.ratio_days") * max(lowest, limit("time.clock_lowest"))
    return {g: DAYS_PER_MONTH if middle(v) > days else 1.0 for g, v in held.items()}


def _by_chance(pair: tuple[str, str], sizes: dict[str, int], within: dict[str, float]) -> float:
    """Expect between two groups the rate of agreement seen within them, plus half an agreement."""
    possible = sum(sizes.get(g, 0) * (sizes.get(g, 0) - 1) / 2 for g in pair)
    agreed = sum(within.get(g, 0.0) for g in pair) + 0.5
    return sizes.get(pair[0], 0) * sizes.get(pair[1], 0) * agreed / max(possible, 1.0)
