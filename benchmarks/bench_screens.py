"""Screens of 20,000 genes in 1,000 patients, against fits one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from scipy.stats import mannwhitneyu

from benchmarks.race import Race, race
from coley.stats.screens.cox_screen import cox_screen
from coley.stats.screens.max_t_survival import max_t_survival
from coley.stats.screens.permutations import permutations
from coley.stats.screens.rank_screen import rank_screen
from coley.stats.survival.cox_score_test import cox_score_test

PATIENTS, GENES, DAYS_PER_MONTH = 1_000, 20_000, 30.4375
# The peers take minutes for all genes: they are timed on so many, drawn at random, and the time is scaled.
SUBSET = 40
FEWER_GENES, PERMUTATIONS = 4_000, 200
# The stopping rules of lifelines are coarser than the equality that is asked for before a ratio counts.
TO_THE_END = {"precision": 1e-10, "r_precision": 1e-14}


def cohort(resolution: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Months of follow-up rounded up to `resolution`, six of ten ended by the event; genes; some of them."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(PATIENTS, GENES))
    time = rng.exponential(18 * np.exp(-X[:, :10] @ np.linspace(-0.3, 0.3, 10)))
    censored = rng.uniform(6, 36, PATIENTS)
    observed = np.ceil(np.minimum(time, censored) / resolution) * resolution
    return observed, time <= censored, X, rng.choice(GENES, SUBSET, replace=False)


def races() -> Iterator[Race]:
    """Coefficients and standard errors must be equal to 1e-6 before a ratio counts."""
    size = f"{GENES} genes, {PATIENTS} patients"
    scaled = f"{SUBSET} genes timed and scaled"
    for resolution, unit in ((1 / DAYS_PER_MONTH, "days"), (1.0, "months")):
        time, event, X, some = cohort(resolution)

        def ours(time=time, event=event, X=X, some=some) -> np.ndarray:
            found = cox_screen(time, event, X)
            return np.r_[found.log_hazard_ratio_per_unit[some], found.se_per_unit[some]]

        def lifelines(time=time, event=event, X=X, some=some) -> np.ndarray:
            frames = (pd.DataFrame({"x": X[:, j], "time": time, "event": event}) for j in some)
            fits = [CoxPHFitter().fit(frame, "time", "event", fit_options=TO_THE_END) for frame in frames]
            return np.r_[[f.params_["x"] for f in fits], [f.standard_errors_["x"] for f in fits]]

        found = race(
            f"univariate cox, {size}, times in {unit} (peer: {scaled})",
            "lifelines",
            ours,
            lifelines,
            rounds=5,
        )
        yield replace(found, ratio=round(found.ratio * GENES / SUBSET, 1))

    time, event, X, some = cohort(1.0)
    response = time > 12

    def ranks() -> np.ndarray:
        return rank_screen(X, response).p[some]

    def scipy() -> np.ndarray:
        return np.array([mannwhitneyu(X[response, j], X[~response, j]).pvalue for j in some])

    found = race(f"mann-whitney and auc, {size} (peer: {scaled}, no auc)", "scipy", ranks, scipy, rounds=5)
    yield replace(found, ratio=round(found.ratio * GENES / SUBSET, 1))

    # No peer has max-T for survival: the numpy score tests of the house, on every permuted cohort, take its place.
    X = X[:, :FEWER_GENES]

    def adjusted() -> np.ndarray:
        return max_t_survival(time, event, X, samples=PERMUTATIONS, seed=1).p_single_step

    def scores() -> np.ndarray:
        dealt = permutations(np.arange(PATIENTS), samples=PERMUTATIONS, seed=1)
        largest = [np.abs(cox_score_test(time[o], event[o], X).z).max() for o in dealt.order]
        observed = np.abs(cox_score_test(time, event, X).z)
        return dealt.p((np.array(largest)[:, None] >= observed).sum(axis=0))

    yield race(
        f"max-t of cox scores, {PERMUTATIONS} permutations, {FEWER_GENES} genes, {PATIENTS} patients",
        "numpy score tests",
        adjusted,
        scores,
        rounds=2,
    )
