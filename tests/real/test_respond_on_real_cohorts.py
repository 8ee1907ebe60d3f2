"""`respond` on real cohorts: published figures reproduce, and what is not in the data is said to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

import coley
from coley.model.answer import Answer

pytestmark = pytest.mark.real

HERE = Path(__file__).parent


def respond(name: str, **settings: object) -> Answer:
    return coley.ask(coley.read(HERE / name), "respond", **{"bootstraps": 20, **settings})


@pytest.mark.usefixtures("shared")
def test_oak_reproduces_the_hazard_ratios_of_its_data() -> None:
    answer = respond("oak")
    os = answer.estimate("hazard_ratio", endpoint="os", group="atezolizumab vs docetaxel")
    pfs = answer.estimate("hazard_ratio", endpoint="pfs", group="atezolizumab vs docetaxel")
    assert (os.value, os.low, os.high) == pytest.approx((0.729, 0.618, 0.859), abs=0.002)
    assert (pfs.value, pfs.low, pfs.high) == pytest.approx((0.938, 0.812, 1.083), abs=0.002)
    assert (os.n, os.events, pfs.events) == (850, 569, 755)
    assert any(c.name == "crossing_pfs" and c.level == "warn" for c in answer.checks)


@pytest.mark.usefixtures("shared")
def test_interactions_carry_their_multiplicity() -> None:
    tests = [e for e in respond("oak").estimates if e.name == "interaction"]
    assert tests
    for test in tests:
        assert test.p is not None
        assert test.p_adjusted is not None
        assert test.p_adjusted >= test.p
        assert test.multiplicity.startswith("Holm over")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("name", "n", "responders"),
    [
        ("chowell2021", 1479, 409),
        ("riaz2017_genomics", 73, 15),
        ("prince_trial", 86, 34),
        ("amadeus_trial", 64, 15),
        ("snyder2017_bladder", 25, 7),
        ("loris2024/Chowell_train", 964, 282),
        ("loris2024/Chowell_test", 515, 127),
        ("loris2024/MSK1", 453, 116),
        ("loris2024/MSK2", 104, 14),
        ("loris2024/Kato_panCancer", 35, 5),
        ("loris2024/Shim_NSCLC", 198, 61),
        ("loris2024/Vanguri_NSCLC", 246, 61),
        ("loris2024/Ravi_NSCLC", 309, 121),
        ("loris2024/Pradat_panCancer", 57, 38),
    ],
)
def test_responders_are_counted_as_in_the_source(name: str, n: int, responders: int) -> None:
    rate = respond(name).estimate("response_rate", group="All patients")
    assert (rate.n, rate.events) == (n, responders)


@pytest.mark.usefixtures("shared")
def test_days_declared_in_the_manifest_become_months() -> None:
    median = respond("loris2024/Ravi_NSCLC").estimate("median", endpoint="os", group="All patients")
    assert median.value is not None
    assert 15 < median.value < 30  # the sheet's raw median is 402 days among all, 650 by Kaplan-Meier


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", ["msk_tmb_2018", "loris2024/MSK_nonICB"])
def test_what_is_not_there_is_said_to_be_missing(name: str) -> None:
    answer = respond(name)
    missing = " ".join(answer.cannot_tell)
    assert "Response rates" in missing
    assert "Progression-free survival" in missing
    assert "effect of treatment" in missing
    assert not [e for e in answer.estimates if e.endpoint in ("response", "pfs")]


@pytest.mark.usefixtures("shared")
def test_survival_known_only_for_the_dead_fails() -> None:
    checks = {c.name: c.level for c in respond("loris2024/Vanguri_NSCLC").checks}
    assert checks["follow_up_os"] == "fail"


@pytest.mark.usefixtures("shared")
def test_row_order_changes_no_number() -> None:
    study = coley.read(HERE / "oak")
    shuffled = study.with_table("patients", study.patients.sample(fraction=1.0, shuffle=True, seed=7))
    one, two = (coley.ask(s, "respond", bootstraps=20) for s in (study, shuffled))
    resampled = {"royston_sauerbrei", "likelihood_r2"}  # a resample is drawn by row number
    for a, b in zip(one.estimates, two.estimates, strict=True):
        assert (a.name, a.endpoint, a.group, a.n, a.events) == (b.name, b.endpoint, b.group, b.n, b.events)
        if a.method not in resampled:
            assert a.value == pytest.approx(b.value, rel=1e-7, abs=1e-9)


@pytest.mark.usefixtures("shared")
def test_a_trial_without_a_survival_endpoint_cannot_be_answered() -> None:
    answer = respond("cdisc_pilot_ae")
    assert answer.headline.startswith("Cannot be answered")
    assert not answer.estimates


@pytest.mark.usefixtures("shared")
def test_adam_is_read_with_cnsr_inverted() -> None:
    answer = respond("pharmaverse_onco_adam")
    assert answer.estimate("response_rate", group="All patients").events == 4
    median = answer.estimate("median", endpoint="os", group="All patients")
    assert (median.value, median.n, median.events) == (None, 254, 3)
