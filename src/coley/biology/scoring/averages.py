"""Sums and averages of the genes of a set: the plainest scores, each of one sample by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring.catalogue import scoring
from coley.biology.scoring.examine import examined
from coley.biology.scoring.sums import per_set, weighted_sums
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from coley.biology.scoring.gene_sets import GeneSets
    from coley.biology.scoring.reference import Reference

    Floats = NDArray[np.float64]

AYERS = (
    "Ayers M, Lunceford J, Nebozhyn M, et al. IFN-gamma-related mRNA profile predicts clinical response to PD-1 "
    "blockade. J Clin Invest 2017;127:2930-2940."
)
ROONEY = (
    "Rooney MS, Shukla SA, Wu CJ, Getz G, Hacohen N. Molecular and genetic properties of tumors associated with "
    "local immune cytolytic activity. Cell 2015;160:48-61."
)
OFFSET = (
    0.01  # TPM added before the logarithm, as in Rooney 2015, so that one absent gene is not minus infinity
)


@scoring(
    "weighted_sum",
    title="Weighted sum of expression",
    summary="Adds up the log expression of the genes of a signature, each times its weight.",
    needs="log expression on the scale on which the weights were found",
    limits="Means what the weights mean: on another platform, unit or normalisation the sum is a different number.",
    references=(AYERS,),
    scale="log",
    weights="value",
)
def weighted_sum(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return sums of weight times log expression.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite.
    sets
        With weights.
    reference
        Taken as by every method, and not needed: a score depends on its sample alone.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.

    References
    ----------
    Ayers et al 2017 (the T-cell-inflamed gene expression profile, of this form).

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> weighted_sum([[1.0, 2.0], [3.0, 5.0]], gene_sets(["s"], [[0, 1]], [[2, -1]]))
    array([[-1., -1.]])
    """
    matrix = examined(X, sets, reference)
    return _none_is_nan(weighted_sums(matrix, sets, sets.weights), sets)


@scoring(
    "mean_expression",
    title="Mean log expression",
    summary="The mean of the log expression of the genes of a set.",
    needs="log expression",
    limits="Genes with large expression and spread dominate; scores of different sets are not on one scale.",
    references=(),
    scale="log",
    weights="none",
)
def mean_expression(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return means of log expression.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite.
    sets
        Without negative weights; every gene counts the same.
    reference
        Taken as by every method, and not needed: a score depends on its sample alone.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> mean_expression([[1.0, 2.0], [3.0, 5.0]], gene_sets(["s"], [[0, 1]]))
    array([[2. , 3.5]])
    """
    matrix = examined(X, sets, reference, signed=False)
    return _mean(matrix, sets, np.ones(len(sets.indices)))


@scoring(
    "geometric_mean",
    title="Geometric mean (cytolytic activity)",
    summary="The geometric mean of the expression of the genes of a set, on the linear scale.",
    needs="linear expression (TPM)",
    limits="Near absence of one gene pulls the score to the offset, however high the others are.",
    references=(ROONEY,),
    scale="linear",
    weights="none",
)
def geometric_mean(
    X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None, offset: float = OFFSET
) -> Floats:
    """Return geometric means of linear expression, each value raised by an offset.

    With GZMA and PRF1 in TPM this is the cytolytic activity of Rooney and colleagues.

    Parameters
    ----------
    X
        Genes x samples, linear (TPM), not negative.
    sets
        Without negative weights; every gene counts the same.
    reference
        Taken as by every method, and not needed: a score depends on its sample alone.
    offset
        Added to each value, above 0, in the unit of `X`.

    Raises
    ------
    UnreadableInput
        Where values are negative (log expression, most likely) or not finite.
    InvalidSetting
        Where sets do not fit, or the offset is not above 0.

    References
    ----------
    Rooney et al 2015, with its offset of 0.01 TPM.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> geometric_mean([[3.99], [15.99]], gene_sets(["CYT"], [[0, 1]])).round(6)
    array([[8.]])
    """
    matrix = examined(X, sets, reference, signed=False)
    if not (np.isfinite(offset) and offset > 0):
        raise InvalidSetting("The offset must be above 0.", where=f"{offset}")

    def log(values: Floats) -> Floats:
        if values.size and values.min() < 0:
            raise UnreadableInput(
                "A geometric mean needs linear expression, and some values are negative.",
                where=f"lowest {values.min():g}",
                cause="The matrix is on a log scale, or was centred.",
                remedy="Give TPM, or score log expression with `mean_expression`.",
            )
        return np.asarray(np.log(values + offset))

    return np.asarray(np.exp(_mean(matrix, sets, np.ones(len(sets.indices)), through=log)))


@scoring(
    "ratio",
    title="Log ratio of two groups of genes",
    summary="The mean log expression of the genes above the line less that of the genes below it.",
    needs="log expression, and signs that say which genes are above the line",
    limits="Two low means give as large a ratio as two high ones.",
    references=(),
    scale="log",
    weights="sign",
)
def ratio(X: ArrayLike, sets: GeneSets, *, reference: Reference | None = None) -> Floats:
    """Return differences of mean log expression: the log of the ratio of two geometric means.

    A quotient of two mean logs changes its sign, and passes through infinity, where the lower mean crosses 0;
    the difference of logs is the ratio on the linear scale and does neither.

    Parameters
    ----------
    X
        Genes x samples, log expression, finite.
    sets
        Positive weights for genes above the line, negative for those below; their size is not used. A set
        without either side scores NaN.
    reference
        Taken as by every method, and not needed: a score depends on its sample alone.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As `examined` says: values that are not finite, sets that do not fit.

    Examples
    --------
    >>> from coley.biology.scoring import gene_sets
    >>> ratio([[5.0], [3.0], [1.0]], gene_sets(["up/down"], [[0, 1, 2]], [[1, 1, -1]]))
    array([[3.]])
    """
    matrix = examined(X, sets, reference)
    above, below = (sets.weights > 0).astype(float), (sets.weights < 0).astype(float)
    return _mean(matrix, sets, above) - _mean(matrix, sets, below)


def _mean(
    matrix: Floats, sets: GeneSets, weights: Floats, *, through: Callable[[Floats], Floats] | None = None
) -> Floats:
    """Return weighted means; NaN where the weights of a set sum to nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return weighted_sums(matrix, sets, weights, through=through) / per_set(sets, weights)[:, None]


def _none_is_nan(scores: Floats, sets: GeneSets) -> Floats:
    scores[sets.sizes == 0] = np.nan
    return scores
