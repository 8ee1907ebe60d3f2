"""Where curves come from, whose parameters are drawn apart, and the states over time, as the page tells them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.economics.analysis.test_fitted import DATA, trial
from tests.questions.worth.conftest import ask

from coley.economics.analysis.fitted import FollowUp
from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer, Check
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings


def check(found: Answer, name: str) -> Check:
    return next(one for one in found.checks if one.name == name)


def test_every_curve_names_its_origin(words) -> None:
    words["strategies"]["old"]["os"]["published"]["source"] = "a paper"
    origins = ask(words, draws=200).tables["curve_origins"]
    told = dict(zip(origins["curve"], origins["from"], strict=True))
    assert told == {
        "Chemotherapy, progression-free survival": "published exponential",
        "Chemotherapy, overall survival": "published exponential",
        "Immunotherapy, progression-free survival": "hazard ratio to Chemotherapy",
        "Immunotherapy, overall survival": "hazard ratio to Chemotherapy",
    }
    assert origins["source"].to_list()[1] == "a paper"


def _weibull(words, **changes) -> list[str]:
    uncertain = {"shape": {"value": 1.1, "se": 0.1}, "scale": {"value": 2, "se": 0.2}}
    words["strategies"]["old"]["os"] = {
        "published": {"family": "weibull", "parameters": uncertain, "time_unit": "years"} | changes
    }
    return [caveat for caveat in ask(words, draws=200).caveats if "drawn as if unrelated" in caveat]


def test_parameters_without_a_covariance_are_said_to_be_drawn_apart(words) -> None:
    (told,) = _weibull(words)
    assert "unrelated: Chemotherapy, overall survival. Those" in told
    assert not _weibull(words, correlation={"shape": {"scale": -0.3}})
    known = {"shape": 1.1, "scale": 2.0}
    assert not _weibull(
        words, parameters=known, covariance={"shape": {"shape": 0.01, "scale": 0}, "scale": {"scale": 0.01}}
    )
    assert not _weibull(words, parameters=known | {"scale": {"value": 2, "se": 0.2}})


def test_a_curve_whose_parameters_vary_together_is_one_input(words) -> None:
    words["strategies"]["old"]["os"] = {
        "published": {
            "family": "weibull",
            "parameters": {"shape": 1.1, "scale": 2.0},
            "time_unit": "years",
            "covariance": {"shape": {"shape": 0.01}, "scale": {"shape": -0.004, "scale": 0.02}},
            "source": "a paper",
        }
    }
    words["sampling"] = "latin_hypercube"
    found = ask(words, draws=400)
    for table in ("one_way", "information_by_input"):
        names = found.tables[table]["input"].to_list()
        assert "curve: old.os" in names
        assert not any("published" in name for name in names)
    inputs = found.tables["inputs"].filter(pl.col("input").str.contains("published.parameters.scale"))
    assert inputs["distribution"].item() == "lognormal"
    assert inputs["source"].item() == "a paper"
    about = dict(found.tables["about_the_model"].iter_rows())
    assert "numbers by Latin hypercube" in about["draws and seed"]
    origins = found.tables["curve_origins"]
    assert (
        "drawn together"
        in origins.filter(pl.col("curve").str.contains("Chemotherapy, overall"))["from"].item()
    )


def test_a_cured_share_as_published_is_told_with_its_interval(words) -> None:
    share = {"value": 0.3, "se": 0.05, "distribution": "beta"}
    words["strategies"]["old"]["os"] = {
        "published": {
            "family": "exponential",
            "parameters": {"cured": share, "rate": 0.5},
            "time_unit": "years",
        },
        "cure": "non_mixture",
    }
    found = ask(words, draws=2000)
    cured = found.estimate("cured", group="Chemotherapy")
    assert (cured.value, cured.method, cured.endpoint) == (0.3, "non_mixture_cure", "os")
    assert (cured.low, cured.high) == pytest.approx((0.207, 0.402), abs=0.01), "of a beta of that spread"
    assert any("Non-mixture" in words or "Lambert" in words for words in found.citations)


def _two_structures(words, structure: str) -> Answer:
    words["structures"] = {"partitioned_survival": 0.0} | {structure: 1.0}
    words["horizon_years"] = 6
    followed = {}
    for i, (name, strategy) in enumerate(words["strategies"].items()):
        for endpoint in ("pfs", "os"):
            strategy[endpoint] = {"data": DATA, "families": ["weibull"]}
        time, event = trial(seed=i)
        progress = np.random.default_rng(10 + i).exponential(2, len(time))
        followed[f"{name}.os"] = FollowUp(time, event, patients=name)
        followed[f"{name}.pfs"] = FollowUp(
            np.minimum(time, progress), event | (progress < time), patients=name
        )
    return answer(model_of(words), followed, WorthSettings(draws=200), study="two arms")


@pytest.mark.parametrize("structure", ["partitioned_survival", "clock_reset", "clock_forward"])
def test_who_is_alive_at_the_horizon_is_told_under_the_structure_of_the_base_case(words, structure) -> None:
    found = _two_structures(words, structure)
    states = found.tables["states"]
    ends = states.filter((pl.col("time") == pl.col("time").max()) & (pl.col("state") == "dead"))
    alive = 1 - ends["share"].min()
    assert alive > 0.1
    message = check(found, "horizon").message
    assert message.startswith(f"At 6 years {alive:.1%} are still alive (")
    # Years lived by the trapezoid over the drawn points are those of the model.
    label = "Chemotherapy"
    lived = states.filter((pl.col("strategy") == label) & (pl.col("state") == "dead")).sort("time")
    years = np.trapezoid(1 - lived["share"].to_numpy(), lived["time"].to_numpy())
    assert years == pytest.approx(found.estimate("life_years", group=label).value, rel=2e-3)


def test_shares_of_states_add_up_at_every_time(words) -> None:
    states = _two_structures(words, "clock_reset").tables["states"]
    sums = states.group_by("strategy", "time").agg(pl.col("share").sum())["share"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums))


@pytest.mark.parametrize(
    ("drug", "level", "told"),
    [
        ("pembrolizumab", "pass", "Each drug is known by its name."),
        ("Pembrolizumab", "pass", "Each drug is known by its name."),
        ("pembrolizumb", "warn", "'pembrolizumb' is not known, the nearest known name is 'pembrolizumab'."),
        ("keytruda", "warn", "'keytruda' is a name of pembrolizumab."),
        ("docetaxel", "pass", "no published price of docetaxel is known here."),
        ("xyzzy", "warn", "'xyzzy' is not known."),
    ],
)
def test_a_drug_that_nobody_knows_is_named(words, drug, level, told) -> None:
    words["strategies"]["new"]["drugs"][0]["drug"] = drug
    found = check(ask(words, draws=200), "drug_names")
    assert found.level == level
    assert found.message.endswith(told)


def test_drugs_given_again_or_otherwise_are_looked_up_too(words) -> None:
    other = {
        "dose": "400 mg",
        "every_weeks": 6,
        "prices": ["48.57 USD per mg"],
        "share_vials_among": float("inf"),
    }
    words["dosing_alternatives"] = [
        {"strategy": "new", "label": "every six weeks", "drugs": [other | {"drug": "pembrolizumad"}]}
    ]
    assert "'pembrolizumad' is not known" in check(ask(words, draws=200), "drug_names").message


def test_what_was_found_in_reading_is_on_the_page_once(words) -> None:
    note = Check("decimal_comma", "warn", "Decimal commas were read as points.")
    for strategy in words["strategies"].values():
        strategy["os"] = {"data": DATA, "families": ["weibull"]}
    time, event = trial()
    followed = {f"{name}.os": FollowUp(time, event, notes=(note,)) for name in words["strategies"]}
    found = answer(model_of(words), followed, WorthSettings(draws=200), study="two arms")
    assert [one for one in found.checks if one.name == "decimal_comma"] == [note]
