"""Which loss of effect the savings of a way to dose are worth: in hazard ratios, survival, and deaths of a trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.policy.dosing_rules import (
    BreakEvenHazard,
    break_even_hazard_ratio,
    net_benefit_by_hazard_ratio,
    non_inferiority_events,
)
from coley.model.errors import NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.living import Living

    Floats = NDArray[np.float64]

MARK_YEARS = 5.0  # after doses first differ: where the field reads survival off


@dataclass(frozen=True, eq=False)
class Margin:
    """What could be borne at one threshold, by what another way to dose saves.

    Attributes
    ----------
    threshold, from_years
        What a QALY is worth; the time of the grid from which doses differ.
    death, progression
        Break-even hazard ratios; of progression None where a year without it is worth no more than one after it.
    without_care
        Whether the cost of care was left out, as a year of life is worth less than its care.
    qalys_after
        Mean QALYs lived from then on: what is at stake.
    survival_years, survival_now, survival_borne
        A time, mean survival then as it is, and under the hazard ratio that could be borne (NaN where none is).
    deaths
        Of a trial of two equal arms that excludes that ratio (non-inferiority, 90 % power where both do alike), or
        shows it where more is spent; NaN where there is none.
    """

    lives: Living
    saving: Floats
    threshold: float
    from_years: float
    death: BreakEvenHazard
    progression: BreakEvenHazard | None
    without_care: bool
    qalys_after: float
    survival_years: float
    survival_now: float
    survival_borne: float
    deaths: float

    def net_benefit(self, ratios: Floats) -> Floats:
        """Return net benefit at hazard ratios of death (R,), (D, R)."""
        worth = _worth(self.lives, without_care=self.without_care)
        return net_benefit_by_hazard_ratio(
            self.lives.times_years,
            self.lives.alive,
            self.saving,
            ratios=ratios,
            threshold=self.threshold,
            from_years=self.from_years,
            **worth,
        )


def margin_of(
    lives: Living, saving: Floats, *, threshold: float, from_years: float, level: float = 0.95
) -> Margin:
    """Return what could be borne.

    Parameters
    ----------
    lives
        Who lives how under the dosing of the model.
    saving
        (D,) what is saved per patient, survival as it is.
    threshold
        What a QALY is worth.
    from_years
        When doses first differ; the nearest time of the grid is taken.
    level
        Share of draws within the limits.
    """
    since = lives.nearest(from_years)
    given: dict[str, Any] = {"threshold": threshold, "from_years": since, "level": level}
    death, without_care = _death(lives, saving, given)
    try:
        progression = break_even_hazard_ratio(
            lives.times_years, lives.free, saving, **given, **lives.of_being_free
        )
    except NotEstimable:
        progression = None
    mark = lives.nearest(since + MARK_YEARS)
    begin, at = np.searchsorted(lives.times_years, [since, mark])
    there = 0 < death.value < np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(lives.alive[:, begin] > 0, lives.alive[:, at] / lives.alive[:, begin], 0.0)
    quality = lives.of_the_living["quality"]
    lived = np.trapezoid(
        (lives.alive * quality * lives.discount)[:, begin:], lives.times_years[begin:], axis=1
    )
    return Margin(
        lives,
        saving,
        threshold,
        since,
        death,
        progression,
        without_care,
        float(lived.mean()),
        mark,
        float(lives.alive[:, at].mean()),
        float((lives.alive[:, begin] * kept**death.value).mean()) if there else np.nan,
        non_inferiority_events(death.value) if there and death.value != 1 else np.nan,
    )


def _death(lives: Living, saving: Floats, given: dict[str, Any]) -> tuple[BreakEvenHazard, bool]:
    """Return the break-even hazard ratio of death, and whether care had to be left out."""
    try:
        worth = _worth(lives, without_care=False)
        return break_even_hazard_ratio(lives.times_years, lives.alive, saving, **given, **worth), False
    except NotEstimable:
        worth = _worth(lives, without_care=True)
        return break_even_hazard_ratio(lives.times_years, lives.alive, saving, **given, **worth), True


def _worth(lives: Living, *, without_care: bool) -> dict[str, Any]:
    return lives.of_the_living | ({"care": 0.0} if without_care else {})
