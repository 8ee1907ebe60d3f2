"""Inflamed, excluded or desert: read from pathology, or, with open eyes, told from expression."""

from coley.biology.phenotype.expression_rule import immune_phenotype
from coley.biology.phenotype.values import PHENOTYPES, UNCLASSIFIABLE, Phenotypes
from coley.biology.phenotype.words import from_pathology

__all__ = ["PHENOTYPES", "UNCLASSIFIABLE", "Phenotypes", "from_pathology", "immune_phenotype"]
