"""The weights by hand, and the fit on pairs whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest

from coley.vigilance.cleaning.duplicates.blocks import KEYS
from coley.vigilance.cleaning.duplicates.evidence import CLOSE, DIFFERENT, MISSING, NEAR, SAME, SETS, Evidence
from coley.vigilance.cleaning.duplicates.hit_miss import HitMiss, fit, plausible, probabilities, weights

ALL_KEYS = 2 ** len(KEYS) - 1
MODEL = HitMiss(
    same=dict.fromkeys(NEAR, 0.8),
    near=dict.fromkeys(NEAR, 0.15),
    different=dict.fromkeys(NEAR, 0.05),
    miss=dict.fromkeys(SETS, 0.1),
    number=0.5,
    number_chance=1e-6,
    log_prior=-12.0,
)


def pair(**changes: float) -> Evidence:
    """One pair of which nothing is known but what is given."""
    given = {f"{field}_level": MISSING for field in NEAR} | {"number": MISSING} | changes

    def one(name: str) -> np.ndarray:
        return np.array([given.get(name, 0)])

    return Evidence(
        a=np.array([1]),
        b=np.array([2]),
        blocks=np.array([ALL_KEYS]),
        level={field: one(f"{field}_level") for field in NEAR},
        information={field: one(f"{field}_information") for field in NEAR},
        number=one("number"),
        shared={name: one(f"{name}_shared") for name in SETS},
        unshared={name: one(f"{name}_unshared") for name in SETS},
        set_information={name: one(f"{name}_information") for name in SETS},
        both_sets=one("both_sets"),
        n=10_000,
        near_chance={"date": 0.01, "age": 0.05, "weight": 0.1},
    )


def test_nothing_known_leaves_the_share_of_duplicates() -> None:
    assert probabilities(pair(), MODEL) == pytest.approx(1 / (1 + np.exp(12.0)))


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"date_level": SAME, "date_information": 7.0}, "date", np.log(0.8) + 7.0),
        ({"age_level": CLOSE}, "age", np.log(0.15 / 0.05)),
        ({"sex_level": DIFFERENT}, "sex", np.log(0.05)),
        ({"number": SAME}, "number", np.log(0.5 / 1e-6)),
        ({"number": DIFFERENT}, "number", np.log(0.5)),
        ({"drugs_shared": 2, "drugs_information": 5.0}, "drugs", 5.0 + 2 * np.log(0.9)),
        ({"drugs_unshared": 3}, "drugs", 3 * np.log(0.1)),
    ],
)
def test_weights(changes: dict[str, float], field: str, expected: float) -> None:
    told = weights(pair(**changes), MODEL)
    assert told.pop(field)[0] == pytest.approx(expected)
    assert all(weight[0] == 0 for weight in told.values())


@pytest.mark.parametrize(("cases", "most"), [(0, 12.0), (2, 12.0), (20, 12.0 - np.log(10))])
def test_drugs_and_events_alone_never_make_a_duplicate_more_probable_than_not(
    cases: int, most: float
) -> None:
    same = pair(
        drugs_shared=6, drugs_information=60.0, events_shared=6, events_information=60.0, both_sets=cases
    )
    told = weights(same, MODEL)
    assert told["drugs"][0] + told["events"][0] == pytest.approx(most)
    assert probabilities(same, MODEL)[0] <= 0.5 + 1e-12


def test_what_is_out_of_the_question_is_told_before_the_fit() -> None:
    assert not plausible(pair(sex_level=SAME, sex_information=0.7))[0]
    assert plausible(pair(number=SAME))[0]
    # Two errors, and all the same worth a closer look.
    close = {"date_level": SAME, "date_information": 8.0, "drugs_shared": 3, "drugs_information": 12.0}
    assert plausible(pair(**close, age_level=DIFFERENT, events_unshared=2))[0]


def test_the_fit_finds_how_often_duplicates_differ() -> None:
    rng = np.random.default_rng(4)
    n, true = 4000, 2000
    duplicate = np.arange(n) < true
    shares = {"date": 0.9, "age": 0.7, "sex": 0.99, "country": 0.95, "weight": 0.8}
    level = {
        field: np.where(
            duplicate,
            np.where(rng.random(n) < share, SAME, DIFFERENT),
            np.where(rng.random(n) < 0.05, SAME, DIFFERENT),
        )
        for field, share in shares.items()
    }
    events = np.where(duplicate, rng.binomial(1, 0.3, n), 5)
    seen = Evidence(
        a=np.arange(n),
        b=np.arange(n) + n,
        blocks=np.full(n, ALL_KEYS),
        level=level,
        information=dict.fromkeys(NEAR, np.full(n, 3.0)),
        number=np.full(n, MISSING),
        shared=dict.fromkeys(SETS, np.where(duplicate, 2, 0)),
        unshared={"drugs": np.where(duplicate, 0, 4), "events": events},
        set_information=dict.fromkeys(SETS, np.where(duplicate, 6.0, 0.0)),
        both_sets=np.zeros(n),
        n=40_000,
        near_chance={"date": 0.01, "age": 0.05, "weight": 0.1},
    )
    model = fit(seen)
    for field, share in shares.items():
        assert model.same[field] == pytest.approx(share, abs=0.02)
    assert model.miss["events"] == pytest.approx(0.3 / 4.3, abs=0.01)
    assert np.exp(model.log_prior) * 40_000 * 39_999 / 2 == pytest.approx(true, rel=0.02)
