"""Worth of treatment by marker from a randomised trial, as draws for costs, effects and the value of information."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.assay import Accuracy
from coley.economics.policy.biomarker_guided import Worth
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

EFRON = "Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman and Hall 1993."
FEWEST = 5  # patients in a marker and an arm: with fewer, resamples too often hold none of them


@method(
    "draws_by_marker",
    title="Bootstrap of costs and effects by marker and arm",
    summary="Resamples the patients of each arm and takes mean cost and effect of those with and without the marker.",
    needs="cost and effect of each patient of a randomised trial (pseudo-values where censored), arm and marker",
    limits="The marker's cut-off must not have been chosen on these patients; what lies beyond follow-up is not in it.",
    references=(EFRON,),
)
def draws_by_marker(
    costs: ArrayLike, effects: ArrayLike, *, treated: ArrayLike, positive: ArrayLike, draws: int, seed: int
) -> tuple[Accuracy, Worth, Worth]:
    """Return what `biomarker_guided` takes, where the marker itself is what tells patients apart.

    The share with the marker comes with the draws; the accuracy is 1, for it is the marker as the trial measured it
    that is judged. For another test of the same marker replace sensitivity and specificity by that test's.

    Parameters
    ----------
    costs, effects
        (n,) of each patient.
    treated, positive
        (n,) arm and marker, 1 or True where treated, or positive.
    draws, seed
        How many resamples, and of what stream.

    Returns
    -------
    tuple
        Accuracy, worth of treatment and worth of the comparator.

    Raises
    ------
    UnreadableInput
        Where a number is missing, or an arm or marker is not 0 or 1.
    NotEstimable
        Where a marker and arm hold fewer than five patients.

    References
    ----------
    Efron and Tibshirani 1993; arms are resampled apart, as they were randomised.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> arm, marker = np.repeat([1, 0], 50), np.tile([1, 0], 50)
    >>> accuracy, new, old = draws_by_marker(
    ...     1e4 * arm, 1.0 + arm * marker, treated=arm, positive=marker, draws=200, seed=1)
    >>> new.effect_with.mean(), old.effect_with.mean(), accuracy.prevalence.mean().round(1)
    (np.float64(2.0), np.float64(1.0), np.float64(0.5))
    """
    values = np.column_stack([np.asarray(x, dtype=np.float64) for x in (costs, effects)])
    arm, marker = np.asarray(treated), np.asarray(positive)
    if arm.shape != (len(values),) or marker.shape != arm.shape or not np.isfinite(values).all():
        raise UnreadableInput("Each patient needs a finite cost and effect, an arm and a marker.")
    if not (np.isin(arm, (0, 1)).all() and np.isin(marker, (0, 1)).all()):
        raise UnreadableInput("Arm and marker are 0 or 1 in every patient.")
    if draws < 1:
        raise InvalidSetting(f"One draw or more is needed, not {draws}.")
    has, rng = marker.astype(bool), np.random.default_rng(seed)
    means, share = {}, np.zeros(draws)
    for which in (1, 0):
        mine = np.flatnonzero(arm == which)
        part = has[mine]
        if min(part.sum(), (~part).sum()) < FEWEST:
            raise NotEstimable(
                f"An arm has fewer than {FEWEST} patients with the marker, or without it.",
                where=f"arm {which}: {int(part.sum())} with, {int((~part).sum())} without",
            )
        weights = rng.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), size=draws).astype(np.float64)
        for known in (True, False):
            count = weights[:, part == known].sum(axis=1)
            # a resample without one of them keeps the mean of the trial: with five or more that is one in 150 at most
            held = weights[:, part == known] @ values[mine[part == known]]
            whole = values[mine[part == known]].mean(axis=0)
            means[which, known] = np.where(count[:, None] > 0, held / np.maximum(count, 1)[:, None], whole)
        share += weights[:, part].sum(axis=1) / len(has)
    sure = np.ones(1)
    new, old = (
        Worth(means[a, True][:, 0], means[a, False][:, 0], means[a, True][:, 1], means[a, False][:, 1])
        for a in (1, 0)
    )
    return Accuracy(sure, sure, share), new, old
