"""Interaction on the relative scale: how the hazard or odds ratio of a treatment changes with a marker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.interaction.arms import MARKER, PRODUCT, TREATED, Arms, arms
from coley.stats.logistic import COX_1958, FIRTH, HEINZE_SCHEMPER, firth_logistic, logistic
from coley.stats.multiplicity import global_interaction_test
from coley.stats.survival.cox import COX, CoxFit, cox
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Intervals, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BUYSE_MICHIELS = (
    "Buyse M, Michiels S, Sargent DJ, Grothey A, Matheson A, de Gramont A. Integrating biomarkers in clinical "
    "trials. Expert Rev Mol Diagn 2011;11:171-182."
)
POLLEY = (
    "Polley MYC, Freidlin B, Korn EL, Conley BA, Abrams JS, McShane LM. Statistical and practical considerations "
    "for clinical evaluation of predictive biomarkers. J Natl Cancer Inst 2013;105:1677-1683."
)


@dataclass(frozen=True, eq=False)
class Interaction:
    """How the effect of a treatment changes with a marker, and what the marker does by itself.

    Attributes
    ----------
    measure
        "hazard ratio" or "odds ratio", of treated to others.
    ratio
        By what that ratio is multiplied per `per` of the marker; 1 without interaction.
    per
        The step of the marker: 1 between two classes, else its standard deviation or what was asked for.
    likelihood_ratio, wald
        Tests of the interaction; the first is NaN where a robust variance rules it out.
    others, treated
        The marker's own ratio per `per` in each arm: among the others it is the prognostic effect.
    slope, covariance
        Log ratio of the treatment at a marker of 0, and its change per unit of the marker, with their
        covariance. The first is NaN where no stratum holds both arms.
    inside
        The marker values between which most patients lie (see `Arms.inside`).
    n, events
        Patients and events of the treated, then of the others.
    cells
        For two classes the events of the treated with and without the marker, and of the others; else none.
    sd
        Standard deviation of the marker.
    """

    measure: str
    ratio: Interval
    per: float
    likelihood_ratio: Test
    wald: Test
    others: Interval
    treated: Interval
    slope: Floats
    covariance: Floats
    inside: tuple[float, float]
    n: tuple[int, int]
    events: tuple[int, int]
    cells: tuple[int, ...]
    sd: float

    def effect_at(self, marker: ArrayLike) -> Intervals:
        """Return the ratio of treated to others at marker values, with Wald limits; NaN where no stratum holds both."""
        x = np.atleast_1d(np.asarray(marker, dtype=float))
        along = np.stack([np.ones_like(x), x])
        log = self.slope @ along
        half = z_of(self.ratio.level) * np.sqrt((along * (self.covariance @ along)).sum(axis=0))
        return Intervals(np.exp(log), np.exp(log - half), np.exp(log + half), self.ratio.level)


@method(
    "treatment_by_marker",
    title="Treatment-by-marker interaction in the Cox model",
    summary="Whether the hazard ratio of a treatment changes with a marker: the ratio of hazard ratios, with its test.",
    needs="time, event, arm and marker of each patient of two arms; optionally covariates and strata",
    limits="A ratio of hazard ratios is not a difference of benefit: look at the absolute scale as well. Few studies "
    "have the events to find one; without randomisation the arms differ in more than treatment.",
    references=(COX, BUYSE_MICHIELS, POLLEY),
)
def treatment_by_marker(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    covariates: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    per: float | None = None,
    level: float = 0.95,
) -> Interaction:
    """Estimate and test the interaction of a treatment with a marker on the hazard.

    Parameters
    ----------
    time, event
        Of each patient, as for `cox`.
    treated
        1 or True in the arm whose effect is asked about.
    marker
        A number a patient; 0 and 1 for two classes.
    covariates, names
        Patients x covariates with main effects in the model, and their names.
    strata
        Labels of strata with baseline hazards of their own. Where no stratum holds both arms, the effect of
        the treatment cannot be estimated, and its change with the marker still can.
    weights
        Of patients; implies the robust variance.
    per
        Step of the marker for the ratio; by default 1 for two classes, else the standard deviation.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used, an arm is empty, or the model has no maximum.

    References
    ----------
    Cox 1972; the reading of an interaction as predictive: Polley et al. 2013.

    Examples
    --------
    >>> time, event = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16], [1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0]
    >>> arm, high = [0, 1, 0, 1] * 3, [0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1]
    >>> found = treatment_by_marker(time, event, arm, marker=high)
    >>> round(found.ratio.value, 3), found.per, found.events
    (0.176, 1.0, (4, 5))
    """
    both = arms(np.size(time), treated, marker, covariates=covariates, names=names)
    main = strata is None or _mixed(both.treated, np.asarray(strata))
    robust = weights is not None

    def fitted(*, product: bool) -> CoxFit:
        X, labels = both.columns(product=product, main=main)
        return cox(
            time,
            event,
            X,
            names=labels,
            strata=strata,
            weights=weights,
            robust=robust,
            level=level,
        )

    full = fitted(product=True)
    gain = Test(np.nan, 1, np.nan) if robust else global_interaction_test(fitted(product=False), full)
    happened = np.asarray(event) == 1
    return _interaction(
        "hazard ratio",
        both,
        (full.names, full.coefficients, full.covariance),
        test=gain,
        events=happened,
        per=per,
        level=level,
    )


@method(
    "treatment_by_marker_response",
    title="Treatment-by-marker interaction in logistic regression",
    summary="Whether the odds ratio of response to a treatment changes with a marker.",
    needs="a binary outcome, arm and marker of each patient of two arms; optionally covariates",
    limits="An odds ratio is not a difference of response rates, and depends on what else is in the model; Firth's "
    "penalty keeps it finite in small arms.",
    references=(COX_1958, FIRTH, HEINZE_SCHEMPER, POLLEY),
)
def treatment_by_marker_response(
    y: ArrayLike,
    treated: ArrayLike,
    marker: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    firth: bool = True,
    per: float | None = None,
    level: float = 0.95,
) -> Interaction:
    """Estimate and test the interaction of a treatment with a marker on the odds of a response.

    Parameters
    ----------
    y
        1 or True where the outcome happened.
    treated, marker, covariates, names, per, level
        As for `treatment_by_marker`.
    firth
        Whether under Firth's penalty, by default because one arm or class mostly has few responders; interval
        and test of the interaction then come from the profile of the penalised likelihood.

    Raises
    ------
    UnreadableInput, NotEstimable
        Where the input cannot be used, an arm is empty, or (without the penalty) the outcome is separated.

    References
    ----------
    Cox 1958; Firth 1993; Heinze and Schemper 2002.

    Examples
    --------
    >>> y, arm = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    >>> found = treatment_by_marker_response(y, arm, [1, 0, 1, 1, 0, 1, 0, 0, 0, 1])
    >>> round(found.ratio.value), found.likelihood_ratio.p < 0.05
    (292, True)
    """
    from scipy.special import chdtri

    both = arms(np.size(y), treated, marker, covariates=covariates, names=names)
    X, labels = both.columns()
    fit = (
        firth_logistic(y, X, names=labels, level=level)
        if firth
        else logistic(y, X, names=labels, level=level)
    )
    j = labels.index(PRODUCT)
    if firth:
        gain = Test(float(chdtri(1, fit.p[1 + j])), 1, float(fit.p[1 + j]))
    else:
        plain, without = both.columns(product=False)
        gain = global_interaction_test(logistic(y, plain, names=without), fit)
    found = _interaction(
        "odds ratio",
        both,
        (labels, fit.coefficients[1:], fit.covariance[1:, 1:]),
        test=gain,
        events=np.asarray(y) == 1,
        per=per,
        level=level,
    )
    step = found.per
    low, high = np.exp(step * np.array([fit.low[1 + j], fit.high[1 + j]])).tolist()
    return replace(found, ratio=replace(found.ratio, low=low, high=high))


def _interaction(
    measure: str,
    both: Arms,
    fit: tuple[tuple[str, ...], Floats, Floats],
    *,
    test: Test,
    events: NDArray[np.bool_],
    per: float | None,
    level: float,
) -> Interaction:
    names, coefficients, covariance = fit
    step = both.unit if per is None else float(per)
    if not 0 < step < np.inf:
        raise InvalidSetting(
            f"A step of {per!r} of the marker has no ratio.", remedy="Choose a positive number."
        )

    def ratio(*columns: str) -> Interval:
        by = np.array([step if name in columns else 0.0 for name in names])
        log, se = float(by @ coefficients), float(np.sqrt(by @ covariance @ by))
        half = z_of(level) * se
        value, low, high = np.exp([log, log - half, log + half]).tolist()
        return Interval(value, low, high, level, se)

    j = names.index(PRODUCT)
    centre = float(both.marker.mean())
    to_raw = np.zeros((2, len(names)))  # the marker is centred in the model, and given as it is here
    to_raw[1, j], to_raw[0, j] = 1.0, -centre
    if TREATED in names:
        to_raw[0, names.index(TREATED)] = 1.0
    slope, spread = to_raw @ coefficients, to_raw @ covariance @ to_raw.T
    if TREATED not in names:
        slope[0], spread[0], spread[:, 0] = np.nan, np.nan, np.nan
    z2 = float(coefficients[j] ** 2 / covariance[j, j])
    arm = both.treated
    return Interaction(
        measure=measure,
        ratio=ratio(PRODUCT),
        per=step,
        likelihood_ratio=test,
        wald=Test(z2, 1, chi2_tail(z2, 1)),
        others=ratio(MARKER),
        treated=ratio(MARKER, PRODUCT),
        slope=slope,
        covariance=spread,
        inside=both.inside,
        n=(int(arm.sum()), int((~arm).sum())),
        events=(int((events & arm).sum()), int((events & ~arm).sum())),
        cells=tuple(int((events & a & m).sum()) for a in (arm, ~arm) for m in _classes(both)),
        sd=float(both.marker.std(ddof=1)),
    )


def _classes(both: Arms) -> tuple[NDArray[np.bool_], ...]:
    return (both.marker == 1, both.marker == 0) if both.classes else ()


def _mixed(treated: NDArray[np.bool_], strata: NDArray[np.generic]) -> bool:
    """Whether some stratum holds both arms."""
    _, of = np.unique(strata, return_inverse=True)
    share = np.bincount(of, weights=treated) / np.bincount(of)
    return bool(((share > 0) & (share < 1)).any())
