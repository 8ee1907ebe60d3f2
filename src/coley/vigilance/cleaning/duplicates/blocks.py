"""Pairs of reports that are worth comparing: those that share the whole of one key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.shelf import Shelf

# The keys that few unrelated reports share come first, and take of the pairs what they need; the common ones,
# of use in small databases, get what is left. Each leaves out what a careless hand changes most: a mistyped age,
# a missing date, one reaction more. Of drugs and events the rarest stands for all: few share it, and it is seldom
# the one that is left out. Every field is absent from at least one key, without which its errors could not be
# estimated.
KEYS: tuple[tuple[str, ...], ...] = (
    ("number",),
    ("date", "rare_drug", "rare_event"),
    ("date", "rare_drug", "age"),
    ("date", "rare_event", "age"),
    ("rare_drug", "rare_event", "age"),
    ("drugs", "events"),
    ("drugs", "date"),
    ("drugs", "age"),
    ("events", "date"),
    ("events", "rare_drug"),
    ("drugs",),
    ("date", "rare_drug"),
    ("date", "age", "sex", "country"),
    ("rare_drug", "age", "sex", "country"),
)
FEWEST_PAIRS = 1_000_000  # that are always allowed: they take a few seconds, whatever the number of cases


@dataclass(frozen=True, slots=True)
class Block:
    """What one key gave.

    Attributes
    ----------
    key
        The fields that must be known and equal.
    pairs
        Pairs that share it, among groups that were compared.
    largest
        Most reports in a group that was compared.
    skipped_groups, skipped_reports
        Groups that were larger, and the reports in them: too common a key to tell anything.
    """

    key: tuple[str, ...]
    pairs: int
    largest: int
    skipped_groups: int
    skipped_reports: int


def candidates(
    records: ir.Table, shelf: Shelf, *, largest: int, most_pairs: int
) -> tuple[ir.Table, tuple[Block, ...]]:
    """Return pairs a < b of report_id, each once, with the sum of 2**i over the keys i that they share.

    Parameters
    ----------
    records
        What `duplicates.records` gives.
    shelf
        Where work is put.
    largest
        Most reports of a group; larger ones are skipped and told.
    most_pairs
        Most pairs in all, shared keys counted each. A key may take half of what those before it left; where it
        would give more, its largest groups are skipped first.
    """
    blocks: list[Block] = []
    found = []
    left = most_pairs
    for place, key in enumerate(KEYS):
        known = records.filter([records[field].notnull() for field in key])
        groups = known.group_by(list(key)).aggregate(size=known.count())
        groups = shelf.put(f"work_groups_{place}", groups.filter(groups["size"] > 1), work=True)
        block = _bounded(key, groups, shelf, largest=largest, most_pairs=left // 2)
        blocks.append(block)
        left -= block.pairs
        if not block.pairs:
            continue
        compared = groups.filter(groups["size"] <= block.largest)
        members = known.inner_join(compared, list(key)).select("report_id", *key)
        other = members.view()
        pairs = members.inner_join(
            other, [*(members[f] == other[f] for f in key), members.report_id < other.report_id]
        )
        found.append(pairs.select(a="report_id", b="report_id_right", block=_bit(place)))
    if not found:
        none = records.filter(records.report_id.isnull())
        found = [none.select(a="report_id", b="report_id", block=_bit(0))]
    every = reduce(lambda left, right: left.union(right), found)
    merged = every.group_by("a", "b").aggregate(blocks=every.block.sum().cast("int64"))
    return shelf.put("work_pairs", merged, work=True), tuple(blocks)


def _bit(place: int) -> ir.IntegerScalar:
    import ibis

    return ibis.literal(2**place, "int64")


def _bounded(key: tuple[str, ...], groups: ir.Table, shelf: Shelf, *, largest: int, most_pairs: int) -> Block:
    """Choose the largest group that is compared, so that the pairs of this key stay within bounds."""
    counted = shelf.con.to_pyarrow(groups.group_by("size").aggregate(groups=groups.count())).to_pylist()
    by_size = sorted((int(row["size"]), int(row["groups"])) for row in counted)
    pairs = list(accumulate(size * (size - 1) // 2 * n for size, n in by_size))
    fits = [i for i, (size, _) in enumerate(by_size) if size <= largest and pairs[i] <= most_pairs]
    last = max(fits, default=-1)
    beyond = by_size[last + 1 :]
    return Block(
        key=key,
        pairs=pairs[last] if fits else 0,
        largest=by_size[last][0] if fits else 0,
        skipped_groups=sum(n for _, n in beyond),
        skipped_reports=sum(size * n for size, n in beyond),
    )
