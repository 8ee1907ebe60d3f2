"""Which active ingredients each report names, each once, under its strongest role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.vigilance.cleaning.facts import facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.dictionary import Dictionary

NOT_GIVEN = "DN"  # FDA's role of a drug that was prescribed and not administered
NO_ROLE = 9  # weaker than any


def given(drugs: ir.Table) -> ir.Table:
    """Return the drugs that were given, or of which nothing is said."""
    return drugs.filter(drugs.role.isnull() | (drugs.role != NOT_GIVEN))


def coded_exposures(drugs: ir.Table, names: Dictionary, kept: ir.Table) -> ir.Table:
    """Return report_id, code, rank of the strongest role, rows and entries, for the reports that are kept.

    `rows` are the drug rows and `entries` the ingredients that these name, so that the log adds up.
    """
    coded = names.coded(drugs).semi_join(kept, "report_id")
    return coded.group_by("report_id", "code").aggregate(
        rank=rank_of(coded.role).min(), rows=coded["first"].sum(), entries=coded.count()
    )


def named_exposures(coded: ir.Table, names: Dictionary) -> ir.Table:
    """Return the relation `exposures` of the clean schema."""
    import ibis

    role = coded["rank"].cases(
        *((int(row["rank"]), row["code"]) for row in facts("roles")), else_=ibis.null("string")
    )
    return (
        coded.mutate(role=role)
        .inner_join(names.names, "code")
        .select("report_id", "role", "matched", ingredient="standard")[
            ["report_id", "ingredient", "role", "matched"]
        ]
    )


def suspect_rank() -> int:
    """Return the weakest rank of a drug that was suspected."""
    return max(int(row["rank"]) for row in facts("roles") if row["code"] != "C")


def rank_of(role: ir.StringValue) -> ir.IntegerValue:
    """Return how strong a role is: 0 for the primary suspect."""
    return role.cases(*((row["code"], int(row["rank"])) for row in facts("roles")), else_=NO_ROLE)
