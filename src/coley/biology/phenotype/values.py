"""The immune phenotypes, and the value that a rule returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PHENOTYPES = ("desert", "excluded", "inflamed")  # in the order of CD8 T cells in and around the tumour
UNCLASSIFIABLE = "unclassifiable"

Mode = Literal["single-sample", "cohort-relative"]


@dataclass(frozen=True, slots=True, eq=False)
class Phenotypes:
    """The likely immune phenotype of each sample.

    Attributes
    ----------
    samples
        Names.
    labels
        For each sample one of `PHENOTYPES`, or "unclassifiable" where none is likely enough.
    probability, low, high
        (3, samples) in the order of `PHENOTYPES`. The limits hold the uncertainty of the rule (and, relative
        to a cohort, of that cohort's mean and spread), not that of a single tumour.
    level
        Coverage of the limits.
    score
        (samples,) the T-effector signature: mean log2(TPM + 1) of its genes.
    mode
        "single-sample", or "cohort-relative": then a label depends on the other samples.
    notes
        What a reader must know beside the labels.
    """

    samples: tuple[str, ...]
    labels: tuple[str, ...]
    probability: Floats
    low: Floats
    high: Floats
    level: float
    score: Floats
    mode: Mode
    notes: tuple[str, ...]
