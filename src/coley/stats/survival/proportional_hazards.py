"""Do hazards stay proportional? The exact score test for coefficients that change with time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnknownName
from coley.model.method import method
from coley.stats.tails import chi2_tail
from coley.stats.values import Test

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.survival.cox import CoxFit

    Floats = NDArray[np.float64]

GRAMBSCH_THERNEAU = (
    "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals. "
    "Biometrika 1994;81:515-526."
)
THERNEAU = "Therneau TM. A package for survival analysis in R, version 3 and later: cox.zph. CRAN, 2020."


@dataclass(frozen=True)
class ProportionalHazards:
    """Tests of proportional hazards: one of each column, one of all together.

    Attributes
    ----------
    tests
        Column to test, each with one degree of freedom.
    together
        The test of all columns at once.
    transform
        The function of time along which the log hazard ratio is let change.
    """

    tests: dict[str, Test]
    together: Test
    transform: str


@method(
    "proportional_hazards",
    title="Score test of proportional hazards",
    summary="Tests whether a log hazard ratio changes along a function of time.",
    needs="a fitted Cox model",
    limits="Sees trends along the chosen function of time; in small studies silence is no evidence of "
    "proportionality, in large ones trivial departures are found. Look at the curves.",
    references=(GRAMBSCH_THERNEAU, THERNEAU),
)
def proportional_hazards(fit: CoxFit, *, transform: str = "km") -> ProportionalHazards:
    """Test whether the coefficients of a Cox model change with time.

    This is the exact score test of adding each column times g(time) to the model, with the information of the
    fitted and the added coefficients together, as R's cox.zph computes it since version 3 of survival. It is
    not the older approximation, which takes the variance of a column to be the same in every risk set.

    Parameters
    ----------
    fit
        From `cox`; weights, strata, delayed entry and ties are taken into account, clusters are not.
    transform
        g: "km" (1 minus the pooled Kaplan-Meier estimate just before), "rank" (of the event times),
        "identity" or "log".

    Raises
    ------
    UnknownName
        For an unknown transform.
    NotEstimable
        Where the transform of an event time is not finite.

    References
    ----------
    Grambsch and Therneau 1994, section 2; Therneau 2020.

    Examples
    --------
    >>> from coley.stats.survival.cox import cox
    >>> fit = cox([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 0, 1, 1, 0, 1], [1, 0, 1, 1, 0, 1, 0, 0], names=["arm"])
    >>> round(proportional_hazards(fit, transform="identity").tests["arm"].p, 3)
    0.782
    """
    if transform not in TRANSFORMS:
        raise UnknownName("transform of time", transform, TRANSFORMS)
    likelihood, sums, sets = fit.likelihood, fit.sums, fit.likelihood.sets
    g = TRANSFORMS[transform](fit)
    if not np.isfinite(g).all():
        raise NotEstimable(
            f"The transform {transform!r} of an event time is not finite.",
            cause="an event at time 0",
            remedy='Use transform="km", or shift the origin of time.',
        )
    g = g - np.average(g, weights=sets.deaths)  # the test is the same for any origin of g; the digits are not
    if not g.any():  # every event at one instant: there is no time along which anything could change
        nothing = Test(float("nan"), float("nan"), float("nan"))
        return ProportionalHazards(dict.fromkeys(fit.names, nothing), nothing, transform)
    g = g / np.abs(g).max()
    by_group = likelihood.Z[:, sets.dead] * sets.weight[sets.dead]
    observed = np.add.reduceat(by_group, sets.starts, axis=1)
    score = (observed - sums.S1 * sums.a + sums.D1 * sums.b) @ g
    fitted, cross, added = (likelihood.information(sums, multiplier) for multiplier in (1.0, g, g * g))

    # the score of the fitted coefficients is zero, so that only the block of the added ones is needed
    efficient = added - cross @ np.linalg.solve(fitted, cross)
    tests = {}
    for j, name in enumerate(fit.names):
        information = added[j, j] - cross[j] @ np.linalg.solve(fitted, cross[:, j])
        tests[name] = _test(score[[j]], np.array([[information]]))
    return ProportionalHazards(tests, _test(score, efficient), transform)


def _test(score: Floats, information: Floats) -> Test:
    statistic = float(score @ np.linalg.pinv(information, hermitian=True) @ score)
    return Test(statistic, len(score), chi2_tail(statistic, len(score)))


def _km(fit: CoxFit) -> Floats:
    """1 minus the Kaplan-Meier estimate of all strata together, just before each group."""
    sets, rows = fit.likelihood.sets, fit.follow_up
    weights = np.ones(len(rows.time)) if rows.weights is None else rows.weights
    instants, of = np.unique(sets.instant, return_inverse=True)
    died = np.bincount(of, weights=sets.mean_weight * sets.deaths)

    def not_before(times: Floats) -> Floats:
        order = np.argsort(times)
        after = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
        return after[np.searchsorted(times[order], instants, side="left")]

    at_risk = not_before(rows.time) - (0.0 if rows.entry is None else not_before(rows.entry))
    survival = np.cumprod(1 - died / at_risk)
    return (1 - np.append(1.0, survival[:-1]))[of]


def _rank(fit: CoxFit) -> Floats:
    """Mean rank of the event times, each event counted."""
    sets = fit.likelihood.sets
    times = np.sort(sets.instant[sets.group])
    below = np.searchsorted(times, sets.instant, side="left")
    return (below + np.searchsorted(times, sets.instant, side="right") + 1) / 2


def _log(fit: CoxFit) -> Floats:
    with np.errstate(divide="ignore"):
        return np.log(fit.likelihood.sets.instant)


TRANSFORMS: dict[str, Callable[[CoxFit], Floats]] = {
    "km": _km,
    "rank": _rank,
    "identity": lambda fit: fit.likelihood.sets.instant,
    "log": _log,
}
