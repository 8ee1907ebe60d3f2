"""A flat dose against a dose by weight: for whom which is less, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Flat, PerKg
from coley.economics.doses.supply import HALL, Supply, supply
from coley.economics.doses.vials import SAME, cheapest_vials
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses.bodies import Body
    from coley.economics.doses.prices import Product
    from coley.economics.doses.rounding import Rounding

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FlatOrWeight:
    """A flat dose, a dose by weight, and the lesser of the two for each patient.

    Attributes
    ----------
    break_even_kg
        Weight at which both doses are the same.
    lighter_share
        (D,) share of patients below it, for whom the dose by weight is less.
    cheaper_share
        (D,) share of patients whose dose by weight costs less than the flat one, each from vials of his own.
    flat, by_weight, lesser
        What a dose takes under each rule.
    """

    break_even_kg: float
    lighter_share: Floats
    cheaper_share: Floats
    flat: Supply
    by_weight: Supply
    lesser: Supply

    @property
    def saved_by_weight(self) -> Floats:
        """Share of the cost of flat doses that doses by weight save, (D,); negative where they cost more."""
        return 1 - self.by_weight.cost / self.flat.cost

    @property
    def saved_by_lesser(self) -> Floats:
        """Share of the cost of flat doses that the lesser of both saves, (D,)."""
        return 1 - self.lesser.cost / self.flat.cost


@method(
    "flat_or_weight",
    title="Flat dose against dose by weight",
    summary="Compares what a flat dose, a dose by weight and the lesser of the two take over the patients' weights.",
    needs="both doses, the vials with their prices, and the distribution of weight",
    limits="Compares doses and money, not effects; that the lesser dose works as well must be known from elsewhere.",
    references=(HALL,),
)
def flat_or_weight(
    flat: Flat,
    by_weight: PerKg,
    product: Product,
    *,
    body: Body,
    patients_sharing: float = 1,
    rounding: Rounding | None = None,
) -> FlatOrWeight:
    """Return the comparison of a flat dose with a dose by weight.

    Parameters
    ----------
    flat, by_weight
        The two doses; a cap on the second holds in `by_weight`.
    product, body, patients_sharing, rounding
        As for `supply`.

    Raises
    ------
    MissingData, InvalidSetting
        As `supply` does.

    References
    ----------
    Hall et al. 2020 ("dose minimisation" is the lesser of both).

    Examples
    --------
    >>> from coley.economics.doses import Normal, Product, list_prices
    >>> drug = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
    >>> made = flat_or_weight(Flat(240), PerKg(3), drug, body=Normal(83.38, 18.01))
    >>> made.break_even_kg, made.lighter_share.round(3), made.saved_by_lesser.round(3)
    (80.0, array([0.426]), array([0.053]))
    """
    lesser = PerKg(by_weight.mg_per_kg, min(flat.mg, by_weight.cap_mg))

    def made(dose: Flat | PerKg) -> Supply:
        return supply(dose, product, body=body, patients_sharing=patients_sharing, rounding=rounding)

    break_even = flat.mg / by_weight.mg_per_kg
    below = np.nextafter(break_even, 0.0) * (1 - 1e-12)
    lighter = body.cdf([below])[:, 0]
    cheaper = (
        body.cdf([_cheaper_up_to_mg(flat, product) / by_weight.mg_per_kg])[:, 0] if product.vials else lighter
    )
    return FlatOrWeight(break_even, lighter, cheaper, made(flat), made(by_weight), made(lesser))


def _cheaper_up_to_mg(flat: Flat, product: Product) -> float:
    """Return the largest dose whose vials cost less than those of the flat dose."""
    cover = cheapest_vials(
        [vial.mg for vial in product.vials], product.net_per_vial.mean(axis=0), largest_mg=flat.mg
    )
    less = cover.cost < cover.cost[cover.which(flat.mg)] * (1 - SAME)
    return float(cover.upper_mg[less].max(initial=0.0)) * (1 + SAME)
