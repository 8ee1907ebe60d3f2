"""The families that need no further choice, by name, and the set that is fitted side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coley.model.registry import Registry
from coley.stats.parametric.elementary import (
    EXPONENTIAL,
    GOMPERTZ_FAMILY,
    LOG_LOGISTIC,
    LOG_NORMAL,
    WEIBULL,
    WEIBULL_PH,
)
from coley.stats.parametric.family import Family
from coley.stats.parametric.generalised import GAMMA, GENERALISED_F, GENERALISED_GAMMA
from coley.stats.parametric.spline import SCALES, royston_parmar, spline_knots

if TYPE_CHECKING:
    from coley.stats.parametric.data import SurvivalData

FAMILIES: Registry[Family] = Registry("family of survival distributions")
for _family in (
    EXPONENTIAL,
    WEIBULL,
    WEIBULL_PH,
    GOMPERTZ_FAMILY,
    GAMMA,
    LOG_NORMAL,
    LOG_LOGISTIC,
    GENERALISED_GAMMA,
    GENERALISED_F,
):
    FAMILIES.add(_family.name, _family)

# What guidance on extrapolation asks to be compared (NICE Decision Support Unit, Technical Support Document 14).
STANDARD = ("exponential", "weibull", "gompertz", "gamma", "log_normal", "log_logistic", "generalised_gamma")


def candidates(data: SurvivalData, *, inner_knots: Sequence[int] = (1, 2)) -> tuple[Family, ...]:
    """Return the families to be compared on one follow-up: the standard seven, and splines of every scale.

    Parameters
    ----------
    data
        Decides where the knots are.
    inner_knots
        Of the splines; none for no splines.

    Raises
    ------
    InvalidSetting
        Where there are too few distinct event times for so many knots.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> len(candidates(survival_data([1, 2, 3, 4, 6, 8], [1, 1, 1, 1, 1, 1])))
    13
    """
    splines = tuple(
        royston_parmar(spline_knots(data, inner), scale=scale) for scale in SCALES for inner in inner_knots
    )
    return (*(FAMILIES[name] for name in STANDARD), *splines)
