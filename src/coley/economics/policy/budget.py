"""Budget impact: what a payer spends, year by year, with a new treatment and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.policy.increment import share_between
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput
from coley.model.method import method
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SULLIVAN = (
    "Sullivan SD, Mauskopf JA, Augustovski F, et al. Budget impact analysis: principles of good practice: report of "
    "the ISPOR 2012 Budget Impact Analysis Good Practice II Task Force. Value Health 2014;17:5-14."
)
CRUMB = 1e-9
ENTRIES = ("at once", "evenly")


@dataclass(frozen=True, eq=False)
class BudgetImpact:
    """Spending of each of Y years, undiscounted, in money of one price year.

    Attributes
    ----------
    with_new, without_new
        (D, Y).
    with_by_strategy, without_by_strategy
        Strategy to its part of either, (D, Y).
    by_strategy
        Strategy to its difference in spending, with the new treatment less without it, (D, Y).
    starting
        Strategy to patients who start it each year where the new treatment is there, (D, Y).
    level
        Share of draws within the limits.
    """

    with_new: Floats
    without_new: Floats
    with_by_strategy: Mapping[str, Floats]
    without_by_strategy: Mapping[str, Floats]
    by_strategy: Mapping[str, Floats]
    starting: Mapping[str, Floats]
    level: float

    @property
    def impact(self) -> Floats:
        """(D, Y): added spending."""
        return self.with_new - self.without_new

    @property
    def yearly(self) -> Intervals:
        """Mean added spending of each year, with limits over draws."""
        return self._summary(self.impact)

    @property
    def cumulative(self) -> Intervals:
        """Mean added spending up to and including each year, with limits over draws."""
        return self._summary(np.cumsum(self.impact, axis=1))

    def exceeds(self, budget: float) -> Floats:
        """Return the probability that a year adds more than a budget, (Y,)."""
        return np.asarray((self.impact > budget).mean(axis=0), dtype=np.float64)

    def _summary(self, values: Floats) -> Intervals:
        low, high = np.quantile(values, [(1 - self.level) / 2, (1 + self.level) / 2], axis=0)
        return Intervals(values.mean(axis=0), low, high, self.level)


@method(
    "budget_impact",
    title="Budget impact",
    summary="Patients who start each treatment each year, times what a patient costs in each year since starting, with "
    "a new treatment and without it.",
    needs="eligible patients by year, uptake by year, today's shares of treatments, and undiscounted cost by year "
    "since start of each treatment",
    limits="For the payer's spending, not for value; patients who have started keep to their treatment. Where costs "
    "are by whole years since the start, the first year counts in full, and spending comes too early.",
    references=(SULLIVAN,),
)
def budget_impact(
    costs_by_year: Mapping[str, ArrayLike],
    eligible: ArrayLike,
    uptake: ArrayLike,
    *,
    new: str,
    shares: Mapping[str, float],
    displaced: Mapping[str, float] | None = None,
    prevalent: ArrayLike = 0.0,
    level: float = 0.95,
) -> BudgetImpact:
    """Return spending by year of the calendar.

    Parameters
    ----------
    costs_by_year
        Strategy to what a patient costs in each year since starting it, (D, L) or (L,), undiscounted; nothing is
        added after the last of these years.
    eligible
        Incident patients who start some treatment each year, (Y,) or (D, Y).
    uptake
        Share of them that starts the new treatment, (Y,) or (D, Y).
    new
        The new strategy.
    shares
        Strategy to its share of patients without the new treatment; they add up to 1.
    displaced
        Strategy to the part of the new treatment's patients that it loses, adding up to 1; where None, in
        proportion to `shares`.
    prevalent
        Patients already waiting at the start, a number or (D,), who start in the first year beside its incident ones.
    level
        Share of draws within the limits.

    Raises
    ------
    InvalidSetting
        Where shares do not add up to 1, an uptake is none, or more patients are displaced than there are.
    UnreadableInput
        Where shapes do not fit, or a cost is missing.

    References
    ----------
    Sullivan et al 2014.

    Examples
    --------
    >>> found = budget_impact({"new": [100, 20], "old": [10, 10]}, [50, 50, 50], [0.2, 0.4, 0.6], new="new",
    ...                       shares={"old": 1.0})
    >>> found.yearly.value
    array([ 900., 1900., 2900.])
    """
    if new not in costs_by_year or set(costs_by_year) - {new} != set(shares) - {new} or not shares:
        raise InvalidSetting(
            "Every strategy needs a cost by year and a share, and the new one a cost by year.",
            where=f"costs of {sorted(costs_by_year)}, shares of {sorted(shares)}, new {new!r}",
        )
    share_between(level, "The level")
    _whole(shares, "The shares of treatments")
    gone = dict(shares) if displaced is None else dict(displaced)
    _whole(gone, "The shares displaced")
    if set(gone) - set(shares):
        raise InvalidSetting(
            f"No patient takes {sorted(set(gone) - set(shares))[0]} that could be displaced."
        )
    incident = _table(eligible, "Eligible patients")
    taken = _table(uptake, "Uptake")
    years = max(incident.shape[1], taken.shape[1])
    share_of(taken.ravel(), "Uptake")
    if incident.shape[1] != years or taken.shape[1] != years:
        raise UnreadableInput(
            "Eligible patients and uptake must be given for the same years.",
            where=f"{incident.shape[1]} and {taken.shape[1]} years",
        )
    costs = {
        name: _table(values, f"The cost by year of {name}", low=-np.inf)
        for name, values in costs_by_year.items()
    }
    waiting = draws_of(prevalent, "Prevalent patients")
    draws = count_of_draws(incident, taken, waiting, *costs.values())
    patients = np.broadcast_to(incident, (draws, years)).copy()
    patients[:, 0] += waiting

    before = {name: np.full((1, years), shares.get(name, 0.0)) for name in costs}
    after = {
        name: before[name] + (taken if name == new else 0.0) - gone.get(name, 0.0) * taken for name in costs
    }
    for name, left in after.items():
        if (left < -CRUMB).any():
            raise InvalidSetting(
                f"More patients leave {name} than take it.",
                where=f"year {int(np.argwhere(left < -CRUMB)[0][1]) + 1}",
                remedy="Lower the uptake, or say which treatments it displaces.",
            )
    starting = {name: patients * np.maximum(after[name], 0.0) for name in costs}
    spent_with = {name: _spending(starting[name], costs[name]) for name in costs}
    spent_without = {name: _spending(patients * before[name], costs[name]) for name in costs}
    return BudgetImpact(
        sum(spent_with.values(), np.zeros((draws, years))),
        sum(spent_without.values(), np.zeros((draws, years))),
        spent_with,
        spent_without,
        {name: spent_with[name] - spent_without[name] for name in costs},
        starting,
        level,
    )


def cost_by_year(
    times_years: ArrayLike, cumulative_cost: ArrayLike, years: int, *, entry: str = "at once"
) -> Floats:
    """Return what a patient costs in each year, counted from that of the start, (D, years).

    Parameters
    ----------
    times_years
        (T,) rising from 0 to `years` at least; read linearly between.
    cumulative_cost
        (D, T) or (T,) undiscounted cost per starting patient until each time.
    years
        How many.
    entry
        "at once": all start on the first day of a year, and a year is a whole one since the start. "evenly": patients
        start all through the year, so that the first year holds only what falls into it.

    Raises
    ------
    UnreadableInput
        Where the grid does not rise, or ends too early.
    UnknownName
        For another way of entry.

    Examples
    --------
    >>> cost_by_year([0, 0.5, 1, 2], [0, 60, 100, 120], 2)
    array([[100.,  20.]])
    >>> cost_by_year([0, 0.5, 1, 2], [0, 60, 100, 120], 2, entry="evenly")
    array([[55., 55.]])
    """
    if entry not in ENTRIES:
        raise UnknownName("way of entry", entry, ENTRIES)
    times, cost = (
        np.asarray(times_years, dtype=np.float64),
        _table(cumulative_cost, "Cumulative cost", low=-np.inf),
    )
    if times.ndim != 1 or not (np.diff(times) > 0).all() or cost.shape[1:] != times.shape or times[0] != 0:
        raise UnreadableInput(
            "Cumulative cost needs rising times from 0, and a value at each.",
            where=f"times {times.shape}, costs {cost.shape}",
        )
    if times[-1] < years - CRUMB:
        raise UnreadableInput(
            f"The costs end at {times[-1]:g} years and {years} are asked for.",
            remedy="Carry the model on; it is not extrapolated.",
        )
    whole = np.minimum(np.arange(years + 1.0), times[-1])
    fine = np.union1d(times, whole)
    right = np.clip(np.searchsorted(times, fine), 1, len(times) - 1)
    part = (fine - times[right - 1]) / (times[right] - times[right - 1])
    at = (1 - part) * cost[:, right - 1] + part * cost[:, right]
    ends = np.searchsorted(fine, whole)
    if entry == "at once":
        return np.asarray(np.diff(at[:, ends], axis=1))
    # what those who have been there for 0 to 1 years, 1 to 2, ... have cost on average, and how that grows
    steps = np.pad(np.diff(fine) * (at[:, 1:] + at[:, :-1]) / 2, ((0, 0), (1, 0)))
    mean = np.diff(np.cumsum(steps, axis=1)[:, ends], axis=1)
    return np.asarray(np.diff(mean, axis=1, prepend=0.0))


def _spending(starting: Floats, cost: Floats) -> Floats:
    """Return the spending of each year on all who have started, (D, Y): a convolution over years since start."""
    draws, years = count_of_draws(starting, cost), starting.shape[1]
    found = np.zeros((draws, years))
    for lag in range(min(cost.shape[1], years)):
        found[:, lag:] += starting[:, : years - lag] * cost[:, lag : lag + 1]
    return found


def _table(values: ArrayLike, name: str, *, low: float = 0.0) -> Floats:
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if table.ndim != 2 or not table.size or not np.isfinite(table).all() or (table < low).any():
        raise UnreadableInput(
            f"{name} must be finite{'' if low else ' and not negative'}, one number a year, or draws x years.",
            where=f"an array of shape {table.shape}",
        )
    return table


def _whole(parts: Mapping[str, float], name: str) -> None:
    total = float(share_of(list(parts.values()), name).sum())
    if abs(total - 1) > 1e-6:
        raise InvalidSetting(f"{name} must add up to 1 and add up to {total:g}.", where=", ".join(parts))
