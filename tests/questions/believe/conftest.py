"""Small studies and short ways into the argument of `believe`, shared by its tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.answer import Answer
from coley.model.study import About, Study
from coley.questions.believe.across import Across, across
from coley.questions.believe.associations import Association, associations
from coley.questions.believe.cohorts import Cohorts, cohorts
from coley.questions.believe.markers.collect import collect
from coley.questions.believe.markers.marker import Found
from coley.questions.believe.settings import BelieveSettings

# The least that the settings allow: the tests that need more say so.
QUICK = {"repeats": 1, "folds": 2, "bootstraps": 20, "permutations": 99, "screen": False}


def one_cohort(
    seed: int = 1,
    n: int = 120,
    *,
    name: str = "here",
    on_response: float = 0.8,
    on_hazard: float = -0.5,
    **columns: Any,
) -> pl.DataFrame:
    """Patients whose albumin goes with response and survival, beside a flag and two columns without meaning."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    death = rng.exponential(12 * np.exp(-on_hazard * z))
    end = rng.uniform(6, 40, n)
    frame = {
        "patient_id": [f"{name}-{i}" for i in range(n)],
        "cohort": name,
        "responder": rng.random(n) < 1 / (1 + np.exp(0.6 - on_response * z)),
        "os_months": np.minimum(death, end),
        "os_event": death <= end,
        "albumin_g_dl": 4 + 0.4 * z,
        "platelets": rng.normal(250, 60, n),
        "hla_loh": rng.random(n) < 0.3,
    }
    return pl.DataFrame(frame).with_columns(
        **{k: v if isinstance(v, pl.Expr) else pl.Series(v) for k, v in columns.items()}
    )


@pytest.fixture
def frame() -> Callable[..., pl.DataFrame]:
    """One simulated cohort as a table of patients."""
    return one_cohort


@pytest.fixture
def study() -> Callable[..., Study]:
    """A study of the given tables of patients, one below the other."""

    def make(*frames: pl.DataFrame, name: str = "study", **about: Any) -> Study:
        patients = pl.concat(frames or (one_cohort(),), how="diagonal_relaxed")
        return Study(name, {"patients": patients}, About(**about))

    return make


@pytest.fixture
def people() -> Callable[..., Cohorts]:
    """The patients of a study as `believe` sees them."""

    def make(study: Study, **settings: Any) -> Cohorts:
        return cohorts(study, BelieveSettings(**settings))

    return make


@pytest.fixture
def found() -> Callable[..., Found]:
    """The markers of a study, with what was refused."""

    def make(study: Study, *names: str, **settings: Any) -> Found:
        chosen = BelieveSettings(markers=names, **settings)
        return collect(cohorts(study, chosen), chosen)[0]

    return make


@pytest.fixture
def judged() -> Callable[..., tuple[tuple[Association, ...], tuple[Across, ...]]]:
    """Associations of named markers, and the same across cohorts."""

    def make(
        study: Study, names: Sequence[str], **settings: Any
    ) -> tuple[tuple[Association, ...], tuple[Across, ...]]:
        chosen = BelieveSettings(markers=tuple(names), **settings)
        who = cohorts(study, chosen)
        markers = collect(who, chosen)[0].markers
        each = associations(who, markers)
        return each, across(each, markers, chosen)

    return make


@pytest.fixture
def believe() -> Callable[..., Answer]:
    """The whole answer, with as few resamples as the settings allow."""

    def make(study: Study, **settings: Any) -> Answer:
        return coley.ask(study, "believe", **{**QUICK, **settings})

    return make
