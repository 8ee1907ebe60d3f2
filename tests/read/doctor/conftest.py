"""Clean cohorts of our own making, and the doctor's findings about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from coley.model.study import Study
from coley.read.doctor import examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from coley.model.answer import Check


def clean_patients(n: int = 200, *, seed: int = 1, cohorts: int = 1) -> pl.DataFrame:
    """Patients with response, progression, death, end of follow-up and the usual measurements.

    Grain as in real files: ages whole or not, blood counts to one decimal, percentages of 5, times in tenths.
    """
    rng = np.random.default_rng(seed)
    fitness = rng.normal(size=n)
    response = rng.choice(["CR", "PR", "SD", "PD"], n, p=[0.05, 0.2, 0.3, 0.45])
    longer = np.select([response == "PD", response == "SD"], [0.0, 3.0], 9.0)
    scan = rng.choice([1.4, 2.1, 2.8], n) + rng.normal(0, 0.2, n)
    to_progression = scan + longer * rng.gamma(2, 0.6, n)
    to_death = to_progression * rng.uniform(0.7, 1.3, n) + rng.exponential(9 * np.exp(0.3 * fitness))
    # those who die first have no response that was seen twice
    to_death = np.where(np.isin(response, ["CR", "PR"]), np.maximum(to_death, to_progression), to_death)
    follow_up = rng.uniform(4, 34, n)
    pfs = np.minimum(np.minimum(to_progression, to_death), follow_up)
    os = np.minimum(to_death, follow_up)
    died_early = (response == "PD") & (pfs == os) & (os == follow_up)
    return pl.DataFrame(
        {
            "patient_id": [f"K{k:05d}" for k in rng.permutation(90_000)[:n]],
            "cohort": rng.choice([f"site {k}" for k in range(cohorts)], n),
            "age_years": rng.normal(62, 11, n).clip(20, 99).round(int(rng.integers(0, 2))),
            "sex": rng.choice(["female", "male"], n),
            "ecog": rng.choice([0, 1, 2], n, p=[0.45, 0.45, 0.1]),
            "response": np.where(died_early, "SD", response),
            "pfs_months": pfs.round(2),
            "pfs_event": pfs < follow_up,
            "os_months": os.round(2),
            "os_event": os < follow_up,
            "tmb_per_mb": rng.lognormal(1.7, 0.9, n).round(1),
            "pdl1_tps": np.where(rng.random(n) < 0.4, 0, rng.integers(1, 21, n) * 5),
            "albumin_g_dl": (3.9 + 0.4 * fitness + rng.normal(0, 0.2, n)).clip(1.9, 5.4).round(1),
            "nlr": rng.lognormal(1.3, 0.6, n).round(1),
            "platelets": rng.normal(250, 70, n).clip(60, 700).round(),
            "haemoglobin_g_dl": rng.normal(12.2, 1.7, n).clip(6.5, 17.5).round(1),
            "ldh_uln": rng.lognormal(0, 0.35, n).round(2),
            "liver_metastases": rng.random(n) < 0.25,
            "purity": rng.beta(4, 4, n).round(3),
        }
    )


def _findings(given: Study | pl.DataFrame, *others: Study) -> list[Check]:
    given = given if isinstance(given, Study) else Study("spoilt", {"patients": given})
    return [check for check in examine(given, others=others) if check.level != "pass"]


def _only(given: Study | pl.DataFrame, name: str, *others: Study) -> Check:
    checks = _findings(given, *others)
    assert [check.name for check in checks] == [name], [(c.name, c.message) for c in checks]
    assert checks[0].remedy
    assert checks[0].cause
    return checks[0]


@pytest.fixture
def clean() -> Callable[..., pl.DataFrame]:
    """Makes clean patients: clean(n, seed=1, cohorts=1)."""
    return clean_patients


@pytest.fixture
def findings() -> Callable[..., list[Check]]:
    """Everything that is not a pass: findings(study or patients, *others)."""
    return _findings


@pytest.fixture
def only() -> Callable[..., Check]:
    """The one finding, which must bear this name: only(study or patients, name, *others)."""
    return _only
