"""Whether a pooled result hangs on one cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.pooling.random_effects import Pooled, PooledMany, pool, pool_many

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

VIECHTBAUER_CHEUNG = (
    "Viechtbauer W, Cheung MWL. Outlier and influence diagnostics for meta-analysis. "
    "Res Synth Methods 2010;1:112-125."
)


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """A pooled result with each cohort left out in turn.

    Attributes
    ----------
    all
        The result of all cohorts.
    without
        The result without each cohort, in their order.
    change
        Mean without the cohort minus the mean of all; NaN for a cohort without an estimate.
    flips
        Whether without the cohort the interval excludes the null and with it does not, or the other way round,
        or it excludes the null on the other side.
    largest
        Position of the cohort whose absence changes the mean most.
    """

    all: Pooled
    without: PooledMany
    change: Floats
    flips: NDArray[np.bool_]
    largest: int

    @property
    def largest_change(self) -> float:
        """The change of the mean when that cohort is left out."""
        return float(self.change[self.largest])

    @property
    def stands(self) -> bool:
        """Whether the conclusion is the same without any one cohort."""
        return not self.flips.any()


@method(
    "leave_one_cohort_out",
    title="Meta-analysis with each cohort left out",
    summary="The pooled effect without each cohort in turn, and whether the conclusion changes.",
    needs="an estimate and its standard error from each of at least three cohorts",
    limits="Finds one influential cohort; two that hold each other up are not found. Not a correction: the "
    "result to report is that of all cohorts.",
    references=(VIECHTBAUER_CHEUNG,),
)
def leave_one_out(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    null: float = 0.0,
    method: str = "reml",
    guard: bool = True,
    level: float = 0.95,
) -> LeaveOneOut:
    """Pool one marker anew with each cohort left out.

    Parameters
    ----------
    estimates, standard_errors
        One a cohort; NaN where a cohort has none.
    null
        The value that means no effect: 0 for logarithms of ratios and the logit of an AUC.
    method, guard, level
        As for `pool`.

    Raises
    ------
    NotEstimable
        Where fewer than three cohorts have an estimate.

    References
    ----------
    Viechtbauer and Cheung 2010, section 3.

    Examples
    --------
    >>> found = leave_one_out([0.3, 0.4, 0.35, 1.6], [0.1, 0.1, 0.1, 0.1])
    >>> found.largest, round(found.largest_change, 2), found.stands
    (3, -0.31, False)
    """
    together = pool(estimates, standard_errors, method=method, guard=guard, level=level)
    y, se = (np.asarray(a, dtype=float) for a in (estimates, standard_errors))
    if together.k < 3:
        raise NotEstimable(
            f"{together.k} cohorts: with one of them left out there is nothing to pool.",
            remedy="Leave cohorts out in turn where there are at least three.",
        )
    holes = np.where(np.eye(len(y), dtype=bool), np.nan, y)
    without = pool_many(holes, np.broadcast_to(se, holes.shape), method=method, guard=guard, level=level)
    here = np.isfinite(together.weights)
    change = np.where(here, without.interval.value - together.interval.value, np.nan)
    side = _side(without.interval.low, without.interval.high, null)
    whole = np.array([together.interval.low]), np.array([together.interval.high])
    flips = here & (side != _side(*whole, null))
    return LeaveOneOut(together, without, change, flips, int(np.nanargmax(np.abs(change))))


def _side(low: Floats, high: Floats, null: float) -> NDArray[np.int64]:
    """Return 1 where an interval lies above the null, -1 below, 0 where it holds it."""
    return np.asarray(low > null).astype(np.int64) - np.asarray(high < null).astype(np.int64)
