"""What a payer risks who treats a finite number of patients at an outcome-based price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.increment import share_between
from coley.economics.policy.paid_back import CARLSON, PaidBack
from coley.economics.policy.refund import BARROS
from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spending:
    """What a payer spends on a patient, on average over those treated, under one agreement.

    Attributes
    ----------
    each
        (D,) one future group of patients a draw: money per patient.
    interval
        Its mean, with the limits between which that share of groups lies.
    sd
        Standard deviation, from unknown parameters and from finite numbers.
    sd_chance
        The part of `sd` that finite numbers alone make: what is left were all parameters known.
    above_budget
        Share of groups that cost more than the budget; NaN without one.
    """

    each: Floats
    interval: Interval
    sd: float
    sd_chance: float
    above_budget: float


@dataclass(frozen=True, eq=False)
class PayersRisk:
    """Spending under a refund, and under the flat discount of the same mean.

    Attributes
    ----------
    refund, flat
        Under each.
    discount
        The flat discount, as a share of the price.
    """

    refund: Spending
    flat: Spending
    discount: float


@method(
    "payers_risk",
    title="Payer's risk under an outcome-based price",
    summary="Distribution of the net cost per patient over a finite number of patients, under a refund for those who "
    "fail and under the flat discount of the same mean.",
    needs="draws of the probability of each course of treatment, with its cost and what is paid back for it",
    limits="Patients fail independently of each other, given the parameters.",
    references=(CARLSON, BARROS),
)
def payers_risk(
    paid: PaidBack, patients: int, *, budget: float | None = None, seed: int = 1, level: float = 0.95
) -> PayersRisk:
    """Return what a payer will spend per patient.

    Parameters
    ----------
    paid
        Groups of patients with what they cost and what is paid back for them, in each draw.
    patients
        Number treated.
    budget
        Money per patient that should not be exceeded.
    seed
        Of the courses that future patients take.
    level
        Share of groups within the limits.

    Raises
    ------
    InvalidSetting
        Where there is no patient.

    References
    ----------
    Numbers by course are multinomial given their probabilities, so that the variance is that of the conditional mean
    plus the mean of the conditional variance.

    Examples
    --------
    >>> import numpy as np
    >>> paid = PaidBack(*(np.array([row]) for row in ([0.6, 0.4], [20_000.0, 80_000.0], [20_000.0, 0.0])))
    >>> risk = payers_risk(paid, 100)
    >>> round(risk.refund.sd), round(risk.flat.sd)
    (3919, 2138)
    """
    if not isinstance(patients, int | np.integer) or patients < 1:
        raise InvalidSetting(f"The number of patients must be 1 or more, not {patients!r}.")
    share_between(level, "The level")
    chance = np.clip(paid.chance, 0, None)
    chance = chance / chance.sum(axis=1, keepdims=True)
    taken = np.random.default_rng(seed).multinomial(patients, chance) / patients
    net = paid.spent - paid.back
    whole = paid.spending.mean()
    kept = float((chance * net).sum(axis=1).mean() / whole) if whole > 0 else 1.0

    def spending(cost: Floats) -> Spending:
        mean = (chance * cost).sum(axis=1)
        by_chance = ((chance * cost**2).sum(axis=1) - mean**2).mean() / patients
        each = np.asarray((taken * cost).sum(axis=1))
        low, high = np.quantile(each, [(1 - level) / 2, (1 + level) / 2])
        return Spending(
            each,
            Interval(float(mean.mean()), float(low), float(high), level),
            float(np.sqrt(mean.var() + by_chance)),
            float(np.sqrt(max(by_chance, 0.0))),
            float((each > budget).mean()) if budget is not None else float("nan"),
        )

    return PayersRisk(spending(net), spending(kept * paid.spent), 1 - kept)
