"""Biomarker-guided treatment from a test's accuracy: treat everybody, nobody, or those whom the test picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.policy.assay import PHELPS, Accuracy, Assay
from coley.economics.policy.increment import share_between
from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of
from coley.stats.decision.partial_information import PartialInformation, evppi
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LAKING = "Laking G, Lord J, Fischer A. The economics of diagnosis. Health Econ 2006;15:1109-1120."
STRATEGIES = ("treat all", "treat none", "treat positives")
WITH, WITHOUT = "with the condition", "without the condition"


@dataclass(frozen=True, eq=False)
class Worth:
    """What one way of treating costs and yields.

    Attributes
    ----------
    cost_with, cost_without
        Money per patient with the condition, and without it, each (D,) or a number.
    effect_with, effect_without
        QALYs, or another unit of effect, likewise.
    """

    cost_with: ArrayLike
    cost_without: ArrayLike
    effect_with: ArrayLike
    effect_without: ArrayLike


@dataclass(frozen=True, eq=False)
class Guided:
    """Three strategies, draw by draw.

    Attributes
    ----------
    strategies
        "treat all", "treat none" (the comparator) and "treat positives".
    costs, effects
        (D, 3), per patient who comes: ready for `stats.decision`.
    treated
        (D,) share of patients treated where the test decides.
    testing
        (D,) what testing costs, which is within the third column of `costs`.
    accuracy
        Its draws.
    """

    strategies: tuple[str, ...]
    costs: Floats
    effects: Floats
    treated: Floats
    testing: Floats
    accuracy: Accuracy


@dataclass(frozen=True, eq=False)
class ValueOfTest:
    """What the test adds at each threshold, in money per patient.

    Attributes
    ----------
    thresholds
        (K,).
    over_all, over_none
        Net benefit of treating positives less that of treating all, and less that of treating none: means with
        limits over draws, (K,).
    beats_all, beats_none
        (K,) probability of that.
    gain
        (K,) mean net benefit less that of the better of the two.
    highest_cost
        (K,) what testing a patient could cost, second biopsies included, and still be worth it on average; below 0
        where even a free test does harm.
    """

    thresholds: Floats
    over_all: Intervals
    over_none: Intervals
    beats_all: Floats
    beats_none: Floats
    gain: Floats
    highest_cost: Floats


@method(
    "biomarker_guided",
    title="Biomarker-guided treatment (test and treat)",
    summary="Costs and effects of treating all, none, or those positive on a test, from the test's accuracy and the "
    "worth of treatment in patients with the condition and without it.",
    needs="draws of sensitivity, specificity and prevalence, of testing, and of cost and effect with and without "
    "treatment",
    limits="The condition must be what makes treatment worth more: where it is response, the difference between "
    "responders and others is taken to be caused by treatment, which only a randomised comparison can show. Accuracy "
    "does not depend on anything else.",
    references=(PHELPS, LAKING),
)
def biomarker_guided(accuracy: Accuracy, treated: Worth, comparator: Worth, *, assay: Assay) -> Guided:
    """Return costs and effects of three strategies.

    Parameters
    ----------
    accuracy
        Of the test, and how common the condition is.
    treated, comparator
        Worth of treatment, and of what is given instead.
    assay
        What testing costs and misses, from `assay`. Patients lost while waiting get the comparator's outcome.

    Raises
    ------
    InvalidSetting
        Where a share is none, or draws do not go together.

    References
    ----------
    Phelps and Mushlin 1988; Laking et al 2006.

    Examples
    --------
    >>> from coley.economics.policy.assay import assay
    >>> known = Accuracy(np.array([0.8]), np.array([0.7]), np.array([0.4]))
    >>> found = biomarker_guided(known, Worth(50_000, 50_000, 2.0, 1.0), Worth(10_000, 10_000, 1.0, 1.0),
    ...                        assay=assay(500))
    >>> found.costs, found.effects
    (array([[50000., 10000., 30500.]]), array([[1.4 , 1.  , 1.32]]))
    """
    told = assay
    sensitivity = share_of(accuracy.sensitivity, "Sensitivity")
    specificity = share_of(accuracy.specificity, "Specificity")
    prevalence = share_of(accuracy.prevalence, "Prevalence")
    costs = {
        (who, group): draws_of(value, f"The cost of {who}, {group}", low=-np.inf)
        for who, worth in (("treated", treated), ("untreated", comparator))
        for group, value in ((WITH, worth.cost_with), (WITHOUT, worth.cost_without))
    }
    effects = {
        (who, group): draws_of(value, f"The effect of {who}, {group}", low=-np.inf)
        for who, worth in (("treated", treated), ("untreated", comparator))
        for group, value in ((WITH, worth.effect_with), (WITHOUT, worth.effect_without))
    }
    count = count_of_draws(
        sensitivity, specificity, prevalence, told.all_costs, told.untold, told.lost_waiting,
        *costs.values(), *effects.values(),
    )  # fmt: skip
    share = {WITH: prevalence, WITHOUT: 1 - prevalence}
    positive = {WITH: sensitivity, WITHOUT: 1 - specificity}
    chosen = {group: told.decided * positive[group] + told.treated_untold for group in share}

    def columns(values: dict[tuple[str, str], Floats]) -> Floats:
        everybody, nobody = (
            sum((share[group] * values[who, group] for group in share), np.zeros(count))
            for who in ("treated", "untreated")
        )
        moved = (
            share[group] * chosen[group] * (values["treated", group] - values["untreated", group])
            for group in share
        )
        return np.column_stack([everybody, nobody, nobody + sum(moved, np.zeros(count))])

    money = columns(costs)
    paid = np.broadcast_to(told.all_costs, (count,))
    money[:, 2] += paid
    treated_share = sum((share[group] * chosen[group] for group in share), np.zeros(count))
    return Guided(STRATEGIES, money, columns(effects), treated_share, paid, accuracy)


@method(
    "value_of_test",
    title="Value of a test",
    summary="What treating by a test adds to treating all and to treating none, with what probability, and what the "
    "test could cost.",
    needs="draws of costs and effects of the three strategies, and thresholds",
    limits="The highest cost is that on average; the better of treating all and none is chosen on the same draws.",
    references=(PHELPS, LAKING),
)
def value_of_test(found: Guided, thresholds: ArrayLike, *, level: float = 0.95) -> ValueOfTest:
    """Return what the test adds at each threshold.

    Parameters
    ----------
    found
        From `biomarker_guided`.
    thresholds
        What a unit of effect is worth, (K,).
    level
        Share of draws within the limits.

    Raises
    ------
    InvalidSetting
        For a negative threshold, or a level that is none.

    References
    ----------
    Laking et al 2006.

    Examples
    --------
    >>> from coley.economics.policy.assay import assay
    >>> known = Accuracy(np.array([0.8]), np.array([0.7]), np.array([0.4]))
    >>> guided = biomarker_guided(known, Worth(50_000, 50_000, 2.0, 1.0), Worth(10_000, 10_000, 1.0, 1.0),
    ...                         assay=assay(500))
    >>> worth = value_of_test(guided, [50_000, 100_000])
    >>> worth.gain.round(), worth.highest_cost.round()
    (array([-4500., 11500.]), array([-4000., 12000.]))
    """
    k = thresholds_of(thresholds)
    share_between(level, "The level")
    benefit = k[:, None, None] * found.effects - found.costs  # K x D x 3
    over = benefit[:, :, 2:] - benefit[:, :, :2]
    mean = over.mean(axis=1)
    low, high = np.quantile(over, [(1 - level) / 2, (1 + level) / 2], axis=1)
    over_all, over_none = (Intervals(mean[:, s], low[:, s], high[:, s], level) for s in (0, 1))
    wins = (over > 0).mean(axis=1)
    gain = mean.min(axis=1)
    return ValueOfTest(k, over_all, over_none, wins[:, 0], wins[:, 1], gain, gain + found.testing.mean())


def value_of_knowing_accuracy(
    found: Guided, thresholds: ArrayLike, *, also: Sequence[tuple[str, ArrayLike]] = (), seed: int = 1
) -> PartialInformation:
    """Return the expected value of perfect information on the test's accuracy, in money per patient.

    Parameters
    ----------
    found
        From `biomarker_guided`, on some hundred draws or more.
    thresholds
        What a unit of effect is worth, (K,).
    also
        Further parameters, each a name and its draws (D,), to be compared.
    seed
        Of the regression, where it draws.

    Returns
    -------
    PartialInformation
        For sensitivity, specificity, both together ("accuracy"), prevalence, and each of `also`, where they vary.

    Raises
    ------
    UnreadableInput
        Where draws are too few.
    NotEstimable
        Where none of these parameters varies.
    """
    known = {
        "sensitivity": found.accuracy.sensitivity,
        "specificity": found.accuracy.specificity,
        "prevalence": found.accuracy.prevalence,
        **{name: np.asarray(values, dtype=np.float64) for name, values in also},
    }
    varying = {name: values for name, values in known.items() if np.ptp(values) > 0}
    if not varying:
        raise NotEstimable("Nothing about the test is in doubt, so that there is nothing to learn.")
    groups = {name: [name] for name in varying}
    if {"sensitivity", "specificity"} <= set(varying):
        groups["accuracy"] = ["sensitivity", "specificity"]
    return evppi(
        found.costs,
        found.effects,
        thresholds,
        parameters=np.column_stack(list(varying.values())),
        names=list(varying),
        groups=groups,
        seed=seed,
    )
