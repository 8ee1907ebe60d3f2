"""`worth` by a forecast: LORIS on three cohorts that it was not fitted to, nobody randomised."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import coley
from coley.model.answer import Answer

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
LORIS = "LORIS (pan-cancer)"


@pytest.fixture(scope="module")
def loris(shared: Path) -> Answer:
    return coley.ask(coley.read(HERE / "loris_worth"), "worth", draws=1000)


def test_the_cohorts_are_those_that_loris_was_not_fitted_to(loris: Answer) -> None:
    rate = loris.estimate("response_rate", group=LORIS)
    assert rate.n == 968  # of 515, 453 and 104; four without earlier therapy, 100 of cancers without a term
    assert rate.value == pytest.approx(243 / 968)
    assert loris.estimate("response_rate", group="TMB").n == 1072
    levels = {check.name: check.level for check in loris.checks}
    assert levels["not_randomised"] == "warn"
    assert levels["sources"] == "pass"


def test_all_patients_together_gain_what_the_trials_found(loris: Answer) -> None:
    gained = loris.estimate("qalys_gained_with_response", group=LORIS)
    added = loris.estimate("added_qalys")
    assert gained.value * 243 / 968 == pytest.approx(added.value, rel=0.03)
    assert added.value == pytest.approx(0.447, abs=0.02)
    assert gained.value == pytest.approx(1.79, abs=0.08)
    # what is seen of responders within two years is more than the model gives them: prognosis is in it
    seen = loris.estimate("qalys_more_with_response", group=LORIS)
    assert (seen.value, seen.low, seen.high) == pytest.approx((0.522, 0.472, 0.572), abs=0.005)
    assert any("is prognosis or chance" in text for text in loris.caveats)


def test_at_thresholds_in_use_nobody_is_treated_and_the_test_is_not_needed(loris: Answer) -> None:
    rows = loris.tables["guided_by_loris"].filter(pl.col("threshold") < 100_000)
    assert rows["treat"].to_list() == ["nobody", "nobody"]
    assert rows["share_treated"].to_list() == [0, 0]
    over = loris.tables["guided_by_loris_net_benefit"].filter(pl.col("threshold") < 100_000)
    assert (over.filter(against="treating all")["low"] > 30_000).all()
    assert over.filter(against="treating none")["net_benefit"].to_list() == [0, 0]
    tmb = loris.tables["guided_by_tmb_per_mb_at_10"].filter(threshold=25_000)
    assert tmb.filter(pl.col("to_choose"))["strategy"].to_list() == ["Conventional treatment for all"]


def test_where_the_choice_is_open_loris_adds_something_if_gains_follow_response(loris: Answer) -> None:
    cutoff = loris.estimate("best_cutoff_at_125000")
    assert cutoff.value == pytest.approx(0.489, abs=0.03)
    assert loris.estimate("sensitivity_at_125000").value == pytest.approx(0.675, abs=0.05)
    assert loris.estimate("specificity_at_125000").value == pytest.approx(0.70, abs=0.05)
    over_all, over_none = (loris.estimate(f"guided_vs_treat_{name}_at_125000") for name in ("all", "none"))
    assert over_all.value == pytest.approx(6_800, abs=2_000)
    assert over_all.low > -1_000
    assert over_none.value == pytest.approx(5_700, abs=2_000)
    assert over_none.low < 0 < over_none.high
    # and nothing any more where patients without a response gain a fifth of what those with one do
    others = loris.tables["guided_by_loris_if_others_gain"]
    added = dict(zip(others["gain_without_response"], others["added_by_guiding"], strict=True))
    assert added[0.0] > added[0.1] > 0
    assert added[0.2] <= 500


def test_tmb_picks_fewer_and_says_less(loris: Answer) -> None:
    group = "TMB at or above 10"
    assert loris.estimate("sensitivity", group=group).value == pytest.approx(85 / 257)
    assert loris.estimate("specificity", group=group).value == pytest.approx(671 / 815)
    table = loris.tables["guided_by_tmb_per_mb_at_10"].filter(threshold=125_000)
    guided = table.filter(pl.col("strategy").str.starts_with("guided"))
    by_loris = loris.estimate("guided_vs_treat_none_at_125000").value
    assert guided["net_benefit_over_none"].item() < by_loris


def test_loris_tells_who_lives_longer_without_checkpoint_inhibitors_too(loris: Answer) -> None:
    treated = loris.estimate("hazard_ratio", group=f"{LORIS}, treated")
    others = loris.estimate("hazard_ratio", group=f"{LORIS}, not treated")
    assert (treated.value, others.value) == pytest.approx((0.48, 0.68), abs=0.01)
    assert others.n == 841
    assert others.high < 1
    assert treated.high < others.low
    assert any("lives longer anyway" in text for text in loris.caveats)
