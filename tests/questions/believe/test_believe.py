"""The answer as a whole: the same twice, whole through JSON, and honest about what cannot be answered."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.answer import Answer
from coley.model.answer_json import from_dict, to_dict
from coley.model.errors import ColeyError, InvalidSetting
from coley.model.method import METHODS
from coley.model.study import Study
from coley.questions.believe.verdict import grades
from coley.toy import simulate

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]

N = 60
QUICK = {"repeats": 1, "folds": 2, "bootstraps": 20, "permutations": 99}


@pytest.fixture(scope="module")
def toy() -> Study:
    """A whole simulated trial, read as a user's tables would be, so that responses become responders."""
    made = simulate(240, seed=5).study
    told = {name: getattr(made.about, name) for name in ("control_arm", "panel_megabases", "expression_unit")}
    return coley.read(dict(made.tables), name="toy", randomised=True, **told)


@pytest.fixture(scope="module")
def answer(toy: Study) -> Answer:
    return coley.ask(toy, "believe", **QUICK)


def whole(answer: Answer) -> str:
    """The answer as JSON, which has neither NaN nor infinity."""
    return json.dumps(to_dict(answer), allow_nan=False)


def test_the_answer_survives_json(answer: Answer) -> None:
    assert from_dict(json.loads(whole(answer))) == answer


def test_two_runs_are_the_same_to_the_byte(toy: Study, answer: Answer) -> None:
    assert whole(coley.ask(toy, "believe", **QUICK)) == whole(answer)


def test_every_part_of_the_argument_is_there(answer: Answer) -> None:
    assert {
        "associations", "across_cohorts", "added_value", "calibration", "cutpoints", "interactions",
        "marker_detail", "verdicts", "grades", "not_scored",
    } <= set(answer.tables)  # fmt: skip
    endpoints = {e.endpoint for e in answer.estimates if e.name in ("odds_ratio", "hazard_ratio")}
    assert endpoints == {"response", "pfs", "os"}


def test_figures_have_their_tables_and_their_columns(answer: Answer) -> None:
    assert answer.figures
    columns = {
        "forest": {"label", "value", "low", "high"},
        "line_band": {"x", "value", "low", "high"},
        "calibration": {"x", "value", "low", "high"},
        "decision_curve": {"group", "x", "value", "low", "high"},
        "roc": {"group", "x", "value", "auc"},
        "cutpoint": {"x", "value"},
    }
    assert {figure.kind for figure in answer.figures} == set(columns)
    for figure in answer.figures:
        assert columns[figure.kind] <= set(answer.tables[figure.table].columns), figure.table
        assert figure.title
    assert len({figure.table for figure in answer.figures}) == len(answer.figures)


def test_every_estimate_names_a_registered_method_of_the_question(answer: Answer) -> None:
    from coley.questions import QUESTIONS

    for estimate in answer.estimates:
        assert estimate.method in METHODS, estimate.name
        assert estimate.method in QUESTIONS["believe"].methods, estimate.method
        assert estimate.n > 0
    assert set(QUESTIONS["believe"].methods) <= set(METHODS)


def test_the_references_of_every_method_used_are_cited(answer: Answer) -> None:
    for name in {estimate.method for estimate in answer.estimates}:
        assert set(METHODS[name].references) <= set(answer.citations), name


def test_methods_behind_tables_and_the_claims_of_markers_are_cited(answer: Answer) -> None:
    from coley.biology.markers import markers

    assert "marker_detail" in answer.tables
    assert "uno_c" not in {estimate.method for estimate in answer.estimates}
    for name in ("uno_c", "functional_form_cox", "average_precision"):
        assert set(METHODS[name].references) <= set(answer.citations)
    assert markers()["nlr"].claim in answer.citations


def test_a_card_tells_the_other_endpoints_and_its_own_comparisons(answer: Answer) -> None:
    added = answer.tables["added_value"]
    counts = dict(added.group_by("marker").len().iter_rows())
    names = answer.tables["verdicts"]["marker"].to_list()
    for name, card in zip(names, answer.cards, strict=True):
        lines = dict(card.lines)
        assert "Response" not in lines["Elsewhere"]  # it is what the verdict rests on
        if name in counts:
            told = (
                f"{counts[name]} comparisons; the largest: "
                if counts[name] > 1
                else "clinical model: change of "
            )
            assert told in lines["Clinic"]
        else:
            assert lines["Clinic"].startswith("Not compared")
    assert "Overall survival" in dict(answer.cards[0].lines)["Elsewhere"]


def test_estimates_lie_in_their_intervals_and_p_rises_by_correction(answer: Answer) -> None:
    for e in answer.estimates:
        if e.value is not None and e.low is not None and e.high is not None:
            assert e.low <= e.high, e
            if e.name not in ("scaled_brier",) and "at_the_best_cut" not in e.name:
                assert e.low - 1e-9 <= e.value <= e.high + 1e-9, e
        if e.p is not None and e.p_adjusted is not None:
            assert e.p_adjusted >= e.p * (1 - 1e-12)
            assert e.multiplicity, e.name


def test_every_marker_has_one_card_and_one_verdict_in_the_order_of_grades(answer: Answer) -> None:
    table = answer.tables["verdicts"]
    assert [card.mark for card in answer.cards] == table["grade"].to_list()
    assert table["marker"].is_unique().all()
    order = list(grades())
    places = [order.index(mark) for mark in table["grade"]]
    assert places == sorted(places)
    assert set(answer.tables["associations"]["marker"]) <= set(table["marker"])


def test_the_idle_marker_of_the_toy_is_not_believed(answer: Answer) -> None:
    grade = dict(answer.tables["verdicts"].select("marker", "grade").iter_rows())
    assert grade["platelets"] in "EF"


def test_a_chosen_endpoint_is_what_verdicts_rest_on(frame: Frames, study: Studies, believe: Believe) -> None:
    table = study(frame(on_response=0.0, on_hazard=-1.0))
    told = {e: believe(table, endpoint=e, markers=("albumin_g_dl",)) for e in ("auto", "response", "os")}
    assert [card.mark for card in told["os"].cards] == ["D"]
    assert told["auto"].cards[0].lead == told["response"].cards[0].lead != told["os"].cards[0].lead
    assert "overall survival" in told["os"].cards[0].lead


def test_without_response_verdicts_rest_on_survival(frame: Frames, study: Studies, believe: Believe) -> None:
    lead = believe(study(frame().drop("responder")), markers=("albumin_g_dl",)).cards[0].lead
    assert "hazard (overall survival)" in lead


def test_the_seed_moves_resamples_alone(frame: Frames, study: Studies, believe: Believe) -> None:
    table = study(frame(age_years=np.linspace(40, 80, 120)))
    one, two = (believe(table, seed=seed) for seed in (1, 2))
    moved = {
        a.method
        for a, b in zip(one.estimates, two.estimates, strict=True)
        if (a.value, a.p) != (b.value, b.p)
    }
    assert moved
    assert moved <= {"added_value", "added_value_survival", "best_cutpoint"}


def numbers(answer: Answer, *names: str) -> list[dict[str, object]]:
    """Rows of tables in an order of their own, without what is a name or a unit."""
    dropped = ("comparison", "cohort", "sd", "power")
    return [
        {k: v for k, v in row.items() if k not in dropped}
        for name in names
        for row in answer.tables[name].sort(pl.exclude(pl.Float64)).iter_rows(named=True)
    ]


@pytest.mark.parametrize("change", ["order of patients", "ids", "units", "order of cohorts"])
def test_nothing_that_is_no_measurement_changes_a_number_or_a_grade(
    frame: Frames, study: Studies, believe: Believe, change: str
) -> None:
    """Ratios, p, q, interactions and grades; but for what is resampled row by row."""
    cohorts = [
        frame(i, 120, name=f"c{i}", treatment_class=["PD1", "control"] * 60, on_response=1.5)
        for i in range(5)
    ]
    changed = {
        "order of patients": [t.sample(fraction=1.0, shuffle=True, seed=i) for i, t in enumerate(cohorts)],
        "ids": [
            t.with_columns(patient_id=pl.format("{}/{}", "cohort", pl.int_range(pl.len()))) for t in cohorts
        ],
        "units": [t.with_columns(pl.col("albumin_g_dl") * 1000) for t in cohorts],
        "order of cohorts": cohorts[::-1],
    }[change]
    names = ("albumin_g_dl", "platelets", "hla_loh")
    one, two = (
        believe(study(*t, randomised=True), markers=names, cutpoints="published") for t in (cohorts, changed)
    )
    grade = dict(one.tables["verdicts"].select("marker", "grade").iter_rows())
    assert grade["albumin_g_dl"] in "BC"
    assert grade == dict(two.tables["verdicts"].select("marker", "grade").iter_rows())
    compared = ("associations", "across_cohorts", "interactions")
    for a, b in zip(numbers(one, *compared), numbers(two, *compared), strict=True):
        for key, value in a.items():
            if isinstance(value, float):
                assert value == pytest.approx(b[key], rel=1e-6, abs=1e-12), (a["marker"], key)
            else:
                assert value == b[key], (a["marker"], key)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"cutpoint": "corrected"}, "Did you mean 'cutpoints'"),
        ({"markrs": ("x",)}, "Did you mean 'markers'"),
        ({"level": 1.0}, "'level' of question 'believe' cannot be 1.0"),
        ({"level": float("nan")}, "'level' of question 'believe' cannot be nan"),
        ({"permutations": 10}, "'permutations'"),
        ({"horizon_months": 0}, "'horizon_months'"),
        ({"endpoint": "dfs"}, "'endpoint'"),
        ({"clinical": ("platlets",)}, "Did you mean 'platelets'"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    frame: Frames, study: Studies, believe: Believe, settings: dict[str, object], told: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        believe(study(frame()), **settings)
    assert told in str(refused.value)


def test_an_uncorrected_best_cut_point_is_refused_with_the_reason(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        believe(study(frame()), cutpoints="uncorrected")
    assert "about four of ten useless markers significant" in str(refused.value)


def test_published_cut_points_alone_search_for_none(frame: Frames, study: Studies, believe: Believe) -> None:
    table = study(frame(tmb_per_mb=np.arange(120) / 4))
    searched, fixed = (
        believe(table, cutpoints=how).tables["cutpoints"] for how in ("corrected", "published")
    )
    assert set(searched["kind"]) == {"published", "best of these data, corrected"}
    assert set(fixed["kind"]) == {"published"}


def test_a_study_without_outcome_says_so(frame: Frames, study: Studies, believe: Believe) -> None:
    bare = study(frame().drop("responder", "os_months", "os_event"))
    answer = believe(bare)
    assert answer.headline.startswith("Cannot be answered")
    assert not answer.estimates
    assert not answer.cards


def column(values: object) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64, strict=False)


RNG = np.random.default_rng(8)
PLAIN = RNG.normal(4, 0.4, N)
ODD = {
    "all responders": {"responder": [True] * N},
    "no responder": {"responder": [False] * N},
    "no event": {"os_event": [False] * N},
    "everybody died": {"os_event": [True] * N},
    "everybody died at once": {"os_months": [1.0] * N},
    "times of zero": {"os_months": [0.0] * N},
    "negative times": {"os_months": [-1.0] * N},
    "infinite times": {"os_months": [float("inf")] * N},
    "times missing": {"os_months": column([None] * N)},
    "constant marker": {"albumin_g_dl": [4.0] * N},
    "marker missing": {"albumin_g_dl": column([None] * N)},
    "marker of 1e-300": {"albumin_g_dl": PLAIN * 1e-300},
    "marker of 1e-200": {"albumin_g_dl": PLAIN * 1e-200},
    "marker of 1e154": {"hed": PLAIN * 1e154},
    "marker of 1e300": {"hed": PLAIN * 1e300},
    "burden of 1e300": {"tmb_per_mb": np.abs(PLAIN) * 1e300},
    "negative burden": {"tmb_per_mb": -PLAIN},
    "infinite marker": {"albumin_g_dl": np.where(np.arange(N) < 5, np.inf, PLAIN)},
    "minus infinite marker": {"albumin_g_dl": np.where(np.arange(N) < 5, -np.inf, PLAIN)},
    "marker not a number": {"albumin_g_dl": np.where(np.arange(N) < 5, np.nan, PLAIN)},
    "marker far out once": {"albumin_g_dl": np.where(np.arange(N) < 1, 1e6, PLAIN)},
    "marker of two values": {"albumin_g_dl": np.where(np.arange(N) < 30, 3.0, 4.0)},
    "marker that separates responders": {
        "responder": np.arange(N) < 20,
        "albumin_g_dl": np.where(np.arange(N) < 20, 6, 3) + PLAIN / 10,
    },
    "marker that orders deaths": {
        "os_months": np.arange(N) + 1.0,
        "os_event": [True] * N,
        "albumin_g_dl": np.arange(N) + 1.0,
    },
    "flag that spares its bearers": {"hla_loh": np.arange(N) < 20, "os_event": np.arange(N) >= 20},
    "cohort of one patient": {"cohort": ["alone"] + ["here"] * (N - 1)},
    "every patient a cohort": {"cohort": [f"c{i}" for i in range(N)]},
    "one id for all": {"patient_id": ["same"] * N},
    "cancer types missing": {"cancer_type": pl.Series([None] * N, dtype=pl.String)},
    "arms missing": {"arm": pl.Series([None] * N, dtype=pl.String)},
    "all controls": {"treatment_class": ["control"] * N},
    "one control": {"treatment_class": ["control"] + ["PD1"] * (N - 1)},
}


@pytest.mark.parametrize("what", ODD)
def test_odd_data_end_in_an_answer_or_one_clear_error(
    frame: Frames, study: Studies, believe: Believe, what: str
) -> None:
    """Warnings are errors here, so that arithmetic that overflows is seen."""
    try:
        answer = believe(study(frame(1, N, **ODD[what])))
    except ColeyError as told:
        assert told.remedy or told.cause  # noqa: PT017  (either end is right)
        return
    assert from_dict(json.loads(whole(answer))) == answer
    assert answer.headline
    assert "nan" not in answer.headline.split()


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_a_handful_of_patients_is_no_evidence(
    frame: Frames, study: Studies, believe: Believe, n: int
) -> None:
    answer = believe(study(frame(1, n)))
    assert answer.headline.startswith(("No marker could be judged", "None of"))
    assert {card.mark for card in answer.cards} <= {"–", "E"}


def test_a_study_without_a_marker_says_so(frame: Frames, study: Studies, believe: Believe) -> None:
    bare = study(frame().drop("albumin_g_dl", "platelets", "hla_loh"))
    assert believe(bare).headline == "No marker could be judged: the study holds none with an outcome."


def test_where_nothing_can_be_judged_the_headline_gives_no_rate_of_none(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    one = believe(study(frame(1, N, responder=[True] * N)), markers=("albumin_g_dl",))
    assert one.headline.startswith("No marker could be judged on response. Albumin cannot be judged here")


def test_a_marker_asked_for_in_vain_is_told_with_the_reason(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    clinic = study(frame(1, N))
    told = believe(clinic, markers=("albumin_g_dl", "CYT_Rooney", "btmb", "clonal_tmb")).cannot_tell
    assert "btmb: the study has no column 'btmb' to take it from." in told
    assert any(line.startswith("clonal_tmb: the study has no ") for line in told)
    assert "CYT_Rooney: the study holds neither expression nor scores for it." in told
    assert not any("CYT_Rooney" in line for line in believe(clinic, markers=("albumin_g_dl",)).cannot_tell)


def test_every_endpoint_has_its_surest_interactions_in_the_forest(answer: Answer) -> None:
    forest, table = answer.tables["interaction_forest"], answer.tables["interactions"]
    sections = {"response": "Response", "pfs": "Progression-free survival", "os": "Overall survival"}
    assert forest["section"].unique(maintain_order=True).to_list() == list(sections.values())
    for endpoint, section in sections.items():
        surest = table.filter(pl.col("endpoint") == endpoint)["p"].sort().head(12).to_list()
        assert forest.filter(pl.col("section") == section)["p"].to_list() == surest
    (figure,) = (f for f in answer.figures if f.table == "interaction_forest")
    assert f"all {table.height} are in the table" in figure.caption
