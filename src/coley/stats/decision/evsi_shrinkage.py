"""EVSI from one regression on the parameters that a study informs, shrunk to what the study would tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.decision.acceptability import standard_error
from coley.stats.decision.benefit_regression import (
    Benefit,
    BenefitRegression,
    design_of,
    parameters_of,
    smoother_for,
)
from coley.stats.decision.outcomes import outcomes, thresholds_of
from coley.stats.decision.penalised import regress
from coley.stats.decision.sample_information import SampleInformation, sizes_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

JALAL = (
    "Jalal H, Alarid-Escudero F. A Gaussian approximation approach for value of information analysis. Med Decis "
    "Making 2018;38:174-188."
)
HEATH = (
    "Heath A, Manolopoulou I, Baio G. Estimating the expected value of sample information across different sample "
    "sizes using moment matching and nonlinear regression. Med Decis Making 2019;39:347-359."
)
LONGEST = 40  # halvings of the interval of the logarithm of a prior sample size


@method(
    "evsi_gaussian",
    title="Expected value of sample information, by Gaussian approximation",
    summary="Shrinks the regression of net benefit on the parameters that a study would inform towards its mean, by "
    "what the study's size is to the prior's.",
    needs="draws of costs, effects and the parameters informed, and the size of a study that what is known is worth",
    limits="Takes what is known and what will be seen as normal on the scale of net benefit; one prior size for all "
    "parameters of the group.",
    references=(JALAL,),
)
def evsi_gaussian(
    costs: ArrayLike,
    effects: ArrayLike,
    thresholds: ArrayLike,
    *,
    parameters: ArrayLike,
    prior_size: float,
    sizes: ArrayLike,
    seed: int = 1,
) -> SampleInformation:
    """Return the expected value of studies of any size, from one regression.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).
    parameters
        Draws of the parameters that the study informs, (D,) or (D, P).
    prior_size
        Observations that what is known about them is worth: alpha + beta of a beta distribution; variance of one
        observation over that of the parameter; or from `prior_size_from_study`.
    sizes
        Of the studies, (N,).
    seed
        Of the Gaussian process, where there are more than three parameters.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `evppi`, and for sizes that are not positive.

    References
    ----------
    Jalal and Alarid-Escudero 2018.

    Examples
    --------
    >>> p = np.random.default_rng(1).normal(1, 1, 4000)
    >>> effects = np.column_stack([np.zeros(4000), p])
    >>> found = evsi_gaussian(np.zeros_like(effects), effects, 1, parameters=p, prior_size=4, sizes=[4, 40])
    >>> found.value[:, 0].round(2)  # truth 0.0251 and 0.0724
    array([0.03, 0.07])
    """
    if not (np.isfinite(prior_size) and prior_size > 0):
        raise InvalidSetting(
            f"What is known must be worth a positive number of observations, not {prior_size}."
        )
    c, e = outcomes(costs, effects)
    prior = np.full((len(thresholds_of(thresholds)), c.shape[1]), float(prior_size))
    return _shrunk((c, e), thresholds, parameters, prior, sizes, seed)


@method(
    "evsi_moment_matching",
    title="Expected value of sample information, by moment matching",
    summary="Shrinks the regression of net benefit on the parameters informed until its variance is that which a few "
    "simulated studies leave explained, over all sizes at once.",
    needs="draws of costs, effects and the parameters informed, and posterior draws of costs and effects after some "
    "tens of simulated studies of different sizes",
    limits="Matches mean and variance of what the study would lead to believe, not its shape.",
    references=(HEATH,),
)
def evsi_moment_matching(
    costs: ArrayLike,
    effects: ArrayLike,
    thresholds: ArrayLike,
    *,
    parameters: ArrayLike,
    posterior: tuple[ArrayLike, ArrayLike],
    posterior_sizes: ArrayLike,
    sizes: ArrayLike,
    seed: int = 1,
) -> SampleInformation:
    """Return the expected value of studies of any size, from a few tens of simulated ones.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S), on present knowledge.
    thresholds
        What a unit of effect is worth, (K,).
    parameters
        Draws of the parameters that the study informs, (D,) or (D, P).
    posterior
        Costs and effects after each simulated study, each (Q, R, S): R draws from the posterior given its data. The
        studies should be simulated from draws spread over the prior, as from its quantiles.
    posterior_sizes
        Size of each of these studies, (Q,), spread over the sizes of interest.
    sizes
        For which the value is wanted, (N,).
    seed
        Of the Gaussian process, where there are more than three parameters.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `evppi`, and where the posterior draws do not fit.

    References
    ----------
    Heath et al 2019: the variance explained by a study of n is that explained by the parameters, times n / (n + h).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.normal(1, 1, 4000)
    >>> effects = np.column_stack([np.zeros(4000), p])
    >>> n = np.linspace(2, 60, 30)
    >>> after = 1 + rng.normal(0, (4 / (n + 4))[:, None] ** 0.5, (30, 500))  # a study with SD 2 per observation
    >>> after = np.stack([np.zeros_like(after), after], axis=2)
    >>> found = evsi_moment_matching(
    ...     np.zeros_like(effects), effects, 1, parameters=p,
    ...     posterior=(np.zeros_like(after), after), posterior_sizes=n, sizes=[4, 40],
    ... )
    >>> found.value[:, 0].round(2), found.prior_size[0, 1].round(0)
    (array([0.03, 0.07]), np.float64(4.0))
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    n = sizes_of(posterior_sizes)
    pc, pe = (np.asarray(x, dtype=float) for x in posterior)
    if pc.shape != pe.shape or pc.ndim != 3 or (len(pc), pc.shape[2]) != (len(n), c.shape[1]):
        raise UnreadableInput(
            f"Posterior costs and effects must be studies ({len(n)}) x draws x strategies ({c.shape[1]}).",
            where=f"costs {pc.shape}, effects {pe.shape}",
        )
    if not (np.isfinite(pc).all() and np.isfinite(pe).all()):
        raise UnreadableInput("Posterior costs or effects are missing or infinite.")
    points = _points(parameters, len(c))
    regression, rows = _regression((c, e), k, points, seed)
    prior = np.full((len(k), c.shape[1]), np.nan)
    for i, worth in enumerate(k):
        fitted = regression.fitted(rows, i).var(axis=0, ddof=1)
        now, after = worth * e - c, worth * pe - pc
        whole = (now - now[:, [0]]).var(axis=0, ddof=1)
        left = (after - after[:, :, [0]]).var(axis=1, ddof=1)
        for s in range(1, c.shape[1]):
            prior[i, s] = _prior_from_variances(whole[s] - left[:, s], fitted[s], n)
    return _shrunk((c, e), thresholds, parameters, prior, sizes, seed)


def prior_size_from_study(parameter: ArrayLike, summary: ArrayLike, size: float) -> float:
    """Return how many observations what is known about a parameter is worth, from one simulated study a draw.

    Parameters
    ----------
    parameter
        Draws, (D,).
    summary
        Statistic of a study of `size` simulated from each draw, (D,) or (D, Q) with Q at most 3.
    size
        Observations in each of these studies.

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where draws are missing, too few, or differ in number; for a size that is not positive.
    NotEstimable
        Where the summary tells nothing of the parameter, or all.

    References
    ----------
    Jalal and Alarid-Escudero 2018: n0 = n (var(parameter) / var(its mean given the summary) - 1).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.beta(8, 12, 20_000)
    >>> round(prior_size_from_study(p, rng.binomial(30, p), 30))
    20
    """
    points = _points(summary, np.asarray(parameter, dtype=float).size)
    y = parameters_of(parameter, len(points))
    (n,) = sizes_of(size)
    design = design_of("splines", points, y, 1)
    rows = design.rows(points)
    coefficients, _ = regress(rows, design.penalties, y)
    explained = float((rows @ coefficients).var() / y.var())
    # A smooth curve through noise explains about its columns over the draws.
    if not 2 * rows.shape[1] / len(rows) < explained < 1:
        raise NotEstimable(
            f"The summary explains {explained:.1%} of the parameter's variance: no more than noise would.",
            cause="a study of something else, or rows in another order",
        )
    return float(n * (1 / explained - 1))


def _points(parameters: ArrayLike, draws: int) -> Floats:
    points = parameters_of(parameters, draws)
    points = points[:, points.std(axis=0) > 0]
    if not points.shape[1]:
        raise InvalidSetting("The parameters do not vary; no study can tell anything about them.")
    return points


def _regression(
    both: tuple[Floats, Floats], k: Floats, points: Floats, seed: int
) -> tuple[BenefitRegression, Floats]:
    benefit = Benefit.of(*both, k)
    design = design_of(smoother_for(points.shape[1]), points, benefit.away, seed)
    rows = design.rows(points)
    return BenefitRegression(rows, design.penalties, benefit), rows


def _shrunk(
    both: tuple[Floats, Floats],
    thresholds: ArrayLike,
    parameters: ArrayLike,
    prior: Floats,
    sizes: ArrayLike,
    seed: int,
) -> SampleInformation:
    """Return the value of deciding on fitted net benefit shrunk towards its mean by sqrt(n / (n + prior size))."""
    k, n = thresholds_of(thresholds), sizes_of(sizes)
    draws = len(both[0])
    regression, rows = _regression(both, k, _points(parameters, draws), seed)
    value, se = np.empty((2, len(n), len(k)))
    draw = np.arange(draws)
    for i in range(len(k)):
        mean, away = regression.benefit.means[i], regression.benefit.at(i)
        away -= mean
        fitted = regression.fitted(rows, i)
        best = mean.argmax()
        for j, size in enumerate(n):
            keep = np.sqrt(size / (size + prior[i]))
            keep[0] = 0.0  # the first strategy, less itself
            expected = mean + keep * (fitted - fitted.mean(axis=0))
            choice = expected.argmax(axis=1)
            value[j, i] = max(float((expected[draw, choice] - expected[:, best]).mean()), 0.0)
            # What a draw adds to the mean gain: by the strategy chosen for it, and to the means of all.
            chosen = np.bincount(choice, minlength=len(mean)) / draws
            at = (keep * away)[draw, choice] + away @ (chosen * (1 - keep)) - away[:, best] + mean[choice]
            se[j, i] = standard_error(at)
    shown = np.where(np.arange(len(mean)) == 0, np.nan, prior)
    return SampleInformation(n, k, value, se, shown, draws)


def _prior_from_variances(explained: Floats, most: float, n: Floats) -> float:
    """Return h for which `most` n / (n + h) has the mean of `explained`, by bisection of its logarithm."""
    target = float(explained.mean())
    low, high = np.log(n.min() * 1e-6), np.log(n.max() * 1e6)
    for _ in range(LONGEST):
        middle = (low + high) / 2
        if most * (n / (n + np.exp(middle))).mean() > target:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
