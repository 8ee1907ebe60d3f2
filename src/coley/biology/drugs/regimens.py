"""Classes of regimens, from the ingredients of a report: a table of rules, to be joined or called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.drugs.table import drugs, groups, resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl


@dataclass(frozen=True, slots=True)
class Regimen:
    """A class of regimens: a report is of it if it has all that is required and nothing that is excluded."""

    name: str
    title: str
    requires: frozenset[str]
    excludes: frozenset[str]


@cache
def regimens() -> Mapping[str, Regimen]:
    """Return the classes of regimens by name, in the order in which they are shown.

    Examples
    --------
    >>> regimens()["pdx_ctla4"].title, sorted(regimens()["pdx_ctla4"].requires)
    ('PD-(L)1 + CTLA-4', ['ctla-4', 'pd-(l)1'])
    """
    return MappingProxyType(
        {
            row["regimen"]: Regimen(
                row["regimen"],
                row["title"],
                frozenset(row["requires"].split()),
                frozenset(row["excludes"].split()),
            )
            for row in resource("regimens.csv")
        }
    )


@cache
def features() -> Mapping[str, frozenset[str]]:
    """Return what regimens are told by, for each ingredient: its targets and those of its group.

    Examples
    --------
    >>> sorted(features()["nivolumab"]), sorted(features()["axitinib"])
    (['ici', 'pd-(l)1', 'pd-1'], ['other_oncology', 'tki', 'vegfr_tki'])
    """
    of_target = {row["target"]: frozenset(row["features"].split()) for row in resource("targets.csv")}
    made = {}
    for drug in drugs().values():
        own = frozenset(groups()[drug.group].features) if drug.group else frozenset()
        made[drug.ingredient] = own.union(*(of_target[target] for target in drug.targets))
    return MappingProxyType({ingredient: own for ingredient, own in made.items() if own})


def feature_table() -> pl.DataFrame:
    """Return ingredient, feature: one row each, to be joined to the exposures of reports.

    Examples
    --------
    >>> import polars as pl
    >>> feature_table().filter(pl.col("ingredient") == "ipilimumab")["feature"].to_list()
    ['ctla-4', 'ici']
    """
    import polars as pl

    rows = [(ingredient, feature) for ingredient, own in features().items() for feature in sorted(own)]
    return pl.DataFrame(rows, schema={"ingredient": pl.String, "feature": pl.String}, orient="row")


def regimens_of(ingredients: Iterable[str]) -> tuple[str, ...]:
    """Return every class of regimens that a report with these ingredients is of.

    Parameters
    ----------
    ingredients
        Standard names, as the matcher gives them; those that the table does not know change nothing.

    Examples
    --------
    >>> regimens_of(["nivolumab", "ipilimumab", "levothyroxine"])
    ('ici', 'pdx_ctla4')
    >>> regimens_of(["pembrolizumab", "carboplatin", "pemetrexed"])
    ('ici', 'pd1', 'pdx', 'pdx_chemotherapy', 'ici_chemotherapy')
    """
    known = features()
    present = frozenset[str]().union(*(known.get(name, frozenset()) for name in ingredients))
    return tuple(
        regimen.name
        for regimen in regimens().values()
        if regimen.requires <= present and not regimen.excludes & present
    )
