from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.errors import MissingData, NotEstimable
from coley.model.study import About, Study

MODEL = {
    "title": "A marker that tells who gains",
    "currency": "USD",
    "price_year": 2022,
    "horizon_years": 10,
    "comparator": "old",
    "discount": {"costs": 0.0, "effects": 0.0},
    "thresholds": [100_000],
    "draws": 200,
    "population": {"age_years": 60, "female": 0.5},
    "utilities": {"progression_free": 0.8, "progressed": 0.5},
    "strategies": {
        name: {
            endpoint: {
                "families": ["exponential"],
                "data": {
                    "time": f"{endpoint}_months",
                    "event": f"{endpoint}_event",
                    "time_unit": "months",
                    "where": {"arm": name},
                },
            }
            for endpoint in ("pfs", "os")
        }
        for name in ("old", "new")
    },
    "guided": [
        {
            "marker": "marker",
            "treated": "new",
            "otherwise": "old",
            "cutoff": 1,
            "within_months": 24,
            "test_cost": 500,
        }
    ],
}


def study(n=4000, *, randomised=True, model=MODEL, follow=30.0) -> Study:
    """Half of the patients are positive and die half as fast on the new treatment; for the others it does nothing."""
    rng = np.random.default_rng(6)
    new, positive = rng.random(n) < 0.5, rng.random(n) < 0.5
    rate = np.where(new & positive, 0.04, 0.08)
    progression, death = rng.exponential(1 / (2 * rate)), rng.exponential(1 / rate)
    pfs = np.minimum(progression, death)
    end = rng.uniform(follow, follow + 10, n)
    patients = pl.DataFrame(
        {
            "patient_id": [f"p{i}" for i in range(n)],
            "arm": np.where(new, "new", "old"),
            "marker": positive.astype(float),
            "pfs_months": np.minimum(pfs, end),
            "pfs_event": pfs <= end,
            "os_months": np.minimum(death, end),
            "os_event": death <= end,
        }
    )
    return Study("marked", {"patients": patients}, About(randomised=randomised), economic_model=model)


def _gain(positive_rate: float) -> float:
    """QALYs of 24 months at a rate of death, progression twice as fast besides, in money at the threshold."""
    alive, free = ((1 - np.exp(-rate * 24)) / rate / 12 for rate in (positive_rate, 3 * positive_rate))
    return 100_000 * (0.8 * free + 0.5 * (alive - free))


def test_guiding_is_worth_what_the_positive_gain_less_the_test():
    found = coley.ask(study(), "worth")
    gain = _gain(0.04) - _gain(0.08)
    among = found.estimate("gain_among_positive")
    assert among.low < gain < among.high
    assert among.value == pytest.approx(gain, rel=0.15)
    assert found.estimate("gain_among_negative").low < 0 < found.estimate("gain_among_negative").high
    over_none = found.estimate("guided_vs_treat_none")
    assert over_none.low < gain / 2 - 500 < over_none.high
    assert found.estimate("gain_positive_less_negative").low > 0


def test_what_is_spent_once_and_on_adverse_events_counts():
    colitis = {"probability": 0.1, "cost": 5000, "disutility": 0.2, "weeks": 4}
    new = {**MODEL["strategies"]["new"], "once_at_start": 1000, "adverse_events": {"colitis": colitis}}
    dearer = {**MODEL, "strategies": {**MODEL["strategies"], "new": new}}
    plain, other = (
        coley.ask(study(400, model=model), "worth").estimate("gain_among_positive").value
        for model in (MODEL, dearer)
    )
    assert plain - other == pytest.approx(1000 + 500 + 0.1 * 0.2 * 4 * 7 / 365.25 * 100_000)


def test_a_cut_off_that_is_chosen_is_judged_on_patients_left_out_of_it():
    rng = np.random.default_rng(2)
    base = study(600)
    noise = base.tables["patients"].with_columns(marker=pl.Series(rng.random(600)))
    guided = [{key: value for key, value in MODEL["guided"][0].items() if key != "cutoff"}]
    asked = Study(
        "noise", {"patients": noise}, About(randomised=True), economic_model={**MODEL, "guided": guided}
    )
    found = coley.ask(asked, "worth")
    assert found.estimate("guided_vs_treat_all").low < 0, "noise does not beat treating everybody"
    assert "guided_by_marker" in found.tables


def test_without_randomisation_it_cannot_be_told():
    found = coley.ask(study(300, randomised=None), "worth")
    assert any("not known to be randomised" in text for text in found.cannot_tell)
    assert not [e for e in found.estimates if e.name.startswith("guided")]


def test_a_marker_that_nobody_has_and_a_horizon_beyond_the_follow_up_are_refused():
    wrong = {**MODEL, "guided": [{**MODEL["guided"][0], "marker": "markr"}]}
    with pytest.raises(MissingData, match="markr"):
        coley.ask(study(300, model=wrong), "worth")
    late = {**MODEL, "guided": [{**MODEL["guided"][0], "within_months": 120}]}
    with pytest.raises(NotEstimable, match="before the horizon"):
        coley.ask(study(300, model=late), "worth")
