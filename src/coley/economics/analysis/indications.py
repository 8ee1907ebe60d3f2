"""What a drug adds in each of its indications, each by a model of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate_mixed, prepare
from coley.economics.analysis.inputs import drawn
from coley.economics.doses import read_price
from coley.economics.model_file.agreements import Indication, refuse_absent
from coley.economics.policy.increment import Increment, increment
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.model_file.schema import Model
    from coley.economics.population.life_tables import LifeTable

ALIKE = 0.01  # of a price per mg: vials of several sizes cost nearly, and not quite, the same


def added_alone(
    model: Model,
    followed: Mapping[str, FollowUp],
    indication: Indication,
    *,
    draws: int,
    seed: int,
    table: LifeTable | None = None,
) -> Increment:
    """Return what an indication's strategy adds, draw by draw; nothing else of its model is worked out."""
    prepared = prepare(model, followed, table=table)
    inputs = drawn(model, prepared.fitted, draws=draws, seed=seed)
    return added_in(model, evaluate_mixed(prepared, inputs, seed=seed), indication)


def added_in(model: Model, found: Evaluation, indication: Indication) -> Increment:
    """Return what an indication's strategy adds to the comparator of its model, given the draws of the model."""
    new, old = (found.strategies.index(name) for name in (indication.strategy, model.comparator))
    spent = [
        found.categories.get((name, indication.drug), np.zeros(found.draws))
        for name in (indication.strategy, model.comparator)
    ]
    return increment(
        found.costs[:, new] - found.costs[:, old],
        found.effects[:, new] - found.effects[:, old],
        spent[0] - spent[1],
    )


def refuse_unlike(model: Model, others: Mapping[str, Model], *, where: str = "") -> None:
    """Refuse models of indications that cannot be set side by side.

    Parameters
    ----------
    model
        The model that names the indications.
    others
        Label to the model of each indication that has one of its own.
    where
        Name of the file of `model`.

    Raises
    ------
    UnreadableInput
        Where a strategy or a drug is not in its model.
    InvalidSetting
        Where money is of another currency or year, or the list price of the drug differs.
    """
    prices = {}
    for one in model.indications:
        its = others[one.label] if one.model else model
        try:
            refuse_absent(one, f"the indication {one.label!r}", its.strategies, comparator=its.comparator)
        except ValueError as error:
            told = str(error)
            raise UnreadableInput(f"{told[0].upper()}{told[1:]}.", where=one.model or where) from None
        if (its.currency, its.price_year) != (model.currency, model.price_year):
            raise InvalidSetting(
                f"The indication {one.label!r} is in {its.currency} of {its.price_year}, this model in "
                f"{model.currency} of {model.price_year}.",
                where=one.model,
                remedy="Bring both to one currency and price year.",
            )
        prices[one.label] = _per_mg(its, one)
    least, most = (
        (choose(prices, key=lambda label: prices[label]) for choose in (min, max)) if prices else ("", "")
    )
    if prices and prices[most] > prices[least] * (1 + ALIKE):
        raise InvalidSetting(
            f"The list price of {model.indications[0].drug} is {prices[least]:.4g} {model.currency} per mg for {least} "
            f"and {prices[most]:.4g} for {most}.",
            where=where,
            cause="prices by indication are told as shares of one list price",
            remedy="Give both models the same prices and discount of the drug.",
        )


def _per_mg(model: Model, indication: Indication) -> float:
    """Return the lowest price of the drug per mg in a model, its discount taken off."""
    return min(
        float(read_price(text, price_year=model.price_year, confirmed=True).per_mg[0])
        * (1 - drug.discount.value)
        for drug in model.strategies[indication.strategy].drugs
        if drug.drug == indication.drug
        for text in drug.prices
    )
