"""How finely a column is written, and how likely an agreement is by chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

MOST_DIGITS = 3  # beyond three decimals a measurement has no grain that matters here
NEARLY_ALL = 0.95  # a few values may have been computed and not read off


def digits_of(values: pl.Series) -> int:
    """Return the number of decimals, up to three, with which nearly all values are written.

    Examples
    --------
    >>> import polars as pl
    >>> digits_of(pl.Series([3.8, 4.1, 2.0]))
    1
    """
    for digits in range(MOST_DIGITS):
        if float(((values - values.round(digits)).abs() < 1e-9).sum()) >= NEARLY_ALL * len(values):
            return digits
    return MOST_DIGITS


def ranks_of(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the ranks of values from 1, ties sharing their mean rank.

    Examples
    --------
    >>> ranks_of([3.0, 1.0, 3.0]).tolist()
    [2.5, 1.0, 2.5]
    """
    import numpy as np
    import polars as pl

    # scipy has this too, but its import takes longer than the whole examination
    return pl.Series(np.asarray(values)).rank("average").to_numpy()


def log10_tail(seen: int, expected: float) -> float:
    """Return log10 of an upper bound on P(Poisson(expected) >= seen) (Chernoff).

    Parameters
    ----------
    seen, expected
        Counts.

    Examples
    --------
    >>> log10_tail(3, 5.0)
    0.0
    >>> round(log10_tail(12, 0.5), 1)
    -11.6
    """
    if seen <= expected:
        return 0.0
    return (seen - expected - seen * math.log(seen / expected)) / math.log(10)
