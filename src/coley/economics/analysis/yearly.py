"""What a patient costs in each year since the start, from one run of the model."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from coley.economics.analysis.evaluate import courses_of, curves_of, prepare, structure_of_draws
from coley.economics.course import outcome
from coley.economics.course.discounting import NO_DISCOUNT
from coley.economics.course.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.course.courses import Course

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Part(Grid):
    """A grid of which only the first times count, as if it ended there."""

    counted: int = 0

    def over_states(self, values: Floats) -> Floats:
        return self._padded(self._start.over_states(values[..., : self.counted]), values.shape[-1])

    def over_flows(self, values: Floats) -> Floats:
        return self._padded(self._start.over_flows(values[..., : self.counted]), values.shape[-1] - 1)

    @property
    def _start(self) -> Grid:
        return Grid(self.times_years[: self.counted], self.correction, self.horizon_years)

    @staticmethod
    def _padded(weights: Floats, length: int) -> Floats:
        return np.pad(weights, [(0, 0)] * (weights.ndim - 1) + [(0, length - weights.shape[-1])])


def costs_by_year(prepared: Prepared, inputs: Inputs, years: int, *, seed: int) -> dict[str, Floats]:
    """Return what a patient of each strategy costs in each year since the start, undiscounted, (D, years).

    Patients start on one day; the draws are shared out among the structures by their weights.

    Parameters
    ----------
    prepared, inputs
        The model, and draws of its inputs.
    years
        How many; the model is run to their end, whatever its horizon.
    seed
        Of which draws take which structure.
    """
    model = prepared.model
    words = {**model.model_dump(), "horizon_years": float(years)}
    short = prepare(
        type(model).model_validate(words), {}, table=prepared.people.table, fitted=prepared.fitted
    )
    names, which = structure_of_draws(model, inputs.draws, seed=seed)
    found = {name: np.empty((inputs.draws, years)) for name in model.strategies}
    for i, structure in enumerate(names):
        rows = np.flatnonzero(which == i)
        if len(rows):
            for name, costs in _costs(short, inputs.take(rows), structure, years=years).items():
                found[name][rows] = costs
    return found


def _costs(prepared: Prepared, inputs: Inputs, structure: str, *, years: int) -> dict[str, Floats]:
    found = {}
    projected = curves_of(prepared, inputs)
    for name, course, counted in courses_of(prepared, inputs, structure, projected=projected):
        spent = [reward for reward in counted if reward.kind == "cost"]
        until = np.zeros((inputs.draws, years + 1))
        for year in range(1, years + 1):
            until[:, year] = outcome.evaluate(_until(course, year), spent, costs=NO_DISCOUNT).costs
        found[name] = np.diff(until, axis=1)
    return found


def _until(course: Course, year: int) -> Course:
    """Return a course that ends with a year."""
    grid = course.grid
    counted = int(np.searchsorted(grid.times_years, year + 1e-9, side="right"))
    shared = {one.name: getattr(grid, one.name) for one in fields(Grid)} | {"horizon_years": float(year)}
    return cast("Course", replace(cast("Any", course), grid=_Part(**shared, counted=counted)))
