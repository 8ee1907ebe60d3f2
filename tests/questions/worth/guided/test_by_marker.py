from __future__ import annotations

import copy

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr

import coley
from coley.biology.published import apply
from coley.model.errors import InvalidSetting, MissingData, NotEstimable
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


def study(n=3000, *, randomised=True, model=MODEL, follow=30.0) -> Study:
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


def test_a_qaly_costs_less_among_those_who_gain_more():
    dear = {**MODEL["strategies"]["new"], "once_at_start": 20_000}
    model = {**MODEL, "strategies": {**MODEL["strategies"], "new": dear}}
    found = coley.ask(study(model=model), "worth")
    health = found.estimate("qalys_gained_among_positive")
    truth = (_gain(0.04) - _gain(0.08)) / 100_000
    assert health.low < truth < health.high
    ratio = found.estimate("cost_per_qaly_among_positive")
    assert ratio.low < 20_000 / truth < ratio.high
    # the others gain nothing, so that no ratio can be given
    assert found.estimate("cost_per_qaly_among_negative").value is None
    table = found.tables["guided_by_marker_at_1"]
    assert table["threshold"].to_list() == [100_000, 100_000]
    over_all = table.filter(against="treating all")["net_benefit"].item()
    assert over_all == found.estimate("guided_vs_treat_all").value


def test_failed_tests_and_waiting_take_from_what_guiding_is_worth():
    words = MODEL["guided"][0] | {"failed": 0.2, "treat_untold": False, "lost_waiting": 0.1}
    plain, less = (
        coley.ask(study(600, model={**MODEL, "guided": [one]}), "worth")
        .estimate("guided_vs_treat_none")
        .value
        for one in (MODEL["guided"][0], words)
    )
    assert less + 500 == pytest.approx(0.8 * 0.9 * (plain + 500))


# Nobody randomised: all are treated, 40 % respond and live three times as long; the model knows from elsewhere that all
# together die half again as fast without treatment.
RESPONSE = {"column": "responder"}
BY_RESPONSE = {
    **MODEL,
    "thresholds": [100_000, 200_000, 400_000],
    "comparator": "old",
    "strategies": {
        "new": {
            **{
                endpoint: {
                    "families": ["exponential"],
                    "data": {
                        "time": f"{endpoint}_months",
                        "event": f"{endpoint}_event",
                        "time_unit": "months",
                        "where": {"arm": "new"},
                    },
                }
                for endpoint in ("pfs", "os")
            },
            "drugs": [
                {
                    "drug": "pembrolizumab",
                    "dose": "200 mg",
                    "every_weeks": 3,
                    "prices": ["48.57 USD per mg"],
                    "share_vials_among": float("inf"),
                }
            ],
        },
        "old": {endpoint: {"hazard_ratio": {"of": "new", "ratio": 1.5}} for endpoint in ("pfs", "os")},
    },
    "guided": [
        {
            "marker": "score",
            "treated": "new",
            "otherwise": "old",
            "within_months": 24,
            "test_cost": 500,
            "response": RESPONSE,
        }
    ],
}


def treated(n=1500, *, model=BY_RESPONSE, seed=8) -> Study:
    rng = np.random.default_rng(seed)
    response = rng.random(n) < 0.4
    rate = np.where(response, 0.03, 0.09)
    progression, death = rng.exponential(1 / (2 * rate)), rng.exponential(1 / rate)
    free, end = np.minimum(progression, death), rng.uniform(30, 40, n)
    patients = pl.DataFrame(
        {
            "patient_id": [f"p{i}" for i in range(n)],
            "arm": "new",
            "responder": response,
            "score": np.where(response, 1.5, 0.0) + rng.normal(size=n),
            "pfs_months": np.minimum(free, end),
            "pfs_event": free <= end,
            "os_months": np.minimum(death, end),
            "os_event": death <= end,
        }
    )
    return Study("treated", {"patients": patients}, About(randomised=False), economic_model=model)


def _guided(**change):
    return {**BY_RESPONSE, "guided": [BY_RESPONSE["guided"][0] | change]}


@pytest.fixture(scope="module")
def chosen():
    return coley.ask(treated(), "worth")


def test_by_response_all_together_gain_what_the_model_says(chosen):
    found = chosen
    rate = found.estimate("response_rate").value
    gained = found.estimate("qalys_gained_with_response").value
    draws = found.estimate("added_qalys")
    assert rate * gained == pytest.approx(draws.value, rel=0.03)
    cost = [found.estimate(f"cost_added_{way}_response").value for way in ("with", "without")]
    assert rate * cost[0] + (1 - rate) * cost[1] == pytest.approx(
        found.estimate("added_cost").value, rel=0.03
    )
    # drugs by time free of progression within 24 months: rates of 0.09 and 0.27 a month
    free = [(1 - np.exp(-24 * r)) / r for r in (0.09, 0.27)]
    drugs = found.tables["cost_by_category"].filter(strategy="new", category="pembrolizumab")["value"].item()
    assert cost[1] == pytest.approx(drugs * free[1] / (rate * free[0] + (1 - rate) * free[1]), rel=0.06)
    seen = found.estimate("months_lived_longer_with_response")
    truth = np.diff([(1 - np.exp(-21 * r)) / r for r in (0.09, 0.03)]).item()
    assert seen.low < truth < seen.high
    assert [check.level for check in found.checks if check.name == "not_randomised"] == ["warn"]


def test_by_response_the_cut_off_and_whom_it_picks(chosen):
    found = chosen
    table = found.tables["guided_by_score"]
    assert table["threshold"].to_list() == [100_000, 200_000, 400_000]
    row = next(row for row in table.to_dicts() if row["cutoff"])
    at = "" if row["threshold"] == 100_000 else f"_at_{row['threshold']:.0f}"
    sensitivity, specificity = (
        found.estimate(f"{name}{at}").value for name in ("sensitivity", "specificity")
    )
    assert sensitivity == pytest.approx(ndtr(1.5 - row["cutoff"]), abs=0.06)
    assert specificity == pytest.approx(ndtr(row["cutoff"]), abs=0.06)
    share = found.estimate(f"share_treated{at}").value
    assert share == pytest.approx(row["share_treated"])
    rate = found.estimate("response_rate").value
    assert share == pytest.approx(rate * sensitivity + (1 - rate) * (1 - specificity), abs=1e-9)
    # the value of the rule is that of those whom it picks
    gains = [
        row["threshold"] * gain - found.estimate(f"cost_added_{way}_response").value
        for way, gain in (("with", found.estimate("qalys_gained_with_response").value), ("without", 0.0))
    ]
    by_hand = rate * sensitivity * gains[0] + (1 - rate) * (1 - specificity) * gains[1] - 500
    over = found.tables["guided_by_score_net_benefit"].filter(threshold=row["threshold"])
    assert over.filter(against="treating none")["net_benefit"].item() == pytest.approx(by_hand, rel=0.02)
    most = found.estimate("most_added_by_guiding")
    assert most.value >= over["net_benefit"].min() * 0.9
    others = found.tables["guided_by_score_if_others_gain"]
    first = others.filter(threshold=row["threshold"])["added_by_guiding"].to_list()
    assert first[0] > first[-1]


def test_by_response_whoever_has_no_result_is_treated():
    found = coley.ask(treated(600, model=_guided(failed=0.2)), "worth")
    row = next(row for row in found.tables["guided_by_score"].to_dicts() if row["cutoff"])
    rate = found.estimate("response_rate").value
    picked = rate * row["sensitivity"] + (1 - rate) * (1 - row["specificity"])
    assert row["share_treated"] == pytest.approx(0.8 * picked + 0.2)
    at = "" if row["threshold"] == 100_000 else f"_at_{row['threshold']:.0f}"
    assert found.estimate(f"share_treated{at}").value == pytest.approx(row["share_treated"])


def test_by_response_a_fixed_cut_off_is_a_table_of_two_by_two(chosen):
    model = _guided(cutoff=0.75)
    asked = treated(model=model)
    found = coley.ask(asked, "worth")
    patients = asked.tables["patients"]
    positive, response = (patients["score"] >= 0.75).to_numpy(), patients["responder"].to_numpy()
    assert found.estimate("sensitivity").value == pytest.approx(positive[response].mean())
    assert found.estimate("specificity").value == pytest.approx(1 - positive[~response].mean())
    share = found.estimate("share_treated")
    assert share.low < positive.mean() < share.high
    fixed, searched = (one.estimate("guided_vs_treat_none").value for one in (found, chosen))
    assert fixed < searched + 2000


def test_a_published_score_is_computed_and_not_judged_on_its_own_patients():
    asked = treated(300, model={**BY_RESPONSE, "guided": [BY_RESPONSE["guided"][0] | {"marker": "loris"}]})
    rng = np.random.default_rng(5)
    patients = asked.tables["patients"].with_columns(
        cohort=pl.Series(["Chowell_train"] * 100 + ["ours"] * 200),
        tmb_per_mb=pl.Series(rng.gamma(1, 8, 300)),
        prior_systemic=pl.Series(rng.random(300) < 0.5),
        albumin_g_dl=pl.Series([None] * 110 + [4.0] * 190),
        nlr=pl.Series(rng.gamma(3, 2, 300)),
        age_years=pl.Series(rng.uniform(40, 80, 300)),
        cancer_type=pl.Series(["Melanoma"] * 300),
    )
    found = coley.ask(asked.with_table("patients", patients), "worth")
    assert found.estimate("response_rate").n == 190
    assert any("Left out" in text and "Chowell_train" in text for text in found.caveats)
    assert any("190 treated patients" in text and "10 left out" in text for text in found.caveats)
    curve = found.tables["guided_by_loris_by_cutoff"].filter(group="guided")
    scores = apply("loris", patients.tail(190)).table["value"]
    assert curve["x"].to_list() == pytest.approx(sorted(scores.unique().to_list()))


def test_one_marker_twice_and_too_few_responses_are_refused():
    twice = {**BY_RESPONSE, "guided": BY_RESPONSE["guided"] * 2}
    with pytest.raises(InvalidSetting, match="stands twice"):
        coley.ask(treated(300, model=twice), "worth")
    few = treated(300)
    none = few.tables["patients"].with_columns(responder=pl.lit(value=False))
    with pytest.raises(NotEstimable, match="0 of 300 patients responded"):
        coley.ask(few.with_table("patients", none), "worth")
    with pytest.raises(InvalidSetting, match="was randomised"):
        coley.ask(few.replace(about=About(randomised=True)), "worth")
    strategies = copy.deepcopy(BY_RESPONSE["strategies"])
    strategies["new"]["os"]["data"]["where"] = {}
    with pytest.raises(InvalidSetting, match="from the study's own patients"):
        coley.ask(few.replace(economic_model={**BY_RESPONSE, "strategies": strategies}), "worth")
    with pytest.raises(MissingData, match="respnder"):
        coley.ask(treated(300, model=_guided(response={"column": "respnder"})), "worth")


def test_a_marker_of_who_lives_longer_anyway_is_told_by_the_untreated():
    """Untreated patients die by exp(-0.5 x marker); noise is not said to be prognostic."""
    asked, rng = treated(800), np.random.default_rng(9)
    marker = rng.normal(size=800)
    death = rng.exponential(1 / (0.05 * np.exp(-0.5 * marker)))
    others = pl.DataFrame(
        {
            "patient_id": [f"u{i}" for i in range(800)],
            "arm": "none",
            "score": marker,
            "os_months": np.minimum(death, 36.0),
            "os_event": death <= 36,
        }
    )
    model = _guided(response={**RESPONSE, "untreated": {"arm": "none"}})

    def ask(rows):
        both = pl.concat([asked.tables["patients"], rows], how="diagonal_relaxed")
        return coley.ask(asked.replace(economic_model=model).with_table("patients", both), "worth")

    found = ask(others)
    ratio = found.estimate("hazard_ratio", group="score, not treated")
    spread = asked.tables["patients"]["score"].std()
    assert ratio.low < np.exp(-0.5 * spread) < ratio.high
    assert ratio.n == 800
    assert any("lives longer anyway, and part of what" in text for text in found.caveats)
    assert found.estimate("response_rate").n == 800, "nobody untreated is among the treated"
    noise = ask(others.with_columns(score=pl.Series(rng.normal(size=800))))
    assert any("does not show that there is none" in text for text in noise.caveats)
    wrong = _guided(response={**RESPONSE, "untreated": {"arm": "nobody"}})
    with pytest.raises(MissingData, match="arm = nobody"):
        coley.ask(asked.replace(economic_model=wrong), "worth")


def test_what_was_used_is_cited(chosen):
    cited = "; ".join(chosen.citations)
    assert "Analysis of survival by tumor response" in cited
    assert "Decision curve analysis" in cited
    assert "Robins JM" not in cited, "nobody was randomised"
    arms = "; ".join(coley.ask(study(400), "worth").citations)
    assert "Robins JM" in arms
    assert "Andersen PK" in arms
