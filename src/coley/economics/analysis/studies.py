"""What a planned study would be worth: its results simulated from every draw of the model, and the choice after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from coley.economics.analysis.evaluate import curves_of, prepare
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.perfect_information import decision_population
from coley.stats.decision.sample_information import evsi_two_stage
from coley.stats.decision.simulated_studies import (
    ENDLESS,
    simulated_log_ratios,
    simulated_means,
    simulated_shares,
    simulated_survival,
)
from coley.stats.decision.study_size import enbs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation, Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.model_file.studies import PlannedStudy
    from coley.stats.decision.study_size import SamplingBenefit

    Floats = NDArray[np.float64]
    Summaries = Mapping[float, Floats]

INTERVALS = 60  # of a follow-up, between which deaths are counted: finer ones tell no more


@dataclass(frozen=True, eq=False)
class StudyWorth:
    """What a study of each size would be worth.

    Attributes
    ----------
    sizes
        (N,), lowest first.
    value, se
        (N,): expected value of its information, money per patient whom the decision concerns, and standard error.
    limit, limit_se
        Of a study of the same design without sampling error.
    population
        (N,): discounted patients whose treatment it can still change; None where the model does not tell how many
        there are.
    net
        What it is worth to them less its cost, and the best size; None likewise.
    costs
        (N,): of the study.
    """

    sizes: Floats
    value: Floats
    se: Floats
    limit: float
    limit_se: float
    population: Floats | None
    net: SamplingBenefit | None
    costs: Floats


def worth_of_study(
    study: PlannedStudy, prepared: Prepared, inputs: Inputs, *, drawn: Evaluation, threshold: float, seed: int
) -> StudyWorth:
    """Return the worth of a planned study by its size.

    Parameters
    ----------
    study
        As the model file words it.
    prepared, inputs, drawn
        The model, its draws, and what they come to.
    threshold
        What a QALY may cost.
    seed
        Of the study's results.
    """
    found = _WAYS[study.measures](study, prepared, inputs, _stream(study, seed))
    outcomes = (drawn.costs, drawn.effects, threshold)
    known = found[ENDLESS]
    information = evsi_two_stage(
        *outcomes, parameters=known, summaries={n: found[n] for n in sorted(found) if n < ENDLESS}
    )
    names = [f"statistic {j + 1}" for j in range(known.shape[1])]
    limit = evppi(*outcomes, parameters=known, names=names, groups={"all": names})
    population = _population(study, prepared, information.sizes)
    net = None
    if population is not None:
        net = enbs(
            information,
            population,
            fixed_cost=study.fixed_cost,
            cost_per_participant=study.cost_per_patient * study.arms,
        )
    return StudyWorth(
        information.sizes,
        information.value[:, 0],
        information.se[:, 0],
        float(limit.value[0, 0]),
        float(limit.se[0, 0]),
        population,
        net,
        study.fixed_cost + study.cost_per_patient * study.arms * information.sizes,
    )


def _population(study: PlannedStudy, prepared: Prepared, sizes: Floats) -> Floats | None:
    """Return the patients who come after a study of each size has reported, (N,)."""
    people, rate = prepared.model.population, prepared.costs.rate
    if people.incident_per_year is None:
        return None

    def until(years: float) -> float:
        within = min(years, people.decision_years)
        return decision_population(within, rate, incidence_per_year=people.incident_per_year or 0.0)

    waited = [until(study.years_until(int(n))) for n in sizes]
    return np.maximum(until(people.decision_years) - np.array(waited), 0.0)


def _stream(study: PlannedStudy, seed: int) -> list[int]:
    """Return a seed for each thing that is measured, which no other study of the model shares."""
    return [crc32(f"{seed} {study.label} {place}".encode()) for place in study.informs]


def _means(study: PlannedStudy, prepared: Prepared, inputs: Inputs, seeds: list[int]) -> Summaries:
    return _beside(
        simulated_means(inputs.numbers[place], sd, study.sizes, seed=seed)
        for place, sd, seed in zip(study.informs, study.individual_sd, seeds, strict=True)
    )


def _shares(study: PlannedStudy, prepared: Prepared, inputs: Inputs, seeds: list[int]) -> Summaries:
    return _beside(
        simulated_shares(inputs.numbers[place], study.sizes, seed=seed)
        for place, seed in zip(study.informs, seeds, strict=True)
    )


def _ratios(study: PlannedStudy, prepared: Prepared, inputs: Inputs, seeds: list[int]) -> Summaries:
    return _beside(
        simulated_log_ratios(inputs.numbers[place], study.event_share or 1.0, study.sizes, seed=seed)
        for place, seed in zip(study.informs, seeds, strict=True)
    )


def _survival(study: PlannedStudy, prepared: Prepared, inputs: Inputs, seeds: list[int]) -> Summaries:
    """Follow patients whose curves are those of the draws, background mortality in them, to the end of follow-up."""
    model, until = prepared.model, study.follow_up_years or 0.0
    cycle = 1 / model.cycles_per_year
    horizon = max(np.ceil(until / cycle - 1e-9), 1) * cycle
    short = prepare(
        model.model_copy(update={"horizon_years": float(horizon), "correction": "half_cycle"}),
        {},
        table=prepared.people.table,
        fitted=prepared.fitted,
    )
    times = np.linspace(0, until, INTERVALS + 1)
    projected = curves_of(short, inputs).curves
    followed = [projected[place] for place in study.curves]
    return _beside(
        simulated_survival(
            times,
            _read(curve.times_years, curve.survival, times, inputs.draws),
            study.sizes,
            seed=seed,
        )
        for curve, seed in zip(followed, seeds, strict=True)
    )


def _read(times_years: Floats, survival: Floats, wanted: Floats, draws: int) -> Floats:
    """Return survival (1 or D, T) on other times of the grid, between two of them on a straight line, (D, K)."""
    right = np.clip(np.searchsorted(times_years, wanted), 1, len(times_years) - 1)
    part = (wanted - times_years[right - 1]) / (times_years[right] - times_years[right - 1])
    found = (1 - part) * survival[:, right - 1] + part * survival[:, right]
    return np.broadcast_to(found, (draws, len(wanted)))


def _beside(parts: Iterable[Mapping[float, Floats]]) -> Summaries:
    """Return the results of all things measured in one study, by its size, (D, Q)."""
    every = list(parts)
    return {n: np.column_stack([one[n] for one in every]) for n in every[0]}


_WAYS: dict[str, Callable[[PlannedStudy, Prepared, Inputs, list[int]], Summaries]] = {
    "mean": _means,
    "share": _shares,
    "hazard_ratio": _ratios,
    "survival": _survival,
}
