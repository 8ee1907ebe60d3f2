"""Risk with and without the treatment along a marker, and what treating by the marker would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.interaction.arms import Arms, arms
from coley.stats.interaction.weighted_logistic import WeightedLogistic, weighted_logistic
from coley.stats.logistic import sigmoid
from coley.stats.optimism import HARRELL, Corrected, optimism_corrected
from coley.stats.survival.follow_up import follow_up
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]
    Outcome = Callable[[Rows], tuple[Floats, Floats]]

JANES_2011 = (
    "Janes H, Pepe MS, Bossuyt PM, Barlow WE. Measuring the performance of markers for guiding treatment decisions. "
    "Ann Intern Med 2011;154:253-259."
)
JANES_2014 = (
    "Janes H, Brown MD, Huang Y, Pepe MS. An approach to evaluating and comparing biomarkers for patient treatment "
    "selection. Int J Biostat 2014;10:99-121."
)
ZHANG = (
    "Zhang B, Tsiatis AA, Laber EB, Davidian M. A robust method for estimating optimal treatment regimes. "
    "Biometrics 2012;68:1010-1018."
)
PERCENTILES = np.linspace(1, 99, 50)


@dataclass(frozen=True, eq=False)
class Predictiveness:
    """Risk of an event in each arm along a marker, and the worth of treating by it.

    Attributes
    ----------
    percentile, marker
        Percentiles of the marker and its values there.
    treated, others
        Risk of the event with and without the treatment, with pointwise limits.
    benefit
        Share of patients whom the model would treat.
    against_all, against_none
        By how much the event becomes rarer (or a good event more frequent) where new patients are treated by the rule
        found here and not all of them, or not none: corrected for the rule's having been found in the same
        patients. The best rule of its kind, which only unlimited data would show, gains a little more.
    n
        Patients whose outcome is known.
    """

    percentile: Floats
    marker: Floats
    treated: Intervals
    others: Intervals
    benefit: float
    against_all: Corrected
    against_none: Corrected
    n: int


@method(
    "predictiveness",
    title="Marker-by-treatment predictiveness curves",
    summary="Risk of an event under each of two arms along a marker, and how much rarer the event would be if patients "
    "were treated by the marker.",
    needs="a binary outcome (or an event by a time), arm and marker of each patient of a randomised study",
    limits="For randomised arms. The curves are logistic in the marker; with 200 patients the gain is known to about "
    "a tenth, its interval covers 89 to 97 times in a hundred, and a third of the selection is left where nothing is "
    "to be gained.",
    references=(JANES_2011, JANES_2014, ZHANG, HARRELL),
)
def predictiveness(
    y: ArrayLike,
    treated: ArrayLike,
    marker: ArrayLike,
    *,
    good: bool = False,
    bootstraps: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> Predictiveness:
    """Estimate predictiveness curves and the gain of treating by a marker, for a binary outcome.

    Parameters
    ----------
    y
        1 or True where the event happened.
    treated, marker
        Of each patient, randomised between two arms.
    good
        Whether the event is wished for (a response) and not feared.
    bootstraps, seed
        Resamples for the correction and its interval, and the seed that makes them.
    level
        Coverage of limits and intervals.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used, or the model cannot be fitted here or in one resample of ten.

    References
    ----------
    Janes et al. 2014, sections 2 and 3; the event rate under a rule: Zhang et al. 2012, eq. 3 (inverse weights,
    normalised); the correction: Harrell et al. 1996.

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(400) % 2, generator.normal(size=400)
    >>> event = generator.random(400) < 1 / (1 + np.exp(2 * arm * x))
    >>> found = predictiveness(event, arm, x, bootstraps=40)
    >>> round(found.benefit, 1), found.against_all.value.low > 0
    (0.6, True)
    """
    outcome = np.asarray(y, dtype=float)
    if outcome.ndim != 1 or not np.isin(outcome, (0, 1)).all():
        raise UnreadableInput(
            "An outcome is 1 where the event happened and 0 where it did not, for each patient.",
            remedy="Leave out patients whose outcome is unknown, and say how many.",
        )
    both = arms(len(outcome), treated, marker)
    return _predictiveness(
        both,
        lambda rows: (outcome[rows], np.ones(len(rows))),
        good=good,
        bootstraps=bootstraps,
        seed=seed,
        level=level,
    )


def predictiveness_by(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    at: float,
    bootstraps: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> Predictiveness:
    """Estimate predictiveness curves and the gain of treating by a marker, for an event by a time.

    Patients censored before the time stand for nobody; the others carry the inverse of the chance of not having been
    censored by then, estimated within each arm and anew in each resample.

    Parameters
    ----------
    time, event, treated, marker
        Of each patient.
    at
        The time by which the event counts, in the unit of `time`.
    bootstraps, seed, level
        As for `predictiveness`.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used, nobody is followed beyond the time in an arm, or the model cannot be fitted.

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(400) % 2, generator.normal(size=400)
    >>> time, end = generator.exponential(np.exp(arm * x)), generator.uniform(0.5, 3, 400)
    >>> found = predictiveness_by(np.minimum(time, end), time <= end, arm, marker=x, at=0.8, bootstraps=40)
    >>> bool(found.treated.value[0] > found.others.value[0]), found.against_all.value.low > 0
    (True, True)
    """
    from coley.stats.judging.censoring import censoring

    rows = follow_up(time, event)
    both = arms(len(rows.time), treated, marker)
    if not at > 0 or any(rows.time[both.treated == arm].max() < at for arm in (True, False)):
        raise NotEstimable(
            f"Nobody is followed up to {at:g} in an arm.",
            remedy="Choose a time within follow-up of both arms.",
        )

    def outcome(chosen: Rows) -> tuple[Floats, Floats]:
        t, e, arm = rows.time[chosen], rows.event[chosen], both.treated[chosen]
        weights = np.zeros(len(chosen))
        for group in (arm, ~arm):
            if not group.any():
                raise NotEstimable("A resample without one of the arms.")
            curve = censoring(t[group], e[group])
            later = t[group] > at
            free = np.where(later, curve.free[later].max(initial=0.0), curve.free)
            known = later | (e[group] & (t[group] <= at))
            weights[group] = np.where(known, 1 / np.where(known, free, 1.0), 0.0)
        return (e & (t <= at)).astype(float), weights

    return _predictiveness(both, outcome, good=False, bootstraps=bootstraps, seed=seed, level=level)


def _predictiveness(
    both: Arms, outcome: Outcome, *, good: bool, bootstraps: int, seed: int, level: float
) -> Predictiveness:
    X, names = both.columns()
    n, z, sign = len(X), both.marker - both.marker.mean(), 1.0 if good else -1.0
    everyone = np.arange(n)
    fixed = outcome(everyone)

    def fit(rows: Rows) -> WeightedLogistic:
        y, w = outcome(rows)
        return weighted_logistic(y, X[rows], w, names=names)

    def gain(model: WeightedLogistic, at: Floats) -> Floats:
        _, effect, _, change = model.coefficients
        return np.asarray(
            sign * (effect + change * at)
        )  # the arms differ by this in log odds: its sign decides

    def measure(model: WeightedLogistic, rows: Rows | None) -> dict[str, float]:
        chosen = everyone if rows is None else rows
        y, w = fixed if rows is None else outcome(rows)
        arm = both.treated[chosen]
        rule = gain(model, z[chosen]) > 0
        by_rule, every, none = (_rate(y, w, arm, follow) for follow in (rule, rule | True, rule & False))
        return {"all": sign * (by_rule - every), "none": sign * (by_rule - none)}

    found = optimism_corrected(n, fit, measure, bootstraps=bootstraps, seed=seed, level=level)
    model = fit(everyone)
    at = np.quantile(both.marker, PERCENTILES / 100)
    one, two = (_curve(model, at - both.marker.mean(), arm=arm, level=level) for arm in (1.0, 0.0))
    return Predictiveness(
        percentile=PERCENTILES,
        marker=at,
        treated=one,
        others=two,
        benefit=float((gain(model, z) > 0).mean()),
        against_all=found.measures["all"],
        against_none=found.measures["none"],
        n=int((fixed[1] > 0).sum()),
    )


def _rate(y: Floats, w: Floats, arm: NDArray[np.bool_], rule: NDArray[np.bool_]) -> float:
    """Event rate if all followed the rule: those who happen to have followed it, by the inverse of their chance."""
    share = float(arm.mean())
    follows = w * np.where(rule, arm / share, ~arm / (1 - share))
    if follows.sum() == 0:
        raise NotEstimable("Nobody was treated as the rule would have it.")
    return float(follows @ y / follows.sum())


def _curve(model: WeightedLogistic, z: Floats, *, arm: float, level: float) -> Intervals:
    along = np.stack([np.ones_like(z), np.full_like(z, arm), z, arm * z], axis=1)
    logit = along @ model.coefficients
    half = z_of(level) * np.sqrt(((along @ model.covariance) * along).sum(axis=1))
    return Intervals(sigmoid(logit), sigmoid(logit - half), sigmoid(logit + half), level)
