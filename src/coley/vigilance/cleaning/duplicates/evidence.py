"""What each candidate pair shares, field by field, with how rare the shared values are."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import ibis.expr.types as ir
    import pyarrow as pa
    from numpy.typing import NDArray

    from coley.vigilance.cleaning.shelf import Shelf

    Array = NDArray[Any]

# Fields of one value, and how far apart two values may lie and still be near: a week and a year cover most
# dates of notification and birthdays between two reports, 2 kg a body weight that was rounded.
NEAR: dict[str, int] = {"date": 7, "age": 1, "sex": 0, "country": 0, "weight": 2}
ON_A_SCALE = {"date": "day"}  # the column in which a field is measured, where it is not the field itself
SETS = ("drugs", "events")
MISSING, DIFFERENT, CLOSE, SAME = -1, 0, 1, 2
AT_ONCE = 500_000  # pairs of a part: some 100 MB


@dataclass(frozen=True, eq=False)
class Evidence:
    """Candidate pairs as arrays of one length.

    Attributes
    ----------
    a, b
        report_id of the two, a < b.
    blocks
        Sum of 2**i over the keys that they share.
    level
        Field to -1 missing in either, 0 different, 1 near, 2 the same.
    information
        Field to minus the log of the share of cases with that value; 0 unless the same.
    number
        The sender's own number of the case: -1 missing in either, 0 different, 2 the same.
    shared, unshared, set_information
        Set to terms that both have, terms that one has, and minus the log of the share of each shared term,
        added up; where the sets are equal no more than minus the log of the share of cases with that set.
    both_sets
        Cases with both these sets, where both are equal; else 0.
    n
        Number of cases.
    near_chance
        Field to the chance that two unrelated cases are near and not the same.
    """

    a: Array
    b: Array
    blocks: Array
    level: dict[str, Array]
    information: dict[str, Array]
    number: Array
    shared: dict[str, Array]
    unshared: dict[str, Array]
    set_information: dict[str, Array]
    both_sets: Array
    n: int
    near_chance: dict[str, float]

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: Array) -> Evidence:
        """Return some of the pairs: by flags, or by places in the order wanted."""
        return self._each([self], lambda columns: columns[0][rows])

    @classmethod
    def joined(cls, parts: Sequence[Evidence]) -> Evidence:
        """Return the pairs of one or more parts as one, in order of a and b."""
        whole = cls._each(parts, np.concatenate)
        return whole.take(np.lexsort((whole.b, whole.a)))

    @staticmethod
    def _each(parts: Sequence[Evidence], make: Callable[[list[Array]], Array]) -> Evidence:
        first = parts[0]
        made: dict[str, Any] = {}
        for field in fields(first):
            columns = [getattr(part, field.name) for part in parts]
            if field.name in ("n", "near_chance"):
                continue
            if isinstance(columns[0], dict):
                made[field.name] = {name: make([column[name] for column in columns]) for name in columns[0]}
            else:
                made[field.name] = make(columns)
        return replace(first, **made)


def evidence(
    pairs: ir.Table, records: ir.Table, shelf: Shelf, *, coded: dict[str, ir.Table]
) -> Iterator[Evidence]:
    """Compare the candidate pairs, and yield them in parts, since there may be more than memory holds at once.

    Parameters
    ----------
    pairs, records
        What `candidates` and `records` give.
    shelf
        Where work is put.
    coded
        "drugs" and "events" to report_id and code.
    """
    n = shelf.count(records)["n"]
    sides = shelf.put("work_sides", _two_sides(pairs, records), work=True)
    ends = sides.select(report_id="a").union(sides.select(report_id="b"), distinct=True)
    wide, chance = sides, {}
    for field, near in NEAR.items():
        if near:
            scale = ON_A_SCALE.get(field, field)
            chance[field] = _near_chance(shelf.con.to_pyarrow(_counts(records, scale)), near, scale)
        wide = _compared(wide, _counts(records, field), field, near=near)
    wide = _number(wide)
    for name in SETS:
        wide = _equal_set(wide, sides, records, names=[name], column=f"{name}_cases")
        counts = coded[name].group_by("code").aggregate(cases=coded[name].count())
        paired = (
            coded[name].select("report_id", "code").semi_join(ends, "report_id").inner_join(counts, "code")
        )
        paired = shelf.put(f"work_paired_{name}", paired.select("report_id", "code", "cases"), work=True)
        wide = _shared(wide, sides, name, coded=paired, n=n)
    wide = _equal_set(wide, sides, records, names=list(SETS), column="both_cases")
    wanted = [column for column in wide.columns if not column.endswith(("_a", "_b"))]
    told = wide.select(**{c: wide[c].fill_null(0) if c.endswith("_cases") else wide[c] for c in wanted})
    parts = max(1, -(-shelf.count(pairs)["n"] // AT_ONCE))
    kept = told if parts == 1 else shelf.put("work_told", told, work=True)
    for part in range(parts):
        # The last digit of a report's number may be that of its version, which says nothing of how many there are.
        chosen = kept.filter(kept.a // 10 % parts == part)
        yield _part(shelf.con.to_pyarrow(chosen), n, chance)


def _part(columns: pa.Table, n: int, near_chance: dict[str, float]) -> Evidence:
    column = {name: columns[name].to_numpy() for name in columns.column_names}
    shared = {name: column[f"{name}_shared"] for name in SETS}
    return Evidence(
        a=column["a"],
        b=column["b"],
        blocks=column["blocks"],
        level={field: column[f"{field}_level"] for field in NEAR},
        information={field: _information(column[f"{field}_cases"], n) for field in NEAR},
        number=column["number_level"],
        shared=shared,
        unshared={name: column[f"{name}_size"] - 2 * shared[name] for name in SETS},
        set_information={
            name: np.minimum(
                column[f"{name}_information"], _information(column[f"{name}_cases"], n, none=np.inf)
            )
            for name in SETS
        },
        both_sets=column["both_cases"],
        n=n,
        near_chance=near_chance,
    )


def _two_sides(pairs: ir.Table, records: ir.Table) -> ir.Table:
    """Return the pairs with the fields of both reports, as field_a and field_b."""
    sides = pairs
    for side in ("a", "b"):
        named = records.rename({f"{name}_{side}": name for name in records.columns})
        sides = sides.inner_join(named, [sides[side] == named[f"report_id_{side}"]])
        sides = sides.drop(f"report_id_{side}")
    return sides


def _counts(records: ir.Table, field: str) -> ir.Table:
    known = records.filter(records[field].notnull())
    return known.group_by(field).aggregate(cases=known.count())


def _compared(wide: ir.Table, counts: ir.Table, field: str, *, near: int) -> ir.Table:
    import ibis

    a, b = wide[f"{field}_a"], wide[f"{field}_b"]
    ladder = [(a.isnull() | b.isnull(), MISSING), (a == b, SAME)]
    if near:
        scale = ON_A_SCALE.get(field, field)
        apart = (wide[f"{scale}_a"] - wide[f"{scale}_b"]).abs()
        # Where one of two dates is partial they may be the same or not: nothing is known.
        ladder += [(apart.isnull(), MISSING), (apart <= near, CLOSE)]
    levelled = wide.mutate(**{f"{field}_level": ibis.cases(*ladder, else_=DIFFERENT)})
    counts = counts.rename({f"{field}_value": field, f"{field}_cases": "cases"})
    joined = levelled.left_join(
        counts,
        [
            levelled[f"{field}_a"] == counts[f"{field}_value"],
            levelled[f"{field}_b"] == counts[f"{field}_value"],
        ],
    )
    return joined.drop(f"{field}_value")


def _number(wide: ir.Table) -> ir.Table:
    import ibis

    a, b = wide.number_a, wide.number_b
    return wide.mutate(
        number_level=ibis.cases((a.isnull() | b.isnull(), MISSING), (a == b, SAME), else_=DIFFERENT)
    )


def _equal_set(
    wide: ir.Table, sides: ir.Table, records: ir.Table, *, names: list[str], column: str
) -> ir.Table:
    """Add how many cases have the sets that the two reports share whole; null where they differ."""
    equal = sides.filter([sides[f"{name}_a"] == sides[f"{name}_b"] for name in names])
    asked = equal.select(**{name: f"{name}_a" for name in names}).distinct()
    counts = records.semi_join(asked, names).group_by(names).aggregate(n_cases=lambda known: known.count())
    counts = counts.rename({column: "n_cases"} | {f"{name}_set": name for name in names})
    on = [wide[f"{name}_{side}"] == counts[f"{name}_set"] for name in names for side in ("a", "b")]
    return wide.left_join(counts, on).drop(*(f"{name}_set" for name in names))


def _shared(wide: ir.Table, sides: ir.Table, name: str, *, coded: ir.Table, n: int) -> ir.Table:
    """Add the number of shared terms, the sum of what each tells, and the sizes of both sets.

    `coded` holds the terms of the paired reports alone, each with the number of all cases that have it.
    """
    import ibis

    left = sides.select("a", "b").inner_join(coded, [sides.a == coded.report_id]).drop("report_id")
    right = coded.select(report_id_b="report_id", code_b="code")
    told = left.inner_join(right, [left.b == right.report_id_b, left.code == right.code_b])
    per_pair = told.group_by("a", "b").aggregate(
        **{
            f"{name}_shared": told.count(),
            f"{name}_information": (ibis.literal(float(np.log(n))) - told.cases.cast("float64").ln()).sum(),
        }
    )
    joined = wide.left_join(per_pair, ["a", "b"]).drop("a_right", "b_right")
    return joined.mutate(
        **{
            f"{name}_size": joined[f"n_{name}_a"] + joined[f"n_{name}_b"],
            f"{name}_shared": joined[f"{name}_shared"].fill_null(0),
            f"{name}_information": joined[f"{name}_information"].fill_null(0.0),
        }
    )


def _information(cases: Array, n: int, *, none: float = 0.0) -> Array:
    with np.errstate(divide="ignore"):
        told = np.log(n) - np.log(cases.astype(float))
    return np.where(cases > 0, told, none)


def _near_chance(counts: Any, near: int, field: str) -> float:
    """Return the chance that two values drawn at random lie within `near` of each other and are not the same."""
    values, weights = counts[field].to_numpy(), counts["cases"].to_numpy().astype(float)
    if not len(values):
        return 1.0
    dense = np.bincount(values - values.min(), weights / weights.sum())
    return float(max(2 * sum(dense[k:] @ dense[:-k] for k in range(1, near + 1) if k < len(dense)), 1e-12))
