"""A test of known accuracy: treat all, treat none, or those whom it picks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.economics.analysis.tested import added_by
from coley.economics.policy.assay import Accuracy
from coley.model.part import Part
from coley.questions.worth.guided.three_ways import three_ways

if TYPE_CHECKING:
    from coley.economics.model_file.guided import Test
    from coley.questions.worth.worked import Worked


def published_tests_part(worked: Worked) -> Part:
    """Return what treating by each test of the model is worth; nothing where it names none."""
    part = Part()
    for number, one in enumerate(worked.model.tests, 1):
        place = f"tests.{number}"
        numbers = worked.inputs.numbers
        accuracy = Accuracy(
            *(numbers[f"{place}.{name}"] for name in ("sensitivity", "specificity", "prevalence"))
        )
        parts = added_by(
            worked.drawn,
            one,
            gain_without=numbers[f"{place}.gain_without"],
            drugs_without=numbers[f"{place}.drugs_without"],
        )
        told = three_ways(
            worked, one, place, accuracy=accuracy, parts=parts, n=worked.drawn.draws, table=one.table
        )
        part += told.under(f"guided by {one.label}") + Part(caveats=(_caveat(one, worked),))
    return part


def _caveat(one: Test, worked: Worked) -> str:
    return (
        f"Treating by {one.label}: {worked.label(one.treated)} against {worked.label(one.otherwise)} is taken to be "
        f"worth more in patients with the condition ({one.condition}), as the model file says; whether that is so only "
        "a randomised comparison by the test's result shows. All patients together gain what the model's curves say."
    )
