"""Splits for judging a model out of sample, and what a mean over them is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def stratified_folds(
    positive: ArrayLike, *, folds: int, repeats: int, seed: int, both: bool = True
) -> NDArray[np.intp]:
    """Deal patients into folds that hold as equal shares of both classes as can be, several times over.

    Parameters
    ----------
    positive
        Class of each patient (the outcome, or whether there was an event).
    folds, repeats, seed
        Folds of each split, number of splits, and the seed that makes them.
    both
        Whether every fold needs both classes, as an AUC does; where not, positives are enough.

    Returns
    -------
    array
        Repeats x patients: the fold in which each patient is held out.

    Raises
    ------
    InvalidSetting
        Where a fold would lack one of the classes, as leave-one-out does; or for fewer than two folds.

    Examples
    --------
    >>> dealt = stratified_folds([0, 0, 0, 1, 1, 1], folds=3, repeats=2, seed=1)
    >>> [np.bincount(row).tolist() for row in dealt]
    [[2, 2, 2], [2, 2, 2]]
    """
    label = np.asarray(positive, dtype=bool)
    n, fewest = len(label), int(min(label.sum(), (~label).sum()) if both else label.sum())
    if folds < 2 or repeats < 1:
        raise InvalidSetting(
            f"{folds} folds, {repeats} times, are no cross-validation.",
            remedy="5 folds, 10 times, are customary.",
        )
    if folds >= n:
        raise InvalidSetting(
            "Leave-one-out is refused.",
            cause="a fold of one patient has no AUC, and an AUC pooled over such folds is biased: leaving out a "
            "responder lowers the response rate of the rest, so that a marker without information falls to about 0.3",
            remedy="Use repeated stratified folds: 5, ten times, are customary.",
        )
    if folds > fewest:
        raise InvalidSetting(
            f"{folds} folds cannot each hold {'both classes' if both else 'an event'}: there are {fewest} of one.",
            remedy=f"Use at most {fewest} folds."
            if fewest > 1
            else "Collect more patients: there is no judging out of sample with so few.",
        )
    generator = np.random.default_rng(seed)
    dealt = np.empty((repeats, n), dtype=np.intp)
    for row in dealt:
        order = np.concatenate([generator.permutation(np.flatnonzero(side)) for side in (label, ~label)])
        row[order] = np.arange(n) % folds  # the second class goes on where the first ended
    return dealt


def corrected_resampled(values: Floats, *, held_out: float, level: float) -> Interval:
    """Return the mean over folds with an interval that allows for their sharing of patients.

    Parameters
    ----------
    values
        One a fold, of all repeats.
    held_out
        Patients held out, over patients trained on: 1 / (folds - 1).
    level
        Coverage of the interval.

    References
    ----------
    Nadeau and Bengio 2003, the corrected resampled variance.

    Examples
    --------
    >>> found = corrected_resampled(np.array([0.1, 0.2, 0.1, 0.0]), held_out=1 / 3, level=0.95)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.1, -0.098, 0.298)
    """
    from scipy.special import stdtrit

    z_of(level)
    count = len(values)
    value = float(values.mean())
    se = float(np.sqrt(values.var(ddof=1) * (1 / count + held_out)))
    half = float(stdtrit(count - 1, 0.5 + level / 2)) * se
    return Interval(value, value - half, value + half, level, se)
