"""Numbers that may be drawn: one value, or one a draw; always an array with the draws leading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def draws_of(
    value: ArrayLike, name: str, *, low: float = 0.0, high: float = np.inf, unit: str = ""
) -> Floats:
    """Return a number or its draws as an array (D,), having examined them.

    Raises
    ------
    InvalidSetting
        Where a value is missing, infinite or outside `low` to `high`.

    Examples
    --------
    >>> draws_of(2630, "a price")
    array([2630.])
    """
    try:
        array = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise InvalidSetting(f"{name} must be a number, not {value!r}.") from None
    bad = ~np.isfinite(array) | (array < low) | (array > high)
    if array.ndim != 1 or not array.size or bad.any():
        seen = (
            array[bad][:3].tolist() if array.ndim == 1 and bad.any() else f"an array of shape {array.shape}"
        )
        within = f"of at least {low:g}" if np.isinf(high) else f"from {low:g} to {high:g}"
        raise InvalidSetting(
            f"{name} must be a number {within}{f' {unit}' if unit else ''}, or one such number a draw.",
            where=f"seen: {seen}",
        )
    return array


def share_of(value: ArrayLike, name: str) -> Floats:
    """Return a fraction or its draws as an array (D,); a percentage is refused with its likely meaning.

    Raises
    ------
    InvalidSetting
        Where a value is missing or outside 0 to 1.

    Examples
    --------
    >>> share_of(0.2, "discount")
    array([0.2])
    """
    array = draws_of(value, name, high=np.inf)
    if (array > 1).any():
        worst = float(array.max())
        percent = worst <= 100
        raise InvalidSetting(
            f"{name} is a fraction from 0 to 1 and cannot be {worst:g}.",
            cause=f"{worst:g} looks like a percentage." if percent else "",
            remedy=f"Write {worst / 100:g} for {worst:g} %." if percent else "",
        )
    return array


def count_of_draws(*arrays: Floats) -> int:
    """Return the number of draws that arrays (D, ...) share; one draw goes with any number.

    Raises
    ------
    InvalidSetting
        Where two arrays hold different numbers of draws.
    """
    counts = {len(array) for array in arrays} - {1}
    if len(counts) > 1:
        raise InvalidSetting(
            f"Draws must go together, and there are {' and '.join(map(str, sorted(counts)))} of them.",
            remedy="Draw every parameter the same number of times, once for the whole model.",
        )
    return counts.pop() if counts else 1
