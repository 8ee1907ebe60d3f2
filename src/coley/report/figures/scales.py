"""Ticks and their labels: months that a reader counts in, ratios that a reader knows, true minus signs."""

from __future__ import annotations

from collections.abc import Sequence

MONTH_STEPS = (0.5, 1, 2, 3, 6, 12, 24, 60, 120)
MOST_TICKS = 10
DECADE_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
FINE_TICKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)  # where less than a decade is shown

PLAIN = "replace(format(datum.value, '~r'), '-', '−')"
PERCENT = "replace(format(datum.value * 100, '~r'), '-', '−') + ' %'"


def month_ticks(last: float) -> list[float]:
    """Return at most ten ticks from month 0 to `last`.

    Examples
    --------
    >>> month_ticks(25)
    [0, 3, 6, 9, 12, 15, 18, 21, 24]
    """
    step = next((s for s in MONTH_STEPS if last / s < MOST_TICKS), last or 1)
    return [step * i for i in range(int(last / step) + 1)]


def ratio_ticks(domain: Sequence[float]) -> list[float]:
    """Return ticks of a logarithmic axis.

    Examples
    --------
    >>> ratio_ticks((0.4, 2.2))
    [0.5, 0.75, 1, 1.5, 2]
    """
    low, high = domain
    inside = [tick for tick in DECADE_TICKS if low <= tick <= high]
    return inside if len(inside) > 3 else [tick for tick in FINE_TICKS if low <= tick <= high]
