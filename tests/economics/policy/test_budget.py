from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.budget import budget_impact, cost_by_year
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput

COSTS = {
    "new": [90_000, 40_000, 5000, 1000],
    "ipi": [70_000, 2000, 2000],
    "chemo": [15_000, 6000, 3000, 2000, 500],
}
SHARES = {"ipi": 0.4, "chemo": 0.6}


def test_against_a_loop_over_patients():
    """Every patient on his own: when he starts, what he takes, what he costs in each year since."""
    eligible, uptake, displaced = [100, 120, 140, 150], [0.1, 0.25, 0.4, 0.5], {"ipi": 0.3, "chemo": 0.7}
    found = budget_impact(
        COSTS, eligible, uptake, new="new", shares=SHARES, displaced=displaced, prevalent=60
    )
    with_new, without = np.zeros(4), np.zeros(4)
    for start in range(4):
        patients = eligible[start] + (60 if start == 0 else 0)
        for share in (0, 1):
            mix = {
                "new": share * uptake[start],
                **{name: SHARES[name] - share * uptake[start] * displaced[name] for name in SHARES},
            }
            for name, part in mix.items():
                for age, cost in enumerate(COSTS[name]):
                    if start + age < 4:
                        (with_new if share else without)[start + age] += patients * part * cost
    assert found.with_new[0] == pytest.approx(with_new)
    assert found.without_new[0] == pytest.approx(without)
    assert found.cumulative.value == pytest.approx(np.cumsum(with_new - without))
    assert sum(part[0] for part in found.by_strategy.values()) == pytest.approx(with_new - without)
    assert sum(part[0] for part in found.starting.values()) == pytest.approx([160, 120, 140, 150])


def test_a_new_treatment_that_costs_the_same_costs_nothing():
    found = budget_impact(
        {"new": COSTS["ipi"], "ipi": COSTS["ipi"]}, [10] * 5, [0.9] * 5, new="new", shares={"ipi": 1}
    )
    assert found.impact == pytest.approx(0)


def test_draws_make_limits_and_probabilities():
    rng = np.random.default_rng(1)
    first = rng.normal(90_000, 9000, 4000)
    costs = {"new": np.column_stack([first, first / 3]), "chemo": [15_000, 6000]}
    found = budget_impact(costs, [100, 100], [0.5, 0.5], new="new", shares={"chemo": 1.0})
    assert found.yearly.value[0] == pytest.approx(50 * (first.mean() - 15_000))
    assert found.yearly.low[0] == pytest.approx(50 * (np.quantile(first, 0.025) - 15_000))
    assert found.exceeds(50 * 75_000)[0] == (first > 90_000).mean()


def test_an_established_treatment_can_grow():
    """The new treatment may have a share already; uptake then adds to it."""
    found = budget_impact(
        {"new": [10.0], "old": [1.0]},
        [100],
        [0.2],
        new="new",
        shares={"new": 0.3, "old": 0.7},
        displaced={"old": 1.0},
    )
    assert found.starting["new"][0, 0] == pytest.approx(50)
    assert found.impact[0, 0] == pytest.approx(20 * 9)


def test_cost_by_year_is_what_falls_into_it():
    times = np.linspace(0, 3, 157)
    cumulative = np.array([100 * (1 - np.exp(-times)), 50 * times])
    found = cost_by_year(times, cumulative, 3)
    assert found[1] == pytest.approx([50, 50, 50])
    assert found[0] == pytest.approx(100 * np.exp(-np.arange(3)) * (1 - np.exp(-1)), rel=1e-4)
    with pytest.raises(UnknownName, match="evenly"):
        cost_by_year(times, cumulative, 2, entry="evently")
    with pytest.raises(UnreadableInput, match="not extrapolated"):
        cost_by_year(times, cumulative, 4)
    with pytest.raises(UnreadableInput, match="rising times"):
        cost_by_year(times[::-1], cumulative, 3)


def test_even_entry_by_patients_who_start_at_random():
    """20,000 patients who start some day of the first year, each charged until the calendar year ends."""
    rng = np.random.default_rng(9)
    start = rng.random(20_000)

    def spent(since):
        return np.where(since > 0, 80_000 * (1 - np.exp(-np.maximum(since, 0))), 0.0)

    by_year = np.array([spent(y + 1 - start) - spent(y - start) for y in range(3)])
    times = np.linspace(0, 3, 1501)
    found = cost_by_year(times, spent(times), 3, entry="evenly")[0]
    assert found == pytest.approx(by_year.mean(axis=1), rel=0.02)
    # started and not finished is not lost: what has been spent grows to what whole years make of it
    assert found.sum() < cost_by_year(times, spent(times), 3)[0].sum()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shares": {"ipi": 0.4, "chemo": 0.5}}, "add up to 0.9"),
        ({"displaced": {"ipi": 1.0}, "uptake": [0.2, 0.5]}, "More patients leave ipi"),
        ({"uptake": [0.2, 50]}, "percentage"),
        ({"new": "durvalumab"}, "Every strategy"),
        ({"displaced": {"tki": 1.0}}, "No patient takes tki"),
        ({"uptake": [0.2, 0.3, 0.4]}, "same years"),
        ({"eligible": [10, -1]}, "not negative"),
    ],
)
def test_bad_budgets(change, words):
    given = {"eligible": [10, 10], "uptake": [0.1, 0.2], "new": "new", "shares": SHARES, **change}
    with pytest.raises((InvalidSetting, UnreadableInput), match=words):
        budget_impact(COSTS, given.pop("eligible"), given.pop("uptake"), **given)
