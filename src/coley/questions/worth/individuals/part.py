"""What irAEs do to single patients, where the model asks for them; a model that does not loads no simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.analysis.individuals import Total
    from coley.questions.worth.worked import Worked


def individuals_part(worked: Worked) -> Part:
    """Return what irAEs as events of single patients change; nothing where the model has no individuals."""
    if worked.model.individuals is None:
        return Part()
    from coley.questions.worth.individuals.single_patients import single_patients_part

    return single_patients_part(worked)


def individual_scenarios(worked: Worked) -> Iterator[tuple[str, Evaluation | Total]]:
    """Give the base case lived by single patients, without irAEs and with them, beside the other structures."""
    if worked.model.individuals is not None:
        from coley.questions.worth.individuals.single_patients import single_patients_scenarios

        yield from single_patients_scenarios(worked)
