"""What goes wrong most often in economic models: each slip ends in one message, with its place and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.course.cohort import markov_cohort
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.model_file.parse import model_of
from coley.economics.population.life_tables import life_table_of
from coley.economics.population.shortfall import general_population_qalys
from coley.economics.projection.curve import curve
from coley.model.errors import ColeyError, InvalidSetting, UnreadableInput

Words = dict[str, Any]


def put(*path: str | int, value: Any) -> Callable[[Words], None]:
    """Change one word of a model file."""

    def change(words: Words) -> None:
        place: Any = words
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return change


def work_out(words: Words) -> None:
    """Do all that a report does with a model file before it tells anything."""
    model = model_of(words, where="model.toml")
    prepared = prepare(model, {})
    evaluate(prepared, base_case(model, prepared.fitted))
    evaluate(prepared, drawn(model, prepared.fitted, draws=200, seed=1))


DRUG = ("strategies", "new", "drugs", 0)
RATIO = ("strategies", "new", "os", "hazard_ratio")


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (put("costs", "at_death", value=-8000), ["A cost is 0 or more", "-8000", "costs.at_death"]),
        (put("costs", "at_death", value="8,000"), ["'8,000' is no number", "costs.at_death"]),
        (put("utilities", "progressed", value=1.2), ["A utility is -1 to 1", "1.2", "utilities.progressed"]),
        (put("utilities", "progressed", value=76), ["a percentage, or points of a scale to 100"]),
        (
            put("utilities", "progressed", value={"value": 0.5, "low": 0.6, "high": 0.7}),
            ["the value 0.5 lies outside its limits 0.6 to 0.7"],
        ),
        (
            put("utilities", "progressed", value={"value": 0.5, "se": 0.6}),
            ["utilities.progressed", "standard error", "Divide by the square root"],
        ),
        (put("strategies", "new", "adverse_events", "colitis", "probability", value=10), ["percentage"]),
        (
            put("strategies", "new", "adverse_events", "colitis", "disutility", value=-0.2),
            ["A loss of utility is 0 to 1", "write a loss as a positive number"],
        ),
        (put("discount", "costs", value=3.5), ["discount.costs", "3.5 % a year is 0.035"]),
        (put("thresholds", value=[-5]), ["must be above 0", "thresholds"]),
        (
            put(*DRUG, "prices", value=["1162.41 USD per vial of 100 mg/4 mL"]),
            ["11.62 USD per mg", "looks like a price per mL given as a price per vial"],
        ),
        (
            put(*DRUG, "prices", value=["4859 USD per mL of 100 mg/4 mL"]),
            ["looks like a price per vial given as a price per mL"],
        ),
        (put(*DRUG, "prices", value=["48.57 EUR per mg"]), ["is in EUR, the model in USD"]),
        (
            put(*DRUG, "prices", value=["48.57"]),
            ["cannot be read", "an amount, a currency and what it is for"],
        ),
        (put(*DRUG, "dose", value="200"), ["The dose '200' cannot be read", "mg/kg"]),
        (put(*DRUG, "dose", value="75 mg/m2"), ["surface", "population.surface_m2"]),
        (put("population", "life_table", value="uk"), ["no life table named 'uk'", "uk-2018-2020"]),
        (put("utilities", "norms", value="uk-hse-2014"), ["need a life table", "population.life_table"]),
        (put("population", "female", value=40), ["population.female", "Share of women"]),
        (put("population", "age_years", value=720), ["population.age_years", "Mean age"]),
        (put("strategies", "new", "label", value="Chemotherapy"), ["two strategies have one label"]),
        (put("correction", value="simpsn"), ["Did you mean 'simpson'?"]),
        (put("structures", value={"partitioned_survival": 0}), ["every structure has a weight of zero"]),
        (put(*RATIO, "of", value="odl"), ["new.os leans on 'odl'"]),
        (put(*RATIO, "ratio", value=-0.5), ["the logarithm of a ratio"]),
        (
            put(
                "strategies",
                "new",
                "os",
                "waning",
                value={"towards": "old", "from_years": 3, "until_years": 2},
            ),
            ["from year 3 to year 2"],
        ),
        (
            put(
                "strategies", "new", "os", "waning", value={"towards": "x", "from_years": 1, "until_years": 2}
            ),
            ["new.os leans on 'x'"],
        ),
        (
            put("strategies", "new", "on_treatment", value={"hazard_ratio": {"of": "old", "ratio": 0.5}}),
            ["old has no such curve"],
        ),
        (
            put("strategies", "old", "os", "published", "family", value="exponentail"),
            ["Did you mean 'exponential'?"],
        ),
        (
            put("strategies", "old", "os", "published", "parameters", value={"lambda": 0.4}),
            ["has the parameters rate", "old.os"],
        ),
        (
            put("strategies", "old", "os", "published", "parameters", "rate", value=-0.5),
            ["out of range", "old.os"],
        ),
        (
            put(
                "strategies", "old", "os", "published", "parameters", "rate", value={"value": 0.5, "se": 0.3}
            ),
            ["draws that leave the range", 'distribution = "lognormal"'],
        ),
    ],
)
def test_one_message_for_each_slip(words: Words, change: Callable[[Words], None], parts: list[str]) -> None:
    change(words)
    with pytest.raises(ColeyError) as caught:
        work_out(words)
    message = str(caught.value)
    for part in parts:
        assert part.lower() in message.lower(), message


def test_probabilities_that_do_not_sum_to_one() -> None:
    grid = cycles(2, 1)
    with pytest.raises(UnreadableInput, match=r"'alive' add up to 0\.9, not to 1"):
        markov_cohort(grid, [[0.8, 0.1], [0.0, 1.0]], states=("alive", "dead"))
    with pytest.raises(UnreadableInput):
        markov_cohort(grid, [[1.2, -0.2], [0.0, 1.0]], states=("alive", "dead"))


def test_a_discount_rate_in_percent() -> None:
    with pytest.raises(InvalidSetting, match=r"3\.5"):
        Discount(3.5)
    with pytest.raises(InvalidSetting, match=r"3\.5"):
        general_population_qalys(None, None, None, discount=3.5)  # type: ignore[arg-type]


def test_a_life_table_without_some_years() -> None:
    ages = np.r_[0:50, 55:101]
    with pytest.raises(UnreadableInput, match="ages 50, 51, 52, 53, 54 are missing between 0 and 100"):
        life_table_of(ages, np.full(96, 0.01), np.full(96, 0.01), kind="rate")


def test_a_curve_that_rises() -> None:
    with pytest.raises(UnreadableInput, match=r"never rises; in draw 2 it is 0\.5 at 1 and 0\.6 at 2 years"):
        curve([0, 1, 2], [[1.0, 0.5, 0.4], [1.0, 0.5, 0.6]])


def test_curves_that_cross_are_cut_and_counted(words: Words) -> None:
    words["strategies"]["old"]["pfs"]["published"]["parameters"]["rate"] = 0.4
    model = model_of(words)
    prepared = prepare(model, {})
    found = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.crossed == {"old": 1.0, "new": 1.0}, (
        "the other arm is the same curves, by their hazard ratios"
    )
    above = (1 - np.exp(-0.4 * 20)) / 0.4 - (1 - np.exp(-0.5 * 20)) / 0.5
    assert found.crossed_years["old"] == pytest.approx(above, rel=1e-3)
