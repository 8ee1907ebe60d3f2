"""Values computed by R, and two arms whose truth is known; see oracles/make_interaction.R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def by_r():
    """Read a table of oracle values by name; the first line of each file is the call that made it."""

    def read(name):
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")

    return read


@pytest.fixture(scope="session")
def veteran(by_r):
    return by_r("veteran")


@pytest.fixture(scope="session")
def trial():
    """Make a randomised trial: log hazard = own * marker + treated * (effect + change * marker), 30 % censored."""

    def make(n, *, own=0.4, effect=-0.3, change=0.0, seed=0, classes=False):
        generator = np.random.default_rng(seed)
        arm = generator.permutation(n) % 2
        marker = (generator.random(n) < 0.4).astype(float) if classes else generator.normal(size=n)
        time = generator.exponential(np.exp(-(own * marker + arm * (effect + change * marker))))
        end = generator.uniform(0.2, 5, n)
        return np.minimum(time, end), time <= end, arm, marker

    return make
