"""The model of two exponential arms, and what a pencil makes of it."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import numpy as np
import pytest
from tests.economics.conftest import TEXT

from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings

DOSE = 200 * 48.57  # USD: 200 mg of pembrolizumab without waste


@pytest.fixture
def words() -> dict[str, Any]:
    """The model file as a mapping; a fresh copy for each test."""
    return copy.deepcopy(tomllib.loads(TEXT))


@pytest.fixture(scope="session")
def told() -> Answer:
    """The answer to the model as it stands."""
    return ask(tomllib.loads(TEXT))


def ask(words: dict[str, Any], **settings: Any) -> Answer:
    return answer(model_of(words), {}, WorthSettings(**settings), study="two arms")


def mean_years(rate: float, years: float = 20.0) -> float:
    return float((1 - np.exp(-rate * years)) / rate)


def pencil(
    *,
    years: float = 20.0,
    ratio_free: float = 0.5,
    ratio_alive: float = 0.6,
    utilities: tuple[float, float] = (0.8, 0.5),
    progressed_month: float = 1000.0,
    colitis: float = 0.1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost, QALYs and years of life of chemotherapy and immunotherapy, undiscounted."""
    rates_free, rates_alive = np.array([1.0, ratio_free]), np.array([0.5, 0.5 * ratio_alive])
    free, alive = (
        np.array([mean_years(rate, years) for rate in rates]) for rates in (rates_free, rates_alive)
    )
    lost = np.array([0, colitis * 0.2 * 4 * 7 / 365.25])
    qalys = utilities[0] * free + utilities[1] * (alive - free) - lost
    care = 1200 * free + 12 * progressed_month * (alive - free) + 8000 * (1 - np.exp(-rates_alive * years))
    given = np.arange(35) * 21 / 365.25  # the last one at 102 weeks
    doses = np.exp(-ratio_free * given[given < years]).sum()
    drug = np.array([0, doses * (DOSE + 150) + colitis * 16_510])
    return care + drug, qalys, alive


def known(words: dict[str, Any]) -> dict[str, Any]:
    """Return a model file in which every number is known."""
    if set(words) & {"value", "se", "low"}:
        return words["value"]
    return {name: known(one) if isinstance(one, dict) else one for name, one in words.items()}
