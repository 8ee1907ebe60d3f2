"""Numbers in words: the one place that decides how an estimate is written.

Text, tables, figures and the command line all print through these functions, so that a number looks the
same wherever it stands. Decimals follow the width of the interval: the last digit is about a twentieth of
it, for more digits would say more than the data do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coley.model.answer import Estimate

NOT_REACHED = "not reached"
NOT_ESTIMABLE = "not estimable"

TIME_UNITS = {"days": 0, "weeks": 1, "months": 1, "years": 2}  # to most decimals: finer is not measured
SHARE_UNITS = frozenset({"proportion", "probability", "share", "points"})  # fractions of 1, written in %
PERCENT_UNITS = SHARE_UNITS | {"percent"}
RATIO_UNITS = frozenset({"ratio", "fold"})

FINEST = (
    20  # the last digit is at most this part of an interval's width: a finer one claims what nobody knows
)
FINEST_RATIO = 10  # coarser: 0.88 (0.81–0.96) is how a hazard ratio is read
RATIO_DECIMALS = (2, 3)  # journals print ratios with two decimals; fewer would turn a low bound into 0
LARGE_RATIO = (
    10  # one decimal: 20.6 (5.1–83.2); with a lower bound above it, as many as the width deserves: 44 (31–63)
)
VAST_RATIO = 1_000  # of which no decimal is read, unless its lower bound is below 1
MOST_DECIMALS = 4
P_FLOOR = 0.001  # smaller p values are not distinguished: their tails rest on the model, not the data
P_CEILING = 0.99
P_CLOSE = (0.045, 0.055)  # two decimals would hide on which side of 0.05 a p value lies


def decimals_for(
    low: float | None, high: float | None, *, value: float | None = None, finest: float = FINEST
) -> int:
    """Return how many decimals an interval deserves.

    Parameters
    ----------
    low, high
        Bounds in any unit; None for one that the data do not determine.
    value
        The estimate, from which the half width is taken where one bound is None.
    finest
        The last digit is at most this part of the width.

    Examples
    --------
    >>> decimals_for(0.618, 0.859), decimals_for(11.8, 15.7), decimals_for(20, 61)
    (2, 1, 0)
    """
    if low is not None and high is not None:
        width = high - low
    else:
        bound = low if low is not None else high
        width = 2 * abs(value - bound) if value is not None and bound is not None else 0.0
    if not math.isfinite(width) or width <= 0:
        return _decimals_of(next((number for number in (value, low, high) if number is not None), None))
    return min(MOST_DECIMALS, max(0, math.ceil(math.log10(finest) - math.log10(width))))


def _decimals_of(value: float | None) -> int:
    """Decimals of a number that stands alone: three significant digits."""
    if not value or not math.isfinite(value) or float(value).is_integer():
        return 0
    return min(MOST_DECIMALS, max(0, 2 - math.floor(math.log10(abs(value)))))


def format_number(value: float | None, *, decimals: int | None = None, missing: str = NOT_ESTIMABLE) -> str:
    """Write one number, with a true minus sign and thousands set off.

    Parameters
    ----------
    value
        The number; None and NaN are written as `missing`.
    decimals
        How many; three significant digits where not given.
    missing
        What stands for a number that there is not.

    Examples
    --------
    >>> format_number(-0.0371, decimals=2), format_number(12345), format_number(None)
    ('−0.04', '12,345', 'not estimable')
    """
    if value is None or not math.isfinite(value):
        return missing
    text = f"{value:,.{_decimals_of(value) if decimals is None else decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("-")
    return text.replace("-", "−")


def format_p(p: float | None) -> str:
    """Write a p value: two decimals, three below 0.01 or close to 0.05, never 0.000.

    Examples
    --------
    >>> [format_p(p) for p in (0.032, 0.2, 0.0041, 0.0496, 2e-9, 0.999, None)]
    ['0.03', '0.20', '0.004', '0.050', '<0.001', '>0.99', '']
    """
    if p is None or not math.isfinite(p):
        return ""
    if p < P_FLOOR:
        return f"<{P_FLOOR:g}"
    if p > P_CEILING:
        return f">{P_CEILING:g}"
    fine = p < 0.0095 or P_CLOSE[0] <= p < P_CLOSE[1]
    return f"{p:.3f}" if fine else f"{p:.2f}"


def format_share(count: int, total: int) -> str:
    """Write a percentage with its denominator.

    Examples
    --------
    >>> format_share(62, 425), format_share(0, 0)
    ('62 of 425 (14.6 %)', '0 of 0')
    """
    if total <= 0:
        return f"{count:,} of {total:,}"
    share = 100 * count / total
    return f"{count:,} of {total:,} ({format_number(share, decimals=1 if total >= 100 else 0)} %)"


def format_interval(
    value: float | None, low: float | None, high: float | None, *, unit: str = "", missing: str | None = None
) -> str:
    """Write an estimate with its interval, all three with the same decimals.

    Parameters
    ----------
    value, low, high
        The estimate and its bounds in `unit`; shares, and points of difference, as fractions of 1.
    unit
        "ratio", "months", "proportion", "points" ...: decides on the scale and the decimals.
    missing
        What stands for a missing number: "not reached" for times, else "not estimable".

    Examples
    --------
    >>> format_interval(0.729, 0.618, 0.859, unit="ratio")
    '0.73 (0.62–0.86)'
    >>> format_interval(1243.2, 980.1, 1577.0, unit="ratio")
    '1,243 (980–1,577)'
    >>> format_interval(0.146, 0.115, 0.183, unit="proportion")
    '14.6 % (11.5–18.3)'
    >>> format_interval(13.8, 11.8, None, unit="months")
    '13.8 months (11.8 to not reached)'
    >>> format_interval(-1.2, -3.0, 0.7, unit="months")
    '−1.2 months (−3.0 to 0.7)'
    >>> format_interval(None, None, None, unit="months")
    'not reached'
    """
    missing = missing or (NOT_REACHED if unit in TIME_UNITS else NOT_ESTIMABLE)
    if value is None:
        bounds = _bounds(low, high, unit, missing)
        return f"{missing} ({bounds})" if low is not None or high is not None else missing
    text = f"{_written(value, _decimals(value, low, high, unit), unit, missing)}{_suffix(unit)}"
    bounds = _bounds(low, high, unit, missing, value=value)
    return f"{text} ({bounds})" if bounds else text


def _scaled(number: float | None, unit: str) -> float | None:
    """Shares are kept as fractions and written as percentages."""
    return None if number is None else number * 100 if unit in SHARE_UNITS else number


def _suffix(unit: str) -> str:
    if unit in PERCENT_UNITS:
        return " percentage points" if unit == "points" else " %"
    return "" if unit in RATIO_UNITS or not unit else f" {unit}"


def _decimals(value: float | None, low: float | None, high: float | None, unit: str) -> int:
    if unit in RATIO_UNITS:
        return _ratio_decimals(value, low, high)
    decimals = decimals_for(_scaled(low, unit), _scaled(high, unit), value=_scaled(value, unit))
    return min(decimals, 1 if unit in PERCENT_UNITS else TIME_UNITS.get(unit, MOST_DECIMALS))


def _ratio_decimals(value: float | None, low: float | None, high: float | None) -> int:
    least, most = RATIO_DECIMALS
    smallest = (low if low is not None else value) or 0.0
    if smallest >= LARGE_RATIO or (smallest >= 1 and (value or 0.0) >= VAST_RATIO):
        return min(most, decimals_for(low, high, value=value))
    if smallest >= 1 and (value or 0.0) >= LARGE_RATIO:
        least -= 1
    return min(most, max(least, decimals_for(low, high, value=value, finest=FINEST_RATIO)))


def _written(number: float | None, decimals: int, unit: str, missing: str) -> str:
    number = _scaled(number, unit)
    if number is not None and unit in RATIO_UNITS and 0 < number < 0.5 * 10**-decimals:
        return f"<{10**-decimals:g}"
    return format_number(number, decimals=decimals, missing=missing)


def _bounds(
    low: float | None, high: float | None, unit: str, missing: str, value: float | None = None
) -> str:
    if low is None and high is None:
        return ""
    decimals = _decimals(value, low, high, unit)
    written = [_written(bound, decimals, unit, missing) for bound in (low, high)]
    wordy = any(not text[0].isdigit() for text in written)
    return (" to " if wordy else "–").join(written)


def format_estimate(estimate: Estimate) -> str:
    """Write the value of an estimate with its interval and, for a share, its denominator.

    Examples
    --------
    >>> from coley.model.answer import Estimate
    >>> format_estimate(Estimate("response_rate", 0.2, 0.1, 0.35, n=40, unit="proportion", method="wilson",
    ...                          events=8))
    '20 % (10–35), 8 of 40'
    """
    text = format_interval(
        estimate.value, estimate.low, estimate.high, unit=estimate.unit, missing=_missing(estimate)
    )
    counted = estimate.events is not None and estimate.n > 0 and estimate.value is not None
    if counted and estimate.unit == "proportion" and is_count(estimate):
        return f"{text}, {estimate.events:,} of {estimate.n:,}"
    return text


def is_count(estimate: Estimate) -> bool:
    """Say whether the value is events over n, and not an estimate that merely rests on them."""
    if estimate.events is None or estimate.value is None or estimate.n <= 0:
        return False
    return math.isclose(estimate.value, estimate.events / estimate.n, abs_tol=1e-9)


def _missing(estimate: Estimate) -> str | None:
    """Choose the words for a missing value: a median is not reached, a difference is not estimable."""
    if estimate.unit in TIME_UNITS and "difference" in estimate.name:
        return NOT_ESTIMABLE
    return None


def format_level(level: float) -> str:
    """Name the coverage of an interval.

    >>> format_level(0.95)
    '95 % CI'
    """
    return f"{100 * level:g} % CI"
