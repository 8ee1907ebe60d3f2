"""HLA evolutionary divergence (HED): how far the two alleles of a locus lie apart in their amino acids.

Coley ships no HLA sequences: the licence of IPD-IMGT/HLA (Attribution-NoDerivs) asks that its data not be
passed on in parts. The user brings the aligned sequences.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.hla.alleles import CLASS_ONE, Allele, parse_allele
from coley.model.errors import MissingData, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from coley.biology.hla.zygosity import ClassOne

GRANTHAM = (
    "Grantham R. Amino acid difference formula to help explain protein evolution. Science 1974;185:862-864."
)
PIERINI = (
    "Pierini F, Lenz TL. Divergent allele advantage at human MHC genes. Mol Biol Evol 2018;35:2145-2158; "
    "Chowell D et al. Evolutionary divergence of HLA class I genotype impacts efficacy of cancer immunotherapy. "
    "Nat Med 2019;25:1715-1720."
)


@cache
def grantham() -> tuple[str, NDArray[np.float64]]:
    """Return the amino acids and the matrix of their distances.

    Examples
    --------
    >>> letters, distance = grantham()
    >>> float(distance[letters.index("L"), letters.index("I")]), float(distance.max())
    (5.0, 215.0)
    """
    text = files("coley.biology.hla").joinpath("resources", "grantham.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    letters = "".join(row["letter"] for row in rows)
    return letters, np.array([[float(row[letter]) for letter in letters] for row in rows])


def sequence_distance(one: str, two: str) -> float:
    """Return the mean Grantham distance over the aligned sites at which both sequences have an amino acid.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or no site can be compared.

    Examples
    --------
    >>> sequence_distance("ALI-", "ALLK")
    1.6666666666666667
    """
    letters, distance = grantham()
    if len(one) != len(two):
        raise UnreadableInput(
            "Sequences must be aligned to one length.", where=f"lengths {len(one)} and {len(two)}"
        )
    pairs = [(letters.find(a), letters.find(b)) for a, b in zip(one.upper(), two.upper(), strict=True)]
    known = np.array([pair for pair in pairs if min(pair) >= 0], dtype=int)
    if not len(known):
        raise UnreadableInput("The sequences share no site with an amino acid.")
    return float(distance[known[:, 0], known[:, 1]].mean())


@method(
    "hla_divergence",
    title="HLA evolutionary divergence (HED)",
    summary="Mean Grantham distance between the two alleles of HLA-A, -B and -C over the peptide-binding domain.",
    needs="HLA class I alleles at two fields, and their aligned protein sequences (exons 2 and 3)",
    limits="Depends on the alignment and its release. Did not discriminate responders in the LORIS test set "
    "(AUC 0.48 to 0.51, n = 515) nor in the meta-analysis of Litchfield 2021.",
    references=(GRANTHAM, PIERINI),
)
def divergence(typing: ClassOne, sequences: Mapping[str, str] | None) -> pl.DataFrame:
    """Return the divergence of each patient.

    Parameters
    ----------
    typing
        From `class_one`.
    sequences
        Allele, in any spelling, to its aligned sequence of exons 2 and 3, all of one locus of one
        length. None is refused: Coley ships no sequences.

    Returns
    -------
    pl.DataFrame
        patient_id, hed_a, hed_b, hed_c and hed (their mean, null where one is unknown). A homozygous
        locus has 0.

    Raises
    ------
    MissingData
        Without sequences.
    UnreadableInput
        Where sequences are not aligned.

    References
    ----------
    Grantham 1974; Pierini and Lenz 2018; Chowell 2019.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.biology.hla import class_one
    >>> hla = pl.DataFrame({"patient_id": ["p"], "allele": ["A0101,A0201,B0702,B0702,C0701,C0702"]})
    >>> sequences = {"A*01:01": "LS", "A*02:01": "IS", "B*07:02": "A", "C*07:01": "CK", "C*07:02": "WK"}
    >>> divergence(class_one(hla), sequences).row(0)
    ('p', 2.5, 0.0, 107.5, 36.666666666666664)
    """
    import polars as pl

    if sequences is None:
        raise MissingData(
            "HLA evolutionary divergence needs aligned sequences of the alleles, and Coley ships none.",
            cause="The licence of IPD-IMGT/HLA asks that its data not be passed on in parts.",
            remedy="Bring them: the protein alignments of www.ebi.ac.uk/ipd/imgt/hla, exons 2 and 3.",
        )
    known = {parse_allele(name): text for name, text in sequences.items()}
    rows = []
    for patient, loci in typing.genotypes.items():
        values = [_locus(loci.get(locus), known) for locus in CLASS_ONE]
        told = [value for value in values if value is not None]
        rows.append((patient, *values, sum(told) / len(told) if len(told) == len(CLASS_ONE) else None))
    names = ("hed_a", "hed_b", "hed_c", "hed")
    schema = {"patient_id": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _locus(two: tuple[Allele, Allele] | None, known: Mapping[Allele | None, str]) -> float | None:
    if two is None:
        return None
    if two[0] == two[1]:
        return 0.0
    if two[0] not in known or two[1] not in known:
        return None
    return sequence_distance(known[two[0]], known[two[1]])
