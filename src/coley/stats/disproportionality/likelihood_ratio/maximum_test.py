"""The maximum likelihood-ratio test: p values of all cells of a table from simulated tables without a signal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.disproportionality.likelihood_ratio.ratio import (
    Table,
    multinomial_log_ratio,
    poisson_log_ratio,
)
from coley.stats.disproportionality.likelihood_ratio.zero_inflation import zero_chances
from coley.stats.multiplicity import benjamini_hochberg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HUANG = (
    "Huang L, Zalkikar J, Tiwari RC. A likelihood ratio test based method for signal detection with application "
    "to FDA's drug safety data. J Am Stat Assoc 2011;106:1230-1241."
)
CHAKRABORTY = (
    "Chakraborty S, Liu A, Ball R, Markatou M. On the use of the likelihood ratio test methodology in "
    "pharmacovigilance. Stat Med 2022;41:5395-5420."
)
WESTFALL = "Westfall PH, Young SS. Resampling-based multiple testing. New York: Wiley, 1993."
# Cells that are simulated together: 32 MB of counts.
CELLS = 1 << 22

Simulate = Callable[[np.random.Generator, int], "tuple[Floats, Floats]"]


@dataclass(frozen=True, eq=False)
class LikelihoodRatios:
    """The test of every cell.

    Attributes
    ----------
    log_ratio
        (rows, columns), 0 where the count does not exceed what is expected.
    p
        (rows, columns): chance of so large a ratio anywhere among the cells of its family that are not larger, if
        nothing in the family is a signal. NaN in columns that were not tested. At most `level` of families hold a
        false claim if claims are made where p is at most `level`.
    p_column, q_column
        (columns,): smallest p of each column, and those corrected for the false discovery rate over columns;
        q is NaN where the whole table is one family, which needs no correction.
    zero_chance
        (columns,): estimated chance of a structural zero; 0 where none was allowed.
    draws
        How many tables were simulated: no p is below 1 / (draws + 1).
    """

    log_ratio: Floats
    p: Floats
    p_column: Floats
    q_column: Floats
    zero_chance: Floats
    draws: int


@method(
    "likelihood_ratio_test",
    title="Maximum likelihood-ratio test",
    summary="Tests all cells of a table at once against simulated tables without a signal, step by step downwards.",
    needs="a whole table of events by exposures, with a column of all other exposures",
    limits="Takes margins as known and reports as independent: a report with many events counts many times. "
    "Compares with what the margins expect, so that a strong signal can mask others in its row and column.",
    references=(HUANG, CHAKRABORTY, WESTFALL),
)
def likelihood_ratio_test(
    counts: ArrayLike,
    *,
    columns: Sequence[int] | None = None,
    null: str = "multinomial",
    family: str = "column",
    step_down: bool = True,
    draws: int = 9999,
    seed: int = 1,
) -> LikelihoodRatios:
    """Test every cell of a table for more reports than its margins expect.

    Parameters
    ----------
    counts
        (rows, columns): events by exposures; transpose it to test exposures within each event.
    columns
        Which to test; all, if not said. The others help to form the margins.
    null
        How tables without signals are drawn: "multinomial" holds each column's total and takes expected counts as
        known (Huang 2011), which is a little cautious where a column is a large part of its table; "poisson" draws
        every cell by itself and estimates expected counts from each table (Chakraborty 2022); "zero_inflated" does
        so with structural zeros, as many as are estimated.
    family
        "column": the error is held in each column; "table": in all tested columns together.
    step_down
        Whether a cell is compared with the maximum over cells that are not larger than itself, which claims at
        least as much; otherwise with the maximum over all of its family, as published.
    draws, seed
        Number of simulated tables, and the seed they come from.

    Raises
    ------
    UnreadableInput
        Where the table is not one of counts.
    InvalidSetting
        Where a setting is unknown or out of range.

    References
    ----------
    Huang 2011, sections 2 and 3; zero inflation: Chakraborty 2022; step-down: Westfall and Young 1993, algorithm 2.8.

    Examples
    --------
    >>> table = [[40, 400], [12, 300], [9, 300], [30, 3000]]
    >>> tests = likelihood_ratio_test(table, columns=[0], draws=999)
    >>> tests.log_ratio[:, 0].round(2), tests.p[:, 0].round(3)
    (array([32.58,  1.67,  0.33,  0.  ]), array([0.001, 0.113, 0.43 , 1.   ]))
    """
    table = Table.of(counts)
    shape = table.counts.shape
    tested = np.arange(shape[1]) if columns is None else np.asarray(columns, int)
    for name, value, known in (("null", null, NULLS), ("family", family, ("column", "table"))):
        if value not in known:
            raise InvalidSetting(
                f"There is no {name} {value!r}.", remedy=f"Choose one of {', '.join(known)}."
            )
    if draws < 1 or tested.size == 0 or tested.min() < -shape[1] or tested.max() >= shape[1]:
        raise InvalidSetting(
            f"{draws} draws for columns {tested.tolist()} of {shape[1]} cannot be made.",
            remedy="Ask for at least one draw (9999, to resolve p values of 0.0001) and for columns that exist.",
        )
    ratio = RATIOS[null]
    zeros = zero_chances(table.counts, table.expected) if null == "zero_inflated" else np.zeros(shape[1])
    groups = [tested] if family == "table" else [tested[i : i + 1] for i in range(len(tested))]
    observed, p = ratio(table.counts, table.expected), np.full(shape, np.nan)
    for group, stream in zip(groups, np.random.SeedSequence(seed).spawn(len(groups)), strict=True):
        found = observed[:, group].ravel()
        simulated = _simulated(table, group, null=null, zeros=zeros, draws=draws, stream=stream)
        ratios = (ratio(n, e).reshape(len(n), -1) for n, e in simulated)
        p[:, group] = _adjusted(found, ratios, draws=draws, step_down=step_down).reshape(-1, len(group))
    smallest = np.full(shape[1], np.nan)
    smallest[tested] = p[:, tested].min(axis=0)
    over_columns = benjamini_hochberg(smallest) if family == "column" else np.full(shape[1], np.nan)
    return LikelihoodRatios(observed, p, smallest, over_columns, zeros, draws)


def _multinomial_ratio(n: Floats, expected: Floats) -> Floats:
    """Return the statistic of whole columns, whose totals are those expected."""
    found: Floats = multinomial_log_ratio(n, expected, expected.sum(axis=-2, keepdims=True))
    return found


def _simulated(
    table: Table,
    columns: NDArray[np.intp],
    *,
    null: str,
    zeros: Floats,
    draws: int,
    stream: np.random.SeedSequence,
) -> Iterator[tuple[Floats, Floats]]:
    """Yield blocks of simulated columns, (block, rows, columns), and what their margins expect of them."""
    rng = np.random.default_rng(stream)
    simulate = NULLS[null](table, columns, zeros)
    size = max(1, CELLS // (len(table.share) * (len(columns) + 1)))
    for start in range(0, draws, size):
        yield simulate(rng, min(size, draws - start))


def _multinomial(table: Table, columns: NDArray[np.intp], zeros: Floats) -> Simulate:
    totals = table.counts[:, columns].sum(axis=0).astype(np.int64)

    def simulate(rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        drawn = [rng.multinomial(total, table.share, size) for total in totals]
        return np.stack(drawn, axis=2).astype(np.float64), table.expected[:, columns]

    return simulate


def _poisson(table: Table, columns: NDArray[np.intp], zeros: Floats) -> Simulate:
    e = table.expected[:, columns]
    others = np.maximum(table.expected.sum(axis=1) - e.sum(axis=1), 0.0)
    # given what was seen, a cell with a count is no structural zero
    chance, none = zeros[columns], np.exp(-e)
    structural = np.where(
        (table.counts[:, columns] == 0) & (chance > 0),
        chance / np.maximum(chance + (1 - chance) * none, 1e-300),
        0.0,
    )

    def simulate(rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        drawn = rng.poisson(e, (size, *e.shape)).astype(np.float64)
        if structural.any():
            drawn[rng.random(drawn.shape) < structural] = 0.0
        # expected counts are estimated from each table, as they were from the one that was seen
        rows = drawn.sum(axis=2) + rng.poisson(others, (size, len(others)))
        every = np.maximum(rows.sum(axis=1), 1.0)
        return drawn, rows[:, :, None] * (drawn.sum(axis=1) / every[:, None])[:, None, :]

    return simulate


NULLS = {"multinomial": _multinomial, "poisson": _poisson, "zero_inflated": _poisson}
RATIOS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "multinomial": _multinomial_ratio,
    "poisson": poisson_log_ratio,
    "zero_inflated": poisson_log_ratio,
}


def _adjusted(observed: Floats, simulated: Iterator[Floats], *, draws: int, step_down: bool) -> Floats:
    """Return p values that allow for the maximum over a family."""
    order = np.argsort(-observed, kind="stable")
    reached = np.zeros(len(observed))
    for ratios in simulated:
        if step_down:  # of each draw, the maximum over this cell and all smaller ones
            ratios = np.maximum.accumulate(ratios[:, order][:, ::-1], axis=1)[:, ::-1]
            reached += (ratios >= observed[order]).sum(axis=0)
        else:
            largest = np.sort(ratios.max(axis=1))
            reached += len(largest) - np.searchsorted(largest, observed[order], side="left")
    p = np.empty(len(observed))
    p[order] = np.maximum.accumulate((1 + reached) / (draws + 1))
    p[observed == 0] = 1.0
    return p
