"""Discovery with the excess of the pairs that were called taken out of every other pair's margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.false_discovery import Discoveries, discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.disproportionality.discovery.null_counts import Floats

WANG = (
    "Wang HW, Hochberg AM, Pearson RK, Hauben M. An experimental investigation of masking in the US FDA adverse "
    "event reporting system database. Drug Saf 2010;33:1117-1133."
)
# Rounds end when fewer than this share of the called pairs change, which takes three or four, or after so many.
SETTLED, ROUNDS = 0.005, 8


@dataclass(frozen=True, eq=False)
class UnmaskedDiscoveries:
    """Discoveries against margins without the excess of other discoveries.

    Attributes
    ----------
    discoveries
        As of `discrete_false_discovery`.
    expected
        Reports with both expected of each pair, its competitors' excess left out.
    rounds
        How often the list was drawn up.
    """

    discoveries: Discoveries
    expected: Floats
    rounds: int


@method(
    "unmasked_false_discovery_rate",
    title="False discovery rate with competing signals taken out",
    summary="Tests every pair against margins from which the excess of the other pairs called is taken out, again "
    "and again until the list hardly changes.",
    needs="counts of every pair, and which exposure and event each is of",
    limits="For reports of one exposure and one event each: it takes the excess of different pairs to be different "
    "reports. Where reports name three of each, 12 to 15 % of the pairs called at 5 % were false: leave out reports "
    "of the masking exposure instead. Signals that are too weak to be called stay in the margins.",
    references=(WANG,),
)
def unmasked_false_discovery(
    counts: PairCounts,
    exposure: ArrayLike,
    event: ArrayLike,
    *,
    rate: float = 0.05,
    least: int = 0,
    kind: str = "mid",
    null_share: str = "upper half",
) -> UnmaskedDiscoveries:
    """Return discoveries that do not mask each other.

    A strong pair raises both its margins, and so what is expected of every other pair of its exposure or its
    event: true signals hide (masking, competition), and null pairs fall short of what is expected of them.

    Parameters
    ----------
    counts
        Of each pair (n,).
    exposure, event
        Number of each pair's exposure and event, from 0 (n,).
    rate
        False discovery rate at which a pair's excess is taken out of the margins.
    least, kind
        As for `one_sided_tests`.
    null_share
        As for `discrete_false_discovery`.

    Raises
    ------
    UnreadableInput
        Where there is not one exposure and one event for each pair.
    InvalidSetting
        Where a setting is none.

    References
    ----------
    Wang et al. 2010, who leave out the reports of the masking drug; here only its excess is left out.

    Examples
    --------
    >>> counts = PairCounts.of([40, 2, 2, 56], exposed=[42, 42, 58, 58], event=[42, 58, 42, 58], total=100)
    >>> found = unmasked_false_discovery(counts, [0, 0, 1, 1], [0, 1, 0, 1])
    >>> found.discoveries.called(), found.rounds
    (array([ True, False, False,  True]), 2)
    """
    row, column = (np.atleast_1d(np.asarray(x)).astype(np.intp) for x in (exposure, event))
    if row.shape != counts.both.shape or column.shape != counts.both.shape:
        raise UnreadableInput(
            "Each pair needs the number of its exposure and of its event.",
            where=f"{len(counts)} pairs, {row.size} exposures, {column.size} events",
        )
    tested = counts
    called = np.zeros(len(counts), dtype=bool)
    rounds = 0
    while rounds < ROUNDS:
        rounds += 1
        null = NullCounts.given_margins(tested)
        tests = one_sided_tests(counts.both, null, least=least, kind=kind)
        found = discrete_false_discovery(tests, null_share=null_share)
        again, called = called, found.called(rate)
        if (again != called).sum() <= SETTLED * called.sum():
            break
        tested = _without_excess(counts, row, column, np.where(called, counts.both - null.expected, 0.0))
    return UnmaskedDiscoveries(found, null.expected, rounds)


def _without_excess(
    counts: PairCounts, row: NDArray[np.intp], column: NDArray[np.intp], excess: Floats
) -> PairCounts:
    """Return the margins of each pair without the excess of others; its own stays."""
    of_row, of_column = (np.bincount(x, excess)[x] for x in (row, column))
    exposed, event = counts.exposed - (of_row - excess), counts.event - (of_column - excess)
    # whole reports, and never fewer than were seen, since excesses of several pairs may share reports
    exposed, event = (np.maximum(np.round(x), counts.both) for x in (exposed, event))
    total = np.round(counts.total - (excess.sum() - excess))
    total = np.maximum(total, exposed + event - counts.both)
    return PairCounts(counts.both, exposed, event, total)
