"""Every input with its interval and source: what an appendix prints first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coley.economics.analysis.strategy import RETREATMENT
from coley.economics.model_file.parse import drug_places, named_drugs, quantities
from coley.model.answer import Check
from coley.model.part import Part

if TYPE_CHECKING:
    from coley.economics.model_file.drugs import Drug, DrugAgain
    from coley.economics.model_file.quantity import Quantity
    from coley.economics.model_file.treatment import Strategy
    from coley.questions.worth.worked import Worked

MOST_NAMED = 4
SAMPLING = {"random": "at random", "latin_hypercube": "numbers by Latin hypercube, curves at random"}


def inputs_part(worked: Worked) -> Part:
    """Return tables of inputs, drugs and curves, and which inputs lack a source or an interval."""
    known = quantities(worked.model)
    told = {place: number for place, number in known.items() if not _is_default(number)}
    return Part(
        checks=(_sources(worked, told), _intervals(worked, told)),
        tables={"inputs": _table(told), "drugs": _drugs(worked), "about_the_model": _about(worked)},
        caveats=worked.model.notes,
    )


def _is_default(number: Quantity) -> bool:
    """Whether nobody wrote this number: a cost of nothing, a discount of none."""
    return not number.uncertain and not number.source and number.value == 0


def _table(told: dict[str, Quantity]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "input": place,
                "kind": number.kind,
                "value": number.value,
                "low": number.ends()[0] if number.uncertain else None,
                "high": number.ends()[1] if number.uncertain else None,
                "distribution": number.believed().family,
                "source": number.source,
            }
            for place, number in told.items()
        ],
        schema={
            "input": pl.String,
            "kind": pl.String,
            **dict.fromkeys(("value", "low", "high"), pl.Float64),
            "distribution": pl.String,
            "source": pl.String,
        },
    )


def _drugs(worked: Worked) -> pl.DataFrame:
    rows = [
        {
            "strategy": worked.label(name),
            "drug": place,
            "dose": drug.dose,
            "every_weeks": drug.every_weeks,
            "doses_at_most": drug.doses,
            "from_week": drug.from_week,
            "until_week": drug.until_week,
            "stop_years": strategy.stop_years,
            "price": "; ".join(drug.prices),
            "source": drug.source,
        }
        for name, strategy in worked.model.strategies.items()
        for place, drug in _given(strategy).items()
    ]
    return pl.DataFrame(
        rows,
        schema={
            "strategy": pl.String,
            "drug": pl.String,
            "dose": pl.String,
            "every_weeks": pl.Float64,
            "doses_at_most": pl.Int64,
            "from_week": pl.Float64,
            "until_week": pl.Float64,
            "stop_years": pl.Float64,
            "price": pl.String,
            "source": pl.String,
        },
    )


def _given(strategy: Strategy) -> dict[str, Drug | DrugAgain]:
    """Return the drugs of a strategy, and those of its re-treatment, whose weeks run from their own first dose."""
    again = named_drugs(strategy.retreatment.drugs) if strategy.retreatment else {}
    return {**drug_places(strategy), **{f"{RETREATMENT}: {place}": drug for place, drug in again.items()}}


def _about(worked: Worked) -> pl.DataFrame:
    model, prepared, case = worked.model, worked.prepared, worked.case
    people = model.population
    rows = {
        "title": model.title,
        "currency and price year": f"{model.currency}, {model.price_year}",
        "horizon": f"{model.horizon_years:g} years in {model.cycles_per_year} cycles a year, "
        f"{model.correction.replace('_', ' ')} correction",
        "discount rates": f"costs {prepared.costs.rate:.1%}, effects {prepared.effects.rate:.1%} a year, "
        f"{prepared.costs.compounding}",
        "payer": f"{case.payer}, {case.country}, from {case.from_date}: {case.source}"
        if case
        else "none named",
        "thresholds": ", ".join(f"{threshold:,.0f}" for threshold in worked.thresholds),
        "patients": f"mean age {people.age_years:g} years (SD {people.age_sd_years:g}), {people.female:.0%} women"
        + (f"; {people.source}" if people.source else ""),
        "life table": f"{prepared.people.table.title}: {prepared.people.table.hazards.source}"
        if prepared.people.table
        else "none",
        "draws and seed": f"{worked.drawn.draws:,}, {SAMPLING[model.sampling]}; {worked.seed}",
    }
    return pl.DataFrame({"of": list(rows), "is": list(rows.values())})


def _sources(worked: Worked, told: dict[str, Quantity]) -> Check:
    lacking = [place for place, number in told.items() if not number.source]
    if not lacking:
        return Check("sources", "pass", f"Each of {len(told)} inputs names its source.")
    return Check(
        "sources",
        "warn",
        f"{len(lacking)} of {len(told)} inputs name no source: {_named(worked, lacking)}.",
        "Write where each comes from; a reviewer will ask.",
    )


def _intervals(worked: Worked, told: dict[str, Quantity]) -> Check:
    lacking = [place for place, number in told.items() if not number.uncertain]
    if not lacking:
        return Check("uncertain_inputs", "pass", f"Each of {len(told)} inputs has an interval.")
    return Check(
        "uncertain_inputs",
        "warn",
        f"{len(lacking)} of {len(told)} inputs are taken as known exactly: {_named(worked, lacking)}.",
        "Give low and high, or a standard error, unless it is a list price or a rule.",
    )


def _named(worked: Worked, places: list[str]) -> str:
    shown = "; ".join(worked.spoken(place) for place in places[:MOST_NAMED])
    return shown if len(places) <= MOST_NAMED else f"{shown} and {len(places) - MOST_NAMED} more"
