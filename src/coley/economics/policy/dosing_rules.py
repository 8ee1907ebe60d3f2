"""Stopping treatment early or giving it less often: what is saved, and how much life that may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of
from coley.economics.policy.increment import share_between, summary
from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BRIGGS = "Briggs A, Claxton K, Sculpher M. Decision Modelling for Health Economic Evaluation. Oxford 2006."

# A hazard a thousand times as high ends a life within days: what bears that bears any loss of effect.
HIGHEST = 1e3
LOWEST = -700.0  # logarithm of what counts as nobody alive: about the least that a float can hold
BLOCK = 200  # draws at a time: what stays within caches
STEPS = 60  # Newton at worst doubles the hazard ratio with each step at first, then doubles the digits


@dataclass(frozen=True, eq=False)
class BreakEvenHazard:
    """The hazard ratio at which what is saved is used up, or what is spent made up for.

    Attributes
    ----------
    value, low, high
        Of the expected values, with limits over the draws' own; infinite where no loss of effect uses up what is
        saved; below 1 where more is spent, and 0 where no gain of effect makes up for that.
    draws
        (D,) each draw's own.
    never
        Share of draws in which no hazard ratio, however high, uses up what is saved.
    in_vain
        Share of draws in which no hazard ratio, however low, makes up for what is spent.
    saving, effect_bearable
        Mean saving per patient at the start, and the loss of effect that it is worth, with limits over draws.
    at_stake
        Mean value of all life lived after the rule sets in: what a loss could take at most.
    level
        Share of draws within the limits.
    """

    value: float
    low: float
    high: float
    draws: Floats
    never: float
    in_vain: float
    saving: Interval
    effect_bearable: Interval
    at_stake: float
    level: float


@method(
    "break_even_hazard_ratio",
    title="Break-even hazard ratio of a dosing rule",
    summary="The hazard ratio of death, from the date on which treatment is stopped or stretched, at which what is "
    "lost is worth as much as what is saved.",
    needs="draws of survival under the present rule, of the saving, and of the worth of a year alive",
    limits="Says what loss could be borne, not what will be lost: that takes a randomised comparison. The loss is "
    "taken as proportional hazards from that date on, and quality of life as untouched but for survival.",
    references=(BRIGGS,),
)
def break_even_hazard_ratio(
    times_years: ArrayLike,
    survival: ArrayLike,
    saving: ArrayLike,
    *,
    threshold: float,
    quality: ArrayLike,
    from_years: float = 0.0,
    care: ArrayLike = 0.0,
    discount: ArrayLike = 1.0,
    discount_costs: ArrayLike | None = None,
    level: float = 0.95,
) -> BreakEvenHazard:
    """Return the hazard ratio that a stopping rule or a longer interval could bear.

    A two-year stop has `from_years` 2 and saves all doses after it; a doubled interval from the start has 0 and saves
    every second dose. A rule that spends more must lower the hazard instead, and its ratio is below 1.

    Parameters
    ----------
    times_years
        (T,) rising from 0 over the horizon; `from_years` must be one of them.
    survival
        (D, T) or (T,) overall survival under the present rule; or progression-free survival, where `quality` and
        `care` are what a year without progression adds to one after it.
    saving
        (D,) discounted cost saved per patient at the start, if survival stayed as it is.
    threshold
        What a unit of effect is worth.
    quality
        Effect of a year alive (utility), one number or at each time, (T,) or (D, T).
    from_years
        When the rule sets in.
    care
        Cost of a year alive that ends with life, as `quality`; counted against it.
    discount, discount_costs
        Discount factors of effects and of costs at each time; those of costs as those of effects where None.
    level
        Share of draws within the limits.

    Raises
    ------
    UnreadableInput
        Where the grid does not rise or lacks `from_years`, or a curve rises.
    NotEstimable
        Where a year of life is worth less than its care, so that a shorter life would pay.

    References
    ----------
    Threshold analysis as in Briggs et al 2006; integrals by the trapezoid on the grid, roots by Newton's steps.

    Examples
    --------
    Exponential survival with a rate of 0.2 and no horizon to speak of: a year at 0.8 x 50,000, 5 years of it. To lose
    one year of them takes a rate of 0.25.

    >>> t = np.linspace(0, 200, 20_001)
    >>> found = break_even_hazard_ratio(t, np.exp(-0.2 * t), 40_000, threshold=50_000, quality=0.8)
    >>> round(found.value, 3), found.effect_bearable.value
    (1.25, 0.8)
    """
    share_between(level, "The level")
    k = float(thresholds_of(threshold, positive=True)[0])
    life = _life(
        times_years,
        survival,
        saving,
        threshold=k,
        quality=quality,
        from_years=from_years,
        care=care,
        discount=discount,
        discount_costs=discount_costs,
    )
    every = np.arange(life.draws)

    def mean_lived(ratio: Floats, _: NDArray[np.intp]) -> tuple[Floats, Floats]:
        left, slope = life.lived(np.repeat(ratio, life.draws), every)
        return left.mean(keepdims=True), slope.mean(keepdims=True)

    own = _roots(life.lived, life.saved)
    overall = _roots(mean_lived, life.saved.mean(keepdims=True))
    tails = ((1 - level) / 2, (1 + level) / 2)
    low = np.quantile(own, tails[0], method="lower")  # no interpolation: it may be infinite
    high = np.quantile(own, tails[1], method="higher")
    return BreakEvenHazard(
        float(overall[0]),
        float(low),
        float(high),
        own,
        float(np.isinf(own).mean()),
        float((own == 0).mean()),
        summary(life.saved, level),
        summary(life.saved / k, level),
        float(mean_lived(np.ones(1), every)[0][0]),
        level,
    )


def net_benefit_by_hazard_ratio(
    times_years: ArrayLike,
    survival: ArrayLike,
    saving: ArrayLike,
    *,
    ratios: ArrayLike,
    threshold: float,
    quality: ArrayLike,
    from_years: float = 0.0,
    care: ArrayLike = 0.0,
    discount: ArrayLike = 1.0,
    discount_costs: ArrayLike | None = None,
) -> Floats:
    """Return what a dosing rule adds in net benefit at each hazard ratio that it may come with, (D, R).

    Parameters
    ----------
    ratios
        (R,) hazard ratios of death under the rule, from `from_years` on.
    times_years, survival, saving, threshold, quality, from_years, care, discount, discount_costs
        As for `break_even_hazard_ratio`.

    Raises
    ------
    UnreadableInput, NotEstimable
        As `break_even_hazard_ratio` does.

    Examples
    --------
    >>> t = np.linspace(0, 200, 20_001)
    >>> made = {"threshold": 50_000, "quality": 0.8}
    >>> net_benefit_by_hazard_ratio(t, np.exp(-0.2 * t), 40_000, ratios=[1, 1.25], **made).round(-2)
    array([[40000.,     0.]])
    """
    life = _life(
        times_years,
        survival,
        saving,
        threshold=float(thresholds_of(threshold, positive=True)[0]),
        quality=quality,
        from_years=from_years,
        care=care,
        discount=discount,
        discount_costs=discount_costs,
    )
    every, tried = np.arange(life.draws), np.atleast_1d(np.asarray(ratios, dtype=np.float64))
    now = life.lived(np.ones(life.draws), every)[0]
    left = [life.lived(np.full(life.draws, ratio), every)[0] for ratio in tried]
    return np.asarray(life.saved[:, None] + np.stack(left, axis=1) - now[:, None])


@dataclass(frozen=True, eq=False)
class _Life:
    """What is lived from the day of a rule on: worth of each piece of time if all lived, and log of who does."""

    value: Floats
    log_ratio: Floats
    saved: Floats

    @property
    def draws(self) -> int:
        return len(self.saved)

    def lived(self, ratio: Floats, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return the worth of what is lived at a hazard ratio a row, and how fast it falls with it."""
        left, slope = np.empty((2, len(rows)))
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            logs = self.log_ratio[rows[part]]
            here = self.value[rows[part]] * np.exp(ratio[part, None] * logs)
            left[part], slope[part] = here.sum(axis=1), -np.einsum("dt,dt->d", here, logs)
        return left, slope


def _life(
    times_years: ArrayLike,
    survival: ArrayLike,
    saving: ArrayLike,
    *,
    threshold: float,
    quality: ArrayLike,
    from_years: float,
    care: ArrayLike,
    discount: ArrayLike,
    discount_costs: ArrayLike | None,
) -> _Life:
    times, curve = _curve(times_years, survival)
    saved = draws_of(saving, "A saving", low=-np.inf)
    good, price, of_effects = (_on(x, times) for x in (quality, care, discount))
    of_costs = of_effects if discount_costs is None else _on(discount_costs, times)
    worth = threshold * good * of_effects - price * of_costs
    start = np.flatnonzero(np.isclose(times, from_years, atol=1e-9))
    if not len(start) or start[0] == len(times) - 1:
        raise UnreadableInput(
            f"The rule sets in at {from_years:g} years, which is not a time of the grid before its end.",
            where=f"{times[0]:g} to {times[-1]:g} years",
        )
    at = int(start[0])
    count = count_of_draws(curve, worth, saved)
    later = np.broadcast_to(worth[:, at:], (count, len(times) - at))
    if (later < 0).any():
        raise NotEstimable(
            "A year of life is worth less than its care, so that a rule that shortens life would pay.",
            where=f"from {float(times[at:][(later < 0).any(axis=0)][0]):g} years on",
            remedy="Raise the threshold, or leave out care that is not to be saved by dying.",
        )
    gaps = np.diff(times[at:])
    weights = np.pad(gaps, (0, 1)) / 2 + np.pad(gaps, (1, 0)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(curve[:, at:] / curve[:, [at]])
    log_ratio = np.broadcast_to(np.maximum(np.nan_to_num(log_ratio, nan=0.0), LOWEST), later.shape)
    return _Life(later * weights * curve[:, [at]], log_ratio, np.broadcast_to(saved, (count,)))


def _roots(lived: Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats]], saved: Floats) -> Floats:
    """Return the hazard ratio at which what is lived has fallen by what is saved, for each of these, (N,).

    What is lived falls with the hazard ratio and bends up, so that Newton's steps from below never pass the root:
    from 1 where something is saved, from 0 where something is spent.
    """
    every = np.arange(len(saved))
    now, least = (lived(np.full(len(saved), ratio), every)[0] for ratio in (1.0, HIGHEST))
    most = lived(np.zeros(len(saved)), every)[0]
    wanted = now - saved
    found = np.where(wanted < least, np.inf, np.where(saved < 0, 0.0, 1.0))
    open_ = np.flatnonzero((saved != 0) & (wanted >= least) & (wanted <= most))
    for _ in range(STEPS):
        if not len(open_):
            break
        left, slope = lived(found[open_], open_)
        step = (left - wanted[open_]) / slope
        found[open_] += np.maximum(step, 0.0)
        open_ = open_[step > 1e-12 * found[open_]]
    return found


def _curve(times_years: ArrayLike, survival: ArrayLike) -> tuple[Floats, Floats]:
    times = np.asarray(times_years, dtype=np.float64)
    curve = np.atleast_2d(np.asarray(survival, dtype=np.float64))
    if times.ndim != 1 or len(times) < 2 or not (np.diff(times) > 0).all() or curve.shape[1:] != times.shape:
        raise UnreadableInput(
            "Survival needs rising times (T,) in years and a share (D, T) at each.",
            where=f"times {times.shape}, survival {curve.shape}",
        )
    if not ((curve >= 0) & (curve <= 1)).all() or (np.diff(curve) > 1e-9).any():
        raise UnreadableInput("Survival must stay within 0 to 1 and cannot rise.")
    return times, curve


def _on(values: ArrayLike, times: Floats) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    table = np.full((1, len(times)), float(array)) if array.ndim == 0 else np.atleast_2d(array)
    if table.shape[1:] != times.shape or not np.isfinite(table).all():
        raise UnreadableInput(
            "What a year is worth must be one finite number, or one at each time.",
            where=f"{array.shape} for {len(times)} times",
        )
    return table
