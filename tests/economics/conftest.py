"""A model whose results can be worked out by hand: exponential curves, flat costs, no discount unless asked."""

from __future__ import annotations

import copy
import tomllib

import pytest

from coley.economics.model_file.parse import model_of

TEXT = """
title = "Two exponential arms"
currency = "USD"
price_year = 2022
horizon_years = 20
cycles_per_year = 52
comparator = "old"
discount = { costs = 0.0, effects = 0.0 }
thresholds = [50000, 100000, 150000]

[population]
age_years = 60
female = 0.4
weight_kg = 80

[utilities]
progression_free = { value = 0.8, se = 0.05, source = "a paper" }
progressed = { value = 0.5, low = 0.4, high = 0.6 }

[costs]
progression_free_per_month = 100
progressed_per_month = { value = 1000, se = 200 }
at_death = 8000

[strategies.old]
label = "Chemotherapy"
pfs = { published = { family = "exponential", parameters = { rate = 1.0 }, time_unit = "years" } }
os = { published = { family = "exponential", parameters = { rate = 0.5 }, time_unit = "years" } }

[strategies.new]
label = "Immunotherapy"
pfs = { hazard_ratio = { of = "old", ratio = { value = 0.5, low = 0.4, high = 0.625 } } }
os = { hazard_ratio = { of = "old", ratio = { value = 0.6, low = 0.48, high = 0.75 } } }
stop_years = 2
visit = 150

[[strategies.new.drugs]]
drug = "pembrolizumab"
dose = "200 mg"
every_weeks = 3
prices = ["48.57 USD per mg"]
share_vials_among = inf

[strategies.new.adverse_events.colitis]
probability = { value = 0.1, se = 0.02 }
cost = 16510
disutility = 0.2
weeks = 4
"""


@pytest.fixture
def words():
    """The model file as a mapping; a fresh copy for each test."""
    return copy.deepcopy(tomllib.loads(TEXT))


@pytest.fixture
def model(words):
    return model_of(words, where="model.toml")
