"""What is judged, examined: finite scores, probabilities from 0 to 1, outcomes that are 0 or 1 and of both kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def outcome(positive: ArrayLike) -> Bools:
    """Examine a binary outcome of which both kinds occur.

    Raises
    ------
    UnreadableInput
        Where a value is neither 0 nor 1.
    NotEstimable
        Where all outcomes are alike.

    Examples
    --------
    >>> outcome([0, 1, 1])
    array([False,  True,  True])
    """
    values = np.asarray(positive, dtype=float)
    if values.ndim != 1 or not np.isin(values, (0, 1)).all():
        raise UnreadableInput(
            f"The outcome holds {np.unique(values)[:5].tolist()}; only 0 and 1 are understood.",
            remedy="Recode it, and leave out patients whose outcome is unknown.",
        )
    if values.min(initial=1) >= values.max(initial=0):
        raise NotEstimable(
            f"All {len(values)} outcomes are alike.",
            cause="a score can only be judged by how it tells two kinds of patients apart",
        )
    happened: Bools = values == 1
    return happened


def scores(score: ArrayLike, n: int, *, what: str = "The score") -> Floats:
    """Examine one finite number for each of `n` patients.

    Raises
    ------
    UnreadableInput
        Where the length differs, or a value is missing or infinite.

    Examples
    --------
    >>> scores([3, 1], 2)
    array([3., 1.])
    """
    values = np.asarray(score, dtype=float)
    if values.shape != (n,) or not np.isfinite(values).all():
        raise UnreadableInput(
            f"{what} needs one finite number for each of {n} patients.",
            where=f"shape {values.shape}; unusable values at rows {np.flatnonzero(~np.isfinite(values))[:5].tolist()}",
            remedy="Leave out patients whose score is unknown, and say how many: missing is never zero.",
        )
    return values


def probabilities(probability: ArrayLike, n: int, *, open_ended: bool = False) -> Floats:
    """Examine one probability for each of `n` patients.

    Parameters
    ----------
    probability
        From 0 to 1.
    n
        Number of patients.
    open_ended
        Whether 0 and 1 themselves are refused, because their logit is needed.

    Raises
    ------
    UnreadableInput
        Where the length differs, or a value is missing, outside, or has no logit.

    Examples
    --------
    >>> probabilities([0.2, 1.0], 2)
    array([0.2, 1. ])
    """
    values = scores(probability, n, what="A probability")
    outside = (values < 0) | (values > 1)
    if outside.any():
        raise UnreadableInput(
            "Probabilities lie between 0 and 1.",
            where=f"{int(outside.sum())} values outside, as {values[outside][:3].tolist()}",
            cause="a score or per cent taken for a probability",
            remedy="Turn the score into a probability with `recalibrate` on other patients, or divide by 100.",
        )
    certain = (values == 0) | (values == 1)
    if open_ended and certain.any():
        raise UnreadableInput(
            "Probabilities of exactly 0 or 1 have no logit.",
            where=f"{int(certain.sum())} of {n} patients",
            cause="votes of a forest, or a model that separates its training data",
            remedy="Shrink them as the model allows, for instance (votes + 1/2) / (trees + 1).",
        )
    return values
