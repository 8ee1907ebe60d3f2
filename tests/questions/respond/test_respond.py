"""`respond` on simulated studies: truth recovered, invariances, and honest gaps."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.answer import Answer
from coley.model.answer_json import from_dict, to_dict
from coley.model.errors import InvalidSetting
from coley.model.study import About, Study

HAZARD_RATIO = 0.6
EFFECT_OF_ECOG = 0.5


def trial(seed: int, n: int = 400, *, log_ratio: float = np.log(HAZARD_RATIO)) -> Study:
    """A randomised trial with exponential survival, one prognostic and one idle factor."""
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(n) % 2)
    ecog = rng.integers(0, 3, n)
    death = rng.exponential(14 / np.exp(log_ratio * arm + EFFECT_OF_ECOG * (ecog - 1)))
    progression = np.minimum(death, rng.exponential(6 / np.exp(log_ratio * arm)))
    end = rng.uniform(12, 48, n)
    responds = rng.random(n) < np.where(arm == 1, 0.35, 0.15)
    patients = pl.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "arm": np.where(arm == 1, "new", "old").tolist(),
            "cancer_type": rng.choice(["lung", "melanoma", "kidney"], n).tolist(),
            "ecog": ecog,
            "age_years": rng.normal(63, 9, n),
            "response": np.where(responds, "PR", "PD").tolist(),
            "responder": responds,
            "os_months": np.minimum(death, end),
            "os_event": death <= end,
            "pfs_months": np.minimum(progression, end),
            "pfs_event": progression <= end,
        }
    )
    about = About(randomised=True, control_arm="old", time_origin="randomisation")
    return Study("trial", {"patients": patients}, about)


def respond(study: Study, **settings: object) -> Answer:
    return coley.ask(study, "respond", **{"bootstraps": 20, **settings})


def ratio(answer: Answer, endpoint: str = "os") -> tuple[float, float, float]:
    e = answer.estimate("hazard_ratio", endpoint=endpoint, group="new vs old")
    assert e.value is not None
    assert e.low is not None
    assert e.high is not None
    return e.value, e.low, e.high


def test_the_adjusted_hazard_ratio_covers_the_truth_at_the_nominal_rate() -> None:
    # conditional on the prognostic factor the ratio is 0.6; 60 trials leave a binomial error of 2.8 points
    covered = 0
    for seed in range(60):
        answer = respond(trial(seed, 240))
        e = answer.estimate("hazard_ratio_adjusted_for_factors", endpoint="os")
        assert e.low is not None
        assert e.high is not None
        covered += e.low <= HAZARD_RATIO <= e.high
    assert covered >= 52  # P(fewer | 95 %) < 0.01


def test_a_prognostic_factor_is_found_and_an_idle_one_is_not_far_from_one() -> None:
    answer = respond(trial(3, 1000))
    ecog = answer.estimate(
        "adjusted_hazard_ratio_of_factor", endpoint="os", group="ECOG performance status, per point"
    )
    age = answer.estimate("adjusted_hazard_ratio_of_factor", endpoint="os", group="Age, per 10 years")
    assert ecog.low is not None
    assert ecog.low < np.exp(EFFECT_OF_ECOG) < (ecog.high or 0)
    assert ecog.low > 1
    assert age.low is not None
    assert age.low < 1 < (age.high or 0)


def test_interactions_are_not_found_where_there_are_none() -> None:
    found = [
        e.p_adjusted
        for seed in range(40)
        for e in respond(trial(seed, 200)).estimates
        if e.name == "interaction" and e.endpoint == "os"
    ]
    smallest = np.array(found, dtype=float).reshape(40, -1).min(axis=1)
    assert (smallest < 0.05).sum() <= 6  # family-wise 5 %: P(more than 6 of 40) < 0.01


def test_swapping_the_arms_inverts_the_ratio() -> None:
    study = trial(11)
    swapped = study.replace(
        tables={"patients": study.patients.with_columns(pl.col("arm").replace({"new": "old", "old": "new"}))}
    )
    value, low, high = ratio(respond(study))
    other = ratio(respond(swapped))
    assert other == pytest.approx((1 / value, 1 / high, 1 / low), rel=1e-6)


def test_all_numbers_are_the_same_when_asked_again() -> None:
    assert respond(trial(5)) == respond(trial(5))


def test_the_seed_matters_only_where_chance_is_used() -> None:
    one, two = (respond(trial(5), seed=seed) for seed in (1, 2))
    changed = {
        a.method
        for a, b in zip(one.estimates, two.estimates, strict=True)
        if (a.value, a.low) != (b.value, b.low)
    }
    assert changed <= {"royston_sauerbrei", "likelihood_r2"}
    assert changed


def test_the_answer_survives_json() -> None:
    answer = respond(trial(2))
    assert from_dict(to_dict(answer)) == answer


def test_without_a_control_the_effect_cannot_be_told() -> None:
    study = trial(4)
    single = study.replace(
        tables={"patients": study.patients.filter(pl.col("arm") == "new")},
        about=About(time_origin="first dose"),
    )
    answer = respond(single)
    assert any("effect of treatment" in text for text in answer.cannot_tell)
    assert any("prognostic or predictive" in text for text in answer.caveats)
    assert not any(e.name == "hazard_ratio" and "vs old" in e.group for e in answer.estimates)


def test_groups_that_were_not_randomised_are_only_associated() -> None:
    study = trial(4).replace(about=About(randomised=False, control_arm="old"))
    check = next(c for c in respond(study).checks if c.name == "randomised")
    assert check.level == "warn"


def test_unrecorded_responses_are_not_counted_as_failures_silently() -> None:
    study = trial(6)
    patients = study.patients.with_columns(
        pl.when(pl.int_range(pl.len()) < 80).then(None).otherwise(pl.col("responder")).alias("responder")
    )
    answer = respond(study.with_table("patients", patients))
    assert answer.estimate("response_rate", group="All patients").n == 320
    assert answer.estimate("response_rate_unrecorded_as_no_response", group="All patients").n == 400
    assert next(c for c in answer.checks if c.name == "response_recorded").level == "warn"


@pytest.mark.parametrize("settings", [{"control": "oldd"}, {"by": "armm"}, {"factors": ("ecogg",)}])
def test_misspelt_names_in_settings_are_named(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidSetting, match="Did you mean"):
        respond(trial(1), **settings)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_tiny_studies_end_in_an_answer(n: int) -> None:
    answer = respond(trial(9, n))
    assert answer.headline
    assert all(e.n <= n for e in answer.estimates)


def test_time_in_other_units_scales_times_and_leaves_ratios() -> None:
    study = trial(8)
    years = study.with_table("patients", study.patients.with_columns(pl.col("os_months") / 12))
    assert ratio(respond(years)) == pytest.approx(ratio(respond(study)), rel=1e-9)
    medians = [respond(s).estimate("median", endpoint="os", group="new").value for s in (study, years)]
    assert medians[0] == pytest.approx(12 * (medians[1] or 0), rel=1e-9)
