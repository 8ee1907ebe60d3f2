"""Rates over simulated databases, each with its Monte Carlo standard error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate, its Monte Carlo standard error (NaN of one database), and how many things it is a rate of."""

    value: float
    error: float
    of: int


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of one experiment: rows by columns.

    Attributes
    ----------
    title, corner
        Of the table, and of its first column.
    columns, rows
        Names.
    cells
        A rate for (row, column), where there is one.
    """

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[str, str], Rate]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A simulation: its name, what it shows, how many databases, and the function that runs it."""

    name: str
    title: str
    databases: int
    run: Callable[[int], list[Table]]


@dataclass(slots=True)
class Tally:
    """Hits and chances of hits, by key and by database.

    Pooled rates weigh databases by their chances; shares of false discoveries are means over databases, as the
    false discovery rate is defined, a database in which nothing is called counting 0.
    """

    pooled: dict[Hashable, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    shares: dict[Hashable, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: Hashable, hits: ArrayLike) -> None:
        """Count which of some pairs of one database are hits."""
        found = np.asarray(hits, float)
        self.pooled[key].append((float(found.sum()), float(found.size)))

    def false(self, key: Hashable, called: ArrayLike, null: ArrayLike) -> None:
        """Note the share of false ones among the pairs of one database that are called."""
        called, null = np.asarray(called, bool), np.asarray(null, bool)
        self.shares[key].append((float((called & null).sum() / max(called.sum(), 1)), float(called.sum())))

    def rate(self, key: Hashable) -> Rate:
        """Return the pooled rate of a key; databases are the unit of its error."""
        hits, of = np.array(self.pooled[key]).T
        if not of.sum():
            return Rate(np.nan, np.nan, 0)
        n, value = len(hits), hits.sum() / of.sum()
        spread = ((hits - value * of) ** 2).sum()
        error = np.sqrt(n / (n - 1) * spread) / of.sum() if n > 1 else np.nan
        return Rate(float(value), float(error), int(of.sum()))

    def false_rate(self, key: Hashable) -> Rate:
        """Return the mean share of false discoveries of a key, and how many were called in all."""
        share, called = np.array(self.shares[key]).T
        error = share.std(ddof=1) / np.sqrt(len(share)) if len(share) > 1 else np.nan
        return Rate(float(share.mean()), float(error), int(called.sum()))


def table(title: str, corner: str, cells: Iterable[tuple[str, str, Rate]]) -> Table:
    """Return a table from (row, column, rate), rows and columns in order of first appearance."""
    told = {(row, column): rate for row, column, rate in cells if rate.of}
    rows, columns = (tuple(dict.fromkeys(key[k] for key in told)) for k in (0, 1))
    return Table(title, corner, columns, rows, told)
