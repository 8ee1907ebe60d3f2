"""HLA alleles, zygosity and divergence."""

from coley.biology.hla.alleles import Allele, parse_allele
from coley.biology.hla.divergence import divergence
from coley.biology.hla.zygosity import ClassOne, class_one

__all__ = ["Allele", "ClassOne", "class_one", "divergence", "parse_allele"]
