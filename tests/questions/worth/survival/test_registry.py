"""What the page tells of a registry: deaths expected with it and without, and where its people stand in the figures."""

from __future__ import annotations

import tomllib

import numpy as np
import polars as pl
import pytest
from tests.economics.analysis.test_fitted import DATA, REGISTRY, counts, followed, trial
from tests.economics.conftest import TEXT

from coley.economics.model_file.parse import model_of
from coley.economics.projection.registry_data import Counts
from coley.model.answer import Answer
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings


def told(registry: Counts, **changes: object) -> Answer:
    words = tomllib.loads(TEXT)
    words["strategies"]["old"]["os"] = {
        "data": DATA,
        "families": ["weibull", "log_normal"],
        "registry": REGISTRY,
    } | changes
    return answer(model_of(words), followed(*trial(), registry), WorthSettings(draws=200), study="two arms")


@pytest.fixture(scope="module")
def agreeing() -> Answer:
    return told(counts(people=400))


def check(answer: Answer):
    return next(one for one in answer.checks if one.name == "registry_old.os")


def test_deaths_that_the_model_expects_stand_beside_those_counted(agreeing: Answer) -> None:
    registry = counts(people=400)
    table = agreeing.tables["registry"]
    assert table["survived"].to_list() == pytest.approx((registry.survivors / registry.at_risk).tolist())
    seen = float((registry.at_risk - registry.survivors).sum())
    expected = float(table["at_risk"].to_numpy() @ (1 - table["modelled"].to_numpy()))
    found = check(agreeing)
    assert found.level == "pass"
    assert f"of the people of a registry {seen:,.0f} died from year 4 to 14" in found.message
    assert f"the model expects {expected:,.0f}, the patients alone would expect" in found.message
    assert expected == pytest.approx(seen, rel=0.1)
    assert any("neither randomised" in caveat for caveat in agreeing.caveats)
    origins = agreeing.tables["curve_origins"]
    assert dict(zip(origins["curve"], origins["registry"], strict=True)) == {
        "Chemotherapy, progression-free survival": "",
        "Chemotherapy, overall survival": "a registry",
        "Immunotherapy, progression-free survival": "",
        "Immunotherapy, overall survival": "",
    }


def test_mean_years_with_and_without_are_those_of_two_models(agreeing: Answer) -> None:
    scenarios = agreeing.tables["scenarios"]
    without = scenarios.filter(pl.col("scenario") == "patients alone, without the registry")
    base = scenarios.filter(pl.col("scenario") == "base case")
    assert without["added_life_years"][0] != pytest.approx(base["added_life_years"][0], rel=1e-3)
    words = check(agreeing).message.split("from ")[-1].split(" years")[0].split(" to ")
    years = agreeing.estimate("life_years", group="Chemotherapy").value
    assert float(words[1]) == pytest.approx(years, abs=0.006)


def test_a_registry_of_other_patients_is_not_followed() -> None:
    dying = counts(shape=0.7, scale=0.3, people=150)
    found = check(told(dying, families=["exponential"]))
    assert found.level == "warn"
    assert "registry of other patients" in found.cause


def test_deaths_that_only_add_up_are_found_out_of_step() -> None:
    same = counts(people=3000)
    swap = 0.25 * np.where(np.arange(len(same.at_risk)) % 2, 1, -1) * (same.at_risk - same.survivors)
    uneven = Counts(same.start_years, same.stop_years, same.at_risk, same.survivors + swap, "a registry")
    assert uneven.deaths == pytest.approx(same.deaths, rel=0.1)
    assert check(told(same)).level == "pass"
    found = check(told(uneven))
    assert found.level == "warn"
    assert (
        "Interval by interval deaths are not the model's (p < 0.001), least from year 5 to 6."
        in found.message
    )


def test_without_a_registry_nothing_is_told_of_one() -> None:
    words = tomllib.loads(TEXT)
    words["strategies"]["old"]["os"] = {"data": DATA, "families": ["weibull"]}
    found = answer(model_of(words), followed(*trial(), None), WorthSettings(draws=200), study="two arms")
    assert "registry" not in found.tables
    assert not any(one.name.startswith("registry") for one in found.checks)
    assert not any("Diamonds" in figure.caption for figure in found.figures)
    assert found.tables["curves_os"].filter(pl.col("kind").is_in(["registry", "alternative"])).is_empty()


def test_registry_and_families_stand_in_the_figure(agreeing: Answer) -> None:
    curves = agreeing.tables["curves_os"]
    assert curves.filter(pl.col("kind") == "registry")["time"].to_list() == list(range(5, 15))
    families = curves.filter(pl.col("kind") == "alternative")["family"].unique().to_list()
    weights = dict(zip(agreeing.tables["fits"]["family"], agreeing.tables["fits"]["weight"], strict=True))
    share = weights["log-normal"]
    label = f"log-normal {'<1' if share < 0.01 else round(100 * share)} %"
    assert label in families
    assert len(families) == 2
    caption = next(f.caption for f in agreeing.figures if f.table == "curves_os")
    assert "Diamonds: what the registry saw" in caption
    assert "each family by itself" in caption
