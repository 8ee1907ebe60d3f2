"""Cox regression of 20,000 patients with ties."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import CoxPHFitter

from benchmarks.race import Race, race
from coley.stats.survival.cox import cox

PATIENTS, DAYS_PER_MONTH = 20_000, 30.4375


def cohort(columns: int, *, resolution: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months of follow-up rounded up to `resolution`, half of them ended by the event."""
    rng = np.random.default_rng(1)
    X = np.c_[rng.integers(0, 2, PATIENTS), rng.normal(size=(PATIENTS, columns - 1))]
    time = rng.exponential(18 * np.exp(-X @ np.linspace(-0.4, 0.3, columns)))
    censored = rng.uniform(6, 36, PATIENTS)
    observed = np.ceil(np.minimum(time, censored) / resolution) * resolution
    return observed, time <= censored, X


def races() -> Iterator[Race]:
    """Coefficients and standard errors must be equal to 1e-6 before a ratio counts."""
    for columns, resolution, unit in (
        (3, 1 / DAYS_PER_MONTH, "days"),
        (3, 1.0, "months"),
        (1, 1.0, "months"),
    ):
        time, event, X = cohort(columns, resolution=resolution)
        frame = pd.DataFrame(X).add_prefix("x").assign(time=time, event=event)

        def ours(time=time, event=event, X=X) -> np.ndarray:
            fit = cox(time, event, X)
            return np.r_[fit.coefficients, fit.standard_errors]

        def lifelines(frame=frame) -> np.ndarray:
            fit = CoxPHFitter().fit(frame, "time", "event")
            return np.r_[fit.params_, fit.standard_errors_]

        what = f"cox, {columns} covariate{'s' * (columns > 1)}, {PATIENTS} patients, times in {unit}"
        yield race(what, "lifelines", ours, lifelines)

    time, event, X = cohort(3, resolution=1.0)

    def ours_() -> np.ndarray:
        return cox(time, event, X).coefficients

    def statsmodels() -> np.ndarray:
        return sm.PHReg(time, X, status=event.astype(int), ties="efron").fit(disp=0).params

    yield race(
        f"cox, 3 covariates, {PATIENTS} patients, times in months",
        "statsmodels",
        ours_,
        statsmodels,
        rounds=3,
    )
