"""What interaction a study could have found, so that a null result is not read as absence."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from coley.stats.interaction.relative import Interaction

PETERSON_GEORGE = (
    "Peterson B, George SL. Sample size requirements and length of study for testing interaction in a 2 x k "
    "factorial design when time-to-failure is the outcome. Control Clin Trials 1993;14:511-522."
)
SCHMOOR = (
    "Schmoor C, Sauerbrei W, Schumacher M. Sample size considerations for the evaluation of prognostic factors in "
    "survival analysis. Stat Med 2000;19:441-452."
)


@dataclass(frozen=True, slots=True)
class DetectableRatio:
    """The smallest interaction that a study could have found.

    Attributes
    ----------
    ratio
        Ratio of hazard ratios, above 1; its inverse is as detectable.
    se
        Standard error expected of its logarithm.
    power, level
        Chance of finding it, and 1 minus the size of the two-sided test.
    """

    ratio: float
    se: float
    power: float
    level: float

    @property
    def inverse(self) -> float:
        """The same interaction in the other direction."""
        return 1 / self.ratio

    def power_for(self, ratio: float) -> float:
        """Return the chance of finding a true ratio of hazard ratios in its direction."""
        from math import log

        return NormalDist().cdf(abs(log(ratio)) / self.se - z_of(self.level))


@method(
    "detectable_interaction",
    title="Smallest detectable ratio of hazard ratios",
    summary="The treatment-by-marker interaction that a study with its events could have found with given power.",
    needs="events in each arm, and the marker's spread (or events in each arm and class)",
    limits="Large-sample formula with the marker spread alike in both arms; optimistic by some points of power where "
    "an effect is large, covariates are many, or a class has fewer than about ten events in an arm.",
    references=(PETERSON_GEORGE, SCHMOOR),
)
def detectable_ratio(
    events: tuple[float, ...],
    *,
    steps: float = 1.0,
    power: float = 0.8,
    level: float = 0.95,
) -> DetectableRatio:
    """Return the ratio of hazard ratios that could have been found.

    Parameters
    ----------
    events
        Two numbers for a continuous marker: events of the treated and of the others. Four for two classes:
        treated with and without the marker, others with and without it.
    steps
        For a continuous marker, its standard deviation in units of the step for which the ratio is wanted: 1 for a
        ratio per standard deviation.
    power, level
        Wanted chance of finding it, and 1 minus the size of the two-sided test.

    Raises
    ------
    InvalidSetting
        Where a number of events is not positive, or the power is not between 0 and 1.

    References
    ----------
    Peterson and George 1993, eq. 3 (four cells); Schmoor et al. 2000, section 3; a continuous marker contributes
    its variance in place of a class's share (Schmoor et al. 2000, section 4).

    Examples
    --------
    >>> round(detectable_ratio((150, 150)).ratio, 2), round(detectable_ratio((50, 100, 50, 100)).ratio, 2)
    (1.38, 1.99)
    """
    z = z_of(level)
    counts = tuple(float(e) for e in events)
    if len(counts) not in (2, 4) or not all(0 < e < float("inf") for e in counts):
        raise InvalidSetting(
            f"The events {events!r} determine no power.",
            remedy="Give two positive numbers (a continuous marker) or four (two classes in two arms).",
        )
    if not 0 < power < 1 or not 0 < steps < float("inf"):
        raise InvalidSetting(
            f"A power of {power!r} for steps of {steps!r} cannot be had.", remedy="As power=0.8, steps=1."
        )
    from math import exp, sqrt

    se = sqrt(sum(1 / e for e in counts)) / (steps if len(counts) == 2 else 1.0)
    return DetectableRatio(exp((z + NormalDist().inv_cdf(power)) * se), se, power, level)


def detectable_in(interaction: Interaction, *, power: float = 0.8) -> DetectableRatio:
    """Return the ratio, per the interaction's own step, that its study could have found at its level.

    Parameters
    ----------
    interaction
        Of `treatment_by_marker`; for classes its four cells count, else its two arms and the marker's spread.
    power
        Wanted chance of finding it.

    Raises
    ------
    InvalidSetting
        Where an arm or a cell has no event, or the power is not between 0 and 1.

    Examples
    --------
    >>> from coley.stats.interaction.relative import treatment_by_marker
    >>> time, event, arm = range(1, 13), [1] * 12, [0, 1, 0, 1] * 3
    >>> found = treatment_by_marker(time, event, arm, marker=[0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1])
    >>> found.cells, round(detectable_in(found).ratio)
    ((3, 3, 3, 3), 25)
    """
    level, step = interaction.ratio.level, interaction.per
    if interaction.cells and step == 1:
        return detectable_ratio(interaction.cells, power=power, level=level)
    return detectable_ratio(interaction.events, steps=interaction.sd / step, power=power, level=level)
