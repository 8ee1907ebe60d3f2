"""The columns of a screen, examined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Columns worked on together: enough to make a call worth its while, few enough to stay in the cache.
BLOCK = 64


@dataclass(frozen=True, eq=False)
class Columns:
    """A matrix, patients x columns, with NaN where a value is missing, and the names of the columns."""

    X: NDArray[np.generic]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def block(self, part: slice | NDArray[np.intp]) -> Floats:
        """Return some columns as the rows of a contiguous array.

        Raises
        ------
        UnreadableInput
            Where a value is infinite.
        """
        rows: Floats = np.ascontiguousarray(self.X[:, part].T.astype(np.float64))
        infinite = np.isinf(rows).any(axis=1)
        if infinite.any():
            worst = np.arange(len(self))[part][infinite.argmax()]
            raise UnreadableInput(
                f"Column {self.names[worst]!r} holds an infinite value.",
                cause="a logarithm of zero, or a division by it",
                remedy="Give a missing value as NaN, or add a constant before the logarithm is taken.",
            )
        return rows


def columns(X: ArrayLike, n: int, *, names: Sequence[str] | None = None) -> Columns:
    """Examine the columns of a screen of `n` patients.

    Parameters
    ----------
    X
        Patients x columns of numbers, NaN where missing; one column may be given as a vector.
    n
        Number of patients.
    names
        One per column; x1, x2 ... where absent.

    Raises
    ------
    UnreadableInput
        Where the shape does not fit, or values are not numbers.
    InvalidSetting
        Where names are too many, too few, or given twice.

    Examples
    --------
    >>> columns([[1.0, 5.0], [3.0, float("nan")]], 2, names=["a", "b"]).names
    ('a', 'b')
    """
    try:
        matrix = np.asarray(X)
        matrix = matrix if matrix.dtype.kind in "fiub" else matrix.astype(float)
    except (TypeError, ValueError) as error:
        raise UnreadableInput("The columns to screen must be numbers.", cause=str(error)) from None
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != n or matrix.shape[1] == 0:
        raise UnreadableInput(
            f"The matrix to screen has the shape {np.shape(X)}; {n} rows and at least one column are needed.",
            cause="columns x patients in place of patients x columns, or outcomes of other patients",
        )
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1] or len(set(labels)) < len(labels):
        raise InvalidSetting(
            f"{matrix.shape[1]} columns cannot carry these {len(labels)} names.",
            where=f"{len(labels) - len(set(labels))} names are given more than once",
        )
    return Columns(matrix, labels)


def two_classes(positive: ArrayLike) -> NDArray[np.bool_]:
    """Examine a yes or no outcome: 1 or True for yes, 0 or False for no.

    Raises
    ------
    UnreadableInput
        Where a value is missing or is neither.
    NotEstimable
        Where all values are the same.

    Examples
    --------
    >>> two_classes([1, 0, 1])
    array([ True, False,  True])
    """
    try:
        values = np.asarray(positive, dtype=float)
    except (TypeError, ValueError):
        values = np.full(np.size(positive), np.nan)
    if values.ndim != 1 or not np.isin(values, (0, 1)).all():
        raise UnreadableInput(
            "A yes or no outcome needs one 1 or 0 per patient.",
            where=f"shape {values.shape}; other values at rows {np.flatnonzero(~np.isin(values, (0, 1)))[:5]}",
            remedy="Leave out patients who could not be evaluated, and say how many.",
        )
    yes: NDArray[np.bool_] = values == 1
    if yes.all() or not yes.any():
        raise NotEstimable(
            f"{int(yes.sum())} of {len(yes)} patients are positive: there is nobody to compare them with."
        )
    return yes


def strata_codes(strata: ArrayLike | None, n: int) -> NDArray[np.intp]:
    """Return the strata of `n` patients as numbers from 0, all 0 where there are none.

    Raises
    ------
    UnreadableInput
        Where there is not one label per patient.

    Examples
    --------
    >>> strata_codes(["lung", "skin", "lung"], 3)
    array([0, 1, 0])
    """
    if strata is None:
        return np.zeros(n, dtype=np.intp)
    if np.shape(strata) != (n,):
        raise UnreadableInput(
            "'strata' must hold one label per patient.", where=f"{np.shape(strata)} for {n}"
        )
    codes: NDArray[np.intp] = np.unique(np.asarray(strata), return_inverse=True)[1]
    return codes
