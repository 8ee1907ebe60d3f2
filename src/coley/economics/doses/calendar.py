"""A calendar of administrations: when, which drug, how many mg, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.doses.regimens import MOMENT, WEEKS_PER_YEAR, Given, Regimen
from coley.economics.doses.supply import Supply, supply
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DRUMMOND = (
    "Drummond MF, Sculpher MJ, Claxton K, Stoddart GL, Torrance GW. Methods for the Economic Evaluation of Health "
    "Care Programmes. 4th ed. Oxford University Press 2015, chapter 7."
)


@dataclass(frozen=True, eq=False)
class Calendar:
    """Administrations in the order of their times; every operation returns another calendar.

    Attributes
    ----------
    times_years
        (K,) since the start of treatment.
    drugs
        (K,) names.
    given_mg, bought_mg
        (D, K) mean mg that reach a patient, and that are paid for.
    chance
        (D, K) probability that the administration takes place.
    acquisition, administration
        (D, K) expected money for the drug and for giving it; a visit is charged to the first of its drugs.
    course
        (K,) 1 for the first course of treatment, 2 for a re-treatment.
    currency, price_year
        Of the money.
    """

    times_years: Floats
    drugs: tuple[str, ...]
    given_mg: Floats
    bought_mg: Floats
    chance: Floats
    acquisition: Floats
    administration: Floats
    course: NDArray[np.int64]
    currency: str
    price_year: int

    def __len__(self) -> int:
        return len(self.times_years)

    @property
    def cost(self) -> Floats:
        """Drug and administration together, (D, K)."""
        return self.acquisition + self.administration

    def total(self, weights: ArrayLike | None = None) -> Floats:
        """Return the expected cost of all administrations, (D,).

        Parameters
        ----------
        weights
            Factors of the administrations, (K,) or (D, K), as discount factors at `times_years`.
        """
        cost = self.cost
        return np.asarray(cost.sum(axis=1) if weights is None else (cost * np.asarray(weights)).sum(axis=1))

    def cumulative(self, times_years: ArrayLike) -> Floats:
        """Return the cost up to and including each time, (D, T): a step function."""
        sums = np.concatenate([np.zeros((len(self.cost), 1)), np.cumsum(self.cost, axis=1)], axis=1)
        times = np.asarray(times_years, dtype=np.float64)
        return np.asarray(
            sums[:, np.searchsorted(self.times_years, times + MOMENT / WEEKS_PER_YEAR, side="right")]
        )

    def between(self, edges_years: ArrayLike, *, weights: ArrayLike | None = None) -> Floats:
        """Return the cost that falls into each interval between edges (T,), as (D, T - 1).

        An interval takes its start and not its end; an administration after the last edge falls nowhere.
        """
        edges = np.asarray(edges_years, dtype=np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
            raise InvalidSetting("The edges of intervals must be two or more rising times in years.")
        cost = self.cost if weights is None else self.cost * np.asarray(weights)
        sums = np.concatenate([np.zeros((len(cost), 1)), np.cumsum(cost, axis=1)], axis=1)
        at = np.searchsorted(self.times_years, edges - MOMENT / WEEKS_PER_YEAR, side="left")
        return np.asarray(np.diff(sums[:, at], axis=1))

    def scaled(self, share: ArrayLike) -> Calendar:
        """Return the calendar in which each administration takes place with this probability, (D,) or (D, K).

        Raises
        ------
        InvalidSetting
            Where a probability is outside 0 to 1.
        """
        shares = np.asarray(share, dtype=np.float64)
        flat = share_of(shares.ravel(), "The probability of an administration").reshape(shares.shape)
        factor = flat if flat.ndim == 2 else np.atleast_1d(flat)[:, None]
        count_of_draws(self.cost, factor)
        return replace(
            self,
            given_mg=self.given_mg * factor,
            bought_mg=self.bought_mg * factor,
            chance=self.chance * factor,
            acquisition=self.acquisition * factor,
            administration=self.administration * factor,
        )

    def on_treatment(self, times_years: ArrayLike, probability: ArrayLike) -> Calendar:
        """Return the calendar weighted by the probability of still being on treatment at each administration.

        Parameters
        ----------
        times_years
            (T,) grid in years that reaches from 0 to the last administration.
        probability
            (D, T) or (T,) probability on the grid, as a time-on-treatment curve; read linearly between.

        Raises
        ------
        UnreadableInput
            Where the grid does not rise, does not reach far enough, or does not fit the curve.
        """
        grid = np.asarray(times_years, dtype=np.float64)
        curve = np.atleast_2d(np.asarray(probability, dtype=np.float64))
        if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all() or curve.shape[1:] != grid.shape:
            raise UnreadableInput(
                "A time-on-treatment curve needs rising times (T,) and a probability (D, T) at each.",
                where=f"times {grid.shape}, probabilities {curve.shape}",
            )
        if not len(self):
            return self
        if self.times_years[0] < grid[0] or self.times_years[-1] > grid[-1] + MOMENT:
            raise UnreadableInput(
                f"The curve runs from {grid[0]:g} to {grid[-1]:.3f} years and the calendar from "
                f"{self.times_years[0]:g} to {self.times_years[-1]:.3f} years.",
                remedy="Carry the curve on as far as the calendar; it is not extrapolated.",
            )
        right = np.clip(np.searchsorted(grid, self.times_years, side="left"), 1, len(grid) - 1)
        weight = np.clip((self.times_years - grid[right - 1]) / (grid[right] - grid[right - 1]), 0, 1)
        return self.scaled(curve[:, right - 1] * (1 - weight) + curve[:, right] * weight)

    def retreated(self, other: Calendar, *, start_years: float, share: ArrayLike) -> Calendar:
        """Return the calendar with a second course, which a share of all patients begins at a time.

        Raises
        ------
        InvalidSetting
            Where the share is not one, or the courses are in different money.
        """
        (start,) = draws_of(start_years, "The start of a re-treatment", unit="years")
        later = replace(
            other.scaled(share), times_years=other.times_years + start, course=np.full(len(other), 2)
        )
        return merge(self, later)


def merge(one: Calendar, two: Calendar) -> Calendar:
    """Return all administrations of two calendars in the order of their times.

    Raises
    ------
    InvalidSetting
        Where they are in different money.
    """
    if (one.currency, one.price_year) != (two.currency, two.price_year):
        raise InvalidSetting(
            f"A calendar in {one.currency} of {one.price_year} and one in {two.currency} of {two.price_year} "
            "cannot be merged.",
            remedy="Bring the prices to one currency and year with `Price.to`.",
        )
    draws = count_of_draws(one.cost, two.cost)
    times = np.concatenate([one.times_years, two.times_years])
    order = np.argsort(times, kind="stable")

    def both(name: str) -> Floats:
        parts = [getattr(part, name) for part in (one, two)]
        wide = [np.broadcast_to(part, (draws, part.shape[1])) for part in parts]
        return np.concatenate(wide, axis=1)[:, order]

    drugs = one.drugs + two.drugs
    return Calendar(
        times[order],
        tuple(drugs[i] for i in order),
        both("given_mg"),
        both("bought_mg"),
        both("chance"),
        both("acquisition"),
        both("administration"),
        np.concatenate([one.course, two.course])[order],
        one.currency,
        one.price_year,
    )


def switching(stay: Calendar, switch: Calendar, *, share: ArrayLike) -> Calendar:
    """Return the calendar of patients of whom a share takes the second one instead of the first.

    The condition of the switch (a response at month 6, say) is met by that share of the patients on
    treatment; both calendars agree until it is judged.

    Raises
    ------
    InvalidSetting
        Where the share is not one, or the calendars are in different money.
    """
    part = share_of(share, "The share that switches")
    return merge(stay.scaled(1 - part), switch.scaled(part))


@method(
    "dose_calendar",
    title="Calendar of doses and their cost",
    summary="Lays out every administration of a regimen with its expected mg, vials and money.",
    needs="doses, intervals, stopping rules, prices, and the distribution of weight where doses depend on it",
    limits="For a patient who stays on treatment; multiplied by a time-on-treatment curve it is an expected "
    "cost. Weight stays as it was at the start; delays beyond missed doses are not reckoned.",
    references=(DRUMMOND,),
)
def schedule(regimen: Regimen, horizon_years: float) -> Calendar:
    """Return every administration of a regimen that is due before a horizon.

    Parameters
    ----------
    regimen
        Drugs, phases, administration and weights.
    horizon_years
        Time from the first dose, in years; a dose due at the horizon is not given.

    Raises
    ------
    MissingData
        Where a weight or the cost of a visit is needed and not given.
    InvalidSetting
        Where settings are out of range or draws do not go together.

    References
    ----------
    Drummond et al. 2015, chapter 7 (measurement and valuation of drug costs).

    Examples
    --------
    NICE TA830: 17 cycles of 200 mg of pembrolizumab are 89,420 GBP.

    >>> from coley.economics.doses import Administration, Flat, Given, Phase, Product, Regimen, list_prices
    >>> drug = Product("pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), country="UK")
    >>> adjuvant = Regimen("adjuvant", [Given(drug, [Phase(Flat(200), 3, doses=17)])], {"iv": Administration(0)})
    >>> schedule(adjuvant, 2).total()
    array([89420.])
    """
    (horizon,) = draws_of(horizon_years, "The horizon", low=1e-9, high=150.0, unit="years")
    rows: list[tuple[float, int, int]] = []
    supplies: dict[tuple[int, int], Supply] = {}
    for d, drug in enumerate(regimen.drugs):
        for at, phase in drug.due_weeks(horizon * WEEKS_PER_YEAR):
            rows.append((at, d, phase))
            if (d, phase) not in supplies:
                supplies[d, phase] = _supply(drug, phase, regimen)
    rows.sort()
    times = np.array([at for at, _, _ in rows]) / WEEKS_PER_YEAR
    kept = [1 - np.asarray(drug.missed) for drug in regimen.drugs]
    cuts = [drug.product.kept_after_cuts(times) for drug in regimen.drugs]
    prices = [
        price
        for given in regimen.administration.values()
        for price in (given.first, given.later, given.together)
        if price is not None
    ]
    draws = count_of_draws(*kept, *cuts, *(made.cost for made in supplies.values()), *map(np.asarray, prices))

    given, bought, chance, acquisition = np.zeros((4, draws, len(rows)))
    for k, (_, d, phase) in enumerate(rows):
        made = supplies[d, phase]
        chance[:, k] = kept[d]
        given[:, k] = made.given_mg * kept[d]
        bought[:, k] = made.bought_mg * kept[d]
        acquisition[:, k] = made.cost * kept[d] * cuts[d][:, k]
    first = regimen.drugs[0].product
    return Calendar(
        times,
        tuple(regimen.drugs[d].product.drug for _, d, _ in rows),
        given,
        bought,
        chance,
        acquisition,
        _visits(rows, kept, regimen, draws),
        np.ones(len(rows), dtype=np.int64),
        first.currency,
        first.price_year,
    )


def _supply(drug: Given, phase: int, regimen: Regimen) -> Supply:
    return supply(
        drug.phases[phase].dose,
        drug.product,
        body=regimen.body,
        patients_sharing=drug.patients_sharing,
        rounding=drug.rounding,
        reduced=drug.reduced,
        unusual_dose=drug.unusual_dose,
    )


def _visits(rows: list[tuple[float, int, int]], kept: list[Floats], regimen: Regimen, draws: int) -> Floats:
    """Return the cost of visits, (D, K), at the first drug of each: a visit takes place if any drug is given.

    Doses are missed together: of two drugs with different shares the smaller is missed within the larger.
    """
    cost = np.zeros((draws, len(rows)))
    seen: set[str] = set()
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end][0] - rows[start][0] < MOMENT:
            end += 1
        by_route: dict[str, list[int]] = {}
        for k in range(start, end):
            by_route.setdefault(regimen.drugs[rows[k][1]].route, []).append(k)
        for route, at in by_route.items():
            fees = regimen.administration[route]
            shares = np.sort(np.stack(np.broadcast_arrays(*(kept[rows[k][1]] for k in at))), axis=0)
            single = fees.visit(first=route not in seen, drugs=1, route=route)
            if len(at) == 1:
                cost[:, at[0]] = shares[0] * single
            else:
                several = fees.visit(first=False, drugs=len(at), route=route)
                cost[:, at[0]] = shares[-2] * several + (shares[-1] - shares[-2]) * single
            seen.add(route)
        start = end
    return cost
