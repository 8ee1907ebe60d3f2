"""Words for drugs: what is given when, what it costs, and what is given again after the planned end."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, field_serializer, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Share


class PriceFall(Part):
    """A later fall of a price, as when a biosimilar comes."""

    from_years: float = Field(gt=0, description="Since the start of treatment.")
    by: Share = Field(description="Of the price until then; several falls multiply.")
    source: str = Field("", description="Of year and fall.")


class Rounding(Part):
    """How calculated doses are rounded, in one way."""

    to_mg: float | None = Field(None, gt=0, description="To the nearest multiple of so many mg.")
    bands_mg: tuple[float, ...] = Field((), description="To the nearest of these doses in mg.")
    down_within: float | None = Field(
        None, gt=0, lt=1, description="Down to whole vials, where no more than this part of the dose is lost."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.to_mg is not None, bool(self.bands_mg), self.down_within is not None)) != 1:
            raise ValueError("doses are rounded in one way: give to_mg, bands_mg or down_within")
        return self


class Prescription(Part):
    """One drug of a regimen: what is given when, and what it costs."""

    drug: str = Field(description="International nonproprietary name.")
    dose: str = Field(description='With its unit: "240 mg", "3 mg/kg", "3 mg/kg up to 240 mg", "175 mg/m2".')
    every_weeks: float = Field(gt=0, description="Weeks from dose to dose.")
    doses: int | None = Field(None, gt=0, description="How many at most; without it, until treatment ends.")
    from_week: float = Field(0.0, ge=0, description="Of the first dose.")
    until_week: float | None = Field(
        None, gt=0, description="No dose in this week or later: where another dose or interval takes over."
    )
    prices: tuple[str, ...] = Field(
        description='With their unit: "439 GBP per vial of 40 mg/4 mL".', min_length=1
    )
    share_vials_among: float = Field(
        1.0, ge=1, allow_inf_nan=True, description="Patients treated from the same vials; inf: no waste."
    )
    route: Literal["iv", "sc", "oral"] = Field("iv", description="How it is given.")
    price_confirmed: bool = Field(
        False, description="The price is right although known prices speak against it."
    )
    unusual_dose: bool = Field(False, description="The dose is meant although known doses speak against it.")
    rounding: Rounding | None = Field(None, description="Of doses by weight or surface.")
    source: str = Field("", description="Of prices and doses.")

    @field_serializer("share_vials_among", when_used="json")
    def _written(self, number: float) -> float | str:
        return number if math.isfinite(number) else "inf"  # JSON has no infinity; the word is read as one

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.until_week is not None and self.until_week <= self.from_week:
            raise ValueError(
                f"{self.drug} would end in week {self.until_week:g}, before its first dose in week {self.from_week:g}"
            )
        return self

    @property
    def last_week(self) -> float:
        """Week of the last dose; infinite where treatment goes on until something else ends it."""
        by_count = math.inf if self.doses is None else self.from_week + (self.doses - 1) * self.every_weeks
        if self.until_week is None:
            return by_count
        steps = math.ceil((self.until_week - self.from_week) / self.every_weeks - 1e-9) - 1
        return min(by_count, self.from_week + steps * self.every_weeks)


class Drug(Prescription):
    """A drug of a strategy."""

    discount: Share = Field(Share(value=0.0), description="Taken off the price.")
    missed: Share = Field(
        Share(value=0.0), description="Of planned doses, those not given: saves the visit too."
    )
    reduced: Share = Field(Share(value=0.0), description="Part by which given doses are smaller.")
    price_falls: tuple[PriceFall, ...] = Field((), description="Later falls of the price.")


class DrugAgain(Prescription):
    """A drug of a re-treatment or of another way to dose.

    What it does not say of discount, falls of the price, missed and reduced doses is as where the strategy first
    gives the drug.
    """

    discount: Share | None = Field(None, description="Taken off the price.")
    missed: Share | None = Field(None, description="Of planned doses, those not given.")
    reduced: Share | None = Field(None, description="Part by which given doses are smaller.")
    price_falls: tuple[PriceFall, ...] | None = Field(None, description="Later falls of the price.")

    def after(self, drugs: tuple[Drug, ...]) -> Drug:
        """Return it as a drug of a strategy that gives these."""
        first = next((drug for drug in drugs if drug.drug == self.drug), None)
        words = {name: getattr(self, name) for name in type(self).model_fields}
        unsaid = [name for name in ("discount", "missed", "reduced", "price_falls") if words[name] is None]
        for name in unsaid:
            del words[name]
            if first is not None:
                words[name] = getattr(first, name)
        return Drug(**words)


class Retreatment(Part):
    """Treating again those whose disease progresses after the planned end of treatment."""

    share: Share = Field(description="Of those who progress after it, how many are treated again.")
    drugs: tuple[DrugAgain, ...] = Field(min_length=1, description="What they are given.")
    weeks: float | None = Field(
        None,
        gt=0,
        description="For how long; else as many doses as each drug says. Nobody is taken to stop early.",
    )
    delay_weeks: float = Field(0.0, ge=0, description="From progression to the first dose.")
    from_years: float | None = Field(
        None, ge=0, description="Progressions from then on count; without it, from stop_years on."
    )
    deaths_first: Share = Field(
        Share(value=0.0),
        description="Of the ends of progression-free survival from then on, those that are deaths. Only curves need "
        "it: where moves between states are known, they tell.",
    )
    source: str = Field("", description="Where share and length come from.")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        for drug in self.drugs:
            if self.weeks is None and math.isinf(drug.last_week):
                raise ValueError(
                    f"a re-treatment with {drug.drug} would never end: give weeks, or doses of the drug"
                )
        return self


def refuse_doses_twice(drugs: tuple[Prescription, ...]) -> None:
    """Refuse a drug whose phases run side by side; days of one cycle (same dose, same interval) may.

    Raises
    ------
    ValueError
        Naming the drug and the weeks.
    """
    for i, one in enumerate(drugs):
        for two in drugs[i + 1 :]:
            days_of_one_cycle = (one.dose, one.every_weeks) == (two.dose, two.every_weeks)
            if one.drug != two.drug or (days_of_one_cycle and one.from_week != two.from_week):
                continue
            early, late = sorted((one, two), key=lambda drug: drug.from_week)
            if early.last_week >= late.from_week:
                raise ValueError(
                    f"{early.drug} would be given twice at once: {early.dose} goes on when {late.dose} begins in week "
                    f"{late.from_week:g}; write until_week = {late.from_week:g} where it should end"
                )
