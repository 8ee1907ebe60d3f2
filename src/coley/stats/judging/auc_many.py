"""The AUC of thousands of markers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.judging.examined import outcome
from coley.stats.judging.placements import placements
from coley.stats.judging.roc import DELONG, MANN_WHITNEY, SUN_XU
from coley.stats.tails import normal_two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BLOCK_CELLS = 1 << 19  # markers x patients worked on together: little enough to stay near the processor


@dataclass(frozen=True, eq=False)
class AucScreen:
    """One AUC a marker; NaN standard error where the marker does not vary, z and p as well.

    Attributes
    ----------
    names
        Of the markers.
    value, se
        Area, and DeLong's standard error; 0 where the marker separates the classes without exception.
    z, p
        Rank-sum statistic, positive where larger values go with the outcome, and its two-sided p.
    n, positives
        Patients, and those with the outcome.
    """

    names: tuple[str, ...]
    value: Floats
    se: Floats
    z: Floats
    p: Floats
    n: int
    positives: int


@method(
    "auc_many",
    title="AUC of many markers",
    summary="Area under the ROC curve of each marker by itself, with DeLong's standard error and a rank-sum test.",
    needs="any number of markers and a binary outcome of each patient",
    limits="One p value a marker: correct for their number, and judge the best of them on other patients.",
    references=(DELONG, SUN_XU, MANN_WHITNEY),
)
def auc_many(X: ArrayLike, positive: ArrayLike, *, names: Sequence[str] | None = None) -> AucScreen:
    """Estimate the AUC of each marker by itself, thousands at once.

    Parameters
    ----------
    X
        Patients x markers.
    positive
        1 or True where the outcome happened.
    names
        Of the markers.

    Raises
    ------
    UnreadableInput
        Where the shape does not fit or values are missing.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    As for `auc`.

    Examples
    --------
    >>> auc_many([[1, 7], [2, 7], [3, 7], [4, 7]], [0, 1, 0, 1]).value
    array([0.75, 0.5 ])
    """
    label = outcome(positive)
    matrix = np.asarray(X, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != len(label) or not np.isfinite(matrix).all():
        raise UnreadableInput(
            f"The markers need one finite value for each of {len(label)} patients.",
            where=f"shape {matrix.shape}, {int((~np.isfinite(matrix)).sum())} values missing or infinite",
            remedy="Judge markers with missing values in a call of their own, without those patients.",
        )
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InvalidSetting(f"{matrix.shape[1]} markers cannot carry {len(labels)} names.")
    value, variance, z = np.empty((3, len(labels)))
    width = max(1, BLOCK_CELLS // len(label))
    for start in range(0, len(labels), width):
        block = slice(start, start + width)
        placed = placements(np.ascontiguousarray(matrix[:, block].T), label)
        value[block], variance[block] = placed.moments()
        z[block] = placed.rank_sum_z()
    se = np.where(np.isfinite(z), np.sqrt(variance), np.nan)
    return AucScreen(labels, value, se, z, normal_two_sided(z), len(label), int(label.sum()))
