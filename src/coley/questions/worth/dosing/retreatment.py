"""Re-treatment after the planned end: who is treated again, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import heaviest
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.retreated import share_treated_again
from coley.economics.analysis.strategy import RETREATMENT
from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.worth.worked import CURVE_DRAWS, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]


def retreatment_part(worked: Worked) -> Part:
    """Return who is treated again and what it costs a patient; nothing where no strategy treats again."""
    part = Part()
    for name in worked.names:
        if worked.model.strategies[name].retreatment is not None:
            part += _told(worked, name)
    return part


def _told(worked: Worked, name: str) -> Part:
    model, level, label = worked.model, worked.settings.level, worked.label(name)
    base = share_treated_again(
        worked.prepared, worked.base_curves, base_case(model, worked.prepared.fitted), name=name
    )
    share = share_treated_again(
        worked.prepared, worked.drawn_curves, worked.inputs.rows(0, CURVE_DRAWS), name=name
    )
    cost = _spent(worked.drawn, name)
    measured = (
        ("treated_again", float(base[0]), share, "proportion", "of all patients, within the horizon"),
        (
            "cost_of_retreatment",
            float(_spent(worked.base, name)[0]),
            cost,
            model.currency,
            "per patient at the start",
        ),
    )
    told = (
        f"{label}: what treating again does to survival is in the curves as they are; only its cost is added. Whoever "
        "is treated again is charged the whole course."
    )
    if heaviest(model) == "partitioned_survival":
        told += (
            " Curves do not tell progression from death: of the ends of progression-free survival after the planned "
            f"end, {_percent(model.strategies[name].retreatment.deaths_first.value)} are taken to be deaths."  # type: ignore[union-attr]
        )
    return Part(
        estimates=tuple(
            Estimate(
                estimate,
                value,
                *interval(draws, level),
                n=len(draws),
                unit=unit,
                method="parameter_sampling",
                level=level,
                group=label,
                note=f"base case; {note}",
            )
            for estimate, value, draws, unit, note in measured
        ),
        caveats=(told,),
    )


def _spent(found: Evaluation, name: str) -> Floats:
    """Return what treating again costs, discounted, (D,)."""
    each = [
        values
        for (strategy, category), values in found.categories.items()
        if strategy == name and category.startswith(RETREATMENT)
    ]
    return np.asarray(sum(each, np.zeros(found.draws)), dtype=np.float64)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
