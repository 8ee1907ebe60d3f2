"""Curves of a model over its whole horizon, for every draw: origin, separation, waning, background, in that order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.fitted import mixture_of, published_family, specified
from coley.economics.projection.background import at_least_background, with_background
from coley.economics.projection.curve import Curve
from coley.economics.projection.effect import delayed, waned, with_hazard_ratio
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import FittedCurve
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.model_file.curves import Curve as Spec
    from coley.economics.model_file.schema import Model
    from coley.economics.population.cohort import Cohort
    from coley.economics.population.life_tables import LifeTable

    Floats = NDArray[np.float64]

PER_YEAR = {"days": 365.25, "weeks": 365.25 / 7, "months": 12.0, "years": 1.0}


@dataclass(frozen=True, eq=False)
class People:
    """Who is treated, and how such people die without the disease (None where no life table was named)."""

    cohort: Cohort
    table: LifeTable | None


@dataclass(frozen=True, eq=False)
class Projected:
    """Curves by "strategy.endpoint", and from when the floor of background mortality held in the base of each."""

    curves: Mapping[str, Curve]
    floored_from_years: Mapping[str, Floats]


def project(
    model: Model,
    fitted: Mapping[str, FittedCurve],
    inputs: Inputs,
    *,
    times_years: Floats,
    people: People,
    only: Collection[str] | None = None,
) -> Projected:
    """Return the curves of a model on a grid of times: every one, or `only` those of some places.

    Raises
    ------
    InvalidSetting
        Where curves lean on each other in a circle, or a fade joins curves of net and of all-cause survival.
    MissingData
        Where background mortality is wanted and there is no life table.
    """
    wanted = specified(model)
    bare: dict[str, Curve] = {}
    net: dict[str, bool] = {}

    def disease(place: str, above: tuple[str, ...] = ()) -> Curve:
        """Return the curve before background mortality."""
        if place in above:
            raise InvalidSetting(f"The curves of {' and '.join(above)} lean on each other in a circle.")
        if place not in bare:
            spec, endpoint = wanted[place], place.split(".")[-1]
            chain = (*above, place)
            if spec.hazard_ratio is not None:
                other = f"{spec.hazard_ratio.of}.{endpoint}"
                made = with_hazard_ratio(
                    disease(other, chain), inputs.numbers[f"strategies.{place}.hazard_ratio.ratio"]
                )
                net[place] = net[other]
            elif spec.published is not None:
                made = _published(place, spec, inputs, times_years)
                net[place] = spec.background == "likelihood"
            else:
                one = fitted[place]
                made, net[place] = mixture_of(one, inputs.curves[place], times_years), one.excess
            if place in inputs.ratios:  # before the effect begins late or fades
                made = with_hazard_ratio(made, inputs.ratios[place])
            if spec.separates_after_years:
                other = f"{model.comparator}.{endpoint}"
                made = delayed(made, disease(other, chain), until_years=spec.separates_after_years)
                _alike(net, place, other)
            if spec.waning is not None:
                other = f"{spec.waning.towards}.{endpoint}"
                towards = disease(other, chain)
                _alike(net, place, other)
                made = waned(
                    made, towards, from_years=spec.waning.from_years, until_years=spec.waning.until_years
                )
            bare[place] = made
        return bare[place]

    whole: dict[str, Curve] = {}
    floored: dict[str, Floats] = {}
    for place, spec in wanted.items():
        if only is not None and place not in only:
            continue
        made = disease(place)
        if net[place]:
            made = with_background(made, people.cohort, _table(people, place))
        elif spec.background != "none" and people.table is not None:
            found = at_least_background(made, people.cohort, people.table)
            made, floored[place] = found.curve, found.from_years
        whole[place] = made
    return Projected(whole, floored)


def _published(place: str, spec: Spec, inputs: Inputs, times: Floats) -> Curve:
    from coley.stats.parametric.curves import cumulative_hazard

    family = published_family(spec)
    theta, per_year = published_parameters(place, spec, inputs)
    try:
        return Curve(times, cumulative_hazard(family, theta, times * per_year))
    except InvalidSetting as error:
        raise InvalidSetting(
            error.what,
            where=place,
            cause=error.cause if len(theta) == 1 else "draws that leave the range of a parameter",
            remedy=error.remedy
            if len(theta) == 1
            else 'Give the parameter a distribution that stays in its range: distribution = "lognormal", or "beta" '
            'for a share; and a covariance on scale = "estimation".',
        ) from None


def published_parameters(place: str, spec: Spec, inputs: Inputs) -> tuple[Floats, float]:
    """Return the natural parameters of a published curve, (D, P) in the order of its family, and its units in a year.

    Raises
    ------
    InvalidSetting
        Where the parameters are not those of the family.
    """
    family, published = published_family(spec), spec.published
    if published is None or set(published.parameters) != set(family.names):
        raise InvalidSetting(
            f"The {family.title} distribution has the parameters {', '.join(family.names)}.",
            where=f"{place}: {', '.join(published.parameters if published else ())}",
            remedy="Write them by these names, in the parametrisation of `coley methods`.",
        )
    start = f"strategies.{place}.published.parameters"
    theta = np.stack([inputs.numbers[f"{start}.{name}"] for name in family.names], axis=-1)
    return theta, PER_YEAR[published.time_unit]


def _alike(net: Mapping[str, bool], place: str, other: str) -> None:
    if net[place] != net[other]:
        raise InvalidSetting(
            f"{place} and {other} cannot be joined: one is net survival, the other all-cause.",
            remedy='Write background = "likelihood" for both, or for neither.',
        )


def _table(people: People, place: str) -> LifeTable:
    if people.table is None:
        raise MissingData(f"{place} needs a life table.", remedy="Name one under population.life_table.")
    return people.table
