"""Which loss of effect the savings of a way to dose are worth: in hazard ratios, survival, and deaths of a trial."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.policy.dosing_rules import (
    BreakEvenHazard,
    break_even_hazard_ratio,
    net_benefit_by_hazard_ratio,
)
from coley.economics.policy.non_inferiority import non_inferiority_events
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
        Break-even hazard ratios; of progression None where a year without it is no better than one after it.
    without_care, progression_without_care
        Whether the cost of care was left out, as a year of life, or one without progression, is worth less than its
        care in some draw.
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
    progression_without_care: bool
    qalys_after: float
    survival_years: float
    survival_now: float
    survival_borne: float
    deaths: float

    def net_benefit(self, ratios: Floats) -> Floats:
        """Return net benefit at hazard ratios of death (R,), (D, R)."""
        worth = _worth(self.lives.of_the_living, without_care=self.without_care)
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

    Raises
    ------
    NotEstimable
        Where utilities are below 0, so that no life is lost that is worth living.
    """
    since = lives.nearest(from_years)
    given: dict[str, Any] = {"threshold": threshold, "from_years": since, "level": level}
    death, without = _break_even(lives.times_years, lives.alive, saving, lives.of_the_living | given)
    progression, less = _break_even(lives.times_years, lives.free, saving, lives.of_being_free | given)
    mark = lives.nearest(since + MARK_YEARS)
    begin, at = np.searchsorted(lives.times_years, [since, mark])
    if death is None:
        raise NotEstimable(
            "A year of life has no worth that a way to dose could lose: its utility is below 0."
        )
    ratio, there = death.value, 0 < death.value < np.inf
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
        without,
        less,
        float(lived.mean()),
        mark,
        float(lives.alive[:, at].mean()),
        float((lives.alive[:, begin] * kept**ratio).mean()) if there else np.nan,
        non_inferiority_events(ratio) if there and ratio != 1 else np.nan,
    )


def _break_even(
    times_years: Floats, survival: Floats, saving: Floats, given: dict[str, Any]
) -> tuple[BreakEvenHazard | None, bool]:
    """Return the break-even hazard ratio, and whether care had to be left out; None where that does not help."""
    for without_care in (False, True):
        worth = _worth(given, without_care=without_care)
        with suppress(NotEstimable):
            return break_even_hazard_ratio(times_years, survival, saving, **worth), without_care
    return None, True


def _worth(given: dict[str, Any], *, without_care: bool) -> dict[str, Any]:
    return given | ({"care": 0.0} if without_care else {})
