"""No false alarm: simulated studies without a fault, of many sizes, with and without cohorts."""

from __future__ import annotations

import numpy as np
import pytest

from coley.read.doctor import examine
from coley.toy import simulate

SIZES = np.random.default_rng(20).integers(20, 600, 40)


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_toy_study_is_healthy(seed):
    study = simulate([600, 200, 60, 30, 20, 400][seed - 1], seed=seed).study
    assert [(c.name, c.message) for c in examine(study) if c.level != "pass"] == []


@pytest.mark.parametrize("seed", range(40))
def test_clean_cohorts_are_healthy(clean, findings, seed):
    patients = clean(int(SIZES[seed]), seed=1000 + seed, cohorts=(1, 1, 3, 6)[seed % 4])
    assert [(c.name, c.message) for c in findings(patients)] == []
