"""Full incremental analysis: the efficiency frontier, and what each strategy off it is beaten by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.decision.outcomes import names_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CANTOR = (
    "Cantor SB. Cost-effectiveness analysis, extended dominance, and ethics: a quantitative assessment. "
    "Med Decis Making 1994;14:259-265."
)
JOHANNESSON = (
    "Johannesson M, Weinstein MC. On the decision rules of cost-effectiveness analysis. "
    "J Health Econ 1993;12:459-467."
)

REFERENCE = "reference"
ON = "on the frontier"
DOMINATED = "dominated"
EXTENDED = "extendedly dominated"
TIED = "tied"


@dataclass(frozen=True, eq=False)
class Frontier:
    """Strategies in order of cost.

    Attributes
    ----------
    names
        Of the strategies, in order of cost, cheapest first.
    index
        Column of each in the input.
    costs, effects
        Of each, in the same order.
    status
        "reference" (the cheapest on the frontier), "on the frontier", "dominated" (another costs no more and does no
        worse), "extendedly dominated" (a mixture of two others costs no more and does no worse) or "tied"
        (same cost and effect as one before it in the input).
    compared_with
        Name of the one before it on the frontier, or of the one that it is tied with or dominated by; "" else.
    added_cost, added_effect, icer
        Against the one before on the frontier; NaN for the reference and for those off it.
    """

    names: tuple[str, ...]
    index: NDArray[np.int64]
    costs: Floats
    effects: Floats
    status: tuple[str, ...]
    compared_with: tuple[str, ...]
    added_cost: Floats
    added_effect: Floats
    icer: Floats

    def on_frontier(self) -> tuple[str, ...]:
        """Return the names on the frontier, cheapest first."""
        return tuple(n for n, s in zip(self.names, self.status, strict=True) if s in (REFERENCE, ON))


@method(
    "incremental_analysis",
    title="Full incremental analysis",
    summary="Orders strategies by cost, removes those dominated strictly or by extension, and gives the "
    "incremental cost-effectiveness ratios along the frontier.",
    needs="expected cost and effect of each strategy",
    limits="On expected values alone, and for strategies that exclude one another; read it beside the "
    "acceptability frontier, which carries the uncertainty.",
    references=(JOHANNESSON, CANTOR),
)
def incremental_analysis(
    costs: ArrayLike, effects: ArrayLike, *, names: Sequence[str] | None = None
) -> Frontier:
    """Return the efficiency frontier of strategies and their incremental ratios.

    Parameters
    ----------
    costs, effects
        Expected cost and effect of each strategy, (S,); or draws of them, (D, S), of which the means are taken.
    names
        Of the strategies.

    Raises
    ------
    UnreadableInput
        Where shapes differ, there is one strategy or none, or a value is missing.

    References
    ----------
    Johannesson and Weinstein 1993; Cantor 1994.

    Examples
    --------
    >>> found = incremental_analysis([0, 20, 30, 25], [1.0, 1.1, 2.0, 1.05], names=["A", "B", "C", "D"])
    >>> list(zip(found.names, found.status))[:2]
    [('A', 'reference'), ('B', 'extendedly dominated')]
    >>> found.icer.round(1)
    array([nan, nan, nan, 30.])
    """
    c, e = (_means(x) for x in (costs, effects))
    if c.shape != e.shape or len(c) < 2 or not (np.isfinite(c) & np.isfinite(e)).all():
        raise UnreadableInput(
            "Every strategy needs one finite cost and one finite effect, and two strategies are the least.",
            where=f"{c.shape[0]} costs, {e.shape[0]} effects",
        )
    labels = names_of(names, len(c), stem="strategy")
    order = np.lexsort((np.arange(len(c)), -e, c))
    status = dict.fromkeys(range(len(c)), ON)
    beside: dict[int, int] = {}

    hull: list[int] = []
    best = -1  # the most effective so far
    for i in order:
        if best >= 0 and e[i] <= e[best]:
            status[i] = TIED if (c[i], e[i]) == (c[best], e[best]) else DOMINATED
            beside[i] = best
            continue
        best = i
        while len(hull) > 1 and _ratio(c, e, hull[-1], i) < _ratio(c, e, hull[-2], hull[-1]):
            status[hull.pop()] = EXTENDED
        hull.append(i)
    status[hull[0]] = REFERENCE

    added_cost, added_effect, icer = np.full((3, len(c)), np.nan)
    for before, i in pairwise(hull):
        beside[i] = before
        added_cost[i], added_effect[i] = c[i] - c[before], e[i] - e[before]
        icer[i] = added_cost[i] / added_effect[i]
    return Frontier(
        tuple(labels[i] for i in order),
        order,
        c[order],
        e[order],
        tuple(status[i] for i in order),
        tuple(labels[beside[i]] if i in beside else "" for i in order),
        added_cost[order],
        added_effect[order],
        icer[order],
    )


def _means(x: ArrayLike) -> Floats:
    values = np.asarray(x, dtype=float)
    if values.ndim not in (1, 2):
        raise UnreadableInput(
            "Costs and effects are one list, or draws x strategies.", where=f"{values.shape}"
        )
    return values if values.ndim == 1 else values.mean(axis=0)


def _ratio(c: Floats, e: Floats, before: int, after: int) -> float:
    return float((c[after] - c[before]) / (e[after] - e[before]))
