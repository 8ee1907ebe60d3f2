"""Numbers as tables and JSON hold them."""

from __future__ import annotations

from math import isfinite


def finite(value: float) -> float | None:
    """Return a number, or None where there is none to write.

    Examples
    --------
    >>> finite(1.5), finite(float("nan")), finite(float("inf"))
    (1.5, None, None)
    """
    return float(value) if isfinite(value) else None
