"""One drug in several indications: a price for each, against one price for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.indications import added_alone, added_in
from coley.economics.policy.indications import IndicationPrices, indication_prices
from coley.model.answer import Estimate, Figure
from coley.model.errors import ColeyError
from coley.model.part import Part
from coley.model.words import format_number
from coley.questions.worth.payer.refunded import placed

if TYPE_CHECKING:
    from coley.economics.policy.increment import Increment
    from coley.questions.worth.worked import Worked
    from coley.read.economic_model import EconomicModel

ONE_PRICE = "One price for all"
CAVEAT = (
    "Prices by indication suppose that a payer knows for what a vial is used. Patients a year do not answer to the "
    "price here, save that an indication may be left out; inputs of different models are drawn independently."
)


def indications_part(worked: Worked, others: Mapping[str, EconomicModel]) -> Part:
    """Return prices by indication and the one price that costs the payer the same.

    Parameters
    ----------
    worked
        The model that names them.
    others
        Label to the model of each indication that has one of its own.
    """
    named = worked.model.indications
    if not named:
        return Part()
    absent = [one.model for one in named if one.model and one.label not in others]
    if absent:
        return Part(
            cannot_tell=(
                f"What {named[0].drug} may cost in each indication: the model of a study reads no other model file "
                f"({', '.join(absent)}). Ask `coley worth` with the model file itself.",
            )
        )
    added: dict[str, Increment] = {}
    for number, one in enumerate(named, 1):
        try:
            added[one.label] = _added(worked, others, number)
        except ColeyError as error:
            raise placed(error, f"indication {one.label!r}", one.model) from None
    found = indication_prices(
        added,
        {one.label: one.patients_per_year for one in named},
        worked.threshold,
        level=worked.settings.level,
    )
    return _told(worked, found, added, drug=named[0].drug)


def _added(worked: Worked, others: Mapping[str, EconomicModel], number: int) -> Increment:
    one = worked.model.indications[number - 1]
    if not one.model:
        return added_in(worked.model, worked.drawn, one)
    its = others[one.label]
    # A seed of its own: trials of two indications have nothing in common but names of inputs.
    return added_alone(
        its.model,
        its.followed,
        one,
        draws=worked.drawn.draws,
        seed=worked.seed + number,
        table=its.table,
    )


def _told(worked: Worked, found: IndicationPrices, added: Mapping[str, Increment], *, drug: str) -> Part:
    own = next((one for one in worked.model.indications if not one.model), None)
    whole = worked.whole_price(own.strategy, drug) if own else "price in the model"
    at, currency, n = worked.threshold, worked.model.currency, worked.drawn.draws
    each = [
        (label, f"{count:,.0f} patients a year", found.own[i])
        for i, (label, count) in enumerate(zip(found.names, found.patients, strict=True))
    ]
    told = [*each, (ONE_PRICE, "each indication by what is spent in it", found.blended)]
    estimates = tuple(
        Estimate(
            f"price_of_{drug.replace(' ', '_')}_worth_it_at_{at:.0f}",
            price.value,
            price.low,
            price.high,
            n=n,
            unit=f"of {whole}",
            method="indication_prices",
            level=price.level,
            group=label,
            note=note,
        )
        for label, note, price in told
    )
    prices = pl.DataFrame(
        {
            "label": [label for label, _, _ in told],
            "series": "price (limits)",
            "value": [price.value for _, _, price in told],
            "low": [price.low for _, _, price in told],
            "high": [price.high for _, _, price in told],
        }
    )
    worth = f"at {format_number(round(at))} {currency} per QALY"
    return Part(
        estimates=estimates,
        tables={
            "prices_by_indication": prices,
            "indications": _by_indication(found, added),
            "ways_to_price": _ways(found, added),
        },
        figures=(
            Figure(
                "dot_interval",
                "prices_by_indication",
                f"The price at which {drug} is worth it in each indication, and one price for all",
                f"Share of the {whole} {worth}; limits of the draws. At one price for all, indications of higher "
                "value pay for those of lower.",
                options={"x_title": f"Price, share of the {whole}", "reference": 1.0},
            ),
        ),
        caveats=(CAVEAT,),
    )


def _by_indication(found: IndicationPrices, added: Mapping[str, Increment]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "indication": found.names,
            "patients_per_year": found.patients,
            "added_qalys": [float(added[name].effect.mean()) for name in found.names],
            "added_cost": [float(added[name].cost.mean()) for name in found.names],
            "spent_on_drug": [float(added[name].drug.mean()) for name in found.names],
            "own_price": found.own.value,
            "net_benefit_per_year_at_one_price": found.transfer,
            "treated_at_the_seller_s_best_price": found.treated,
        }
    )


def _ways(found: IndicationPrices, added: Mapping[str, Increment]) -> pl.DataFrame:
    """Return what a year brings payer and seller by the way in which prices are set."""
    sold = float(found.patients @ np.array([added[name].drug.mean() for name in found.names]))
    sellable = found.own.value >= 0
    named = np.array(found.names)
    rows = [
        ("A price for each", None, sellable, found.revenue_by_indication, 0.0, 0.0),
        (
            ONE_PRICE,
            found.blended.value,
            np.ones(len(named), dtype=bool),
            found.blended.value * sold,
            0.0,
            0.0,
        ),
        (
            "One price, as the seller would set it",
            found.single,
            found.treated,
            found.revenue,
            found.surplus,
            found.forgone,
        ),
    ]
    return pl.DataFrame(
        [
            {
                "way": way,
                "price": price,
                "treated": "; ".join(named[treated]),
                "spent_on_drug_per_year": revenue,
                "net_benefit_of_payer_per_year": surplus,
                "forgone_per_year": forgone,
            }
            for way, price, treated, revenue, surplus, forgone in rows
        ],
        schema_overrides={"price": pl.Float64},
    )
