"""A design matrix that has been examined: finite, named, standardised, and of full rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# A column is constant, or a combination of others, where less than this share of its variance is its own:
# the square of the relative accuracy that survives the subtraction of two 64-bit sums.
OWN_VARIANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates with their names, and the same centred and scaled (a likelihood is maximised on that).

    Attributes
    ----------
    X
        Patients x columns, as given.
    names
        One per column.
    centre, scale
        Mean and standard deviation of each column.
    Z
        Columns x patients, `(X - centre) / scale`.
    """

    X: NDArray[np.float64]
    names: tuple[str, ...]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    Z: NDArray[np.float64]

    @property
    def p(self) -> int:
        """Number of columns."""
        return len(self.names)


def design(X: ArrayLike, n: int, *, names: Sequence[str] | None = None) -> Design:
    """Examine a design matrix of `n` patients.

    Parameters
    ----------
    X
        Patients x columns; one column may be given as a vector.
    n
        Number of patients.
    names
        One per column; x1, x2 ... where absent.

    Raises
    ------
    UnreadableInput
        Where the shape does not fit, or a value is missing or infinite.
    NotEstimable
        Where a column is constant.

    Examples
    --------
    >>> design([[1.0, 5.0], [3.0, 7.0]], 2, names=["a", "b"]).centre
    array([2., 6.])
    """
    matrix = np.asarray(X, dtype=float)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or len(matrix) != n or matrix.shape[1] == 0:
        raise UnreadableInput(
            f"The design matrix has the shape {np.shape(X)}; {n} rows and at least one column are needed.",
            cause="covariates and outcomes that are not of the same patients",
        )
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InvalidSetting(f"{matrix.shape[1]} columns cannot carry the {len(labels)} names {labels}.")
    Z = matrix.T.copy()  # columns that lie together in memory are summed several times faster
    if not np.isfinite(Z).all():
        holes = (~np.isfinite(Z)).sum(axis=1)
        bad = [f"{labels[j]} ({holes[j]})" for j in np.flatnonzero(holes)]
        raise UnreadableInput(
            "Covariates hold missing or infinite values.",
            where=f"columns (number of values): {', '.join(bad)}",
            remedy="Leave those patients out, or impute and say so: missing is never zero.",
        )
    centre = Z.mean(axis=1)
    Z -= centre[:, None]
    scale = np.sqrt(np.einsum("jn,jn->j", Z, Z) / n)
    constant = scale**2 <= OWN_VARIANCE**2 * (centre**2 + np.finfo(float).tiny)
    if constant.any():
        raise NotEstimable(
            f"The same value for everybody: {_list(labels, constant)}.",
            cause="nothing can be associated with what does not vary",
            remedy="Leave the column out.",
        )
    Z /= scale[:, None]
    return Design(matrix, labels, centre, scale, Z)


def refuse_aliased(information: NDArray[np.float64], names: Sequence[str], *, who: str) -> None:
    """Refuse a model in which a column carries nothing that the columns before it do not carry.

    Parameters
    ----------
    information
        Information matrix of the standardised columns before anything is fitted, p x p.
    names
        One per column.
    who
        Among whom it was computed, for the message.

    Raises
    ------
    NotEstimable
        With the names of the column and of those it is a combination of.
    """
    size = np.diag(information).max(initial=0.0)
    flat = np.diag(information) <= OWN_VARIANCE * size if size > 0 else np.ones(len(names), dtype=bool)
    if flat.any():
        raise NotEstimable(
            f"No variation {who}: {_list(names, flat)}.",
            cause="nothing can be associated with what does not vary",
            remedy="Leave the column out.",
        )
    root = np.sqrt(np.diag(information))
    correlation = information / np.outer(root, root)
    for j in range(1, len(names)):
        combination = np.linalg.solve(correlation[:j, :j], correlation[:j, j])
        if 1 - correlation[:j, j] @ combination <= OWN_VARIANCE:
            others = np.abs(combination) > np.sqrt(OWN_VARIANCE)
            raise NotEstimable(
                f"Column {names[j]!r} is a linear combination of {_list(names[:j], others)}.",
                where=who,
                cause="the same fact twice, or an indicator for every level of a factor",
                remedy=f"Leave {names[j]!r} out.",
            )


def _list(names: Sequence[str], chosen: NDArray[np.bool_]) -> str:
    return ", ".join(repr(name) for name, yes in zip(names, chosen, strict=True) if yes)
