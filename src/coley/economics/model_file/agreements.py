"""Words for prices that depend on the outcome of the patient, or on the indication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Share

if TYPE_CHECKING:
    from coley.economics.model_file.treatment import Strategy

MONTHS = 12


class Stage(Part):
    """Those who fail after the stage before and by its end, and what is paid back for them."""

    by_months: float = Field(gt=0, description="End of the stage, in months since the start of treatment.")
    share: float = Field(
        ge=0, le=1, description="Of what the drug has cost until then, paid back: half of it is 0.5."
    )


class NonResponse(Part):
    """Those who have not responded by a date, and what is paid back for them."""

    by_months: float = Field(gt=0, description="The date, in months since the start of treatment.")
    response: Share = Field(description="Share of all patients who have responded by then.")
    share: float = Field(
        1.0, gt=0, le=1, description="Of what the drug has cost until then, paid back: half of it is 0.5."
    )


class Refund(Part):
    """An outcome-based price: part of what a drug has cost is paid back for patients in whom it failed."""

    strategy: str = Field(description="The strategy that gives the drug.")
    drug: str = Field(description="The drug whose cost is paid back.")
    stages: tuple[Stage, ...] = Field(
        (), description="Paid back for those who progressed or died, by when they did."
    )
    non_response: NonResponse | None = Field(
        None, description="Paid back for those without a response by a date."
    )
    patients: int | None = Field(
        None, gt=0, description="How many a payer treats: how far the bill can stray."
    )
    budget: float | None = Field(
        None, gt=0, description="Money that the payer has for the drug of all these patients together."
    )
    source: str = Field("", description="The agreement, or who proposes it.")

    @model_validator(mode="after")
    def _one_agreement(self) -> Self:
        if bool(self.stages) == (self.non_response is not None):
            both = "both are here" if self.stages else "neither is here"
            raise ValueError(f"a refund is agreed by stages of failure or for non_response: {both}")
        for before, after in pairwise(self.stages):
            if before.by_months >= after.by_months:
                raise ValueError(
                    f"stages of a refund end one after the other: month {after.by_months:g} follows month "
                    f"{before.by_months:g}"
                )
        if self.stages and not any(stage.share for stage in self.stages):
            raise ValueError("no stage of the refund pays anything back")
        if self.budget is not None and self.patients is None:
            raise ValueError("a budget for a refund is one for so many patients: give patients")
        return self

    @property
    def last_months(self) -> float:
        """The date after which nothing is paid back."""
        return self.stages[-1].by_months if self.non_response is None else self.non_response.by_months


class Indication(Part):
    """One indication of a drug that has several: what it adds there, and for how many patients."""

    label: str = Field(min_length=1, description="What it is called on the page.")
    model: str = Field("", description="Model file of the indication, beside this one; empty: this one.")
    strategy: str = Field(description="The strategy of that model that gives the drug.")
    drug: str = Field(description="The drug: the same in every indication.")
    patients_per_year: float = Field(gt=0, description="Treated in the indication.")
    source: str = Field("", description="Where the number of patients comes from.")


def refuse_unknown(
    refunds: Sequence[Refund],
    indications: Sequence[Indication],
    *,
    strategies: Mapping[str, Strategy],
    comparator: str,
    horizon_years: float,
) -> None:
    """Refuse agreements on what the model does not have.

    Raises
    ------
    ValueError
        For a strategy or a drug that is not there, a refund beyond the horizon, or indications of several drugs.
    """
    for refund in refunds:
        refuse_absent(refund, "the refund", strategies, comparator=comparator)
        if refund.last_months > MONTHS * horizon_years:
            raise ValueError(
                f"the refund until month {refund.last_months:g} lies beyond the horizon of {horizon_years:g} years"
            )
    if len(indications) == 1:
        raise ValueError("one indication has one price: name two or more, this model's own among them")
    labels = [one.label for one in indications]
    if len(set(labels)) < len(labels):
        raise ValueError(f"two indications have one label: {', '.join(labels)}")
    drugs = sorted({one.drug for one in indications})
    if len(drugs) > 1:
        raise ValueError(f"a price is that of one drug, and the indications name {' and '.join(drugs)}")
    for one in indications:
        if not one.model:
            refuse_absent(one, f"the indication {one.label!r}", strategies, comparator=comparator)


def refuse_absent(
    named: Refund | Indication, what: str, strategies: Mapping[str, Strategy], *, comparator: str
) -> None:
    """Refuse a strategy that a model does not have or compares with, and a drug that it does not give.

    Raises
    ------
    ValueError
        Saying which.
    """
    if named.strategy not in strategies:
        raise ValueError(
            f"{what} names the strategy {named.strategy!r}, which is none of {', '.join(strategies)}"
        )
    if named.strategy == comparator:
        raise ValueError(f"{what} is for {named.strategy!r}, which is the comparator: name what is compared")
    given = dict.fromkeys(drug.drug for drug in strategies[named.strategy].drugs)
    if named.drug not in given:
        raise ValueError(
            f"{what} names the drug {named.drug!r}, and {named.strategy} gives {', '.join(given) or 'none'}"
        )
