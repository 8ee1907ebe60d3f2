"""The table of drugs: whole, consistent, and as the published lists have it."""

from __future__ import annotations

import csv

import polars as pl
import pytest

from coley.biology.drugs import (
    checkpoint_inhibitors,
    drug_names,
    drugs,
    fold,
    group_table,
    groups,
    target_table,
)
from coley.biology.drugs.table import resource


@pytest.mark.parametrize(
    "name",
    ["drugs.csv", "names.csv", "groups.csv", "exceptions.csv", "words.csv", "targets.csv", "regimens.csv"],
)
def test_every_row_is_whole_and_unique(name: str) -> None:
    rows = list(resource(name))
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    keys = [(row[next(iter(row))], row.get("kind", "") if name == "words.csv" else "") for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", ["drugs.csv", "names.csv", "groups.csv", "words.csv"])
def test_every_fact_has_its_source(name: str) -> None:
    assert all(row["source"].strip() for row in resource(name))


def test_names_point_at_drugs_and_stand_as_they_are_looked_up() -> None:
    for name in drug_names().values():
        assert set(name.ingredients) <= set(drugs()), name
        assert fold(name.name) == name.name, name
    assert {ingredient for name in drug_names().values() for ingredient in name.ingredients} == set(drugs())


def test_groups_exceptions_and_targets_are_known() -> None:
    known_targets = {row["target"] for row in resource("targets.csv")}
    for drug in drugs().values():
        assert drug.group in groups() or drug.group == ""
        assert set(drug.targets) <= known_targets
    assert {row["ingredient"] for row in resource("exceptions.csv")} <= set(drugs())


@pytest.mark.parametrize(
    ("ingredient", "targets"),
    [
        ("nivolumab", ("PD-1",)),
        ("atezolizumab", ("PD-L1",)),
        ("ipilimumab", ("CTLA-4",)),
        ("relatlimab", ("LAG-3",)),
        ("cadonilimab", ("PD-1", "CTLA-4")),
        ("tebotelimab", ("PD-1", "LAG-3")),
        ("erfonrilimab", ("PD-L1", "CTLA-4")),
    ],
)
def test_targets(ingredient: str, targets: tuple[str, ...]) -> None:
    assert drugs()[ingredient].targets == targets
    assert drugs()[ingredient].group == "checkpoint_inhibitor"


@pytest.mark.parametrize(
    ("ingredient", "group"),
    [
        ("cisplatin", "chemotherapy"),
        ("pemetrexed", "chemotherapy"),
        ("docetaxel", "chemotherapy"),
        ("eribulin", "chemotherapy"),
        ("axitinib", "vegfr_kinase_inhibitor"),
        ("lenvatinib", "vegfr_kinase_inhibitor"),
        ("osimertinib", "kinase_inhibitor"),
        ("dabrafenib", "braf_mek_inhibitor"),
        ("trametinib", "braf_mek_inhibitor"),
        ("bevacizumab", "anti_vegf"),
        ("trastuzumab deruxtecan", "antibody"),
        ("tisagenlecleucel", "cell_therapy"),
        ("olaparib", "other_antineoplastic"),
        ("prednisone", "corticosteroid"),
        ("infliximab", "immunosuppressant"),
        ("lenalidomide", "immunomodulator"),
        ("methotrexate", "shared_use"),
        ("peresolimab", ""),
    ],
)
def test_groups(ingredient: str, group: str) -> None:
    assert drugs()[ingredient].group == group


def test_tables_to_join_agree_with_the_drugs() -> None:
    table = group_table()
    assert table["ingredient"].is_unique().all()
    assert set(table.filter(pl.col("group") == "checkpoint_inhibitor")["ingredient"]) == {
        drug.ingredient for drug in checkpoint_inhibitors()
    }
    assert not table.filter(pl.col("group").is_in(["shared_use", "corticosteroid"]))["oncology"].any()
    assert target_table().height == sum(len(drug.targets) for drug in drugs().values())


@pytest.mark.real
def test_names_of_chen_2021_are_all_there(shared) -> None:
    with (shared.parent / "facts/irae_ici_drug_names_chen2021.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    for row in rows:
        generics = row["generic"].split()
        for name in row["brand_and_codes"].lower().split(", "):
            written = next(n for n in drug_names() if n.replace("-", "") == name.replace("-", ""))
            assert drug_names()[written].ingredients[0] in generics
        assert all(row["target"] in drugs()[generic].targets for generic in generics)
