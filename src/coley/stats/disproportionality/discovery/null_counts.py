"""How many reports a pair would have if exposure and event were reported independently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.counts import PairCounts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NullCounts:
    """The distribution of each pair's count without association; arrays of one shape.

    With a finite `total` it is hypergeometric, given the margins of the pair's table; with an infinite one it
    is Poisson, given what was expected.

    Attributes
    ----------
    expected
        Mean.
    exposed, event, total
        Margins; `total` is infinite where the distribution is Poisson.

    Examples
    --------
    >>> NullCounts.given_margins(PairCounts.of(2, exposed=50, event=20, total=1000)).expected
    array([1.])
    """

    expected: Floats
    exposed: Floats
    event: Floats
    total: Floats

    @classmethod
    def given_margins(cls, counts: PairCounts) -> NullCounts:
        """Return hypergeometric distributions: Fisher's, exact whatever the size of the table."""
        return cls(np.nan_to_num(counts.expected, nan=0.0), counts.exposed, counts.event, counts.total)

    @classmethod
    def poisson(cls, expected: ArrayLike) -> NullCounts:
        """Return Poisson distributions with the given means, which may be sums over strata.

        Raises
        ------
        UnreadableInput
            Where a mean is missing, infinite or negative.
        """
        mean = np.ascontiguousarray(np.atleast_1d(np.asarray(expected, dtype=np.float64)))
        bad = ~(np.isfinite(mean) & (mean >= 0))
        if bad.any():
            raise UnreadableInput(
                "Expected counts must be known, finite and not negative.",
                where=f"{int(bad.sum())} of {mean.size}, the first {mean[bad][0]}",
                cause="a pair whose strata hold no report",
                remedy="Leave such pairs out.",
            )
        none = np.zeros_like(mean)
        return cls(mean, none, none, np.full_like(mean, np.inf))

    @property
    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Mean and margins, as the compiled part takes them."""
        return self.expected, self.exposed, self.event, self.total
