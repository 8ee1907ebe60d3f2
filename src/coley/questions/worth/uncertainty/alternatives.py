"""What no interval holds: other structures, and other families of a curve, in place of those of the base case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate, weighted
from coley.economics.analysis.inputs import base_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.analysis.fitted import FittedCurve
    from coley.questions.worth.worked import Worked

# A family below it, like a number beyond either limit of an interval of 95 %, is not what the answer rests on.
LEAST_WEIGHT = 0.025


@dataclass(frozen=True, eq=False)
class Alternatives:
    """A choice that was made in the model, and the base case under each way of making it.

    Attributes
    ----------
    name, label
        Of the choice, as of an input.
    ways
        What was chosen, in words, to the base case under it.
    """

    name: str
    label: str
    ways: Mapping[str, Evaluation]


def alternatives(worked: Worked) -> Iterator[Alternatives]:
    """Give the structure and the family of every curve, where the model weighs several of them."""
    base = base_case(worked.model, worked.prepared.fitted)
    structures = weighted(worked.model)
    if len(structures) > 1:
        yield Alternatives(
            "structure",
            "Structure of the model",
            {name.replace("_", " "): evaluate(worked.prepared, base, structure=name) for name in structures},
        )
    for place, one in worked.prepared.fitted.items():
        kept = [k for k, weight in enumerate(one.weights) if weight >= LEAST_WEIGHT]
        if len(kept) > 1:
            ways = {
                _family(one, k): evaluate(
                    replace(worked.prepared, fitted={**worked.prepared.fitted, place: _only(one, k)}), base
                )
                for k in kept
            }
            yield Alternatives(f"family: {place}", f"{worked.spoken(place)}: family", ways)


def _family(one: FittedCurve, k: int) -> str:
    title = one.fits[k].family.title.removesuffix(" non-mixture cure").removesuffix(" mixture cure")
    return title.split(" (")[0]


def _only(one: FittedCurve, k: int) -> FittedCurve:
    return replace(one, weights=np.eye(len(one.fits))[k])
