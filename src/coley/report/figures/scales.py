"""Ticks and their labels: months that a reader counts in, ratios that a reader knows, true minus signs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MONTH_STEPS = (0.5, 1, 2, 3, 6, 12, 24, 60, 120)
MOST_TICKS = 10
# From fine to coarse; each holds 1, the ratio of no effect.
RATIO_TICKS: tuple[tuple[float, ...], ...] = (
    (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5),
    (0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 2.5),
    (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4),
    (0.125, 0.25, 0.5, 1, 2, 4, 8),
    (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    (0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000),
    (0.01, 1, 100, 10_000),
)
FEWEST_RATIOS = 3
MOST_RATIOS = (
    20  # Vega drops every second of the ticks it is given where they are more than it is told to count
)
# Days that a clinician counts in; their logarithms lie about evenly.
DAYS = (1, 3, 7, 14, 30, 60, 120, 240, 365, 730, 1460)
AMOUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)

# Thousands are set apart from ten thousand on, so that a year is written without a comma.
PLAIN = "replace(format(datum.value, abs(datum.value) >= 10000 ? ',~r' : '~r'), '-', '−')"
THOUSANDS = "format(datum.value, ',~r')"
PERCENT = "replace(format(datum.value * 100, '~r'), '-', '−') + ' %'"


@dataclass(frozen=True, slots=True)
class Back:
    """The way from a transformed marker to the units that its readers know."""

    to: Callable[[float], float]
    undo: Callable[[float], float]
    label: str

    def ticks(self, low: float, high: float) -> list[float]:
        """Return where the round amounts between two transformed values lie, set apart so that labels have room."""
        kept: list[float] = []
        for amount in AMOUNTS:
            place = self.to(amount)
            if low <= place <= high and (not kept or place - kept[-1] > (high - low) / 12):
                kept.append(place)
        return kept


BACK: Mapping[str, Back] = {
    "log2(x + 1)": Back(
        lambda amount: math.log2(amount + 1), lambda x: 2**x - 1, "format(pow(2, datum.value) - 1, ',.3~r')"
    ),
}


def month_ticks(last: float) -> list[float]:
    """Return at most ten ticks from month 0 to `last`.

    Examples
    --------
    >>> month_ticks(25)
    [0, 3, 6, 9, 12, 15, 18, 21, 24]
    """
    step = next((s for s in MONTH_STEPS if last / s < MOST_TICKS), last or 1)
    return [step * i for i in range(int(last / step) + 1)]


def day_ticks(domain: Sequence[float]) -> list[int]:
    """Return ticks of a logarithmic axis of days.

    >>> day_ticks((0.5, 100))
    [1, 3, 7, 14, 30, 60]
    """
    return [day for day in DAYS if domain[0] <= day <= domain[1]]


def ratio_ticks(domain: Sequence[float], *, room: float = 7) -> list[float]:
    """Return ticks of a logarithmic axis: the finest set of known ratios whose labels have room.

    Parameters
    ----------
    domain
        Ends of the axis.
    room
        How many labels fit side by side on the whole of it.

    Examples
    --------
    >>> ratio_ticks((0.4, 2.2)), ratio_ticks((0.63, 7.8), room=6)
    ([0.5, 0.75, 1, 1.5, 2], [1, 2, 4])
    """
    low, high = domain
    apart = math.log(high / low) / room
    sets = [[tick for tick in ticks if low <= tick <= high] for ticks in RATIO_TICKS]
    apart_enough = [
        inside for inside in sets if inside and all(math.log(b / a) >= apart for a, b in pairwise(inside))
    ]
    several = [inside for inside in apart_enough if len(inside) >= FEWEST_RATIOS]
    return several[0] if several else max(apart_enough, key=len, default=[])
