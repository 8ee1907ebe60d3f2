"""Calibration: whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.judging.calibration_curve import CalibrationCurve, calibration_curve
from coley.stats.judging.examined import outcome, probabilities
from coley.stats.judging.intervals import wald_interval
from coley.stats.judging.recalibration import STEYERBERG, logit, offset_intercept
from coley.stats.logistic import logistic, sigmoid
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

VAN_CALSTER = (
    "Van Calster B, Nieboer D, Vergouwe Y, De Cock B, Pencina MJ, Steyerberg EW. A calibration hierarchy for risk "
    "models was defined: from utopia to empirical data. J Clin Epidemiol 2016;74:167-176."
)
AUSTIN = (
    "Austin PC, Steyerberg EW. The Integrated Calibration Index (ICI) and related metrics for quantifying the "
    "calibration of logistic regression models. Stat Med 2019;38:4051-4065."
)
BRIER = "Brier GW. Verification of forecasts expressed in terms of probability. Mon Weather Rev 1950;78:1-3."
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class BrierScore:
    """Mean squared error of probabilities.

    Attributes
    ----------
    brier
        Smaller is better.
    constant
        That of one constant, the observed rate, for everybody.
    scaled
        1 - brier / constant: 1 perfect, 0 no better than the constant, negative worse. The interval allows for
        the constant being estimated.
    n, positives
        Patients, and those with the outcome.
    """

    brier: Interval
    constant: float
    scaled: Interval
    n: int
    positives: int


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far probabilities can be taken at their word.

    Attributes
    ----------
    observed, expected
        Observed rate, and mean probability.
    observed_expected
        Their ratio: below 1 where probabilities are too high. The interval is made on the log scale.
    intercept
        Calibration in the large: shift of the logit that makes the means agree; 0 where they do.
    slope
        Of the outcome on the logit: 1 where spread is right, below 1 where probabilities are too extreme. NaN where
        all probabilities are alike, or separate the outcomes.
    test
        Likelihood-ratio test of intercept 0 and slope 1 together; NaN as the slope.
    score
        Brier score, beside that of a constant.
    curve
        Smooth curve of outcome against probability, with the integrated calibration index; None as the slope.
    n, positives
        Patients, and those with the outcome.
    """

    observed: float
    expected: float
    observed_expected: Interval
    intercept: Interval
    slope: Interval
    test: Test
    score: BrierScore
    curve: CalibrationCurve | None
    n: int
    positives: int


@method(
    "brier_score",
    title="Brier score",
    summary="Mean squared error of probabilities, beside that of one constant for everybody.",
    needs="a probability and a binary outcome of each patient",
    limits="Mixes ranking and calibration, and depends on the prevalence: compare only on the same patients.",
    references=(BRIER,),
)
def brier_score(probability: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> BrierScore:
    """Estimate the Brier score, and what it saves over a constant.

    Parameters
    ----------
    probability
        From 0 to 1.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a probability is missing or outside 0 to 1.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    Brier 1950; standard errors from each patient's share of the ratio.

    Examples
    --------
    >>> found = brier_score([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1])
    >>> round(found.brier.value, 3), found.constant, round(found.scaled.value, 2)
    (0.085, 0.25, 0.66)
    """
    label = outcome(positive)
    chance, n = probabilities(probability, len(label)), len(label)
    error, null = (chance - label) ** 2, (label.mean() - label) ** 2
    brier, constant = float(error.mean()), float(null.mean())
    share = (error - null * brier / constant) / constant
    return BrierScore(
        wald_interval(brier, float(error.std(ddof=1) / np.sqrt(n)), level=level, least=0.0, most=1.0),
        constant,
        wald_interval(1 - brier / constant, float(share.std(ddof=1) / np.sqrt(n)), level=level, most=1.0),
        n,
        int(label.sum()),
    )


@method(
    "calibration",
    title="Calibration of probabilities",
    summary="Observed against expected, calibration intercept and slope, a smooth curve, the integrated "
    "calibration index and the Brier score.",
    needs="a probability and a binary outcome of each patient",
    limits="Meaningless on patients on whom the model was fitted, where it is right by construction; a curve from "
    "fewer than about 100 patients of each class is a sketch.",
    references=(VAN_CALSTER, STEYERBERG, AUSTIN, BRIER),
)
def calibration(probability: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> Calibration:
    """Judge probabilities against what happened.

    Parameters
    ----------
    probability
        Strictly between 0 and 1.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the intervals and of the band.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a probability is missing, 0, 1 or outside.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    Van Calster et al. 2016; Steyerberg et al. 2004.

    Examples
    --------
    >>> found = calibration([0.2, 0.4, 0.3, 0.8, 0.6, 0.7], [0, 1, 0, 1, 0, 1])
    >>> found.observed, found.expected, round(found.slope.value, 2)
    (0.5, 0.5, 1.74)
    """
    label = outcome(positive)
    chance = probabilities(probability, len(label), open_ended=True)
    rate, mean, n = float(label.mean()), float(chance.mean()), len(label)
    predictor, z = logit(chance), z_of(level)
    ratio, se = rate / mean, float((label / rate - chance / mean).std(ddof=1) / np.sqrt(n))
    low, high = ratio * float(np.exp(-z * se)), ratio * float(np.exp(z * se))
    shift = offset_intercept(label, predictor)
    fitted = sigmoid(shift + predictor)
    intercept = wald_interval(shift, float(1 / np.sqrt((fitted * (1 - fitted)).sum())), level=level)
    slope, test, curve = Interval(NAN, NAN, NAN, level), Test(NAN, 2, NAN), None
    try:
        fit = logistic(label, predictor, level=level)
    except NotEstimable:
        pass  # all probabilities alike, or outcomes separated: there is no slope
    else:
        slope = wald_interval(float(fit.coefficients[1]), float(fit.standard_errors[1]), level=level)
        gain = 2 * (fit.loglik - float(label @ predictor - np.logaddexp(0, predictor).sum()))
        test = Test(gain, 2, chi2_tail(gain, 2))
        curve = calibration_curve(chance, label, level=level)
    return Calibration(
        observed=rate,
        expected=mean,
        observed_expected=Interval(ratio, low, high, level, se),
        intercept=intercept,
        slope=slope,
        test=test,
        score=brier_score(chance, label, level=level),
        curve=curve,
        n=n,
        positives=int(label.sum()),
    )
