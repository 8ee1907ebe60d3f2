"""One drug, several indications: a price for each, or one price for all and what that loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.increment import Increment, priced, share_between, together
from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of
from coley.stats.values import Interval, Intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CLAXTON_2007 = "Claxton K. OFT, VBP: QED? Health Econ 2007;16:545-558."
BACH = "Bach PB. Indication-specific pricing for cancer drugs. JAMA 2014;312:1629-1630."


@dataclass(frozen=True, eq=False)
class IndicationPrices:
    """Prices as multiples of one list price; money is per year, over all patients.

    Attributes
    ----------
    names
        Of the I indications.
    patients
        (I,) a year.
    own
        (I,) value-based price of each indication: mean net benefit there is nil; limits over draws.
    blended
        The single price at which the payer's net benefit over all indications is nil; limits over draws.
    transfer
        (I,) the payer's net benefit in each indication at the blended price: what those with a higher value
        bear for those with a lower one; they add up to nil.
    single
        The single price, among the indications' own, that earns the seller most where an indication is treated only
        if it is worth its cost.
    treated
        (I,) whether it is, at `single`.
    revenue, revenue_by_indication
        Of the seller at `single`, and at each indication's own price.
    forgone
        Net benefit, to payer and seller together, of the indications left untreated at `single`.
    surplus
        The payer's net benefit at `single`.
    """

    names: tuple[str, ...]
    patients: Floats
    own: Intervals
    blended: Interval
    transfer: Floats
    single: float
    treated: NDArray[np.bool_]
    revenue: float
    revenue_by_indication: float
    forgone: float
    surplus: float


@method(
    "indication_prices",
    title="Indication-specific and blended prices",
    summary="A drug's value-based price in each indication, the volume-weighted single price that is no worse for the "
    "payer, and what a single price loses.",
    needs="draws of the difference in cost and effect in each indication, and patients a year",
    limits="Production costs nothing here, volumes do not respond to the price except by leaving out whole "
    "indications, and decisions rest on means.",
    references=(CLAXTON_2007, BACH),
)
def indication_prices(
    added: Mapping[str, Increment], patients: Mapping[str, float], threshold: float, *, level: float = 0.95
) -> IndicationPrices:
    """Return prices over several indications of one drug.

    Parameters
    ----------
    added
        Indication to what the drug adds there, all at the same list price.
    patients
        Indication to patients a year.
    threshold
        What a unit of effect is worth.
    level
        Share of draws within the limits of the blended price.

    Raises
    ------
    InvalidSetting
        Where indications have no patients, or names differ.
    NotEstimable
        Where the drug costs nothing in some indication.

    References
    ----------
    Claxton 2007; the blended price is the volume-weighted mean of the indications' own.

    Examples
    --------
    >>> from coley.economics.policy.increment import increment
    >>> found = indication_prices(
    ...     {"melanoma": increment(60_000, 1.0, 50_000), "lung": increment(30_000, 0.2, 25_000)},
    ...     {"melanoma": 100, "lung": 400}, 50_000)
    >>> found.own.value.round(2), round(found.blended.value, 2), found.single, found.treated
    (array([0.8, 0.2]), 0.4, 0.8, array([ True, False]))
    """
    (k,) = thresholds_of(threshold)
    share_between(level, "The level")
    if not added or set(added) != set(patients):
        raise InvalidSetting(
            "Each indication needs a difference in cost and effect, and patients a year.",
            where=f"{sorted(added)} and {sorted(patients)}",
        )
    names = tuple(added)
    n = np.array([draws_of(patients[name], f"Patients with {name}", unit="a year")[0] for name in names])
    if not n.any():
        raise InvalidSetting("No indication has a patient.")
    for one in added.values():
        priced(one)
    value, drug = (
        np.stack(together(*parts))
        for parts in (
            [k * added[name].effect - added[name].rest for name in names],
            [added[name].drug for name in names],
        )
    )
    mean_value, mean_drug = value.mean(axis=1), drug.mean(axis=1)
    own = mean_value / mean_drug
    blended = float(n @ mean_value / (n @ mean_drug))
    limits = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile((n @ value) / (n @ drug), limits)
    least, most = np.quantile(value / drug, limits, axis=1)
    transfer = n * (mean_value - blended * mean_drug)

    sellable = own >= 0
    prices = np.where(sellable, own, 0.0)
    sold = own >= prices[:, None]  # row: at this price; column: is this indication treated
    revenues = prices * (sold * (n * mean_drug)).sum(axis=1)
    best = int(revenues.argmax())
    treated = sold[best] & sellable
    return IndicationPrices(
        names,
        n,
        Intervals(own, least, most, level),
        Interval(blended, float(low), float(high), level),
        transfer,
        float(prices[best]),
        treated,
        float(revenues[best]),
        float((n * mean_value)[sellable].sum()),
        float((n * mean_value)[sellable & ~treated].sum()),
        float((n * (mean_value - prices[best] * mean_drug))[treated].sum()),
    )
