"""Words for treatment guided by a marker."""

from __future__ import annotations

from pydantic import Field

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost


class Guided(Part):
    """Treatment guided by a marker of the study's own patients; it takes a study that was randomised."""

    marker: str = Field(description="Column of the study's patients.")
    treated: str = Field(description="The strategy for patients at or above the cut-off.")
    otherwise: str = Field(description="The strategy for the others.")
    cutoff: float | None = Field(
        None,
        description="Fixed beforehand; without it, chosen by net benefit and judged on patients left out of it.",
    )
    within_months: float = Field(
        gt=0, description="Costs and QALYs are counted until then, within the follow-up."
    )
    test_cost: Cost = Field(Cost(value=0.0), description="Of the test, for every patient tested.")
    source: str = Field("", description="Of the cut-off and of the test.")
