"""Whether small studies show larger effects: regressions of the estimate on a measure of precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.model.registry import Registry
from coley.stats.pooling.studies import studies
from coley.stats.tails import z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Made = tuple[Floats, Floats]

# Sterne 2011, recommendation: below ten studies the power is too low to tell chance from asymmetry.
FEWEST_STUDIES = 10

STERNE = (
    "Sterne JAC, Sutton AJ, Ioannidis JPA, et al. Recommendations for examining and interpreting funnel plot "
    "asymmetry in meta-analyses of randomised controlled trials. BMJ 2011;343:d4002."
)


@dataclass(frozen=True, slots=True)
class SmallStudyEffects:
    """A regression of estimates on a measure of their imprecision.

    Attributes
    ----------
    slope
        Change of the estimate per unit of imprecision; 0 where small studies find what large ones find.
    limit
        Estimate in an imagined study without sampling error (the intercept).
    test
        Of the slope: t with k - 2 df, two-sided.
    k
        Studies.
    method
        Of the regression.
    """

    slope: Interval
    limit: Interval
    test: Test
    k: int
    method: str


REGRESSIONS: Registry[Callable[[Floats, Floats], Made]] = Registry("test of small-study effects")


def egger(standard_errors: Floats, counts: Floats) -> Made:
    """On the standard error, weighted by its inverse square (Egger 1997)."""
    return standard_errors, 1 / standard_errors**2


def peters(standard_errors: Floats, counts: Floats) -> Made:
    """On the inverse sample size, weighted by events and non-events (Peters 2006)."""
    one, two = counts
    return 1 / (one + two), 1 / (1 / one + 1 / two)


def deeks(standard_errors: Floats, counts: Floats) -> Made:
    """On the inverse root of the effective sample size, weighted by that size (Deeks 2005)."""
    one, two = counts
    effective = 4 * one * two / (one + two)
    return 1 / np.sqrt(effective), effective


for function in (egger, peters, deeks):
    REGRESSIONS.add(function.__name__, function)


@method(
    "small_study_effects",
    title="Regression tests of small-study effects",
    summary="Whether small studies find larger effects than large ones, as where null results stay unpublished.",
    needs="estimates and standard errors of at least ten studies; for odds ratios and AUCs also the patients with "
    "and without the outcome",
    limits="Asymmetry has other causes than selective publication (small studies differ in patients and methods); "
    "no asymmetry does not show that nothing is hidden.",
    references=(
        "Egger M, Davey Smith G, Schneider M, Minder C. Bias in meta-analysis detected by a simple, graphical "
        "test. BMJ 1997;315:629-634.",
        "Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L. Comparison of two methods to detect publication "
        "bias in meta-analysis. JAMA 2006;295:676-680.",
        "Deeks JJ, Macaskill P, Irwig L. The performance of tests of publication bias and other sample size "
        "effects in systematic reviews of diagnostic test accuracy was assessed. J Clin Epidemiol 2005;58:882-893.",
        STERNE,
    ),
)
def small_study_effects(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: str = "egger",
    counts: tuple[ArrayLike, ArrayLike] | None = None,
    level: float = 0.95,
) -> SmallStudyEffects:
    """Regress estimates on a measure of their imprecision.

    Parameters
    ----------
    estimates, standard_errors
        One a study; NaN where a study has none.
    method
        "egger" for estimates whose standard error does not hang on them (log hazard ratios); "peters" for
        log odds ratios and "deeks" for log diagnostic odds ratios and the logit of an AUC, whose standard errors
        grow with the effect and so make a funnel lean by themselves.
    counts
        Patients with and without the outcome in each study, for "peters" and "deeks".
    level
        Coverage of the intervals.

    Raises
    ------
    NotEstimable
        With fewer than ten studies (Sterne 2011), or where all are equally precise.
    InvalidSetting
        For an unknown method, or one without the counts that it needs.
    UnreadableInput
        Where a number cannot be used.

    References
    ----------
    Egger 1997; Peters 2006; Deeks 2005; ten studies: Sterne 2011.

    Examples
    --------
    >>> se = [0.1, 0.1, 0.15, 0.2, 0.2, 0.25, 0.3, 0.3, 0.35, 0.4]
    >>> found = small_study_effects([0.11, 0.08, 0.2, 0.16, 0.25, 0.2, 0.35, 0.28, 0.3, 0.45], se)
    >>> round(found.slope.value, 2), round(found.limit.value, 2)
    (1.01, 0.0)
    """
    from scipy.special import stdtr, stdtrit

    z_of(level)
    table = studies(estimates, standard_errors)
    if len(table.y) != 1:
        raise UnreadableInput("Small-study effects are looked for in one marker at a time.")
    here = table.there[0] > 0
    k = int(here.sum())
    if k < FEWEST_STUDIES:
        raise NotEstimable(
            f"{k} studies cannot show small-study effects; at least {FEWEST_STUDIES} are needed.",
            cause="below that the test cannot tell chance from asymmetry (Sterne et al. 2011)",
            remedy="Say that it was not tested.",
        )
    x, weight = REGRESSIONS[method](np.sqrt(table.v[0, here]), _counts(counts, here, method))
    y, w = table.y[0, here], weight / weight.sum()
    centre = w @ x
    spread = float(w @ (x - centre) ** 2)
    if spread <= 1e-12 * float(w @ x**2):  # nothing but rounding
        raise NotEstimable("All studies are equally precise: no regression on precision is possible.")
    slope = float(w @ ((x - centre) * y)) / spread
    limit = float(w @ y - slope * centre)
    df = k - 2
    residual = float(w @ (y - limit - slope * x) ** 2) / df
    slope_se, limit_se = np.sqrt([residual / spread, residual * (1 + centre**2 / spread)]).tolist()
    half = float(stdtrit(df, 0.5 + level / 2))
    t = slope / slope_se if slope_se > 0 else float("nan")
    return SmallStudyEffects(
        slope=Interval(slope, slope - half * slope_se, slope + half * slope_se, level, slope_se),
        limit=Interval(limit, limit - half * limit_se, limit + half * limit_se, level, limit_se),
        test=Test(t, df, float(2 * stdtr(df, -abs(t)))),
        k=k,
        method=method,
    )


def _counts(counts: tuple[ArrayLike, ArrayLike] | None, here: NDArray[np.bool_], method: str) -> Floats:
    if counts is None:
        if method == "egger":
            return np.empty((2, 0))
        raise InvalidSetting(
            f"The test of {method!r} needs the patients with and without the outcome of each study.",
            remedy="Give counts=(with, without), or use Egger's test.",
        )
    both = np.array([np.asarray(c, dtype=float) for c in counts])
    if both.shape != (2, len(here)) or not (both[:, here] > 0).all():
        raise UnreadableInput(
            "Every study needs at least one patient with and one without the outcome.",
            where=f"counts of shape {both.shape} for {len(here)} studies",
        )
    return np.asarray(both[:, here])
