from __future__ import annotations

import re

import pytest
from tests.questions.worth.conftest import ask

TEST = {
    "label": "the test",
    "treated": "new",
    "otherwise": "old",
    "sensitivity": 1.0,
    "specificity": 1.0,
    "prevalence": 0.4,
    "test_cost": 500,
}


def test_a_test_that_never_errs_treats_those_with_the_condition(words):
    found = ask({**words, "tests": [TEST]})
    rows = {
        row["strategy"]: row
        for row in found.tables["tested_by_the_test"].filter(threshold=100_000).to_dicts()
    }
    everybody, nobody = rows["Immunotherapy for all"], rows["Chemotherapy for all"]
    guided = rows["guided by the test"]
    # all patients together are as the model says, and everything that is gained falls to the 40 %
    lost = -0.1 * 0.2 * 4 * 7 / 365.25  # by adverse events, which those treated in vain have as well
    assert guided["qalys"] - nobody["qalys"] == pytest.approx(
        everybody["qalys"] - nobody["qalys"] - 0.6 * lost, rel=1e-3
    )
    added = found.estimate("added_qalys").value
    assert everybody["qalys"] - nobody["qalys"] == pytest.approx(added, rel=0.03)
    share = found.estimate("share_treated", group="the test")
    assert (share.value, share.low, share.high) == pytest.approx((0.4, 0.4, 0.4))
    over_all = found.estimate("guided_vs_treat_all", group="the test")
    assert over_all.low > 0
    assert sum(row["probability_best"] for row in rows.values()) == pytest.approx(1)


def test_a_test_that_tells_nothing_is_worth_less_than_its_cost(words):
    noise = TEST | {"sensitivity": 0.3, "specificity": 0.7, "drugs_without": 1.0, "gain_without": 1.0}
    found = ask({**words, "tests": [noise]})
    table = found.tables["tested_by_the_test"].filter(threshold=100_000)
    none, everybody, guided = (
        table.filter(strategy=name)["net_benefit_over_none"].item()
        for name in ("Chemotherapy for all", "Immunotherapy for all", "guided by the test")
    )
    assert none == 0
    assert guided == pytest.approx(0.3 * everybody - 500)
    assert found.estimate("highest_cost_of_testing").value < 500


def test_highest_cost_is_the_cost_at_which_testing_is_no_better(words):
    cheap = ask({**words, "tests": [TEST]}, threshold=400_000)
    found = cheap.estimate("highest_cost_of_testing")
    highest = found.value
    assert highest > 500
    assert found.low < highest < found.high
    over = min((cheap.estimate(f"guided_vs_treat_{name}") for name in ("all", "none")), key=lambda e: e.value)
    assert (found.low - 500, found.high - 500) == pytest.approx((over.low, over.high))
    dear = ask({**words, "tests": [TEST | {"test_cost": highest}]}, threshold=400_000)
    left = min(dear.estimate(f"guided_vs_treat_{name}").value for name in ("all", "none"))
    assert left == pytest.approx(0, abs=1e-6 * highest)


def test_how_much_others_may_gain_for_guiding_still_to_add_something(words):
    found = ask({**words, "tests": [TEST]})
    most = found.estimate("most_added_by_guiding")
    assert most.low <= most.value <= most.high
    (told,) = [text for text in found.caveats if "nothing any more" in text]
    at = float(re.search(r"at ([\d,]+) USD", told)[1].replace(",", ""))
    limit = int(re.search(r"where they gain (\d+)%", told)[1]) / 100
    over = {}
    for share in (0.0, limit - 0.02, limit + 0.01):
        there = ask({**words, "tests": [TEST | {"gain_without": share}]}, threshold=at)
        over[share] = min(there.estimate(f"guided_vs_treat_{name}").value for name in ("all", "none"))
    first, before, after = over.values()
    assert first == pytest.approx(most.value)
    assert before > 0 > after


def test_doubt_about_the_test_widens_and_can_be_worth_resolving(words):
    doubt = TEST | {"sensitivity": {"value": 0.7, "se": 0.1}, "specificity": {"value": 0.7, "se": 0.1}}
    found = ask({**words, "tests": [doubt]}, threshold=350_000)
    known = ask({**words, "tests": [TEST | {"sensitivity": 0.7, "specificity": 0.7}]}, threshold=350_000)
    wide, narrow = (one.estimate("share_treated") for one in (found, known))
    assert wide.high - wide.low > 0.15
    assert narrow.high == narrow.low
    worth = found.estimate("value_of_knowing_accuracy")
    assert worth.value >= 0
    assert not [e for e in known.estimates if e.name.startswith("value_of_knowing")]
    assert any("only a randomised comparison" in text for text in found.caveats)
    assert "tested_by_the_test_acceptability" in found.tables


def test_a_test_beside_another_and_none(words):
    found = ask({**words, "tests": [TEST, TEST | {"label": "another", "test_cost": 1500}]})
    one, other = (
        found.estimate("guided_vs_treat_all", group=label).value for label in ("the test", "another")
    )
    assert one - other == pytest.approx(1000)
    assert not [name for name in ask(words).tables if name.startswith("tested_")]
