"""Two inputs varied together: the model run over a grid of both, all others at their estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate
from coley.economics.analysis.inputs import Inputs, base_case, curve_years
from coley.economics.model_file.parse import quantities
from coley.model.errors import UnknownName
from coley.stats.decision.one_way import two_way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.model_file.two_way import TwoWay, Varied
    from coley.stats.decision.one_way import Grid

    Floats = NDArray[np.float64]

INSIDE = (0.025, 0.975)  # of the draws of a curve, as in the one-way analysis


@dataclass(frozen=True, eq=False)
class TwoInputs:
    """A grid of two inputs.

    Attributes
    ----------
    grid
        Values of both and net benefit of every strategy.
    base
        What both are in the base case; of a curve its mean years within the horizon.
    """

    grid: Grid
    base: tuple[float, float]


def vary_two(prepared: Prepared, inputs: Inputs, words: TwoWay, *, threshold: float) -> TwoInputs:
    """Run a model over a grid of two inputs.

    Parameters
    ----------
    prepared
        The model.
    inputs
        Draws, from `drawn`: a curve takes that draw whose mean years are nearest to the value wanted.
    words
        Which inputs, and over which values.
    threshold
        What a QALY may cost.

    Raises
    ------
    UnknownName
        For a curve that is not fitted, nor published with a covariance.
    """
    axes = [_axis(prepared, inputs, varied, steps=words.steps) for varied in (words.x, words.y)]
    base = base_case(prepared.model, prepared.fitted)

    def run(rows: Floats) -> tuple[Floats, Floats]:
        made = base.take(np.zeros(len(rows), dtype=np.int64))
        for axis, values in zip(axes, rows.T, strict=True):
            made = axis.put(made, values)
        found = evaluate(prepared, made)
        return found.costs, found.effects

    at = (axes[0].base, axes[1].base)
    grid = two_way(run, at, (0, 1), values=(axes[0].values, axes[1].values), threshold=threshold)
    return TwoInputs(grid, at)


@dataclass(frozen=True, eq=False)
class _Number:
    """A number, or several that are alike."""

    places: tuple[str, ...]
    values: Floats
    base: float

    def put(self, inputs: Inputs, values: Floats) -> Inputs:
        return Inputs({**inputs.numbers, **dict.fromkeys(self.places, values)}, inputs.curves)


@dataclass(frozen=True, eq=False)
class _Curve:
    """A curve, by its mean years."""

    place: str
    values: Floats
    base: float
    years: Floats
    draws: Inputs

    def put(self, inputs: Inputs, values: Floats) -> Inputs:
        nearest = np.abs(self.years[:, None] - values).argmin(axis=0)
        chosen = self.draws.take(nearest)
        start = f"strategies.{self.place}.published.parameters."
        numbers = {name: v for name, v in chosen.numbers.items() if name.startswith(start)}
        curves = {place: v for place, v in chosen.curves.items() if place == self.place}
        return Inputs({**inputs.numbers, **numbers}, {**inputs.curves, **curves})


def _axis(prepared: Prepared, inputs: Inputs, varied: Varied, *, steps: int) -> _Number | _Curve:
    model, fitted = prepared.model, prepared.fitted
    known = quantities(model)
    if not varied.curve:
        values = np.linspace(*varied.ends(known), steps)
        return _Number(varied.of, values, known[varied.of[0]].value)
    every = curve_years(model, fitted, inputs)
    if varied.curve not in every:
        raise UnknownName("curve of several draws", varied.curve, list(every))
    years = every[varied.curve]
    base = curve_years(model, fitted, base_case(model, fitted))[varied.curve]
    low, high = (float(end) for end in np.quantile(years, INSIDE))
    return _Curve(varied.curve, np.linspace(low, high, steps), float(base[0]), years, inputs)
