"""What a payer risks who treats a finite number of patients at an outcome-based price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of, share_of
from coley.economics.policy.increment import share_between, together
from coley.economics.policy.refund import BARROS, CARLSON
from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PayersRisk:
    """What a payer spends on a patient, on average over those treated, under a refund and under a flat discount.

    Attributes
    ----------
    net_cost
        (D,) one future group of patients a draw: drug cost less refund, per patient.
    mean, sd
        Of these.
    interval
        Their mean with the limits between which that share of groups lies.
    sd_chance
        The part of `sd` that finite numbers alone make: what is left were all parameters known.
    sd_discount
        Standard deviation under the flat discount with the same mean, from unknown parameters and finite numbers.
    above_budget
        Share of groups that cost more than `budget` per patient; NaN without one.
    """

    net_cost: Floats
    mean: float
    sd: float
    interval: Interval
    sd_chance: float
    sd_discount: float
    above_budget: float


@method(
    "payers_risk",
    title="Payer's risk under an outcome-based price",
    summary="Distribution of the net cost per patient over a finite number of patients, under a refund for those who "
    "fail and under the flat discount of the same mean.",
    needs="draws of the probability of failure and of the cost of a patient who fails and of one who does not",
    limits="Patients fail independently of each other, given the parameters, and cost what their group costs on "
    "average.",
    references=(CARLSON, BARROS),
)
def payers_risk(
    failure: ArrayLike,
    costs: tuple[ArrayLike, ArrayLike],
    patients: int,
    *,
    refund: float,
    budget: float | None = None,
    seed: int = 1,
    level: float = 0.95,
) -> PayersRisk:
    """Return what a payer will spend per patient.

    Parameters
    ----------
    failure
        (D,) probability that a patient fails by the date.
    costs
        Drug cost of a patient who fails by the date, and of one who does not, each (D,).
    patients
        Number treated.
    refund
        Share of the cost of those who fail that is paid back.
    budget
        Money per patient that should not be exceeded.
    seed
        Of the failures in each future group.
    level
        Share of groups within the limits.

    Raises
    ------
    InvalidSetting
        Where a share is none, there is no patient, or draws do not go together.

    References
    ----------
    Failures are binomial given their probability, so that the variance is that of the conditional mean plus the mean
    of the conditional variance.

    Examples
    --------
    >>> risk = payers_risk(0.6, (20_000, 80_000), 100, refund=1.0)
    >>> round(risk.sd_chance), round(risk.sd_discount)
    (3919, 2138)
    """
    if not isinstance(patients, int | np.integer) or patients < 1:
        raise InvalidSetting(f"The number of patients must be 1 or more, not {patients!r}.")
    share_between(level, "The level")
    back = float(share_of(refund, "The refund")[0])
    p, failing, other = together(
        share_of(failure, "The probability of failure"),
        *(
            draws_of(cost, f"The cost of {who}")
            for cost, who in zip(costs, ("failing", "others"), strict=True)
        ),
    )
    kept = (1 - back) * failing
    rng = np.random.default_rng(seed)
    found = rng.binomial(patients, p) / patients
    net = other + found * (kept - other)
    mean_net, mean_list = (p * x + (1 - p) * other for x in (kept, failing))
    spread = p * (1 - p) / patients
    discount = mean_net.mean() / mean_list.mean() if mean_list.mean() > 0 else 1.0
    chance = (spread * (kept - other) ** 2).mean()
    flat = discount**2 * (mean_list.var() + (spread * (failing - other) ** 2).mean())
    low, high = np.quantile(net, [(1 - level) / 2, (1 + level) / 2])
    mean = float(mean_net.mean())
    return PayersRisk(
        net,
        mean,
        float(np.sqrt(mean_net.var() + chance)),
        Interval(mean, float(low), float(high), level),
        float(np.sqrt(chance)),
        float(np.sqrt(flat)),
        float((net > budget).mean()) if budget is not None else float("nan"),
    )
