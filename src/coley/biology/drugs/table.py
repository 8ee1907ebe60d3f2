"""The table of drugs: checkpoint inhibitors and what they block, the rest of oncology, and what manages harms."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl


@dataclass(frozen=True, slots=True)
class Drug:
    """An active ingredient.

    Attributes
    ----------
    ingredient
        International nonproprietary name, lower case.
    group
        The group that it belongs to (`groups`), or "" where it is listed only so that its name is known.
    targets
        What a checkpoint inhibitor blocks: "PD-1", "PD-L1", "CTLA-4", "LAG-3", "TIGIT", "TIM-3".
    source
        Where that is written.
    """

    ingredient: str
    group: str
    targets: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class DrugName:
    """A name under which drugs are reported, and the ingredients that it stands for.

    `kind` is inn, brand, local brand (sold in one country), code (of a study), earlier name, synonym,
    translation, abbreviation or class (the class was named, the agent was not).
    """

    name: str
    kind: str
    ingredients: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of drugs: its title, whether it treats cancer, and the features that regimens are told by."""

    name: str
    title: str
    oncology: bool
    features: tuple[str, ...]


@cache
def groups() -> Mapping[str, Group]:
    """Return the groups of drugs by name.

    Examples
    --------
    >>> groups()["vegfr_kinase_inhibitor"].title
    'VEGFR kinase inhibitor'
    """
    return MappingProxyType(
        {
            row["group"]: Group(
                row["group"], row["title"], row["oncology"] == "yes", tuple(row["features"].split())
            )
            for row in resource("groups.csv")
        }
    )


@cache
def drugs() -> Mapping[str, Drug]:
    """Return every drug of the table by its ingredient.

    The group follows from the ATC group (longest prefix), but for the few that exceptions.csv names and for
    checkpoint inhibitors, which are told by their target.

    Examples
    --------
    >>> table = drugs()
    >>> table["cadonilimab"].targets, table["axitinib"].group, table["docetaxel"].group
    (('PD-1', 'CTLA-4'), 'vegfr_kinase_inhibitor', 'chemotherapy')
    """
    prefixes = {prefix: row["group"] for row in resource("groups.csv") for prefix in row["atc"].split()}
    longest_first = sorted(prefixes, key=len, reverse=True)
    exceptions = {row["ingredient"]: row["group"] for row in resource("exceptions.csv")}
    made = {}
    for row in resource("drugs.csv"):
        targets = tuple(filter(None, row["targets"].split(";")))
        by_atc = next((prefixes[p] for p in longest_first if row["atc"].startswith(p)), "")
        group = "checkpoint_inhibitor" if targets else exceptions.get(row["ingredient"], by_atc)
        made[row["ingredient"]] = Drug(row["ingredient"], group, targets, row["source"])
    return MappingProxyType(made)


@cache
def drug_names() -> Mapping[str, DrugName]:
    """Return every name of the table, lower case, with the ingredients that it stands for.

    Examples
    --------
    >>> drug_names()["opdualag"].ingredients
    ('nivolumab', 'relatlimab')
    """
    return MappingProxyType(
        {
            row["name"]: DrugName(
                row["name"], row["kind"], tuple(row["ingredients"].split(";")), row["source"]
            )
            for row in resource("names.csv")
        }
    )


def checkpoint_inhibitors() -> tuple[Drug, ...]:
    """Return the checkpoint inhibitors of the table.

    Examples
    --------
    >>> {"nivolumab", "relatlimab", "tiragolumab"} <= {drug.ingredient for drug in checkpoint_inhibitors()}
    True
    """
    return tuple(drug for drug in drugs().values() if drug.targets)


def group_table() -> pl.DataFrame:
    """Return ingredient, group, oncology: one row for each drug that has a group, to be joined to reports.

    Examples
    --------
    >>> import polars as pl
    >>> group_table().filter(pl.col("ingredient") == "cisplatin").row(0)
    ('cisplatin', 'chemotherapy', True)
    """
    import polars as pl

    rows = [
        (drug.ingredient, drug.group, groups()[drug.group].oncology)
        for drug in drugs().values()
        if drug.group
    ]
    return pl.DataFrame(
        rows, schema={"ingredient": pl.String, "group": pl.String, "oncology": pl.Boolean}, orient="row"
    )


def target_table() -> pl.DataFrame:
    """Return ingredient, target: a row for each thing that a checkpoint inhibitor blocks.

    Examples
    --------
    >>> import polars as pl
    >>> target_table().filter(pl.col("ingredient") == "tebotelimab")["target"].to_list()
    ['PD-1', 'LAG-3']
    """
    import polars as pl

    rows = [(drug.ingredient, target) for drug in drugs().values() for target in drug.targets]
    return pl.DataFrame(rows, schema={"ingredient": pl.String, "target": pl.String}, orient="row")


@cache
def dosing() -> Mapping[str, float]:
    """Return the days between doses of checkpoint inhibitors, by the first schedule of their label.

    Examples
    --------
    >>> dosing()["ipilimumab"]
    21.0
    """
    return MappingProxyType({row["ingredient"]: float(row["every_days"]) for row in resource("dosing.csv")})


def resource(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of this package."""
    text = files("coley.biology.drugs.resources").joinpath(name).read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))
