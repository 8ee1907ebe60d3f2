"""What the structure alone changes: the same draws under every structure that weighs anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coley.economics.analysis.evaluate import weighted
from coley.economics.course.structures import STRUCTURES
from coley.model.part import Part
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.structures import structural_information

if TYPE_CHECKING:
    from coley.questions.worth.worked import Worked
    from coley.stats.decision.structures import StructuralInformation

STRUCTURE = "structure"  # its place among the names of inputs


def structures_part(worked: Worked) -> Part:
    """Return the table of structures; an empty part where only one weighs anything."""
    if not worked.by_structure:
        return Part()
    against, k = worked.comparator, worked.threshold
    rows = []
    for name, weight in weighted(worked.model).items():
        found = worked.by_structure[name]
        chance = acceptability(found.costs, found.effects, k).probability[0]
        for i, label in enumerate(worked.labels):
            cost = found.costs[:, i] - found.costs[:, against]
            effect = found.effects[:, i] - found.effects[:, against]
            rows.append(
                {
                    "structure": STRUCTURES[name].title,
                    "weight": weight,
                    "strategy": label,
                    "qalys": float(found.effects[:, i].mean()),
                    "cost": float(found.costs[:, i].mean()),
                    "added_qalys": None if i == against else float(effect.mean()),
                    "added_cost": None if i == against else float(cost.mean()),
                    "net_benefit": None if i == against else float((k * effect - cost).mean()),
                    "probability_best": float(chance[i]),
                }
            )
    return Part(tables={"by_structure": pl.DataFrame(rows)})


def knowing_the_structure(worked: Worked) -> StructuralInformation | None:
    """Return what it would be worth to know which structure is right; None where only one weighs anything."""
    if not worked.by_structure:
        return None
    draws = {name: (found.costs, found.effects) for name, found in worked.by_structure.items()}
    return structural_information(draws, weighted(worked.model), worked.threshold)
