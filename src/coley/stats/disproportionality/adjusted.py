"""Odds ratios of reporting adjusted for covariates, from grouped reports, for many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.grouped_logistic import climb, profile_limit, with_ridge
from coley.stats.logistic import COX_1958, FIRTH, HEINZE_SCHEMPER
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

# Share of the variation of the exposure that covariates must leave for it to be told from them.
LEFT = 1e-6
# Pairs worked on at once, so that their weights stay in the processor's cache.
BLOCK = 1024


@dataclass(frozen=True, eq=False)
class AdjustedRatios:
    """Adjusted odds ratios of n pairs.

    Attributes
    ----------
    ratio
        (n,) odds ratios of the exposure with limits: Wald's, or of the profile of the penalised likelihood
        where Firth's penalty was needed; NaN where the exposure cannot be told from the covariates.
    penalised
        (n,) whether the events are separated, and the estimate therefore Firth's.
    events
        (n,) reports with the event.
    """

    ratio: Intervals
    penalised: Booleans
    events: Floats


@method(
    "adjusted_odds_ratio",
    title="Logistic-adjusted reporting odds ratio",
    summary="Odds ratio of the exposure from a logistic regression on covariates, Firth's under separation.",
    needs="numbers of reports and of events for each pattern of covariates, with and without the exposure",
    limits="Adjusts for what was recorded and is in the model, on the scale on which it is in it. Wald limits "
    "are short with few events per covariate.",
    references=(COX_1958, FIRTH, HEINZE_SCHEMPER),
)
def adjusted_odds_ratio(
    events: ArrayLike,
    reports: ArrayLike,
    exposed: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    level: float = 0.95,
) -> AdjustedRatios:
    """Fit the odds of an event to exposure and covariates, for every pair of exposure and event.

    Parameters
    ----------
    events
        (patterns, pairs) or (patterns,) numbers of reports with the event.
    reports
        (patterns, pairs) or (patterns,) numbers of reports; those of a pattern without any change nothing.
    exposed
        (patterns,) 1 where the reports of a pattern name the exposure.
    covariates
        (patterns, p) further columns (indicators of age group, sex, year ...), without an intercept.
    level
        Coverage of each interval.

    Raises
    ------
    UnreadableInput
        Where shapes differ, values are missing, or events exceed reports.

    References
    ----------
    Cox 1958; Firth 1993 and Heinze and Schemper 2002 under separation.

    Examples
    --------
    >>> fit = adjusted_odds_ratio([4, 26, 20, 70], [100, 1900, 200, 1300], [1, 0, 1, 0], covariates=[0, 0, 1, 1])
    >>> one = fit.ratio[0]
    >>> round(one.value, 3), round(one.low, 3), round(one.high, 3)
    (2.101, 1.31, 3.37)
    """
    z = z_of(level)
    y, n, X = _grouped(events, reports, exposed, covariates)
    pairs = y.shape[1]
    value, low, high = np.full((3, pairs), np.nan)
    penalised = np.zeros(pairs, dtype=bool)
    total = y.sum(axis=0)
    varies = (total > 0) & (total < n.sum(axis=0))
    for start in range(0, pairs, BLOCK):
        block = np.arange(start, min(start + BLOCK, pairs))
        block = block[varies[block] & _identified(X, n[:, block])]
        if not len(block):
            continue
        top = climb(X, y[:, block], n[:, block])
        half = z * top.error
        value[block], low[block], high[block] = top.log_ratio, top.log_ratio - half, top.log_ratio + half
        rare = block[top.separated]
        if len(rare):
            value[rare], low[rare], high[rare] = _firth(X, y[:, rare], n[:, rare], z)
            penalised[rare] = True
    with np.errstate(over="ignore"):
        ratio = Intervals(np.exp(value), np.exp(low), np.exp(high), level)
    return AdjustedRatios(ratio, penalised, total)


def _identified(X: Floats, n: Floats) -> Booleans:
    """Return for which pairs the exposure varies among the reports once the covariates are accounted for."""
    present = (n > 0).astype(np.float64)
    p = X.shape[1]
    square = with_ridge((present.T @ (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)).reshape(-1, p, p))
    own = square[:, 1, 1].copy()
    free = np.array([j for j in range(p) if j != 1])
    empty = square[:, free, free] == 0  # a covariate that is 0 wherever there are reports
    rows, columns = np.nonzero(empty)
    square[rows, free[columns], free[columns]] = 1.0
    cross = square[:, free, 1]
    explained = np.linalg.solve(square[:, free[:, None], free], cross[:, :, None])[:, :, 0]
    left: Booleans = own - (explained * cross).sum(axis=1) > LEFT * own
    return left & (own > 0)


def _firth(X: Floats, y: Floats, n: Floats, z: float) -> tuple[Floats, Floats, Floats]:
    """Return log odds ratios under Firth's penalty with limits from the profile of the penalised likelihood."""
    top = climb(X, y, n, firth=True)
    limits = [profile_limit(X, y, n, top, side * z) for side in (-1, 1)]
    return top.log_ratio, limits[0], limits[1]


def _grouped(
    events: ArrayLike, reports: ArrayLike, exposed: ArrayLike, covariates: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Return events and reports (patterns, pairs) and the design (patterns, 2 + p): intercept, exposure, rest."""
    y = np.asarray(events, dtype=np.float64)
    n = np.asarray(reports, dtype=np.float64)
    y, n = (x[:, None] if x.ndim == 1 else x for x in (y, n))
    exposure = np.asarray(exposed, dtype=np.float64)
    k = len(exposure)
    rest = np.empty((k, 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    rest = rest[:, None] if rest.ndim == 1 else rest
    if exposure.ndim != 1 or not len(y) == len(n) == len(rest) == k or y.ndim > 2 or n.ndim > 2:
        raise UnreadableInput(
            "Events, reports, exposure and covariates need one row for each pattern.",
            where=f"events {y.shape}, reports {n.shape}, exposed {exposure.shape}, covariates {rest.shape}",
        )
    if 1 not in (y.shape[1], n.shape[1]) and y.shape[1] != n.shape[1]:
        raise UnreadableInput(
            "Events and reports need a column for each pair, or one for all.",
            where=f"events {y.shape}, reports {n.shape}",
        )
    y, n = np.broadcast_arrays(y, n)
    wrong = ~np.asarray(((y >= 0) & (y <= n) & np.isfinite(n)).all(axis=0))
    if wrong.any() or not (np.isfinite(rest).all() and np.isin(exposure, (0, 1)).all()):
        raise UnreadableInput(
            "Grouped reports need 0 or 1 for the exposure, finite covariates, and no more events than reports.",
            where=f"{int(wrong.sum())} of {len(wrong)} pairs with impossible counts",
            cause="counts of events and of reports from different selections, or missing values",
        )
    return y, n, np.column_stack([np.ones(k), exposure, _independent(rest)])


def _independent(covariates: Floats) -> Floats:
    """Return the covariates centred and scaled, without those that are combinations of the ones before."""
    centred = covariates - covariates.mean(axis=0)
    kept: list[Floats] = []
    basis = np.empty((len(centred), 0))
    for column in centred.T:
        size = np.linalg.norm(column)
        left = column - basis @ (basis.T @ column)
        left = left - basis @ (basis.T @ left)
        if size > 0 and np.linalg.norm(left) > LEFT * size:
            kept.append(column / np.abs(column).max())
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return np.column_stack(kept) if kept else np.empty((len(centred), 0))
