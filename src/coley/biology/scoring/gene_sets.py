"""Gene sets as rows of a matrix: one flat array of indices, and where each set starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ABSENT = -1  # stands for a gene that was not measured, in pair rules only


@dataclass(frozen=True, slots=True, eq=False)
class GeneSets:
    """Named sets of genes, each gene a row of the expression matrix that will be scored.

    Attributes
    ----------
    names
        One for each set.
    indices
        Rows of all sets, one set after the other.
    starts
        One longer than `names`: set i holds `indices[starts[i]:starts[i + 1]]`.
    weights
        One for each index; 1 where none was given. In pair rules 1 and -1 in turns.
    pairs
        True where the sets hold rules "first above second" and not genes (`pair_rules`).
    """

    names: tuple[str, ...]
    indices: Integers
    starts: Integers
    weights: Floats
    pairs: bool = False

    def __len__(self) -> int:
        return len(self.names)

    @property
    def sizes(self) -> Integers:
        """Number of genes in each set; in pair rules two for each rule."""
        return np.diff(self.starts)

    def rows(self, i: int) -> Integers:
        """Rows of the i-th set."""
        return self.indices[self.starts[i] : self.starts[i + 1]]


def gene_sets(
    names: Sequence[str], members: Sequence[ArrayLike], weights: Sequence[ArrayLike | None] | None = None
) -> GeneSets:
    """Make gene sets from the rows of their members.

    Parameters
    ----------
    names
        Of the sets, all different.
    members
        For each set, row numbers (from 0) of its genes, each at most once. An empty set is allowed, and
        its score is NaN.
    weights
        For each set, one finite number a gene (negative for genes that should be low), or None for ones.

    Raises
    ------
    InvalidSetting
        Where names repeat, a row is repeated within a set, negative or not whole, or weights do not fit.

    Examples
    --------
    >>> sets = gene_sets(["cytolytic", "ratio"], [[3, 7], [3, 1]], [None, [1, -1]])
    >>> sets.rows(1), sets.sizes
    (array([3, 1]), array([2, 2]))
    """
    rows = [_integers(name, array) for name, array in _named(names, members)]
    for name, array in zip(names, rows, strict=True):
        if (array < 0).any():
            raise InvalidSetting(f"Gene set {name!r} holds a negative row number.", where=f"{array.min()}")
        if len(np.unique(array)) < len(array):
            raise InvalidSetting(
                f"Gene set {name!r} holds a gene more than once.",
                cause="Two symbols of the list are names of one gene.",
                remedy="Keep each gene once.",
            )
    given = [None] * len(rows) if weights is None else list(weights)
    if len(given) != len(rows):
        raise InvalidSetting(f"{len(rows)} gene sets cannot carry {len(given)} lists of weights.")
    numbers = [
        np.ones(len(array)) if w is None else np.asarray(w, dtype=float)
        for w, array in zip(given, rows, strict=True)
    ]
    for name, w, array in zip(names, numbers, rows, strict=True):
        if w.shape != array.shape or not np.isfinite(w).all():
            raise InvalidSetting(
                f"Gene set {name!r} needs one finite weight for each of its {len(array)} genes.",
                where=f"{w.size} weights, {int((~np.isfinite(w)).sum())} of them missing or infinite",
            )
    return _flat(names, rows, numbers, pairs=False)


def pair_rules(names: Sequence[str], pairs: Sequence[ArrayLike]) -> GeneSets:
    """Make sets of rules "expression of the first gene is above that of the second".

    Parameters
    ----------
    names
        Of the sets, all different.
    pairs
        For each set, rules x 2 row numbers; -1 stands for a gene that was not measured.

    Raises
    ------
    InvalidSetting
        Where names repeat, or rows do not come in pairs of two different genes.

    Examples
    --------
    >>> pair_rules(["two rules"], [[[0, 1], [0, 2]]]).indices
    array([0, 1, 0, 2])
    """
    rows = []
    for name, array in _named(names, pairs):
        rules = np.asarray(array)
        if rules.size and (rules.ndim != 2 or rules.shape[1] != 2):
            raise InvalidSetting(f"The rules of {name!r} need two genes each.", where=f"shape {rules.shape}")
        flat = _integers(name, rules.reshape(-1))
        if (flat < ABSENT).any() or ((flat[::2] == flat[1::2]) & (flat[::2] != ABSENT)).any():
            raise InvalidSetting(f"The rules of {name!r} need two different genes each, as row numbers.")
        rows.append(flat)
    return _flat(names, rows, [np.resize([1.0, -1.0], len(flat)) for flat in rows], pairs=True)


def _named(names: Sequence[str], things: Sequence[ArrayLike]) -> list[tuple[str, ArrayLike]]:
    if len(names) != len(things) or len(set(names)) < len(names):
        raise InvalidSetting(
            "Gene sets need one name each, all different.",
            where=f"{len(set(names))} different names for {len(things)} sets",
        )
    return list(zip(names, things, strict=True))


def _integers(name: str, array: ArrayLike) -> Integers:
    values = np.asarray(array)
    if not values.size:
        return np.empty(0, dtype=np.int64)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise InvalidSetting(
            f"The members of gene set {name!r} must be row numbers.",
            where=f"{values.ndim} dimensions of {values.dtype}",
            remedy="Translate gene symbols to rows of the expression matrix first.",
        )
    return values.astype(np.int64)


def _flat(names: Sequence[str], rows: list[Integers], weights: list[Floats], *, pairs: bool) -> GeneSets:
    starts = np.concatenate([[0], np.cumsum([len(array) for array in rows], dtype=np.int64)]).astype(np.int64)
    indices = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    values = np.concatenate(weights) if weights else np.empty(0)
    return GeneSets(tuple(names), indices, starts, values, pairs)
