"""Criteria for the end of life: a short life lengthened enough, and the threshold that follows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.increment import share_between, summary, together
from coley.model.errors import UnknownName
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NICE_2009 = (
    "NICE. Appraising life-extending, end of life treatments: supplementary advice to the committees. 2009."
)
BOVENBERG = (
    "Bovenberg J, Penton H, Buyukkaramikli N. 10 years of end-of-life criteria in the United Kingdom. Value Health "
    "2021;24:691-698."
)


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """A rule for treatments that lengthen a short life.

    Attributes
    ----------
    name, payer, from_date, until_date
        "nice-2009", "NICE", and the ISO dates between which it was in force.
    life_below_months
        Life expectancy under present care must be less.
    gain_at_least_months
        Life must be longer by that or more.
    source
        Where the rule comes from, and what of it is not computed.
    """

    name: str
    payer: str
    from_date: str
    until_date: str
    life_below_months: float
    gain_at_least_months: float
    source: str


@dataclass(frozen=True, eq=False)
class EndOfLifeResult:
    """Whether a rule for the end of life applies.

    Attributes
    ----------
    months, gained
        Mean of the draws with limits: life under present care, and what the new treatment adds to it.
    short, longer
        Probability that life is short enough under present care, and that it is lengthened enough.
    probability
        That both criteria are met.
    met
        Whether they are met by the means.
    threshold
        Worth of a unit of effect by the means.
    expected_threshold
        Mean of the thresholds over draws, by whether each meets the criteria.
    net_benefit
        Mean over draws, each at its own threshold, with limits.
    probability_of_value
        Share of draws in which that is positive.
    """

    months: Interval
    gained: Interval
    short: float
    longer: float
    probability: float
    met: bool
    threshold: float
    expected_threshold: float
    net_benefit: Interval
    probability_of_value: float


@method(
    "end_of_life",
    title="End-of-life criteria",
    summary="Whether life is short under present care and lengthened enough by the new one, with what probability, "
    "and net benefit at the threshold that follows.",
    needs="draws of months of life under present care and gained, and of added cost and effect",
    limits="NICE used this rule from 2009 to 2022 and weighs severity since; for analyses of that time, and for payers "
    "with a rule of the kind.",
    references=(NICE_2009, BOVENBERG),
)
def end_of_life(
    months: tuple[ArrayLike, ArrayLike],
    added_cost: ArrayLike,
    added_effect: ArrayLike,
    *,
    thresholds: tuple[float, float],
    rule: EndOfLife | None = None,
    level: float = 0.95,
) -> EndOfLifeResult:
    """Return whether end-of-life criteria are met, and net benefit by them.

    Parameters
    ----------
    months
        (D,) undiscounted mean months of life under present care, and gained by the new treatment.
    added_cost, added_effect
        (D,) new less old.
    thresholds
        What a unit of effect is worth where both criteria are met, and where they are not.
    rule
        The criteria; those of NICE from 2009 to 2022 where None.
    level
        Share of draws within the limits.

    Raises
    ------
    InvalidSetting
        Where a number is missing, draws do not go together, or a threshold is negative.

    References
    ----------
    Bovenberg et al 2021, on carrying the doubt about the criteria into the decision.

    Examples
    --------
    >>> found = end_of_life(([14, 26], [4, 4]), [40_000, 40_000], [1.0, 1.0], thresholds=(50_000, 30_000))
    >>> found.probability, found.met, found.expected_threshold, found.probability_of_value
    (0.5, True, 40000.0, 0.5)
    """
    now, longer, c, e = together(
        draws_of(months[0], "Months of life"),
        draws_of(months[1], "Months gained", low=-np.inf),
        draws_of(added_cost, "An added cost", low=-np.inf),
        draws_of(added_effect, "An added effect", low=-np.inf),
    )
    share_between(level, "The level")
    rule = rule or end_of_life_rule("nice-2009")
    higher, otherwise = (float(x) for x in thresholds_of(thresholds))
    short, enough = now < rule.life_below_months, longer >= rule.gain_at_least_months
    fits = short & enough
    met = bool(now.mean() < rule.life_below_months and longer.mean() >= rule.gain_at_least_months)
    worth = np.where(fits, higher, otherwise)
    return EndOfLifeResult(
        summary(now, level),
        summary(longer, level),
        float(short.mean()),
        float(enough.mean()),
        float(fits.mean()),
        met,
        higher if met else otherwise,
        float(worth.mean()),
        summary(worth * e - c, level),
        float((worth * e - c > 0).mean()),
    )


def end_of_life_rule(name: str) -> EndOfLife:
    """Return a rule by its name.

    Raises
    ------
    UnknownName
        For a name without a row.

    Examples
    --------
    >>> end_of_life_rule("nice-2009").life_below_months
    24.0
    """
    text = files("coley.economics.policy").joinpath("resources", "end_of_life.csv").read_text("utf-8")
    known = {row["name"]: row for row in csv.DictReader(text.splitlines())}
    if name not in known:
        raise UnknownName("end-of-life rule", name, known)
    row = known[name]
    return EndOfLife(
        row["name"],
        row["payer"],
        row["from_date"],
        row["until_date"],
        float(row["life_below_months"]),
        float(row["gain_at_least_months"]),
        row["source"],
    )
