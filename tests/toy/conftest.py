from __future__ import annotations

import pytest

import coley.toy as toy
from coley.toy.trial import Trial, run_trial


@pytest.fixture(scope="session")
def study() -> toy.Toy:
    return toy.simulate(600, seed=11)


@pytest.fixture(scope="session")
def trial() -> Trial:
    return run_trial(600, 11, toy.Design())
