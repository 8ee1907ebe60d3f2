"""Mutational burden and its parts: what is counted, in whom, on how many megabases, with what interval."""

from coley.biology.burden.assayed import Assayed, assayed
from coley.biology.burden.classes import Rule, rules, variant_class
from coley.biology.burden.clonality import Clonality, clonal_burden
from coley.biology.burden.fractions import fractions
from coley.biology.burden.genes import Gene, GeneStatus, gene_status, ici_genes
from coley.biology.burden.harmonise import Calibration, Harmonised, harmonise, transferable
from coley.biology.burden.msi import Instability, msi_from_score, msi_status
from coley.biology.burden.neoantigens import Neoantigens, neoantigens
from coley.biology.burden.patients import per_patient
from coley.biology.burden.poisson import garwood
from coley.biology.burden.somatic import Somatic, somatic
from coley.biology.burden.tmb import Burden, tmb

__all__ = [
    "Assayed",
    "Burden",
    "Calibration",
    "Clonality",
    "Gene",
    "GeneStatus",
    "Harmonised",
    "Instability",
    "Neoantigens",
    "Rule",
    "Somatic",
    "assayed",
    "clonal_burden",
    "fractions",
    "garwood",
    "gene_status",
    "harmonise",
    "ici_genes",
    "msi_from_score",
    "msi_status",
    "neoantigens",
    "per_patient",
    "rules",
    "somatic",
    "tmb",
    "transferable",
    "variant_class",
]
