"""How many of all patients a model treats again after the planned end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import courses_of, heaviest
from coley.economics.analysis.strategy import treated_again

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.analysis.survival import Projected

    Floats = NDArray[np.float64]


def share_treated_again(prepared: Prepared, projected: Projected, inputs: Inputs, *, name: str) -> Floats:
    """Return the share of all patients of a strategy that is treated again within the horizon, (D,).

    Parameters
    ----------
    prepared
        The model; its heaviest structure is taken.
    projected, inputs
        Its curves and its numbers, of the same draws.
    name
        The strategy.
    """
    strategy, times = prepared.model.strategies[name], prepared.grid.times_years
    alone = replace(prepared, model=prepared.model.model_copy(update={"strategies": {name: strategy}}))
    courses = courses_of(alone, inputs, heaviest(prepared.model), projected=projected)
    ((_, course, _counted),) = courses
    treated, _when = treated_again(prepared.model, name, inputs.numbers, times_years=times, course=course)
    return np.asarray(treated.sum(axis=1))
