"""What patients above and below a cut are compared by: survival, or a yes or no outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.proportions import newcombe
from coley.stats.screens.columns import two_classes
from coley.stats.survival.cox import cox
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.log_rank import log_rank
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


class Outcome(Protocol):
    """What a cut needs to know of an outcome; groups are given as True for the patients at or above a cut."""

    @property
    def effect_name(self) -> str:
        """What is compared between the groups, the upper over or minus the lower."""

    @property
    def event(self) -> Flags:
        """Whether each patient had the event."""

    def scores(self, weights: Floats | None = None) -> Floats:
        """Return scores whose sum over a group is its score statistic: resamples x patients, by their weights."""

    def effect_of(self, difference: Floats) -> Floats:
        """Return effects, to first order, from differences of mean scores."""

    def effect(self, high: Flags, level: float) -> Interval:
        """Return the effect of a cut that was given, NaN where the data do not determine it."""

    def bounded(self, low: float, high: float) -> tuple[float, float]:
        """Return limits of the effect, kept to what it can be."""

    def p(self, high: Flags) -> float:
        """Return the two-sided p of a cut that was given."""

    def pooled(self, high: Flags, among: Flags) -> float:
        """Return one effect of resamples x patients, each resample judged on its own patients `among`."""


@dataclass(frozen=True, eq=False)
class Survival:
    """Survival to an event: the effect is a log hazard ratio.

    Attributes
    ----------
    time, event
        End of follow-up of each patient, and 1 where the event happened then.
    """

    time: Floats
    event: Flags

    effect_name = "log hazard ratio"

    @classmethod
    def of(cls, time: ArrayLike, event: ArrayLike) -> Survival:
        """Examine the follow-up of patients.

        Raises
        ------
        UnreadableInput
            Where lengths differ, or a value is missing or impossible.
        """
        rows = follow_up(time, event)
        return cls(rows.time, rows.event)

    def scores(self, weights: Floats | None = None) -> Floats:
        """Return log-rank scores: events minus the cumulative hazard of all patients (Nelson-Aalen)."""
        weight = np.ones((1, len(self.time))) if weights is None else weights
        order = np.argsort(self.time, kind="stable")
        _, starts, at = np.unique(self.time[order], return_index=True, return_inverse=True)
        code = np.empty_like(at)
        code[order] = at
        deaths = np.add.reduceat((weight * self.event)[:, order], starts, axis=1)
        leaving = np.add.reduceat(weight[:, order], starts, axis=1)
        at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
        hazard = np.cumsum(deaths / np.maximum(at_risk, 1.0), axis=1)
        scored: Floats = self.event - hazard[:, code]
        return scored

    def effect_of(self, difference: Floats) -> Floats:
        """Return first Newton steps: the variance of the scores is about the information of one patient."""
        steps: Floats = difference / self.scores()[0].var(ddof=1)
        return steps

    def effect(self, high: Flags, level: float) -> Interval:
        """Return the log hazard ratio of a cut with its Wald interval."""
        try:
            ratio = cox(self.time, self.event, high.astype(float), level=level).hazard_ratio("x1")
        except NotEstimable:  # all events on one side, or before anybody of the other was at risk
            return UNKNOWN
        value, low, high_ = (float(np.log(x)) for x in (ratio.value, ratio.low, ratio.high))
        return Interval(value, low, high_, level, ratio.se)

    def bounded(self, low: float, high: float) -> tuple[float, float]:
        """Return the limits as they are: a log hazard ratio can be any number."""
        return low, high

    def p(self, high: Flags) -> float:
        """Return the p of the log-rank test."""
        return log_rank(self.time, self.event, high).p

    def pooled(self, high: Flags, among: Flags) -> float:
        """Return the log hazard ratio of one Cox model, with a stratum for each resample."""
        resample, patient = np.nonzero(among)
        try:
            fit = cox(
                self.time[patient],
                self.event[patient],
                high[resample, patient].astype(float),
                strata=resample,
            )
        except NotEstimable:
            return float("nan")
        return float(fit.coefficients[0])


@dataclass(frozen=True, eq=False)
class Response:
    """A yes or no outcome: the effect is the difference of the two rates.

    Attributes
    ----------
    event
        Whether each patient has the outcome.
    """

    event: Flags

    effect_name = "difference of rates"

    @classmethod
    def of(cls, positive: ArrayLike) -> Response:
        """Examine the outcome of patients: 1 for yes, 0 for no.

        Raises
        ------
        UnreadableInput
            Where a value is missing or is neither.
        NotEstimable
            Where all are the same.
        """
        return cls(two_classes(positive))

    def scores(self, weights: Floats | None = None) -> Floats:
        """Return 1 for patients with the outcome, 0 for those without."""
        rows = 1 if weights is None else len(weights)
        return np.tile(self.event.astype(float), (rows, 1))

    def effect_of(self, difference: Floats) -> Floats:
        """Return differences of rates, which are differences of mean scores."""
        return difference

    def effect(self, high: Flags, level: float) -> Interval:
        """Return the difference of rates with Newcombe's interval; `se` is a half-width in normal quantiles."""
        n, events = np.bincount(high, minlength=2), np.bincount(high, self.event, minlength=2)
        found = newcombe((events[1], events[0]), (n[1], n[0]), level=level)[0]
        se = (found.high - found.low) / 2 / z_of(level)
        return Interval(found.value, found.low, found.high, level, se)

    def bounded(self, low: float, high: float) -> tuple[float, float]:
        """Return the limits within -1 and 1."""
        return max(low, -1.0), min(high, 1.0)

    def p(self, high: Flags) -> float:
        """Return the p of the chi-squared test with the factor N - 1."""
        n = len(high)
        squared = (n - 1) * float(np.corrcoef(high, self.event)[0, 1]) ** 2
        return chi2_tail(squared, 1)

    def pooled(self, high: Flags, among: Flags) -> float:
        """Return the difference of rates over resamples with Mantel and Haenszel's weights."""
        upper, lower = among & high, among & ~high
        n1, n0 = upper.sum(axis=1), lower.sum(axis=1)
        both: Any = (n1 > 0) & (n0 > 0)
        if not both.any():
            return float("nan")
        x1, x0 = (upper & self.event).sum(axis=1), (lower & self.event).sum(axis=1)
        n1, n0, x1, x0 = (count[both] for count in (n1, n0, x1, x0))
        weight = n1 * n0 / (n1 + n0)
        return float((weight * (x1 / n1 - x0 / n0)).sum() / weight.sum())
