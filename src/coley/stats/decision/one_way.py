"""One and two parameters varied in a model, all runs in one call: tornado, break-even values, grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.decision.outcomes import names_of, outcomes, thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Model = Callable[["Floats"], tuple["Floats", "Floats"]]

BRIGGS_2012 = (
    "Briggs AH, Weinstein MC, Fenwick EA, Karnon J, Sculpher MJ, Paltiel AD. Model parameter estimation and "
    "uncertainty: a report of the ISPOR-SMDM Modeling Good Research Practices Task Force-6. Value Health "
    "2012;15:835-842."
)
HALVINGS = 50  # of an interval: its ends then agree to a double's precision, or nearly


@dataclass(frozen=True, eq=False)
class Tornado:
    """One parameter at a time at its low and its high value, in order of the span of net benefit, widest first.

    Attributes
    ----------
    names
        Of the parameters, (P,).
    low, high
        Values given to each.
    benefit_low, benefit_high
        Incremental net benefit of the strategy against the comparator at these.
    icer_low, icer_high
        Incremental ratio at these; NaN where one of the two dominates.
    changes_choice
        Whether the sign of the net benefit at either differs from that of the base case.
    break_even
        Value between low and high at which net benefit is nil, where it changes sign between them; NaN else.
    base_benefit, base_icer
        With all at their base values.
    """

    names: tuple[str, ...]
    low: Floats
    high: Floats
    benefit_low: Floats
    benefit_high: Floats
    icer_low: Floats
    icer_high: Floats
    changes_choice: NDArray[np.bool_]
    break_even: Floats
    base_benefit: float
    base_icer: float


@method(
    "one_way",
    title="One-way sensitivity analysis",
    summary="Net benefit and ratio with one parameter at a time at its low and high value, and where it breaks even.",
    needs="a model that takes many sets of parameters at once, base values and limits",
    limits="One parameter at a time: correlations and interactions are left out, and limits of unequal probability "
    "make bars that do not compare.",
    references=(BRIGGS_2012,),
)
def one_way(
    model: Model,
    base: ArrayLike,
    limits: tuple[ArrayLike, ArrayLike],
    *,
    threshold: float,
    names: Sequence[str] | None = None,
    strategy: int = 1,
    comparator: int = 0,
) -> Tornado:
    """Vary one parameter at a time between its limits.

    Parameters
    ----------
    model
        From parameters, (n, P), to costs and effects, each (n, S).
    base
        Values, (P,).
    limits
        Low and high values, each (P,).
    threshold
        What a unit of effect is worth.
    names
        Of the parameters.
    strategy, comparator
        Columns of the two that are compared.

    Raises
    ------
    UnreadableInput
        Where the model returns missing values or another shape.
    InvalidSetting
        Where a base value lies outside its limits, or there is no such strategy.

    References
    ----------
    Briggs et al 2012.

    Examples
    --------
    >>> def model(p):
    ...     zero = np.zeros(len(p))
    ...     return np.column_stack([zero, p[:, 0]]), np.column_stack([zero, p[:, 1]])
    >>> found = one_way(model, [100, 0.2], ([80, 0.05], [120, 0.3]), threshold=1000, names=["cost", "gain"])
    >>> found.names, found.break_even.round(3), found.base_icer
    (('gain', 'cost'), array([0.1, nan]), 500.0)
    """
    middle = np.asarray(base, dtype=float)
    low, high = (np.asarray(x, dtype=float) for x in limits)
    labels = names_of(names, middle.size, stem="parameter")
    _check_limits(middle, low, high, labels)
    (k,) = thresholds_of(threshold)
    p = len(middle)
    rows = np.tile(middle, (2 * p + 1, 1))
    rows[1 + np.arange(p), np.arange(p)] = low
    rows[1 + p + np.arange(p), np.arange(p)] = high

    def compare(at: Floats) -> tuple[Floats, Floats]:
        c, e = run(model, at)
        _check_pair(c.shape[1], strategy, comparator)
        dc, de = c[:, strategy] - c[:, comparator], e[:, strategy] - e[:, comparator]
        with np.errstate(divide="ignore", invalid="ignore"):
            return k * de - dc, np.where(dc * de > 0, dc / de, np.nan)

    benefit, icer = compare(rows)
    at_low, at_high = benefit[1 : 1 + p], benefit[1 + p :]
    crossing = np.flatnonzero(np.sign(at_low) * np.sign(at_high) < 0)
    break_even = np.full(p, np.nan)
    if len(crossing):
        a, b = low[crossing].copy(), high[crossing].copy()
        up = at_low[crossing] < 0  # net benefit rises from low to high
        trial = np.tile(middle, (len(crossing), 1))
        for _ in range(HALVINGS):
            half = (a + b) / 2
            trial[np.arange(len(crossing)), crossing] = half
            left = (compare(trial)[0] < 0) == up
            a, b = np.where(left, half, a), np.where(left, b, half)
        break_even[crossing] = (a + b) / 2
    order = np.argsort(-np.abs(at_high - at_low), kind="stable")
    changes = (np.sign(at_low) != np.sign(benefit[0])) | (np.sign(at_high) != np.sign(benefit[0]))
    return Tornado(
        tuple(labels[i] for i in order),
        low[order],
        high[order],
        at_low[order],
        at_high[order],
        icer[1 : 1 + p][order],
        icer[1 + p :][order],
        changes[order],
        break_even[order],
        float(benefit[0]),
        float(icer[0]),
    )


@dataclass(frozen=True, eq=False)
class Grid:
    """Two parameters varied together.

    Attributes
    ----------
    first, second
        Their values, (A,) and (B,).
    benefit
        Net benefit of each strategy, (A, B, S).
    best
        Column of the highest, (A, B).
    """

    first: Floats
    second: Floats
    benefit: Floats
    best: NDArray[np.int64]


@method(
    "two_way",
    title="Two-way sensitivity analysis",
    summary="Net benefit of every strategy, and which is best, over a grid of two parameters.",
    needs="a model that takes many sets of parameters at once, base values, and two lists of values",
    limits="All other parameters stay at their base values.",
    references=(BRIGGS_2012,),
)
def two_way(
    model: Model,
    base: ArrayLike,
    columns: tuple[int, int],
    *,
    values: tuple[ArrayLike, ArrayLike],
    threshold: float,
) -> Grid:
    """Vary two parameters together.

    Parameters
    ----------
    model, base, threshold
        As for `one_way`.
    columns
        Of the two parameters.
    values
        Of each, (A,) and (B,).

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `one_way`.

    References
    ----------
    Briggs et al 2012.

    Examples
    --------
    >>> def model(p):
    ...     zero = np.zeros(len(p))
    ...     return np.column_stack([zero, p[:, 0]]), np.column_stack([zero, p[:, 1]])
    >>> two_way(model, [100, 0.2], (0, 1), values=([50, 150], [0.1, 0.2]), threshold=1000).best
    array([[1, 1],
           [0, 1]])
    """
    middle = np.asarray(base, dtype=float)
    a, b = (np.atleast_1d(np.asarray(v, dtype=float)) for v in values)
    if columns[0] == columns[1] or not all(0 <= j < middle.size for j in columns):
        raise InvalidSetting(f"Two different parameters of {middle.size} are needed, not columns {columns}.")
    (k,) = thresholds_of(threshold)
    rows = np.tile(middle, (len(a) * len(b), 1))
    rows[:, columns[0]] = np.repeat(a, len(b))
    rows[:, columns[1]] = np.tile(b, len(a))
    c, e = run(model, rows)
    benefit = (k * e - c).reshape(len(a), len(b), -1)
    return Grid(a, b, benefit, benefit.argmax(axis=2))


def run(model: Model, rows: Floats) -> tuple[Floats, Floats]:
    """Run a model on all rows at once and examine what it returns.

    Raises
    ------
    UnreadableInput
        Where it returns missing values, or not one row for each.
    """
    c, e = outcomes(*model(rows))
    if len(c) != len(rows):
        raise UnreadableInput(f"The model returned {len(c)} rows for {len(rows)} sets of parameters.")
    return c, e


def _check_limits(base: Floats, low: Floats, high: Floats, labels: tuple[str, ...]) -> None:
    if base.ndim != 1 or not base.shape == low.shape == high.shape:
        raise InvalidSetting(f"{base.size} parameters need as many low and high values.")
    outside = np.flatnonzero(~((low <= base) & (base <= high)))
    if len(outside):
        i = outside[0]
        raise InvalidSetting(
            f"The base value of {labels[i]!r}, {base[i]:g}, lies outside {low[i]:g} to {high[i]:g}.",
            cause="limits exchanged, or of another unit",
        )


def _check_pair(strategies: int, strategy: int, comparator: int) -> None:
    if strategy == comparator or not (0 <= strategy < strategies and 0 <= comparator < strategies):
        raise InvalidSetting(
            f"Strategies {strategy} and {comparator} are not two of {strategies}, counted from 0."
        )
