"""Score tests of thousands of columns at once: one Cox null model, no fit for any column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.design import OWN_VARIANCE
from coley.stats.survival.cox import COX, EFRON, cox
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.partial_likelihood import PartialLikelihood, Sums, risk_sets
from coley.stats.tails import normal_two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Columns worked on together: enough to keep numpy busy, few enough to stay in the processor's cache.
BLOCK = 64


@dataclass(frozen=True, eq=False)
class ScoreTests:
    """One test a column; NaN where a column does not vary, or only as the adjustment does.

    Attributes
    ----------
    names
        Of the columns.
    z, p
        Standard normal statistic, positive where larger values go with more events, and its two-sided p.
    slope
        First Newton step from zero: about the log hazard ratio per unit of the column, where that is small.
    n, events
        Rows with positive weight, and events among them.
    """

    names: tuple[str, ...]
    z: Floats
    p: Floats
    slope: Floats
    n: int
    events: int


@method(
    "cox_score_test",
    title="Score tests in the Cox model",
    summary="Tests many columns one by one for association with survival, optionally adjusted, without fits.",
    needs="time, event and any number of columns",
    limits="Tests only: the slope is the first Newton step, which falls short of large effects; fit `cox` "
    "for hazard ratios.",
    references=(COX, EFRON),
)
def cox_score_test(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    adjust: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    ties: str = "efron",
    names: Sequence[str] | None = None,
) -> ScoreTests:
    """Test each column by itself for association with the hazard.

    Parameters
    ----------
    time, event, entry, strata, weights, ties
        As for `cox`.
    X
        Patients x columns to be tested, each by itself.
    adjust
        Patients x covariates that are in every model.
    names
        Of the columns of `X`.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold missing, negative or impossible values.
    NotEstimable
        Where there is no event, or the adjustment cannot be fitted.

    References
    ----------
    Cox 1972, eq. 15.

    Examples
    --------
    >>> genes = [[1, 5], [0, 5], [1, 5], [1, 5], [0, 5], [1, 5], [0, 5], [0, 5]]
    >>> cox_score_test([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 0, 1, 1, 0, 1], genes).p.round(3)
    array([0.358,   nan])
    """
    matrix = np.asarray(X, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    rows = follow_up(time, event, entry=entry, weights=weights, labels={"strata": strata})
    n = len(rows.time)
    if matrix.ndim != 2 or len(matrix) != n or not np.isfinite(matrix).all():
        raise UnreadableInput(
            f"The columns to test need one finite value for each of {n} patients.",
            where=f"shape {matrix.shape}, {int((~np.isfinite(matrix)).sum())} values missing or infinite",
            remedy="Test columns with missing values in a call of their own, without those patients.",
        )
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InvalidSetting(f"{matrix.shape[1]} columns cannot carry {len(labels)} names.")
    if adjust is not None:
        fit = cox(time, event, adjust, entry=entry, strata=strata, weights=weights, ties=ties)
        null, at = fit.likelihood, fit.sums
    else:
        sets = risk_sets(
            rows.time,
            rows.event,
            entry=rows.entry,
            strata=rows.labels["strata"],
            weights=rows.weights,
            ties=ties,
        )
        null = PartialLikelihood(sets, np.empty((0, len(sets.rows))))
        at = null.sums(np.empty(0))

    z, slope = np.full((2, len(labels)), np.nan)
    for start in range(0, len(labels), BLOCK):
        block = slice(start, start + BLOCK)
        columns = matrix[null.sets.rows, block].T
        scale = columns.std(axis=1)
        varies = scale > OWN_VARIANCE * np.abs(columns).max(axis=1)
        unit = np.where(varies, scale, 1.0)
        centred = (columns - columns.mean(axis=1, keepdims=True)) / unit[:, None]
        score, information, own = _scores(null, at, centred)
        with np.errstate(divide="ignore", invalid="ignore"):
            usable = varies & (information > OWN_VARIANCE * own)
            z[block] = np.where(usable, score / np.sqrt(information), np.nan)
            slope[block] = np.where(usable, score / information / unit, np.nan)
    patients = n if rows.weights is None else int((rows.weights > 0).sum())
    return ScoreTests(labels, z, normal_two_sided(z), slope, patients, len(null.sets.dead))


def _scores(null: PartialLikelihood, at: Sums, columns: Floats) -> tuple[Floats, Floats, Floats]:
    """Return score, efficient information and own information of each column (columns x rows)."""
    sets = null.sets
    at_risk = columns * at.risk
    S, D = sets.over_risk_sets(at_risk)
    score = columns @ sets.event_weight - S @ at.a + D @ at.b
    weighted = at_risk * null.cumulated(at)
    own = (weighted * columns).sum(axis=1) - (S * S) @ at.aa + 2 * (S * D) @ at.ab - (D * D) @ at.bb
    if not len(null.Z):
        return score, own, own
    cross = weighted @ null.Z.T - (S * at.aa - D * at.ab) @ at.S1.T + (S * at.ab - D * at.bb) @ at.D1.T
    explained = (cross * np.linalg.solve(null.information(at), cross.T).T).sum(axis=1)
    return score, own - explained, own
