"""Words for treatment guided by a test: one that a paper judged, or a marker of the study's own patients."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Share, Weeks

if TYPE_CHECKING:
    from coley.economics.model_file.schema import Model


class Testing(Part):
    """What testing costs, whom it leaves without a result, and whom it keeps waiting."""

    label: str = Field("", description="What it is called on the page.")
    treated: str = Field(description="The strategy for patients whom the test picks.")
    otherwise: str = Field(description="The strategy for the others.")
    test_cost: Cost = Field(Cost(value=0.0), description="Of the test, for every patient tested.")
    failed: Share = Field(Share(value=0.0), description="Share of tests without a result.")
    rebiopsied: Share = Field(
        Share(value=0.0), description="Of patients whose test failed, those who are tested again."
    )
    rebiopsy_cost: Cost = Field(
        Cost(value=0.0), description="Of a second biopsy, with the second test, for those who have it."
    )
    failed_again: Share | None = Field(
        None, description="Share of second tests without a result; without it, as of the first."
    )
    treat_untold: bool = Field(
        True, description="Whether patients who never have a result are treated as if they were positive."
    )
    turnaround: Weeks = Field(
        Weeks(value=0.0), description="Until the result is there; nothing is given meanwhile."
    )
    lost_waiting: Share | None = Field(
        None,
        description="Share of patients who can no longer be treated when the result is there; without it, those who "
        "have died by then on the curve of the other strategy.",
    )
    source: str = Field("", description="Of the test and its cut-off.")

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.label

    def joined(self, model: Model) -> None:
        """Refuse strategies that the model lacks."""
        for strategy in (self.treated, self.otherwise):
            if strategy not in model.strategies:
                raise ValueError(f"guided treatment by {self.name} names {strategy!r}, which is no strategy")
        if self.treated == self.otherwise:
            raise ValueError(f"guided treatment by {self.name} gives {self.treated!r} either way")
        if self.turnaround.value * 7 > model.horizon_years * 365.25:
            raise ValueError(
                f"the result of {self.name} would come after {self.turnaround.value:g} weeks, beyond the horizon of "
                f"{model.horizon_years:g} years"
            )


class Response(Part):
    """Who gains, where nobody was randomised: those who respond to treatment."""

    column: str = Field(description="Column of the study's patients: whether a patient responded.")
    gain_without: Share = Field(
        Share(value=0.0),
        description="What treatment yields in a patient without a response, as a share of what it yields in one with "
        "it; 0: all that is gained falls to those who respond.",
    )
    drugs_without: Share | None = Field(
        None,
        description="What drugs cost in a patient without a response, as a share of the cost in one with it; without "
        "it, as their times free of progression.",
    )
    landmark_months: float = Field(
        3.0,
        gt=0,
        description="Patients alive then are compared by response from then on; 3: most responses are seen by then.",
    )
    untreated: dict[str, str | int | float] = Field(
        {},
        description="Column to the value of patients of the study who were not treated: whether the marker is "
        "associated with their survival, too.",
    )


class Guided(Testing):
    """Treatment guided by a marker of the study's own patients, judged by randomised arms or by response."""

    label: str = Field("", description="What the marker is called on the page; else its name.")
    marker: str = Field(
        description='Column of the study\'s patients, or a published score that Coley computes ("loris").'
    )
    cutoff: float | None = Field(
        None,
        description="Fixed beforehand; without it, chosen by net benefit and judged on patients left out of it.",
    )
    within_months: float = Field(
        gt=0,
        description="Within the follow-up. Of a randomised study costs and QALYs are counted until then; by response, "
        "times free of progression and what patients alive at the landmark live.",
    )
    response: Response | None = Field(
        None,
        description="For a study that was not randomised: what the strategies' curves differ by is shared out among "
        "patients with a response and without.",
    )

    @property
    def name(self) -> str:
        """The marker."""
        return self.marker

    @model_validator(mode="after")
    def _after_the_landmark(self) -> Self:
        if self.response is not None and self.response.landmark_months >= self.within_months:
            raise ValueError(
                f"the landmark at {self.response.landmark_months:g} months must lie before within_months, "
                f"{self.within_months:g}"
            )
        return self


class Test(Testing):
    """A test that others judged: it tells who has the condition that makes treatment worth more."""

    __test__ = False  # no test case for pytest to collect

    label: str = Field(description="What the test is called on the page.")
    condition: str = Field("response", description="What it tells; what treatment yields depends on it.")
    sensitivity: Share = Field(description="Share of patients with the condition who are positive.")
    specificity: Share = Field(description="Share of patients without the condition who are negative.")
    prevalence: Share = Field(description="Share of patients with the condition.")
    gain_without: Share = Field(
        Share(value=0.0),
        description="What treatment yields in a patient without the condition, as a share of what it yields in one "
        "with it; 0: all that is gained falls to those with it.",
    )
    drugs_without: Share = Field(
        Share(value=1.0),
        description="What drugs cost in a patient without the condition, as a share of the cost in one with it.",
    )

    @property
    def table(self) -> str:
        """Name of its tables: "tested_by_pd_l1_at_50_or_more"."""
        return f"tested_by_{re.sub(r'[^a-z0-9]+', '_', self.label.lower()).strip('_')}"

    def joined(self, model: Model) -> None:
        """Refuse strategies that the model lacks, and a label that two tests share."""
        super().joined(model)
        if sum(other.table == self.table for other in model.tests) > 1:
            raise ValueError(f"two tests are called {self.label!r}, or nearly so")
        right = self.sensitivity.value + self.specificity.value
        if right < 1:
            raise ValueError(
                f"{self.label} has a sensitivity of {self.sensitivity.value:g} and a specificity of "
                f"{self.specificity.value:g}: below 1 together, it picks those without the condition rather than those "
                "with it; the results may be told the other way round"
            )
