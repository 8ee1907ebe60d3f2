"""Who is treated and who is control, who stands in two cohorts, and whose survival can be used."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.errors import InvalidSetting
from coley.model.study import About, Study
from coley.questions.believe.across import Across
from coley.questions.believe.associations import Association
from coley.questions.believe.cohorts import Cohorts, follow_up_checks, known_only_for_the_dead, overlap_checks

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
People = Callable[..., Cohorts]
Judged = Callable[..., tuple[tuple[Association, ...], tuple[Across, ...]]]

SHARED = 30


def half(n: int, one: str, other: str) -> list[str]:
    return [one if i % 2 else other for i in range(n)]


def test_a_control_is_told_by_its_treatment_class(frame: Frames, study: Studies, people: People) -> None:
    made = people(study(frame(treatment_class=half(120, "PD1", "control"))))
    assert made.control.tolist() == [i % 2 == 0 for i in range(120)]
    assert (made.treated("here") == ~made.control).all()


def test_a_control_is_told_by_the_control_arm_of_the_manifest(
    frame: Frames, study: Studies, people: People
) -> None:
    told = study(frame(arm=half(120, "nivolumab", "docetaxel")), control_arm="docetaxel")
    assert people(told).control.tolist() == [i % 2 == 0 for i in range(120)]
    assert not people(told.replace(about=About())).control.any()


def test_a_control_can_be_named(frame: Frames, study: Studies, people: People) -> None:
    arms = study(frame(arm=half(120, "nivolumab", "docetaxel")), control_arm="docetaxel")
    named = people(arms, control="nivolumab")
    assert named.control.tolist() == [i % 2 == 1 for i in range(120)]


def test_each_cohort_has_the_control_arm_of_its_own_manifest(frame: Frames, people: People) -> None:
    one, two = (
        Study(
            name,
            {"patients": frame(seed, 40, name=name, arm=half(40, "A", "B")).drop("cohort")},
            About(control_arm=control, randomised=randomised),
        )
        for seed, name, control, randomised in ((1, "one", "A", True), (2, "two", "B", False))
    )
    made = people(coley.read([one, two]))
    assert made.names == ("one", "two")
    assert made.control.tolist() == [i % 2 == 1 for i in range(40)] + [i % 2 == 0 for i in range(40)]
    assert made.randomised == {"one"}


def test_a_cohort_without_two_arms_was_not_randomised_here(
    frame: Frames, study: Studies, people: People
) -> None:
    assert not people(study(frame(), randomised=True)).randomised
    both = study(frame(treatment_class=half(120, "PD1", "control")), randomised=True)
    assert people(both).randomised == {"here"}
    assert not people(both.replace(about=About())).randomised


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"cohorts": ("her",)}, "Did you mean 'here'"),
        ({"cohorts": ("here", "xyz")}, "Cohorts present: here"),
        ({"control": "docetaxl"}, "Did you mean 'docetaxel'"),
        ({"control": "xyz"}, "Arms present: docetaxel, nivolumab"),
    ],
)
def test_unknown_cohorts_and_controls_are_refused_with_a_near_miss(
    frame: Frames, study: Studies, people: People, settings: dict[str, object], told: str
) -> None:
    arms = study(frame(arm=half(120, "nivolumab", "docetaxel")))
    with pytest.raises(InvalidSetting, match=told):
        people(arms, **settings)


def test_chosen_cohorts_alone_are_used_in_the_order_of_the_study(
    frame: Frames, study: Studies, people: People
) -> None:
    three = study(*(frame(seed, 20, name=name) for seed, name in enumerate("abc")))
    made = people(three, cohorts=("c", "a"))
    assert made.names == ("a", "c")
    assert made.n == 40


def sharing(frame: Frames) -> list[pl.DataFrame]:
    """Two cohorts of 100, of which the last 30 of the first are the first 30 of the second under other ids."""
    rng = np.random.default_rng(5)
    made = [
        frame(
            seed,
            100,
            name=name,
            age_years=rng.normal(63, 9, 100).round(1),
            nlr=rng.lognormal(1.2, 0.6, 100).round(2),
            ldh_uln=rng.lognormal(0, 0.4, 100).round(3),
            tmb_per_mb=rng.lognormal(1.8, 1, 100).round(2),
        )
        for seed, name in ((1, "first"), (2, "second"))
    ]
    again = (
        made[0]
        .tail(SHARED)
        .with_columns(patient_id=pl.format("other-{}", pl.int_range(pl.len())), cohort=pl.lit("second"))
    )
    return [made[0], pl.concat([again, made[1].tail(70)])]


def test_patients_who_stand_in_two_cohorts_are_found_in_the_later_one(
    frame: Frames, study: Studies, people: People
) -> None:
    made = people(study(*sharing(frame)))
    assert made.repeated.tolist() == [False] * 100 + [True] * SHARED + [False] * 70
    check = overlap_checks(made)[0]
    assert (check.level, check.message[:36]) == ("warn", "30 of 100 patients of second stand i")
    swapped = people(study(*sharing(frame)[::-1]))
    assert swapped.repeated.tolist() == [False] * 100 + [False] * 70 + [True] * SHARED


def test_patients_who_stand_in_two_cohorts_are_judged_in_both_and_pooled_once(
    frame: Frames, study: Studies, judged: Judged
) -> None:
    first, second = sharing(frame)
    each, pooled = judged(study(first, second), ["albumin_g_dl"])
    assert {(a.cohort, a.n, a.pooled_n) for a in each} == {("first", 100, 100), ("second", 100, 70)}
    assert {one.n for one in pooled} == {170}
    alone, once = judged(study(first, second.tail(70)), ["albumin_g_dl"])
    for with_them, without in zip(pooled, once, strict=True):
        assert with_them.limits == pytest.approx(without.limits, rel=1e-12)
        assert with_them.events == without.events
    whole = judged(study(second), ["albumin_g_dl"])[0]
    of_second = [a.log_ratio for a in each if a.cohort == "second"]
    assert of_second == pytest.approx([a.log_ratio for a in whole], rel=1e-12)
    assert of_second != pytest.approx([a.log_ratio for a in alone if a.cohort == "second"], rel=1e-3)


def test_cohorts_that_share_nobody_pass(frame: Frames, study: Studies, people: People) -> None:
    first, second = sharing(frame)
    made = people(study(first, second.tail(70)))
    assert not made.repeated.any()
    assert [c.level for c in overlap_checks(made)] == ["pass"]
    assert not overlap_checks(people(study(first)))  # one cohort: nothing to compare


def of_the_dead(table: pl.DataFrame) -> pl.DataFrame:
    """The same cohort whose survival was kept for those who died."""
    return table.with_columns(os_months=pl.when(pl.col("os_event")).then(pl.col("os_months")))


def test_survival_known_only_for_the_dead_is_not_used(
    frame: Frames, study: Studies, people: People, judged: Judged
) -> None:
    whole = frame(1, name="whole")
    both = study(whole, of_the_dead(frame(2, name="dead")))
    made = people(both)
    assert [known_only_for_the_dead(made, name, "os") for name in made.names] == [False, True]
    assert [(c.name, c.level) for c in follow_up_checks(made)] == [("survival_of_the_dead", "warn")]
    assert "of dead is recorded for" in follow_up_checks(made)[0].message
    each, pooled = judged(both, ["albumin_g_dl"])
    assert {(a.cohort, a.endpoint) for a in each} == {
        ("whole", "response"), ("whole", "os"), ("dead", "response"),
    }  # fmt: skip
    assert {one.endpoint: one.k for one in pooled} == {"response": 2, "os": 1}


def test_a_cohort_in_which_everybody_died_and_was_followed_is_used(
    frame: Frames, study: Studies, people: People
) -> None:
    all_dead = frame().with_columns(os_event=pl.lit(value=True))
    few_unknown = all_dead.with_columns(
        os_months=pl.when(pl.int_range(pl.len()) >= 12).then(pl.col("os_months"))
    )
    many_unknown = all_dead.with_columns(
        os_months=pl.when(pl.int_range(pl.len()) >= 13).then(pl.col("os_months"))
    )
    told = [
        known_only_for_the_dead(people(study(t)), "here", "os") for t in (all_dead, few_unknown, many_unknown)
    ]
    assert told == [False, False, True]  # of 120, a tenth may be unknown


def test_a_cohort_in_which_some_live_is_used_however_many_are_unknown(
    frame: Frames, study: Studies, people: People
) -> None:
    half_known = frame().with_columns(
        os_months=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("os_months"))
    )
    known = half_known.drop_nulls("os_months")["os_event"]
    assert known.any()
    assert not known.all()
    assert not known_only_for_the_dead(people(study(half_known)), "here", "os")


def test_a_study_without_cohorts_is_one_that_bears_its_name(frame: Frames, people: People) -> None:
    made = people(Study("OAK", {"patients": frame().drop("cohort")}))
    assert made.names == ("OAK",)
    assert made.rows("OAK").all()
