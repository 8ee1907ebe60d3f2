"""The deaths that a trial must see to show that another way to dose is not worse by as much as could be borne."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from coley.economics.policy.increment import share_between
from coley.model.errors import NotEstimable
from coley.model.method import method

SCHOENFELD = (
    "Schoenfeld DA. Sample-size formula for the proportional-hazards regression model. "
    "Biometrics 1983;39:499-503."
)


@method(
    "non_inferiority_events",
    title="Deaths that a non-inferiority trial must see",
    summary="Events that exclude a hazard ratio as high as a margin, with a given power where both arms do alike.",
    needs="the margin as a hazard ratio",
    limits="Two arms of one size, proportional hazards, truth at no difference: where the rule is in fact somewhat "
    "worse, many more are needed.",
    references=(SCHOENFELD,),
)
def non_inferiority_events(margin: float, *, power: float = 0.9, one_sided: float = 0.025) -> float:
    """Return the deaths that two equal arms must see to exclude a hazard ratio as high as a margin.

    Parameters
    ----------
    margin
        Hazard ratio that must be excluded, other than 1.
    power, one_sided
        Of the trial, where the hazard ratio is 1; and its error.

    Raises
    ------
    NotEstimable
        For a margin of 1, which no number excludes, or one that is not above 0 and finite.

    References
    ----------
    Schoenfeld 1983: 4 (z_power + z_error)^2 / log(margin)^2.

    Examples
    --------
    >>> round(non_inferiority_events(1.3))
    611
    """
    if not 0 < margin < np.inf or margin == 1:
        raise NotEstimable(f"No number of deaths excludes a hazard ratio of {margin:g}.")
    share_between(power, "The power")
    share_between(one_sided, "The error")
    z = NormalDist().inv_cdf(power) - NormalDist().inv_cdf(one_sided)
    return float(4 * z**2 / np.log(margin) ** 2)
