"""Scores from z-scores of genes: relative to the cohort, or to a frozen reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import COHORT, scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.reference import moments
from coley.biology.scoring.sums import per_set, weighted_sums

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

LEE = (
    "Lee E, Chuang HY, Kim JW, Ideker T, Lee D. Inferring pathway activity toward precise disease classification. "
    "PLoS Comput Biol 2008;4:e1000217."
)


@scoring(
    "mean_z",
    title="Mean z-score",
    summary="The weighted mean of the z-scores of the genes of a set.",
    needs="log expression of a cohort, or a frozen reference",
    limits="Without a reference, a score says where a patient stands in this cohort and moves with it.",
    references=(LEE,),
    scale="log",
    weights="value",
    cohort_needs=COHORT,
)
def mean_z(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return sums of weight times z over sums of absolute weights.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite.
    sets
        With weights, if wanted; a gene that is constant in the cohort (or the reference) tells nothing and
        is left out, and a set with no other gene scores NaN.
    reference
        Whose means and standard deviations (n - 1) make the z-scores; the cohort's own where None.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.
    NotEstimable
        Where there are fewer than 10 samples and no reference.

    References
    ----------
    Lee et al 2008 for the sum of z-scores; the mean is that over the number of genes, and not over its root.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = [[0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [9.0, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
    >>> mean_z(X, gene_sets(["up", "balanced"], [[0], [0, 1]]))[:, 0].round(3) + 0
    array([-1.486,  0.   ])
    """
    return _scored(X, sets, reference, lambda w: per_set(sets, np.abs(w)))


@scoring(
    "z_score",
    title="Combined z-score",
    summary="The sum of the z-scores of the genes of a set over the root of their number.",
    needs="log expression of a cohort, or a frozen reference",
    limits="Of unit variance only if the genes are independent, which genes of a set are not. Without a reference, "
    "a score moves with the cohort.",
    references=(LEE,),
    scale="log",
    weights="value",
    cohort_needs=COHORT,
)
def z_score(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return sums of weight times z over the root of the sums of squared weights.

    Parameters
    ----------
    X, sets, reference
        As for `mean_z`.

    Raises
    ------
    UnreadableInput, InvalidSetting, NotEstimable
        As for `mean_z`.

    References
    ----------
    Lee et al 2008, without its search for a subset of the genes.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> X = [[0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]]
    >>> z_score(X, gene_sets(["both"], [[0, 1]]))[:, 0].round(3)
    array([-2.102])
    """
    return _scored(X, sets, reference, lambda w: np.sqrt(per_set(sets, w * w)))


def _scored(
    X: ArrayLike, sets: GeneSets, reference: Reference | None, divisor: Callable[[Floats], Floats]
) -> Floats:
    matrix = examined(X, sets, reference, needs=COHORT)
    if reference is None:
        used, place = np.unique(sets.indices, return_inverse=True)
        mean, sd = (values[place] for values in moments(matrix, used))
    else:
        mean, sd = reference.mean[sets.indices], reference.sd[sets.indices]
    weights = np.where(sd > 0, sets.weights, 0.0)
    scaled = np.divide(weights, sd, out=np.zeros_like(sd), where=sd > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(weighted_sums(matrix, sets, scaled, shift=mean) / divisor(weights)[:, None])
