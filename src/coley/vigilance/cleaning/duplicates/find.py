"""Probable duplicates: candidates, evidence, probabilities, clusters, and which report of each is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.vigilance.cleaning.duplicates.blocks import FEWEST_PAIRS, Block, candidates
from coley.vigilance.cleaning.duplicates.evidence import NEAR, SAME, SETS, Evidence, evidence
from coley.vigilance.cleaning.duplicates.hit_miss import HitMiss, fit, plausible, probabilities
from coley.vigilance.cleaning.duplicates.records import records

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl

    from coley.vigilance.cleaning.settings import Cleaning
    from coley.vigilance.cleaning.shelf import Shelf


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What was found, for review.

    Attributes
    ----------
    pairs
        a, b (report_id), probability, kept (the report of their cluster that stays), agree and differ (names
        of fields); the most probable first, down to `review_probability`. For a pair below
        `duplicate_probability` nothing is dropped, and `kept` is null. Pairs that share nothing but drugs and
        events are not listed.
    dropped
        report_id of the reports that are not kept.
    clusters
        Number of clusters.
    expected_false
        Share of the pairs that were taken for duplicates and are expected not to be, by the model itself.
    blocks
        What each key gave and what it skipped.
    model
        What was estimated; None where there were no candidates.
    """

    pairs: pl.DataFrame
    dropped: np.ndarray[Any, np.dtype[np.int64]]
    clusters: int
    expected_false: float
    blocks: tuple[Block, ...]
    model: HitMiss | None = field(default=None)


def find_duplicates(
    cases: ir.Table, shelf: Shelf, settings: Cleaning, *, coded: dict[str, ir.Table]
) -> Duplicates:
    """Find reports of different cases that probably tell of one event.

    Parameters
    ----------
    cases
        One row a case: those of the clean schema, with number and weight_kg.
    shelf
        Where work is put.
    settings
        From which probability on a pair is taken for duplicates, and how many pairs are compared.
    coded
        "drugs" to report_id, code and rank of the role; "events" to report_id and code.

    References
    ----------
    Noren et al. 2007.
    """
    rows = shelf.put("work_records", records(cases, coded["drugs"], coded["events"]), work=True)
    n = shelf.count(rows)["n"]
    most = max(FEWEST_PAIRS, round(settings.pairs_per_case * n))
    pairs, blocks = candidates(rows, shelf, largest=settings.largest_block, most_pairs=most)
    parts = evidence(pairs, rows, shelf, coded=coded)
    seen = Evidence.joined([part.take(plausible(part)) for part in parts])
    if not len(seen):
        return Duplicates(
            _table(seen, np.empty(0), {}, settings), np.empty(0, np.int64), 0, float("nan"), blocks
        )
    model = fit(seen)
    p = probabilities(seen, model)
    sure = p >= settings.duplicate_probability
    a, b = seen.a[sure], seen.b[sure]
    ids = np.unique(np.concatenate([a, b]))
    kept = _kept(ids, _clusters(ids, a, b), _completeness(rows, ids, shelf))
    return Duplicates(
        pairs=_table(seen, p, dict(zip(ids.tolist(), kept.tolist(), strict=True)), settings),
        dropped=ids[ids != kept],
        clusters=len(np.unique(kept)),
        expected_false=float(np.mean(1 - p[sure])) if sure.any() else float("nan"),
        blocks=blocks,
        model=model,
    )


def _clusters(ids: Any, a: Any, b: Any) -> Any:
    """Return connected components: the number of the cluster of each id."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array(
        (np.ones(len(a)), (np.searchsorted(ids, a), np.searchsorted(ids, b))), shape=(len(ids), len(ids))
    )
    return connected_components(links, directed=False)[1]


def _completeness(rows: ir.Table, ids: Any, shelf: Shelf) -> Any:
    """How much each report tells: known fields, drugs and events, in the order of `ids`."""
    import pyarrow as pa

    asked = shelf.take(pa.table({"report_id": pa.array(ids, pa.int64())}))
    known = sum((rows[name].notnull().cast("int64") for name in NEAR), rows.n_drugs + rows.n_events)
    told = rows.select("report_id", told=known).semi_join(asked, "report_id")
    table = shelf.con.to_pyarrow(told)
    order = np.argsort(table["report_id"].to_numpy())
    return table["told"].to_numpy()[order]


def _kept(ids: Any, clusters: Any, told: Any) -> Any:
    """Return the report that stays of each id's cluster: the one that tells most, of several the lowest id."""
    order = np.lexsort((ids, -told, clusters))
    first = order[np.unique(clusters[order], return_index=True)[1]]
    return ids[first][clusters] if len(ids) else ids


def _table(seen: Evidence, p: Any, kept: dict[int, int], settings: Cleaning) -> pl.DataFrame:
    """Return the list for review."""
    import polars as pl

    shown = np.flatnonzero((p >= settings.review_probability) & _more_than_sets(seen))
    a, b = seen.a[shown], seen.b[shown]
    agree, differ = _words(seen, shown)
    sure = p[shown] >= settings.duplicate_probability
    stays = [kept.get(int(i)) if yes else None for i, yes in zip(a, sure, strict=True)]
    return pl.DataFrame(
        {"a": a, "b": b, "probability": p[shown], "kept": stays, "agree": agree, "differ": differ},
        schema={
            "a": pl.Int64, "b": pl.Int64, "probability": pl.Float64, "kept": pl.Int64,
            "agree": pl.String, "differ": pl.String,
        },
    ).sort("probability", "a", "b", descending=[True, False, False])  # fmt: skip


def _more_than_sets(seen: Evidence) -> Any:
    """Say which pairs agree in anything but drugs and events, which many patients share."""
    return np.logical_or.reduce([*(level == SAME for level in seen.level.values()), seen.number == SAME])


def _words(seen: Evidence, rows: Any) -> tuple[list[str], list[str]]:
    """Names of the fields that agree and of those that differ, for each pair."""
    same = {name: seen.level[name][rows] == SAME for name in NEAR}
    other = {name: (seen.level[name][rows] >= 0) & ~same[name] for name in NEAR}
    for name in SETS:
        same[name] = (seen.unshared[name][rows] == 0) & (seen.shared[name][rows] > 0)
        other[name] = seen.unshared[name][rows] > 0
    same["number"] = seen.number[rows] == SAME
    return _joined(same, len(rows)), _joined(other, len(rows))


def _joined(flags: dict[str, Any], n: int) -> list[str]:
    codes = sum((flag.astype(int) << place for place, flag in enumerate(flags.values())), np.zeros(n, int))
    names = list(flags)
    words = {
        int(code): ", ".join(name for place, name in enumerate(names) if code >> place & 1)
        for code in np.unique(codes)
    }
    return [words[int(code)] for code in codes]
