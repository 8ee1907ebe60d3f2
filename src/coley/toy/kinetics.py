"""The course of a tumour: sensitive cells that grow, then shrink or grow on; a resistant clone that rises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.streams import Floats

HORIZON = 600.0  # months: beyond any life that is simulated
STEPS = 45  # bisections of the horizon: to 2e-11 months
LARGEST_LOG = 60.0  # of a burden relative to day 0; nobody lives to see it


@dataclass(frozen=True, eq=False)
class Curves:
    """Burden of each patient relative to day 0, S(t) + R(t), in closed form; times in months.

    S(t) = exp(growth * min(t, delay) - kill * max(t - delay, 0)) is the sensitive part, and
    R(t) = seed * exp(regrowth * (t - escape)) from `escape` on the resistant clone (infinite where none
    arises). A negative `kill` is growth that goes on: the tumour was never controlled.

    References
    ----------
    Stein WD et al. Clin Cancer Res 2011;17:907-917 (growth and regression in one curve).
    """

    growth: Floats
    delay: Floats
    kill: Floats
    escape: Floats
    seed: Floats
    regrowth: Floats

    def log_sensitive(self, months: Floats) -> Floats:
        """Return log S at `months`, whose first axis is the patients."""
        growth, delay, kill = (_like(x, months) for x in (self.growth, self.delay, self.kill))
        value = growth * np.minimum(months, delay) - kill * np.maximum(months - delay, 0)
        return np.minimum(value, LARGEST_LOG)

    def resistant(self, months: Floats) -> Floats:
        """Return R at `months`, whose first axis is the patients."""
        escape, seed, regrowth = (_like(x, months) for x in (self.escape, self.seed, self.regrowth))
        age = months - escape
        return np.where(age >= 0, seed * np.exp(np.minimum(regrowth * np.maximum(age, 0), LARGEST_LOG)), 0.0)

    def burden(self, months: Floats) -> Floats:
        """Return S + R at `months`."""
        return np.exp(self.log_sensitive(months)) + self.resistant(months)

    def area(self, months: Floats, *, growing: bool = False) -> Floats:
        """Return the integral of the burden from 0 to `months`; with `growing`, of the parts that grow."""
        early = np.minimum(months, self.delay)
        late = np.maximum(months - self.delay, 0)
        peak = np.exp(self.growth * self.delay)
        fall = peak * -np.expm1(np.minimum(-self.kill * late, LARGEST_LOG)) / self.kill
        age = np.maximum(months - self.escape, 0)
        rise = self.seed * np.expm1(np.minimum(self.regrowth * age, LARGEST_LOG)) / self.regrowth
        if growing:
            fall = np.where(self.kill > 0, 0.0, fall)
        return np.expm1(self.growth * early) / self.growth + fall + rise

    def waiting_time(self, target: Floats, *, growing: bool = False) -> Floats:
        """Return the months at which `area` reaches `target`; infinite where it never does."""
        low, high = np.zeros_like(target), np.full_like(target, HORIZON)
        never = self.area(high, growing=growing) < target
        for _ in range(STEPS):
            middle = (low + high) / 2
            below = self.area(middle, growing=growing) < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.where(never, np.inf, high)


def _like(value: Floats, months: Floats) -> Floats:
    return value.reshape(value.shape + (1,) * (months.ndim - 1))
