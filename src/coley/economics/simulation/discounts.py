"""A discount as pieces of one force each, which loops integrate in closed form; and utility that falls with age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.discounting import FORCES, Discount

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def pieces(
    discount: Discount, horizon_years: float, *, multiplier: tuple[ArrayLike, ArrayLike] | None = None
) -> Floats:
    """Return (4, K): start, force, factor at the start, and factor integrated up to the start, of each piece.

    Parameters
    ----------
    discount, horizon_years
        The discount, and until when.
    multiplier
        Times in years from zero, and what the factor is multiplied by at each, above zero, (T,) both: utility falls
        with age. Between whole years it is taken to change exponentially.

    Examples
    --------
    >>> pieces(Discount(0.03), 10.0).round(4)
    array([[0.    ],
           [0.0296],
           [1.    ],
           [0.    ]])
    """
    if discount.whole_years:
        starts = np.arange(max(np.ceil(horizon_years), 1.0))
        forces = np.zeros(len(starts))
    else:
        rates = np.array([0.0, discount.rate, *(rate for _, rate in discount.steps)])
        starts = np.array([0.0, discount.start_years, *(start for start, _ in discount.steps)])
        forces = FORCES[discount.compounding](rates)
        if discount.start_years == 0:
            starts, forces = starts[1:], forces[1:]
    factors = discount.factors(starts)
    if multiplier is not None:
        times, values = (np.asarray(part, dtype=np.float64) for part in multiplier)
        yearly = np.union1d(starts, np.arange(max(np.ceil(horizon_years), 1.0)))
        forces = forces[np.searchsorted(starts, yearly, side="right") - 1]
        levels = np.interp(np.append(yearly, max(horizon_years, yearly[-1] + 1.0)), times, values)
        ends = np.append(yearly[1:], max(horizon_years, yearly[-1] + 1.0))
        forces = forces - np.diff(np.log(levels)) / (ends - yearly)
        starts, factors = yearly, discount.factors(yearly) * levels[:-1]
    spans = np.diff(starts)
    changing = forces[:-1] != 0
    safe = np.where(changing, forces[:-1], 1.0)
    lengths = np.where(changing, -np.expm1(-safe * spans) / safe, spans)
    areas = np.concatenate([[0.0], np.cumsum(factors[:-1] * lengths)])
    return np.ascontiguousarray(np.stack([starts, forces, factors, areas]))
