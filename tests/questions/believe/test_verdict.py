"""Verdicts: each rule met by a hair and missed by one; words that never say more than the evidence."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.questions.believe.across import Across
from coley.questions.believe.added_value import Added
from coley.questions.believe.associations import Association
from coley.questions.believe.markers.marker import Marker
from coley.questions.believe.predictive import Interaction
from coley.questions.believe.verdict import (
    NOT_JUDGED,
    RULES,
    Evidence,
    by_grade,
    grade_of,
    grades,
    threshold,
    verdict,
)
from coley.questions.believe.verdict import _rows as rows_of
from coley.stats.pooling.random_effects import Pooled
from coley.stats.values import Interval, Test

WIDE = (0.1, -0.5, 0.7)  # includes no effect, and useful ones
NARROW = (0.0, -log(1.2499), log(1.2499))
SHOWN = (0.4, 0.2, 0.6)
HOLDS = (0.4, 0.001, 0.8)


def marker(direction: int = 0, **changes: object) -> Marker:
    values = np.array([1.5, 2.0, 3.5])
    return replace(Marker("m", "Marker", "dna", values, direction=direction), **changes)


def row(cohort: str, n: int) -> Association:
    return Association(
        "m",
        cohort,
        "response",
        n,
        n // 3,
        0.1,
        0.1,
        0.3,
        1.0,
        0.6,
        0.05,
        0.1,
        0.1,
        n,
        n // 3,
        in_sample=False,
    )


def evidence(
    k: int = 1,
    *,
    q: float = 0.5,
    limits: tuple[float, float, float] = WIDE,
    prediction: tuple[float, float, float] = (0.1, -1.0, 1.2),
    n: int = 100,
    flips: tuple[str, ...] = (),
    interactions: tuple[Interaction, ...] = (),
    endpoint: str = "response",
    direction: int = 0,
    added: tuple[float, ...] = (),
    assays: dict[str, str] | None = None,
    heterogeneity_p: float = 0.5,
    small_study_p: float | None = None,
) -> Evidence:
    """What a study of k cohorts of n patients in all would hold, with the numbers given."""
    mean, beyond = Interval(*limits, 0.95, 0.1), Interval(*prediction, 0.95)
    nothing = Interval(0.0, 0.0, 0.0, 0.95)
    pooled = Pooled(
        interval=mean,
        p=q / 2,
        prediction=beyond,
        prediction_t=beyond,
        wald=mean,
        fixed=mean,
        fixed_p=q / 2,
        q=Test(float(k), float(k - 1), heterogeneity_p),
        tau2=nothing,
        i2=Interval(0.25, 0.0, 0.5, 0.95),
        weights=np.full(k, 1 / k),
        k=k,
    )
    rows = tuple(row(f"c{i}", n // k + (n % k if i == 0 else 0)) for i in range(k))
    one = Across("m", endpoint, rows, pooled, q / 2, q, flips, small_study_p)
    gains = tuple(
        Added("m", f"c{i}", endpoint, 100, 33, "AUC", 0.02, -0.01, 0.05, p) for i, p in enumerate(added)
    )
    return Evidence(marker(direction, assays=assays or {}), one, added=gains, interactions=interactions)


def interaction(
    p: float = 0.049, *, trial: str = "OAK", randomised: bool = True, ratio: float = 0.5, endpoint: str = "os"
) -> Interaction:
    """An interaction whose corrected p is given; uncorrected it is a third."""
    low, high = ratio / 2, ratio * 2
    return Interaction(
        marker="m",
        endpoint=endpoint,
        comparison=trial,
        randomised=randomised,
        ratio=ratio,
        low=low,
        high=high,
        p=p / 3,
        p_adjusted=p,
        n=400,
        events=250,
        prognostic="1.0",
        treated="0.5",
        power="a ratio of 0.7",
    )


def letter(made: Evidence) -> str:
    assert made.primary is not None
    return grade_of(made, made.primary)


TWO = (interaction(), interaction(trial="POPLAR"))
B = {"k": 5, "q": 0.049, "limits": SHOWN, "prediction": HOLDS}


@pytest.mark.parametrize(
    ("grade", "given"),
    [
        # A: the interaction in two trials, or in one beside an association that holds across cohorts
        ("A", {"interactions": TWO}),
        ("A", {**B, "interactions": TWO[:1]}),
        ("A", {"interactions": (interaction(), interaction(trial="POPLAR", ratio=2.0, endpoint="response"))}),
        ("E", {"interactions": TWO[:1]}),
        ("E", {"interactions": (interaction(0.05), interaction(0.05, trial="POPLAR"))}),
        ("E", {"interactions": (interaction(), interaction(0.05, trial="POPLAR"))}),
        ("E", {"interactions": (interaction(), interaction(endpoint="pfs"))}),  # two endpoints, one trial
        ("E", {"interactions": (interaction(), interaction(trial="POPLAR", ratio=2.0))}),  # opposite ways
        ("E", {"interactions": (interaction(), interaction(trial="POPLAR", endpoint="response"))}),
        ("E", {"interactions": tuple(replace(i, randomised=False) for i in TWO)}),
        ("B", {**B, "interactions": (interaction(0.05),)}),
        ("B", {**B, "interactions": (interaction(randomised=False),)}),
        # B: five cohorts, q, a prediction interval on one side of no effect, no cohort that carries it
        ("B", B),
        ("B", {**B, "limits": (-0.4, -0.6, -0.2), "prediction": (-0.4, -0.8, -0.001)}),
        ("C", {**B, "k": 4}),
        ("C", {**B, "prediction": (0.4, 0.0, 0.8)}),
        ("C", {**B, "prediction": (0.4, nan, nan)}),
        ("C", {**B, "flips": ("c1",)}),
        ("B", {**B, "added": (0.0249, 0.9)}),
        ("C", {**B, "added": (0.025, 0.9)}),  # nothing that could be shown over the clinic
        ("A", {**B, "interactions": TWO, "assays": {"c0": "WES", "c4": "WES"}}),
        ("B", {**B, "interactions": TWO, "assays": {"c0": "WES", "c4": "panel"}}),
        ("B", {**B, "assays": {"c0": "WES", "c4": "panel"}}),
        ("E", {**B, "q": 0.05}),
        # C: three cohorts and q
        ("C", {"k": 3, "q": 0.0499, "limits": SHOWN}),
        ("D", {"k": 2, "q": 0.0499, "limits": SHOWN}),
        ("E", {"k": 3, "q": 0.05, "limits": SHOWN}),
        # D: q in one or two cohorts
        ("D", {"k": 1, "q": 0.0499, "limits": SHOWN}),
        ("D", {"k": 1, "q": 0.0499, "limits": NARROW}),
        ("E", {"k": 1, "q": 0.05, "limits": SHOWN}),
        # F: within 0.8 to 1.25, in three cohorts or 300 patients
        ("F", {"k": 3, "n": 30, "limits": NARROW}),
        ("F", {"k": 1, "n": 300, "limits": NARROW}),
        ("F", {"k": 2, "n": 300, "limits": NARROW}),
        ("E", {"k": 2, "n": 299, "limits": NARROW}),
        ("E", {"k": 1, "n": 299, "limits": NARROW}),
        ("E", {"k": 3, "n": 3000, "limits": (0.0, -log(1.2499), log(1.25))}),
        ("E", {"k": 3, "n": 3000, "limits": (0.0, -log(1.25), log(1.2499))}),
        ("E", {"k": 3, "n": 3000, "limits": (0.0, nan, nan)}),
        ("E", {"k": 3, "n": 3000, "limits": (0.0, -inf, inf)}),
    ],
)
def test_a_rule_is_met_by_a_hair_and_missed_by_one(grade: str, given: dict[str, object]) -> None:
    made = evidence(**given)  # type: ignore[arg-type]
    assert letter(made) == grade
    assert verdict(made).grade is grades()[grade]


def test_without_an_outcome_nothing_is_judged_and_the_reason_is_told() -> None:
    told = verdict(Evidence(marker(in_sample=frozenset({"train"})), None))
    assert (told.grade.grade, told.endpoint) == (NOT_JUDGED, "")
    assert "it was made from train" in told.sentence
    assert "too few patients" in verdict(Evidence(marker(), None)).sentence


def test_every_rule_has_its_words_and_every_word_its_rule() -> None:
    assert {*RULES, NOT_JUDGED} == set(grades())
    assert list(grades()) == ["A", "B", "C", "D", "E", "F", NOT_JUDGED]
    for grade in grades().values():
        assert all((grade.title, grade.rule, grade.raised_by))


def test_the_words_of_the_rules_carry_the_numbers_of_the_thresholds() -> None:
    in_words = {3: "three", 5: "five"}
    told = {letter: grade.rule.lower() for letter, grade in grades().items()}
    assert f"at least {in_words[int(threshold('cohorts_to_hold'))]} independent cohorts" in told["B"]
    assert f"at least {in_words[int(threshold('cohorts_for_mean'))]} independent cohorts" in told["C"]
    assert f"beyond {threshold('useful_ratio')}" in told["F"]
    assert f"at least {threshold('patients_for_none'):.0f} patients" in told["F"]
    for letter in "ABCD":
        assert f"below {threshold('alpha')}" in told[letter]
    for line in rows_of("thresholds.csv"):
        assert line["reason"]
        assert line["source"]


LOG_RATIOS = st.floats(-3, 3)
INTERACTIONS = st.lists(
    st.builds(
        interaction,
        st.sampled_from([0.0001, 0.049, 0.05, 0.9]),
        trial=st.sampled_from(["OAK", "POPLAR"]),
        randomised=st.booleans(),
        ratio=st.sampled_from([0.4, 2.5]),
        endpoint=st.sampled_from(["response", "pfs", "os"]),
    ),
    max_size=4,
).map(tuple)


@st.composite
def any_evidence(draw: st.DrawFn, most: int = 12, least: int = 1) -> Evidence:
    def limits() -> tuple[float, float, float]:
        low, value, high = sorted(draw(st.tuples(LOG_RATIOS, LOG_RATIOS, LOG_RATIOS)))
        return value, low, high

    return evidence(
        draw(st.integers(least, most)),
        q=draw(st.floats(0, 1)),
        limits=limits(),
        prediction=limits(),
        n=draw(st.integers(12, 2000)),
        flips=draw(st.sampled_from([(), ("c0",)])),
        interactions=draw(INTERACTIONS),
        endpoint=draw(st.sampled_from(["response", "pfs", "os"])),
        direction=draw(st.sampled_from([-1, 0, 1])),
        small_study_p=draw(st.sampled_from([None, 0.01, 0.5])),
    )


@given(any_evidence())
def test_predictive_is_said_of_a_randomised_interaction_alone(made: Evidence) -> None:
    told = verdict(made)
    proven = any(i.randomised and (i.p_adjusted or 0) < 0.05 for i in made.interactions)
    assert "predict" not in told.sentence.lower()
    assert told.predictive.startswith("Predictive in a randomised comparison") == proven
    if told.grade.grade == "A":
        assert proven
    if not made.interactions:
        assert told.predictive == "Prognostic or predictive cannot be told without a control arm."
    elif not any(i.randomised for i in made.interactions):
        assert "not randomised" in told.predictive


@given(any_evidence(least=2, most=2))
def test_two_cohorts_never_get_beyond_associated_here(made: Evidence) -> None:
    """But for two randomised trials, whose interactions are grade A by its own rule."""
    made = replace(made, interactions=tuple(replace(i, randomised=False) for i in made.interactions))
    assert letter(made) in "DEF"


@given(any_evidence())
def test_no_association_is_claimed_without_a_small_q(made: Evidence) -> None:
    assert made.primary is not None
    told = verdict(made)
    claims = "is associated with" in told.sentence
    assert claims == (told.grade.grade in "ABCD")
    if told.grade.grade in "BCD":
        assert made.primary.q < 0.05


@pytest.mark.parametrize(
    ("direction", "endpoint", "log_ratio", "against"),
    [
        (1, "response", -0.4, "against the claim that higher values go with response"),
        (-1, "response", 0.4, "against the claim that higher values go with resistance"),
        (1, "os", 0.4, "against the claim that higher values go with response"),
        (-1, "pfs", -0.4, "against the claim that higher values go with resistance"),
        (1, "response", 0.4, ""),
        (-1, "response", -0.4, ""),
        (1, "os", -0.4, ""),
        (0, "response", -0.4, ""),
    ],
)
def test_an_association_against_the_claim_says_so(
    direction: int, endpoint: str, log_ratio: float, against: str
) -> None:
    limits = (log_ratio, log_ratio - 0.2, log_ratio + 0.2)
    told = verdict(evidence(q=0.01, limits=limits, endpoint=endpoint, direction=direction)).sentence
    assert told.endswith(f", {against}." if against else ".")
    assert ("against" in told) == bool(against)


def test_what_is_not_shown_is_not_said_to_run_against_a_claim() -> None:
    unseen = evidence(q=0.5, limits=(-0.4, -0.9, 0.1), direction=1)
    assert letter(unseen) == "E"
    assert "against" not in verdict(unseen).sentence


def test_the_sentence_carries_ratio_interval_cohorts_patients_and_q() -> None:
    told = verdict(evidence(k=5, q=0.004, limits=(log(2), log(1.5), log(2.67)), n=1234)).sentence
    assert told == (
        "Marker is associated with the odds of response: ratio per standard deviation 2.00 (1.50–2.67), 5 cohorts, "
        "1,234 patients, q 0.004."
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"k": 1}, "One cohort: whether it replicates cannot be told."),
        ({"k": 2, "heterogeneity_p": 0.05}, "2 cohorts, which agree (p 0.05"),
        ({"k": 2, "heterogeneity_p": 0.049}, "2 cohorts, which disagree (p 0.049"),
        ({"k": 3, "prediction": (0.0, nan, nan)}, "too few to say what a new one would show"),
        (
            {"k": 3, "limits": SHOWN, "prediction": (0.4, log(0.5), log(2))},
            "A new cohort is expected between 0.50 and 2.00; I² 25 %.",
        ),
        ({"k": 6, "flips": ("c0", "c3")}, "the conclusion rests on c0, c3"),
        ({"k": 12, "small_study_p": 0.01}, "small cohorts find larger effects (p 0.01"),
    ],
)
def test_replication_is_told(given: dict[str, object], words: str) -> None:
    assert words in verdict(evidence(**given)).replication  # type: ignore[arg-type]


def added(p: float, n: int, cohort: str) -> Added:
    return Added("m", cohort, "response", n, n // 3, "AUC", 0.02, 0.001, 0.04, p)


def test_what_it_adds_to_the_clinic_is_counted() -> None:
    made = replace(evidence(), added=(added(0.016, 100, "a"), added(0.017, 300, "b"), added(0.9, 200, "c")))
    assert verdict(made).clinic == (
        "Adds to the clinical model in 1 of 3 comparisons; the largest: change of AUC 0.020 (0.001 to 0.040) in b."
    )
    assert verdict(replace(made, added=made.added[2:])).clinic.startswith(
        "Not shown to add to the clinical model: "
    )
    assert verdict(evidence()).clinic.startswith("Not compared with a clinical model")


def test_a_null_interaction_tells_what_could_have_been_found_and_a_shown_one_does_not() -> None:
    (_, null), (_, shown) = verdict(
        evidence(interactions=(interaction(0.3), interaction(0.01, trial="POPLAR")))
    ).interactions
    assert "a ratio of 0.7" in null
    assert "a ratio of 0.7" not in shown


def test_assays_that_differ_are_named() -> None:
    made = evidence(k=2)
    two = replace(made, marker=marker(assays={"c0": "F1CDx", "c1": "WES"}))
    assert verdict(two).assay.startswith("Measured in different ways (F1CDx; WES)")
    assert verdict(replace(made, marker=marker(assays={"c0": "WES", "c1": "WES"}))).assay == "One assay: WES."
    elsewhere = replace(made, marker=marker(assays={"c9": "WES"}))
    assert verdict(elsewhere).assay == "Assay not stated."


def test_verdicts_are_ordered_by_grade_then_by_p() -> None:
    given = [evidence(q=0.9), evidence(q=0.01, limits=SHOWN), evidence(**B), evidence(q=0.001, limits=SHOWN)]  # type: ignore[arg-type]
    made = [verdict(e) for e in given] + [verdict(Evidence(marker(), None))]
    assert [(v.grade.grade, v.p) for v in by_grade(made)] == [
        ("B", 0.0245), ("D", 0.0005), ("D", 0.005), ("E", 0.45), (NOT_JUDGED, 1.0),
    ]  # fmt: skip


def test_a_trial_alone_is_told_what_grade_a_asks_for() -> None:
    alone = verdict(evidence(interactions=TWO[:1])).predictive
    assert alone.startswith("Predictive in a randomised comparison")
    assert "Grade A asks for more" in alone
    assert "asks for more" not in verdict(evidence(interactions=TWO)).predictive
