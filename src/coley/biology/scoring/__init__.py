"""Scores of gene sets in samples: one number for each set and sample, by the field's standard methods.

Every method is `f(X, sets, *, reference=None, ...)` on a matrix of genes x samples; `SCORING` is their catalogue.
"""

from coley.biology.scoring.catalogue import SCORING, ScoringMethod
from coley.biology.scoring.gene_sets import GeneSets, gene_sets, pair_rules

__all__ = ["SCORING", "GeneSets", "ScoringMethod", "gene_sets", "pair_rules"]
