"""Scores of gene sets in samples: one number for each set and sample, by the field's standard methods.

Every method is `f(X, sets, *, reference=None, ...)` on a matrix of genes x samples; `SCORING` is their catalogue.
"""

from coley.biology.scoring.aucell import aucell
from coley.biology.scoring.averages import geometric_mean, mean_expression, ratio, weighted_sum
from coley.biology.scoring.catalogue import SCORING, ScoringMethod
from coley.biology.scoring.gene_pairs import gene_pairs
from coley.biology.scoring.gene_sets import GeneSets, gene_sets, pair_rules
from coley.biology.scoring.gsva import gsva
from coley.biology.scoring.plage import plage
from coley.biology.scoring.reference import Reference, freeze
from coley.biology.scoring.singscore import singscore
from coley.biology.scoring.ssgsea import ssgsea
from coley.biology.scoring.z_scores import mean_z, z_score

__all__ = [
    "SCORING",
    "GeneSets",
    "Reference",
    "ScoringMethod",
    "aucell",
    "freeze",
    "gene_pairs",
    "gene_sets",
    "geometric_mean",
    "gsva",
    "mean_expression",
    "mean_z",
    "pair_rules",
    "plage",
    "ratio",
    "singscore",
    "ssgsea",
    "weighted_sum",
    "z_score",
]
