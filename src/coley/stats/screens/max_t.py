"""Westfall and Young's max-T: p values that hold the chance of any false claim, in the dependence that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.screens.columns import BLOCK, Columns
from coley.stats.screens.permutations import ROUNDING, Permutations
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

LIMITS = (
    "Needs patients who could have been exchanged for each other if no column mattered, within strata where "
    "those are given. Controls the chance of any false claim; says nothing of how large an effect is."
)


@dataclass(frozen=True, eq=False)
class MaxT:
    """Adjusted p values of a family; arrays have one value a column, NaN where it could not be tested.

    Attributes
    ----------
    names
        Of the columns.
    z
        Standardised statistic; positive where larger values go with more events, or with the positive class.
    p_single_step
        Share of permutations in which the largest statistic of all columns reaches this one.
    p_step_down
        The same, over the columns that are no more significant than this one: never larger, and as safe.
    status
        "tested", "missing" (values are missing: a column is compared on all patients or not at all) or
        "constant" (it does not vary, or not among those at risk when events happen).
    permutations
        How many were looked at.
    exact
        Whether these are all there are, so that the p have no Monte-Carlo error.
    """

    names: tuple[str, ...]
    z: Floats
    p_single_step: Floats
    p_step_down: Floats
    status: NDArray[np.str_]
    permutations: int
    exact: bool


def complete_columns(matrix: Columns) -> NDArray[np.bool_]:
    """Return which columns have no missing value."""
    complete = np.empty(len(matrix), dtype=bool)

    def look(part: slice) -> None:
        complete[part] = ~np.isnan(matrix.block(part)).any(axis=1)

    in_blocks(look, len(matrix), size=BLOCK)
    return complete


def ranking_of(z: Floats) -> Integers:
    """Return the columns that can be tested, the most significant first.

    Raises
    ------
    NotEstimable
        Where there is none.
    """
    tested = np.flatnonzero(np.isfinite(z))
    if not len(tested):
        raise NotEstimable(
            "No column can be tested.", cause="every column is constant, or has missing values"
        )
    order: Integers = tested[np.argsort(-np.abs(z[tested]), kind="stable")]
    return order


def adjusted(
    names: tuple[str, ...],
    z: Floats,
    complete: NDArray[np.bool_],
    dealt: Permutations,
    reached: Integers,
    largest: Floats,
) -> MaxT:
    """Turn counts of permutations into adjusted p values.

    Parameters
    ----------
    names, z, complete
        Of the columns.
    dealt
        The permutations.
    reached
        Of the ranked columns: permutations whose maximum over this and all later ones reached it.
    largest
        Of the permutations: the squared maximum over all columns.
    """
    ranking = ranking_of(z)
    single, down = np.full((2, len(z)), np.nan)
    below = np.searchsorted(np.sort(largest), z[ranking] ** 2 * (1 - ROUNDING))
    single[ranking] = dealt.p(len(dealt) - below)
    down[ranking] = np.maximum.accumulate(dealt.p(reached[: len(ranking)]))
    status = np.select([~complete, np.isnan(z)], ["missing", "constant"], "tested")
    return MaxT(names, z, single, down, status, len(dealt), dealt.exact)
