"""Curves from several sources as one: spliced at a time, blended over a span, averaged by weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.projection.curve import Curve, from_steps, same_grid
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def spliced(first: Curve, then: Curve, *, at_years: float) -> Curve:
    """Return `first` until a time and the hazard of `then` after it.

    Survival stays whole at the seam: hazards are joined, never the curves themselves. With a Kaplan-Meier
    estimate first, this is "Kaplan-Meier with a parametric tail".
    """
    times = same_grid(first, then)
    before = np.clip((at_years - times[:-1]) / np.diff(times), 0, 1)
    with np.errstate(invalid="ignore"):
        parts = (before * first.steps, (1 - before) * then.steps)
    steps = np.nan_to_num(parts[0], nan=0.0, posinf=np.inf) + np.nan_to_num(parts[1], nan=0.0, posinf=np.inf)
    return from_steps(times, steps)


@method(
    "blended_survival",
    title="Blended survival curve",
    summary="A fit to the trial that passes over into an external curve: the logarithm of survival moves from one "
    "to the other by the distribution function of a beta over a span of time.",
    needs="a curve of the trial and an external one on one grid; the span and the shape of the passage",
    limits="The span is an assumption, and so is that the external curve is that of such patients.",
    references=(
        "Che Z, Green N, Baio G. Blended survival curves: a new approach to extrapolation for time-to-event outcomes "
        "from clinical trials in health technology assessment. Med Decis Making 2023;43:299-310.",
    ),
)
def blended(
    observed: Curve,
    external: Curve,
    *,
    from_years: float,
    until_years: float,
    shape: tuple[float, float] = (3.0, 3.0),
) -> Curve:
    """Return S = S_observed^(1 - w) S_external^w, with w from 0 to 1 over the span.

    Parameters
    ----------
    shape
        Of the beta distribution that governs the passage; (1, 1) is a straight line.

    Raises
    ------
    InvalidSetting
        For a span that is none, and where the blend would let survival rise.
    """
    from scipy.special import betainc

    if not 0 <= from_years < until_years or min(shape) <= 0:
        raise InvalidSetting(
            f"No blend runs from year {from_years:g} to {until_years:g} by a beta distribution of {shape}."
        )
    times = same_grid(observed, external)
    weight = betainc(*shape, np.clip((times - from_years) / (until_years - from_years), 0, 1))
    both = [np.where(np.isinf(c.cumulative_hazard), 700.0, c.cumulative_hazard) for c in (observed, external)]
    hazard = (1 - weight) * both[0] + weight * both[1]
    if (np.diff(hazard, axis=1) < -1e-9).any():
        raise InvalidSetting(
            "The external curve lies so far above the observed one that survival would rise while they blend.",
            remedy="Blend over a longer span, or join the hazards instead (spliced).",
        )
    return Curve(times, np.maximum.accumulate(hazard, axis=1))


@method(
    "survival_average",
    title="Average over models by weights",
    summary="Survival averaged over models, draw by draw, by weights that are stated.",
    needs="a curve for each model, on one grid; weights",
    limits="Weights from the fit (AIC) speak of the follow-up, not of the years after it.",
    references=(
        "Jackson CH, Thompson SG, Sharples LD. Accounting for uncertainty in health economic decision models by using "
        "model averaging. J R Stat Soc A 2009;172:383-404.",
    ),
)
def averaged(curves: Sequence[Curve], weights: ArrayLike) -> Curve:
    """Return the mixture of curves: survival averaged draw by draw.

    Parameters
    ----------
    weights
        (M,) of the models; made to sum to one.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> averaged([curve([0, 1], [1.0, 0.2]), curve([0, 1], [1.0, 0.4])], [1, 1]).survival.round(3)
    array([[1. , 0.3]])
    """
    times, shares = same_grid(*curves), _shares(weights, len(curves))
    survival = sum(share * c.survival for share, c in zip(shares, curves, strict=True))
    with np.errstate(divide="ignore"):
        return Curve(times, np.abs(np.log(np.minimum(survival, 1.0))))


def _shares(weights: ArrayLike, models: int) -> Floats:
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (models,) or not (values >= 0).all() or not values.sum() > 0:
        raise InvalidSetting(
            f"{models} models need {models} weights, none negative and one above zero; got {values.tolist()}."
        )
    return np.asarray(values / values.sum(), dtype=np.float64)
