"""Drugs: checkpoint inhibitors under all their names, the rest of oncology, regimens."""

from coley.biology.drugs.cleaning import fold, ingredient_name
from coley.biology.drugs.matching import HOW, Match, Matcher
from coley.biology.drugs.regimens import Regimen, feature_table, features, regimens, regimens_of
from coley.biology.drugs.table import (
    Drug,
    DrugName,
    Group,
    checkpoint_inhibitors,
    drug_names,
    drugs,
    group_table,
    groups,
    target_table,
)

__all__ = [
    "HOW",
    "Drug",
    "DrugName",
    "Group",
    "Match",
    "Matcher",
    "Regimen",
    "checkpoint_inhibitors",
    "drug_names",
    "drugs",
    "feature_table",
    "features",
    "fold",
    "group_table",
    "groups",
    "ingredient_name",
    "regimens",
    "regimens_of",
    "target_table",
]
