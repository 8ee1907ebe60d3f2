"""The families that need no further choice, by name."""

from __future__ import annotations

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
