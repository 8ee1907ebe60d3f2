"""One Cox model a column: hazard ratios of thousands of markers, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.multiplicity import BENJAMINI_HOCHBERG, benjamini_hochberg
from coley.stats.screens.columns import BLOCK, columns
from coley.stats.survival.cox import COX, EFRON
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.partial_likelihood import risk_sets
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

# In the order of the codes of `cox_kernel`.
STATUS = np.array(["estimated", "constant", "no events", "monotone", "not converged"])


@dataclass(frozen=True, eq=False)
class CoxScreen:
    """A Cox model of each column by itself; arrays have one value a column.

    Attributes
    ----------
    names
        Of the columns.
    log_hazard_ratio, se
        Per standard deviation of the column, and its standard error.
    log_hazard_ratio_per_unit, se_per_unit
        The same per unit of the column.
    sd
        Standard deviation (n - 1) of the column.
    z, p
        Wald statistic and its two-sided p; those of the score test where the likelihood is monotone.
    q
        Benjamini-Hochberg adjusted p over all columns that could be tested.
    n, events
        Patients whose value is known, and events among them.
    status
        "estimated"; "constant" (the column does not vary, or not among those at risk when events happen);
        "no events"; "monotone" (every event has the largest, or the smallest, value of those at risk: the
        log hazard ratio is infinite and has no standard error); "not converged". NaN where not estimated.
    level
        Coverage of the intervals.
    """

    names: tuple[str, ...]
    log_hazard_ratio: Floats
    se: Floats
    log_hazard_ratio_per_unit: Floats
    se_per_unit: Floats
    sd: Floats
    z: Floats
    p: Floats
    q: Floats
    n: Integers
    events: Integers
    status: NDArray[np.str_]
    level: float

    @property
    def low(self) -> Floats:
        """Lower limit of the log hazard ratio per standard deviation."""
        return self.log_hazard_ratio - z_of(self.level) * self.se

    @property
    def high(self) -> Floats:
        """Upper limit of the log hazard ratio per standard deviation."""
        return self.log_hazard_ratio + z_of(self.level) * self.se


@method(
    "cox_screen",
    title="Univariate Cox regression of many columns",
    summary="Fits a Cox model to each of many columns by itself, with false discovery rates over all of them.",
    needs="time, event and any number of columns",
    limits="Each column by itself: associations may be those of another marker or of the clinical picture, and "
    "the largest hazard ratios among many are too large by selection.",
    references=(COX, EFRON, BENJAMINI_HOCHBERG),
)
def cox_screen(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> CoxScreen:
    """Fit Cox's model to each column by itself, with ties by Efron's method.

    Patients whose value is missing are left out of that column alone.

    Parameters
    ----------
    time, event
        End of follow-up, in any unit, and 1 where the event happened then.
    X
        Patients x columns of numbers, NaN where missing.
    strata
        Labels of strata, each with a baseline hazard of its own.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold infinite, negative or impossible values.
    NotEstimable
        Where there is no event at all.

    References
    ----------
    Cox 1972, eq. 12; Efron 1977, eq. 6.11; Benjamini and Hochberg 1995.

    Examples
    --------
    >>> genes = [[1, 5], [0, 5], [1, 5], [1, 5], [0, 5], [1, 5], [0, 5], [0, 5]]
    >>> found = cox_screen([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 0, 1, 1, 0, 1], genes)
    >>> found.log_hazard_ratio_per_unit.round(3), found.status.tolist()
    (array([0.837,   nan]), ['estimated', 'constant'])
    """
    from coley.stats.screens.cox_kernel import MONOTONE, fit_columns

    z_of(level)  # an impossible level is refused before anything is computed
    rows = follow_up(time, event, labels={"strata": strata})
    matrix = columns(X, len(rows.time), names=names)
    sets = risk_sets(
        rows.time, rows.event, entry=None, strata=rows.labels["strata"], weights=None, ties="efron"
    )
    dead = sets.event_weight > 0
    numbers = np.empty((len(matrix), 4))
    counts = np.empty((len(matrix), 3), dtype=np.intp)

    def fit(part: slice) -> None:
        fit_columns(
            matrix.block(part),
            rows.event,
            sets.rows,
            sets.first,
            dead,
            sets.stratum,
            numbers[part],
            counts[part],
        )

    in_blocks(fit, len(matrix), size=BLOCK)
    slope, se, score_z, sd = numbers.T
    n, events, status = counts.T
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(status == MONOTONE, score_z, slope / se)
        per_unit, se_per_unit = slope / sd, se / sd
    p = normal_two_sided(z)
    return CoxScreen(
        names=matrix.names,
        log_hazard_ratio=slope,
        se=se,
        log_hazard_ratio_per_unit=per_unit,
        se_per_unit=se_per_unit,
        sd=sd,
        z=z,
        p=p,
        q=benjamini_hochberg(p),
        n=n,
        events=events,
        status=STATUS[status],
        level=level,
    )
