"""Decision curves: whether treating by a model does more good than treating everybody, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.judging.examined import outcome, probabilities
from coley.stats.proportions import WILSON, wilson

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

VICKERS = (
    "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models. "
    "Med Decis Making 2006;26:565-574."
)
VICKERS_2023 = (
    "Vickers AJ, Van Calster B, Wynants L, Steyerberg EW. Decision curve analysis: confidence intervals and "
    "hypothesis testing for net benefit. Diagn Progn Res 2023;7:11."
)
MOVER = (
    "Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. "
    "Stat Med 2008;27:1693-1702."
)
ALL, NONE = "treat all", "treat none"
# From 1 in 20 to 1 in 2: whoever asks for better than even odds of response before treating would hardly ever treat.
THRESHOLDS = tuple((np.arange(5, 51) / 100).tolist())


@dataclass(frozen=True, eq=False)
class DecisionCurve:
    """Net benefit of each strategy at each threshold.

    Attributes
    ----------
    threshold
        Probability of the outcome from which on a patient is treated: it says how many needless treatments
        one needed treatment is worth, (1 - threshold) / threshold.
    names
        Of the strategies: the models as given, then "treat all" and "treat none".
    net_benefit, low, high
        Strategies x thresholds: true positives a patient, net of false ones at the threshold's odds.
    treated
        Share of patients that each strategy treats.
    gain, gain_low, gain_high
        Models x thresholds: net benefit less that of the better naive strategy. The lower limit is the lower of
        those against either, and so is the upper.
    n, positives, level
        Patients, those with the outcome, and coverage of the pointwise intervals.
    """

    threshold: Floats
    names: tuple[str, ...]
    net_benefit: Floats
    low: Floats
    high: Floats
    treated: Floats
    gain: Floats
    gain_low: Floats
    gain_high: Floats
    n: int
    positives: int
    level: float


@method(
    "decision_curve",
    title="Decision curve analysis",
    summary="Net benefit of treating by a model's probability, beside treating all and treating none.",
    needs="probabilities from one or more models, and a binary outcome of each patient",
    limits="Needs probabilities, and calibrated ones; takes the treatment to help those with the outcome and only "
    "them; read it at thresholds that were chosen beforehand, not at those where the curve looks best.",
    references=(VICKERS, VICKERS_2023, WILSON, MOVER),
)
def decision_curve(
    models: Mapping[str, ArrayLike],
    positive: ArrayLike,
    thresholds: ArrayLike = THRESHOLDS,
    *,
    level: float = 0.95,
) -> DecisionCurve:
    """Estimate net benefit over thresholds.

    Two strategies differ only in the patients whom one of them treats and the other does not: in how many they
    are, and in the rate of the outcome among them. The interval is put together from the Wilson intervals of these
    two proportions, so that a handful of patients is not taken for certainty, and nothing is resampled.

    Parameters
    ----------
    models
        Name to the probability that it gives to each patient, from 0 to 1.
    positive
        1 or True where the outcome happened.
    thresholds
        Probabilities strictly between 0 and 1; a patient at the threshold is treated.
    level
        Coverage of the pointwise intervals.

    Raises
    ------
    InvalidSetting
        Where there is no model, a name is that of a naive strategy, or a threshold lies outside 0 to 1.
    UnreadableInput, NotEstimable
        Where probabilities or outcomes cannot be used.

    References
    ----------
    Vickers and Elkin 2006; Vickers et al. 2023; limits of a product: Zou and Donner 2008.

    Examples
    --------
    >>> curve = decision_curve({"model": [0.1, 0.2, 0.6, 0.9]}, [0, 0, 1, 1], [0.5])
    >>> dict(zip(curve.names, curve.net_benefit[:, 0].tolist()))
    {'model': 0.5, 'treat all': 0.0, 'treat none': 0.0}
    """
    label = outcome(positive)
    at = np.atleast_1d(np.asarray(thresholds, dtype=float))
    if at.ndim != 1 or not len(at) or not ((at > 0) & (at < 1)).all():
        raise InvalidSetting(
            "A threshold is a probability between 0 and 1.", where=f"{at[~((at > 0) & (at < 1))]}"
        )
    if not models or {ALL, NONE} & set(models):
        raise InvalidSetting(f"Name one model or more, and none of them {ALL!r} or {NONE!r}.")
    chosen = np.stack([probabilities(chance, len(label)) for chance in models.values()])[..., None] >= at
    treat = _benefit(chosen, label, at, level)  # over treating nobody, models x thresholds
    spare = -_benefit(~chosen, label, at, level)[[0, 2, 1]]  # over treating everybody
    everybody = _benefit(np.ones((1, len(label), len(at)), dtype=bool), label, at, level)
    nobody = np.zeros_like(everybody)
    value, low, high = np.concatenate([treat, everybody, nobody], axis=1)
    gain, gain_low, gain_high = np.minimum(treat, spare)
    share = chosen.mean(axis=1)
    return DecisionCurve(
        threshold=at,
        names=(*models, ALL, NONE),
        net_benefit=value,
        low=low,
        high=high,
        treated=np.concatenate([share, np.ones((1, len(at))), np.zeros((1, len(at)))]),
        gain=gain,
        gain_low=gain_low,
        gain_high=gain_high,
        n=len(label),
        positives=int(label.sum()),
        level=level,
    )


def _benefit(treated: NDArray[np.bool_], label: NDArray[np.bool_], at: Floats, level: float) -> Floats:
    """Return net benefit of treating these patients and its limits: 3 x models x thresholds.

    It is the product of the share that is treated and of what one of them gains, (1 + odds) x rate - odds.
    """
    odds = at / (1 - at)
    number, right = treated.sum(axis=1), treated[:, label].sum(axis=1)
    share, rate = wilson(number, len(label), level=level), wilson(right, number, level=level)
    some = number > 0
    each, least, most = (
        (1 + odds) * part - odds
        for part in (
            np.where(some, rate.value, at),  # nobody treated: neither good nor harm, and nothing known
            np.where(some, rate.low, 0.0),
            np.where(some, rate.high, 1.0),
        )
    )
    value = (right - odds * (number - right)) / len(label)
    # the share that makes the benefit small is the small one where treating does good
    fewer, more = np.where(each > 0, [share.low, share.high], [share.high, share.low])
    scale = np.where(some, share.value, share.high)
    low = value - np.hypot(each * (share.value - fewer), scale * (each - least))
    high = value + np.hypot(each * (share.value - more), scale * (most - each))
    return np.stack([value, low, high])
