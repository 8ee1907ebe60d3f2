"""Curves that come from patients: families fitted to follow-up, and the weights with which they are averaged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, MissingData, NotEstimable, UnknownName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.curves import Curve
    from coley.economics.model_file.schema import Model
    from coley.economics.population.cohort import Cohort
    from coley.economics.population.life_tables import LifeTable
    from coley.economics.projection.curve import Curve as Projection
    from coley.economics.projection.registry_data import Counts
    from coley.model.answer import Check
    from coley.stats.parametric.data import SurvivalData
    from coley.stats.parametric.family import Family
    from coley.stats.parametric.fitted import Fit

    Floats = NDArray[np.float64]

SPLINE = re.compile(r"spline_(hazard|odds|normal)_(\d)")


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Patients of one strategy and endpoint.

    Attributes
    ----------
    time_years, event
        (n,) each.
    source
        File, or the name of the study.
    patients
        What tells the patients apart from others: follow-ups with the same value hold the same people.
    rows
        (n,) which of these people each row is; None: all of them, in order.
    entry_years
        (n,) from when each was followed; None: from the start.
    since_start_years
        (n,) years since the start of treatment at `time_years`, where that counts from elsewhere; None: the same.
    registry
        What a registry counted of such patients; None where it is not asked.
    notes
        What was found while the patients were read.
    """

    time_years: Floats
    event: NDArray[np.bool_]
    source: str = ""
    patients: str = ""
    rows: NDArray[np.int64] | None = None
    entry_years: Floats | None = None
    since_start_years: Floats | None = None
    registry: Counts | None = None
    notes: tuple[Check, ...] = ()

    def identifiers(self) -> NDArray[np.int64]:
        """Return who each row is, among the people of `patients`."""
        return np.arange(len(self.event)) if self.rows is None else self.rows


@dataclass(frozen=True, eq=False)
class FittedCurve:
    """Families fitted to one follow-up, and their weights.

    Attributes
    ----------
    fits
        One for each family, in years.
    weights
        (M,), summing to one.
    excess
        Whether background mortality was in the likelihood, so that the curves are of net survival.
    follow_up
        The patients.
    left_out
        Family to the reason why it carries no weight.
    alone
        The fit to the patients alone, where a registry is in the likelihood of this one and they can carry one.
    """

    fits: tuple[Fit, ...]
    weights: Floats
    excess: bool
    follow_up: FollowUp
    left_out: Mapping[str, str]
    alone: FittedCurve | None = None


def fit_curves(
    model: Model, followed: Mapping[str, FollowUp], *, cohort: Cohort, table: LifeTable | None
) -> dict[str, FittedCurve]:
    """Fit every curve of a model that comes from patients.

    Parameters
    ----------
    model
        The model.
    followed
        "strategy.endpoint" to the patients.
    cohort, table
        Ages and sexes, and mortality of the population, for background in the likelihood.

    Raises
    ------
    MissingData
        Where patients or a life table are missing.
    NotEstimable
        Where no family can be fitted to a curve.
    """
    found = {
        place: fit_curve(spec, _patients(followed, place), cohort=cohort, table=table, place=place)
        for place, spec in specified(model).items()
        if spec.fitted
    }
    if model.structures.clock_forward or model.structures.clock_reset:
        for name in model.strategies:
            found |= _fit_moves(model, name, followed, cohort=cohort, table=table)
    return found


def _fit_moves(
    model: Model, name: str, followed: Mapping[str, FollowUp], *, cohort: Cohort, table: LifeTable | None
) -> dict[str, FittedCurve]:
    """Fit the moves between states of one strategy, from patients whose progression and death are both known."""
    from coley.economics.analysis.transitions import BEFORE, PROGRESSION, moves

    strategy = model.strategies[name]
    if strategy.os.registry is not None or strategy.pfs.registry is not None:
        raise InvalidSetting(
            f"A registry counts survivors of the curve of {name}; a state transition structure has moves instead.",
            remedy="Keep to partitioned survival, or leave registry out.",
        )
    pfs, alive = (_patients(followed, f"{name}.{endpoint}") for endpoint in ("pfs", "os"))
    families = {PROGRESSION: strategy.pfs.families, BEFORE: strategy.death_before_progression}
    found = {}
    for move, seen in moves(pfs, alive, name).items():
        # Progression is not death: the general population does not progress.
        background = "none" if move == PROGRESSION else strategy.os.background
        spec = strategy.os.model_copy(
            update={
                "families": families.get(move, strategy.death_after_progression),
                "cure": strategy.pfs.cure if move == PROGRESSION else "none",
                "background": background,
                "weights": "aic",
            }
        )
        one = FollowUp(
            seen["time"],
            seen["event"],
            pfs.source,
            pfs.patients,
            rows=seen.get("rows"),
            entry_years=seen.get("entry"),
            since_start_years=seen.get("since_start"),
        )
        found[f"{name}.{move}"] = fit_curve(spec, one, cohort=cohort, table=table, place=f"{name}.{move}")
    return found


def specified(model: Model) -> dict[str, Curve]:
    """Return every curve of a model under "strategy.endpoint"."""
    found: dict[str, Curve] = {}
    for name, strategy in model.strategies.items():
        found[f"{name}.pfs"], found[f"{name}.os"] = strategy.pfs, strategy.os
        if not isinstance(strategy.on_treatment, str):
            found[f"{name}.on_treatment"] = strategy.on_treatment
    return found


def fit_curve(
    spec: Curve, follow_up: FollowUp, *, cohort: Cohort, table: LifeTable | None, place: str
) -> FittedCurve:
    """Fit the families of one curve; one that the data do not determine is left out, and said so."""
    from coley.stats.parametric.data import survival_data

    excess = spec.background == "likelihood"
    if excess and table is None:
        raise MissingData(
            f"{place}: background mortality belongs into the likelihood, and there is no life table.",
            remedy="Name one under population.life_table.",
        )
    background = None
    if excess and table is not None:
        since = follow_up.since_start_years
        background = cohort.hazard(table, follow_up.time_years if since is None else since)
    data = survival_data(
        follow_up.time_years, follow_up.event, background=background, entry=follow_up.entry_years
    )
    if spec.registry is None:
        return _fitted(spec, data, follow_up, place)
    counts = follow_up.registry
    if counts is None:
        raise MissingData(f"The registry of {place} is missing.", remedy="Give its file under registry.")
    both = _counted(data, counts, counts_as=spec.registry.counts_as, people=(cohort, table))
    try:
        alone = _fitted(spec, data, follow_up, place)
    except NotEstimable:
        alone = None
    return replace(_fitted(spec, both, follow_up, place), alone=alone)


def _counted(
    data: SurvivalData, counts: Counts, *, counts_as: float, people: tuple[Cohort, LifeTable | None]
) -> SurvivalData:
    """Return the follow-up with a registry's people, whose ages are taken to be those of the cohort."""
    from coley.stats.parametric.external import add_counts

    cohort, table = people
    background = None
    if data.background is not None and table is not None:
        ends = [cohort.survival(table, at) for at in (counts.start_years, counts.stop_years)]
        background = np.log(ends[0] / ends[1])
    return add_counts(
        data,
        start=counts.start_years,
        stop=counts.stop_years,
        at_risk=counts.at_risk,
        survivors=counts.survivors,
        discount=counts_as,
        background_between=background,
    )


def _fitted(spec: Curve, data: SurvivalData, follow_up: FollowUp, place: str) -> FittedCurve:
    from coley.stats.parametric.fitting import fit

    fits: list[Fit] = []
    left_out: dict[str, str] = {}
    for name in spec.families:
        made = _cured(family_of(name, data), spec.cure)
        try:
            found = fit(made, data)
        except NotEstimable as error:
            left_out[name] = error.what
            continue
        if found.undetermined:
            left_out[name] = f"the data do not determine {', '.join(found.undetermined)}"
        else:
            fits.append(found)
    if not fits:
        raise NotEstimable(
            f"None of the families can be fitted to {place}.",
            where=f"{int(np.sum(follow_up.event))} events in {len(follow_up.event)} patients of {follow_up.source}",
            cause="; ".join(f"{name}: {why}" for name, why in left_out.items()),
            remedy="Take families with fewer parameters, or a curve from a paper.",
        )
    kept = [name for name in spec.families if name not in left_out]
    excess = data.background is not None
    return FittedCurve(tuple(fits), _weights(spec, tuple(fits), kept, place), excess, follow_up, left_out)


def family_of(name: str, data: SurvivalData) -> Family:
    """Return a family by name; "spline_odds_2" is a Royston-Parmar spline with knots at quantiles of the events.

    Raises
    ------
    UnknownName
        For a name that there is not.
    """
    from coley.stats.parametric.families import FAMILIES
    from coley.stats.parametric.spline import royston_parmar, spline_knots

    match = SPLINE.fullmatch(name)
    if match:
        return royston_parmar(spline_knots(data, int(match[2])), scale=match[1])
    if name not in FAMILIES:
        raise UnknownName("family of survival distributions", name, [*FAMILIES, "spline_hazard_1"])
    return FAMILIES[name]


def published_family(spec: Curve) -> Family:
    """Return the family of a published curve, with its cured share where it has one.

    Raises
    ------
    UnknownName
        For a family that there is not.
    InvalidSetting
        Where the curve is not published.
    """
    from coley.stats.parametric.families import FAMILIES

    if spec.published is None:
        raise InvalidSetting("Only a published curve has a family of its own.")
    return _cured(FAMILIES[spec.published.family], spec.cure)


def _cured(family: Family, cure: str) -> Family:
    from coley.stats.parametric.cure import mixture_cure, non_mixture_cure

    ways: dict[str, Callable[[Family], Family]] = {
        "none": lambda plain: plain,
        "mixture": mixture_cure,
        "non_mixture": non_mixture_cure,
    }
    return ways[cure](family)


def _weights(spec: Curve, fits: tuple[Fit, ...], names: list[str], place: str) -> Floats:
    from coley.stats.parametric.average import model_weights

    if isinstance(spec.weights, str):
        return model_weights(fits, weights=spec.weights)
    values = [spec.weights[name] for name in names]
    if not min(values) >= 0 or sum(values) <= 0:
        raise InvalidSetting(f"The weights of {place} must not be negative, and one must be above zero.")
    return model_weights(fits, weights=values)


def _patients(followed: Mapping[str, FollowUp], place: str) -> FollowUp:
    if place not in followed:
        raise MissingData(f"The patients of {place} are missing.", remedy="Give their file under data.")
    return followed[place]


def mixture_of(one: FittedCurve, parameters: tuple[Floats, ...], times_years: Floats) -> Projection:
    """Return the curve that families and weights make of natural parameters (D, P) of each, on a grid of times."""
    from coley.economics.projection.curve import Curve as Projection
    from coley.economics.projection.joining import averaged
    from coley.stats.parametric.curves import cumulative_hazard

    # A draw of a spline's parameters may have a hazard below zero somewhere; nobody comes back to life there.
    each = [
        Projection(times_years, np.maximum.accumulate(cumulative_hazard(fit.family, p, times_years), axis=-1))
        for fit, p in zip(one.fits, parameters, strict=True)
    ]
    return each[0] if len(each) == 1 else averaged(each, one.weights)
