"""Names as written to standard names: only distinct names meet Python, and come back as a relation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.shelf import Shelf

# How a name was found, where that matters to what follows.
UNMATCHED = "unmatched"  # it stands as written
LEARNED = "learned"  # no dictionary knows it, and other rows tell what it stands for
BLINDED = "blinded"  # the drug or its control: nobody knows which was given


@dataclass(frozen=True, slots=True)
class Match:
    """What a name as written stands for.

    Attributes
    ----------
    ingredients
        Standard names; none where it names no drug, or where nobody knows which drug was given.
    how
        How they were found: "unmatched" where they stand as written.
    alone
        What stands for a drug's name without its ingredient, where no dictionary knows it.
    """

    ingredients: tuple[str, ...]
    how: str
    alone: tuple[str, ...] = ()


Key = tuple[str | None, ...]
Matcher = Callable[[Sequence[Any]], Sequence[Match]]
Refine = Callable[[Sequence[Key], Sequence[Match], Sequence[int]], Sequence[Match]]


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Names as written, each with its standard names.

    Attributes
    ----------
    keys
        Columns that hold the name as written.
    entries
        keys (empty text for null), code, first: a row for each standard name of each name as written; `first`
        is 1 in one row of each name and 0 in the others.
    names
        code, standard, matched; the commonest name has code 0 and the rarest the highest.
    rows, nameless, blinded
        Rows of the relation, those that name nothing, and those of which nobody knows whether they name the drug or
        its control.
    distinct
        Distinct names as written that name something.
    unmatched
        Those of them that no dictionary knew and that stand as written, each with its rows, the commonest first.
    learned
        Those of them that no dictionary knew and other rows told, each with what it stands for and its rows.
    """

    keys: tuple[str, ...]
    entries: ir.Table
    names: ir.Table
    rows: int
    nameless: int
    blinded: int
    distinct: int
    unmatched: tuple[tuple[str, int], ...]
    learned: tuple[tuple[str, str, int], ...]

    def coded(self, relation: ir.Table) -> ir.Table:
        """Return a relation's rows that name something, with code and first, one for each standard name."""
        import ibis

        spelt = relation.mutate(**{f"{key}_": ibis.coalesce(relation[key], "") for key in self.keys})
        return spelt.inner_join(self.entries, [spelt[f"{key}_"] == self.entries[key] for key in self.keys])


def dictionary(
    shelf: Shelf, relation: ir.Table, keys: Sequence[str], *, matcher: Matcher, refine: Refine | None = None
) -> Dictionary:
    """Match every distinct name of a relation.

    Parameters
    ----------
    shelf
        Where the dictionary is put.
    relation
        A relation of reports.
    keys
        The columns that hold the name as written.
    matcher
        Gives for names (tuples of `keys`; null for missing) what they stand for, in the same order.
    refine
        Gives the same once more from names, matches and the rows of each name; None where nothing is to be learned
        from other rows.

    Raises
    ------
    InvalidSetting
        Where the matcher answers for more or fewer names than it was asked.
    """
    import pyarrow as pa

    counted = relation.group_by(list(keys)).aggregate(rows=relation.count())
    columns = shelf.con.to_pyarrow(counted).to_pydict()
    written: list[Key] = list(zip(*(columns[key] for key in keys), strict=True))
    found = matcher(written)
    if len(found) != len(written):
        raise InvalidSetting(f"The matcher gave {len(found)} answers for {len(written)} names.")
    if refine is not None:
        found = refine(written, found, columns["rows"])
    known: dict[str, bool] = {}
    common: Counter[str] = Counter()
    for match, rows in zip(found, columns["rows"], strict=True):
        for name in match.ingredients:
            known[name] = known.get(name, False) or match.how not in (UNMATCHED, LEARNED)
            common[name] += rows
    standard = sorted(known, key=lambda name: (-common[name], name))
    code = {name: number for number, name in enumerate(standard)}
    entries = [
        (*(part or "" for part in key), code[name], int(place == 0))
        for key, match in zip(written, found, strict=True)
        for place, name in enumerate(dict.fromkeys(match.ingredients))
    ]
    columns_of = list(zip(*entries, strict=True)) or [()] * (len(keys) + 2)
    types = [pa.string()] * len(keys) + [pa.int32(), pa.int32()]
    arrays = [pa.array(values, kind) for values, kind in zip(columns_of, types, strict=True)]
    named = [
        (key, match, rows)
        for key, match, rows in zip(written, found, columns["rows"], strict=True)
        if match.ingredients
    ]
    unmatched = [(_shown(key), rows) for key, match, rows in named if match.how == UNMATCHED]
    learned = [
        (_shown(key), " + ".join(match.ingredients), rows)
        for key, match, rows in named
        if match.how == LEARNED
    ]
    blinded = sum(rows for match, rows in zip(found, columns["rows"], strict=True) if match.how == BLINDED)
    return Dictionary(
        keys=tuple(keys),
        entries=shelf.take(pa.table(arrays, names=[*keys, "code", "first"])),
        names=shelf.take(
            pa.table(
                {
                    "code": pa.array(range(len(standard)), pa.int32()),
                    "standard": pa.array(standard, pa.string()),
                    "matched": pa.array([known[name] for name in standard], pa.bool_()),
                }
            )
        ),
        rows=sum(columns["rows"]),
        nameless=sum(columns["rows"]) - blinded - sum(rows for *_, rows in named),
        blinded=blinded,
        distinct=len(named),
        unmatched=tuple(sorted(unmatched, key=_commonest)),
        learned=tuple(sorted(learned, key=_commonest)),
    )


def _commonest(item: tuple[Any, ...]) -> tuple[Any, ...]:
    return (-item[-1], *item)


def _shown(key: Key) -> str:
    return " | ".join(part for part in key if part)
