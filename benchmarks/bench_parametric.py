"""Parametric survival fits, against lifelines on the same patients."""

from __future__ import annotations

from collections.abc import Iterator

import lifelines
import numpy as np

from benchmarks.race import Race, race
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit

PATIENTS = 400
FITTERS = {
    "exponential": lifelines.ExponentialFitter,
    "weibull": lifelines.WeibullFitter,
    "log_normal": lifelines.LogNormalFitter,
    "log_logistic": lifelines.LogLogisticFitter,
    "generalised_gamma": lifelines.GeneralizedGammaFitter,
}


def races() -> Iterator[Race]:
    """Log-likelihoods must agree to 1e-4: both climb to the top, lifelines with its own tolerance."""
    rng = np.random.default_rng(1)
    time = 12 * rng.lognormal(0.3, 1.1, PATIENTS)
    seen = time < 60
    time = np.minimum(time, 60)

    def ours() -> np.ndarray:
        data = survival_data(time, seen)
        return np.array([fit(FAMILIES[name], data).loglik for name in FITTERS])

    def theirs() -> np.ndarray:
        return np.array([make().fit(time, seen).log_likelihood_ for make in FITTERS.values()])

    yield race(
        f"{len(FITTERS)} parametric families, {PATIENTS} patients",
        "lifelines",
        ours,
        theirs,
        tolerance=1e-4,
        rounds=5,
    )
