"""Each family's own curve, beside the average that the model takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.fitted import specified
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.survival import project

if TYPE_CHECKING:
    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.projection.curve import Curve


@dataclass(frozen=True, eq=False)
class FamilyCurve:
    """The curve that one family would make of the base case.

    Attributes
    ----------
    family
        As the model file names it.
    weight
        In the average.
    curve
        With all that follows the fit: fading, background mortality.
    """

    family: str
    weight: float
    curve: Curve


def family_curves(prepared: Prepared) -> dict[str, tuple[FamilyCurve, ...]]:
    """Return the curves of the families of every curve that averages several, by "strategy.endpoint"."""
    base, wanted = base_case(prepared.model, prepared.fitted), specified(prepared.model)
    found = {}
    for place, one in prepared.fitted.items():
        if place not in wanted or len(one.fits) < 2:
            continue
        names = [name for name in wanted[place].families if name not in one.left_out]
        made = []
        for k, name in enumerate(names):
            alone = replace(one, weights=np.eye(len(names))[k])
            projected = project(
                prepared.model,
                {**prepared.fitted, place: alone},
                base,
                times_years=prepared.grid.times_years,
                people=prepared.people,
                only=(place,),
            )
            made.append(FamilyCurve(name, float(one.weights[k]), projected.curves[place]))
        found[place] = tuple(made)
    return found
