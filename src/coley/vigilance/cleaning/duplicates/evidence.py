"""What each candidate pair shares, field by field, with how rare the shared values are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from coley.vigilance.cleaning.shelf import Shelf

    Array = NDArray[Any]

# Fields of one value, and how far apart two values may lie and still be near: a week and a year cover most
# dates of notification and birthdays between two reports, 2 kg a body weight that was rounded.
NEAR: dict[str, int] = {"date": 7, "age": 1, "sex": 0, "country": 0, "weight": 2}
ON_A_SCALE = {"date": "day"}  # the column in which a field is measured, where it is not the field itself
SETS = ("drugs", "events")
MISSING, DIFFERENT, CLOSE, SAME = -1, 0, 1, 2


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


def evidence(pairs: ir.Table, records: ir.Table, shelf: Shelf, *, coded: dict[str, ir.Table]) -> Evidence:
    """Compare the candidate pairs.

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
    columns = _arrays(shelf, wide)
    sizes = {name: columns[f"{name}_size"] for name in SETS}
    shared = {name: columns[f"{name}_shared"] for name in SETS}
    return Evidence(
        a=columns["a"],
        b=columns["b"],
        blocks=columns["blocks"],
        level={field: columns[f"{field}_level"] for field in NEAR},
        information={field: _information(columns[f"{field}_cases"], n) for field in NEAR},
        number=columns["number_level"],
        shared=shared,
        unshared={name: sizes[name] - 2 * shared[name] for name in SETS},
        set_information={
            name: np.minimum(
                columns[f"{name}_information"], _information(columns[f"{name}_cases"], n, none=np.inf)
            )
            for name in SETS
        },
        both_sets=columns["both_cases"],
        n=n,
        near_chance=chance,
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


def _arrays(shelf: Shelf, wide: ir.Table) -> dict[str, Array]:
    """Bring the pairs out of the engine, without nulls: counts of cases that do not apply are 0."""
    wanted = [c for c in wide.columns if not c.endswith(("_a", "_b"))]
    full = wide.select(
        **{
            column: wide[column].fill_null(0) if column.endswith("_cases") else wide[column]
            for column in wanted
        }
    )
    table = shelf.con.to_pyarrow(full)
    order = np.lexsort((table["b"].to_numpy(), table["a"].to_numpy()))
    return {column: table[column].to_numpy()[order] for column in wanted}


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
