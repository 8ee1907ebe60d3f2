"""From a model that was worked out to what a test makes of it: what treatment adds, by part, and what testing costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.assay import Assay, assay
from coley.economics.policy.by_response import Added, added

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.model_file.guided import Testing
    from coley.economics.projection.curve import Curve

    Floats = NDArray[np.float64]

DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365.25
ONCE = ("at the start", "adverse events")  # costs that every treated patient has alike
LOST = "lost to adverse events"
WITH_SURVIVAL = ("care", "end of life")  # costs that follow from how long patients live


def added_by(
    found: Evaluation, words: Testing, *, gain_without: ArrayLike, drugs_without: ArrayLike
) -> Added:
    """Return what the treated strategy adds to the other one, draw by draw.

    Adverse events, what is spent once, and the drugs of the other strategy that are saved are the same in every
    patient; care and dying follow from survival; the rest is what its drugs and giving them cost.

    Parameters
    ----------
    found
        The model's results, of its draws or of its base case.
    words
        Which strategies.
    gain_without, drugs_without
        As `coley.economics.policy.by_response.added` takes them.
    """
    columns = [found.strategies.index(name) for name in (words.treated, words.otherwise)]
    spent = [_drugs(found, name) for name in (words.treated, words.otherwise)]
    once = [_sum(found, name, ONCE) for name in (words.treated, words.otherwise)]
    lost = [_sum(found, name, (LOST,)) for name in (words.treated, words.otherwise)]
    new, old = ((found.costs[:, i], found.effects[:, i]) for i in columns)
    return added(
        old,
        new,
        same=(once[0] - once[1] - spent[1], lost[0] - lost[1]),
        spent=spent[0],
        gain_without=gain_without,
        drugs_without=drugs_without,
    )


def assay_of(words: Testing, place: str, numbers: Mapping[str, Floats], *, alive: Curve) -> Assay:
    """Return what testing costs and misses.

    Parameters
    ----------
    words, place
        The test, and where it stands in the model file.
    numbers
        Place in the model file to its draws, (D,), or to the estimate.
    alive
        Overall survival of the other strategy, one row: who waits may die on it.
    """

    def drawn(name: str) -> Floats:
        return numbers[f"{place}.{name}"]

    days = DAYS_PER_WEEK * drawn("turnaround")
    lost = (
        np.maximum(1 - np.interp(days / DAYS_PER_YEAR, alive.times_years, alive.survival[0]), 0.0)  # rounding
        if words.lost_waiting is None
        else drawn("lost_waiting")
    )
    return assay(
        drawn("test_cost"),
        failed=drawn("failed"),
        rebiopsied=drawn("rebiopsied"),
        rebiopsy_cost=drawn("rebiopsy_cost"),
        failed_again=None if words.failed_again is None else drawn("failed_again"),
        treat_untold=words.treat_untold,
        waiting_days=days,
        lost_waiting=lost,
    )


def _drugs(found: Evaluation, name: str) -> Floats:
    """Return what is spent on drugs and giving them: all costs that are neither spent once nor follow from survival."""
    rest = found.costs[:, found.strategies.index(name)] - _sum(found, name, (*ONCE, *WITH_SURVIVAL))
    return np.maximum(rest, 0.0)  # rounding, where nothing is given


def _sum(found: Evaluation, name: str, categories: tuple[str, ...]) -> Floats:
    total = np.zeros(found.draws)
    for category in categories:
        total += found.categories.get((name, category), 0.0)
    return total
