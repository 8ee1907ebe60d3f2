"""A discount as pieces of one force each, so that the loops integrate it in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.discounting import FORCES, Discount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def pieces(discount: Discount, horizon_years: float) -> Floats:
    """Return (4, K): start, force, factor at the start, and factor integrated up to the start, of each piece.

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
    spans = np.diff(starts)
    falling = forces[:-1] > 0
    safe = np.where(falling, forces[:-1], 1.0)
    lengths = np.where(falling, -np.expm1(-safe * spans) / safe, spans)
    areas = np.concatenate([[0.0], np.cumsum(factors[:-1] * lengths)])
    return np.ascontiguousarray(np.stack([starts, forces, factors, areas]))
