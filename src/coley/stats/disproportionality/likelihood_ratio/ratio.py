"""The log likelihood ratio of each cell of a table: how much likelier its count is if the cell is a signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of events (rows) by exposures (columns), with what independence expects of each.

    Attributes
    ----------
    counts, expected
        (rows, columns).
    share
        (rows,) share of each row in all counts.
    """

    counts: Floats
    expected: Floats
    share: Floats

    @classmethod
    def of(cls, counts: ArrayLike) -> Table:
        """Return a whole table with its margins.

        Raises
        ------
        UnreadableInput
            Where a count is missing, negative or not whole, or the table has no counts.
        """
        n = np.asarray(counts, np.float64)
        wrong = ~(np.isfinite(n) & (n >= 0) & (n == np.floor(n)))
        if n.ndim != 2 or wrong.any() or not n.sum() > 0:
            raise UnreadableInput(
                "A table of counts needs rows of events, columns of exposures and whole numbers in all cells.",
                where=f"shape {n.shape}, {int(wrong.sum())} cells that are no count, {np.nansum(n):g} reports in all",
                remedy="Give the whole table, with a column of all other exposures; write 0 where there was none.",
            )
        share = n.sum(axis=1) / n.sum()
        return cls(n, np.outer(share, n.sum(axis=0)), share)


def poisson_log_ratio(n: Any, expected: Any) -> Any:
    """Return n log(n / E) - (n - E) where n exceeds E, and 0 elsewhere.

    References
    ----------
    Huang, Zalkikar and Tiwari 2011, section 2, in the parametrisation of Chakraborty 2022, eq. 3.

    Examples
    --------
    >>> poisson_log_ratio(np.array([6.0, 2.0]), 3.0).round(4)
    array([1.1589, 0.    ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > expected, n * np.log(n / expected) - (n - expected), 0.0)


def multinomial_log_ratio(n: Any, expected: Any, total: Any) -> Any:
    """Return n log(n / E) + (N - n) log((N - n) / (N - E)) where n exceeds E, and 0 elsewhere.

    References
    ----------
    Huang, Zalkikar and Tiwari 2011, eq. 2.

    Examples
    --------
    >>> multinomial_log_ratio(np.array([6.0, 10.0]), 3.0, 10.0).round(4)
    array([ 1.9204, 12.0397])
    """
    from scipy.special import xlogy

    rest = total - n
    with np.errstate(divide="ignore", invalid="ignore"):
        elsewhere = xlogy(rest, rest / np.where(total > expected, total - expected, 1.0))
        return np.where(n > expected, n * np.log(n / expected) + elsewhere, 0.0)
