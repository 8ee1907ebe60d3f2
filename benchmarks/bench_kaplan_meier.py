"""Kaplan-Meier curves with intervals, of one large cohort and of many small groups."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from lifelines import KaplanMeierFitter

from benchmarks.race import Race, race
from coley.stats.survival.kaplan_meier import kaplan_meier

GROUPS = 50


def races() -> Iterator[Race]:
    """The curve and its limits must be equal to 1e-6 before a ratio counts."""
    rng = np.random.default_rng(1)
    for n, groups in ((20_000, 1), (100, GROUPS)):
        cohorts = [
            (np.ceil(rng.exponential(18, n) * 30.4375) / 30.4375, rng.random(n) < 0.6) for _ in range(groups)
        ]

        def ours(cohorts=cohorts) -> np.ndarray:
            curves = [kaplan_meier(time, event) for time, event in cohorts]
            return np.concatenate([_above_zero(c.survival, c.low, c.high) for c in curves])

        def lifelines(cohorts=cohorts) -> np.ndarray:
            parts = []
            for time, event in cohorts:
                fit = KaplanMeierFitter().fit(time, event)
                limits = fit.confidence_interval_.to_numpy()
                parts.append(_above_zero(fit.survival_function_.to_numpy()[:, 0], *limits.T))
            return np.concatenate(parts)

        yield race(f"kaplan_meier, {groups} x {n} patients, times in days", "lifelines", ours, lifelines)


def _above_zero(survival: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    # where a curve has come to 0 Coley gives no limits, lifelines the interval from 0 to 0
    return np.concatenate([part[survival > 0] for part in (survival, low, high)])
