"""Westfall and Young's algorithms by enumeration, one column at a time, and a cohort to try them on."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def enumerated():
    """Return single-step and step-down p from the statistics of every permutation."""

    def adjusted(observed, shuffled):
        observed, shuffled = np.abs(observed), np.abs(shuffled)
        single = [(shuffled.max(axis=1) >= t - 1e-9).mean() for t in observed]
        order, down, so_far = np.argsort(-observed), np.empty(len(observed)), 0.0
        for k, j in enumerate(order):
            so_far = max(so_far, (shuffled[:, order[k:]].max(axis=1) >= observed[j] - 1e-9).mean())
            down[j] = so_far
        return single, down

    return adjusted


@pytest.fixture
def survival():
    """Simulate survival that depends on the first of some correlated columns."""

    def cohort(n, columns, *, seed, resolution=0.0):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n, columns)) + rng.normal(size=(n, 1))
        time = rng.exponential(np.exp(-1.5 * X[:, 0]))
        return np.ceil(time / resolution) if resolution else time, rng.random(n) < 0.8, X

    return cohort
