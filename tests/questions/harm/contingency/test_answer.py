"""harm on ready tables: measures are those of the counts, planted signals are found, known ones too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coley.model.answer import Answer
from coley.model.answer_json import to_dict
from coley.model.errors import MissingData
from coley.questions.harm.contingency import pairs as rooms
from coley.questions.harm.contingency import pictures, table_signals
from coley.questions.harm.contingency.examined import examine
from coley.questions.harm.contingency.pairs import named_pairs
from coley.questions.harm.measures import measures
from coley.questions.harm.settings import HarmSettings
from coley.stats.disproportionality.counts import PairCounts
from coley.vigilance.reading import Contingency, read_contingency

DRUGS, EVENTS = 6, 60  # beside all others
PLANTED = ((0, 3), (1, 10), (2, 20), (3, 30), (4, 40), (5, 50))  # drug, event
RATIO = 6.0


def table(matrix: Any, drugs: tuple[str, ...], events: tuple[str, ...]) -> Contingency:
    """Events by drugs as a table; names that begin with Other are sums."""
    counts = np.asarray(matrix, float)
    event, drug = np.nonzero(counts)
    other_drugs, other_events = (
        tuple(k for k, name in enumerate(names) if name.startswith("Other")) for names in (drugs, events)
    )
    return Contingency(drugs, events, drug, event, counts[event, drug], other_drugs, other_events)


@pytest.fixture(scope="module")
def planted() -> Contingency:
    """60 events by 6 drugs and all others, independent but for six pairs that are reported six times as often."""
    rng = np.random.default_rng(7)
    share = rng.dirichlet(np.full(EVENTS, 3.0))
    expected = np.outer(np.append(share, 5.0), [600, 900, 1200, 700, 800, 1000, 60_000])
    for drug, event in PLANTED:
        expected[event, drug] *= RATIO
    drugs = (*(f"Drug {k}" for k in range(DRUGS)), "Other")
    events = (*(f"Event {k}" for k in range(EVENTS)), "Other events")
    return table(rng.poisson(expected), drugs, events)


@pytest.fixture(scope="module")
def asked(planted: Contingency) -> Answer:
    """What is said of it."""
    return table_signals(planted, name="planted")


def test_planted_pairs_are_the_signals(asked: Answer) -> None:
    told = asked.tables["pairs"]
    assert told.height == DRUGS * EVENTS
    called = set(told.filter("signal").select("drug", "event").rows())
    truth = {(f"Drug {drug}", f"Event {event}") for drug, event in PLANTED}
    assert truth <= called
    assert len(called - truth) <= 1  # at a false discovery rate of 5 % one in twenty
    assert all(p < 0.05 for p in told.filter("signal")["likelihood_ratio_p"].head(6))


def test_odds_ratios_and_shrunken_ratios_hold_the_planted_one(asked: Answer) -> None:
    told = asked.tables["pairs"].head(len(PLANTED))
    held = (told["ror_low"] <= RATIO) & (told["ror_high"] >= RATIO)
    assert held.sum() >= 5  # of six at 95 %: fewer once in 30 tables
    assert (told["eb05"] > 2).all()
    # six alike are drawn to each other
    assert np.ptp(told["ebgm"].to_numpy()) < np.ptp(told["rrr"].to_numpy()) / 2
    assert ((told["general_gamma_low"] <= told["general_gamma"]) & (told["general_gamma_low"] > 1)).all()


def test_without_association_there_is_hardly_a_signal() -> None:
    rng = np.random.default_rng(3)
    expected = np.outer(rng.gamma(2, 1, 81), [20, 30, 40, 50, 4000])
    drugs, events = ("A", "B", "C", "D", "Other"), tuple(f"e{k}" for k in range(81))
    answer = table_signals(table(rng.poisson(expected), drugs, events), name="null")
    assert answer.tables["pairs"]["signal"].sum() <= 1
    assert (answer.tables["drugs"]["likelihood_ratio_q"] > 0.05).all()


def test_measures_are_those_of_the_counts_computed_cell_by_cell(planted: Contingency) -> None:
    matrix = planted.matrix()
    rows = examine(planted, HarmSettings()).told.sample(40, seed=1).sort("drug", "event")
    drug = np.array([planted.drugs.index(name) for name in rows["drug"]])
    event = np.array([planted.events.index(name) for name in rows["event"]])
    counts = PairCounts.of(
        matrix[event, drug],
        exposed=matrix.sum(axis=0)[drug],
        event=matrix.sum(axis=1)[event],
        total=matrix.sum(),
    )
    directly = measures(counts, level=0.95)
    assert rows.select(directly.columns).equals(directly)


def test_signals_follow_their_rule_and_stand_first(asked: Answer) -> None:
    told = asked.tables["pairs"]
    rule = (pl.col("reports") >= 3) & (pl.col("ic_low") > 0) & (pl.col("q") <= 0.05)
    assert told.filter(rule.fill_null(value=False)).equals(told.filter("signal"))
    assert told["signal"].to_list() == sorted(told["signal"], reverse=True)
    assert len(asked.estimates) == told["signal"].sum()
    assert asked.estimates[0].value == told["ror"][0]
    rules = asked.tables["rules"]
    assert rules["called"][0] == rules["signals_here_too"][0] == told["signal"].sum()
    assert asked.tables["drugs"]["signals"].sum() == told["signal"].sum()


@pytest.mark.parametrize(("least", "rate"), [(1, 0.49), (8, 0.49), (1, 0.01)])
def test_each_part_of_the_rule_counts(least: int, rate: float) -> None:
    """A table of few reports and many weak associations, in which each part leaves out pairs that others let pass."""
    rng = np.random.default_rng(11)
    expected = np.outer(rng.gamma(1, 1, 80), [2, 3, 4, 300]) * rng.gamma(2, 0.5, (80, 4))
    weak = table(rng.poisson(expected), ("A", "B", "C", "Other"), tuple(f"e{k}" for k in range(80)))
    told = table_signals(weak, HarmSettings(min_reports=least, fdr=rate), name="t").tables["pairs"]
    parts = (pl.col("reports") >= least, pl.col("ic_low") > 0, pl.col("q") <= rate)
    rule = pl.all_horizontal(*parts).fill_null(value=False)
    assert told.filter(rule).equals(told.filter("signal"))
    if (least, rate) == (8, 0.49):
        for k in (0, 1):
            assert (
                told.filter(*(part for i, part in enumerate(parts) if i != k)).height > told["signal"].sum()
            )


def test_sums_of_others_form_the_margins_and_are_no_candidates(asked: Answer, planted: Contingency) -> None:
    told = asked.tables["pairs"]
    assert not {"Other", "Other events"} & {*told["drug"], *told["event"]}
    assert told["of"].unique().to_list() == [planted.count.sum()]
    said = {check.name: check for check in asked.checks}
    assert "'Other', 'Other events'" in said["all_others"].message
    assert said["margins"].level == "warn"
    assert "those never reported included" in said["empirical_bayes"].message


def test_without_a_sum_of_others_it_warns_and_names_what_may_be_one() -> None:
    answer = table_signals(table([[9, 1, 400], [1, 9, 400]], ("A", "B", "Rest"), ("x", "y")), name="t")
    check = next(check for check in answer.checks if check.name == "all_others")
    assert check.level == "warn"
    assert "'Rest' holds 98 % of all counts" in check.message


def test_the_order_of_rows_and_columns_changes_nothing(planted: Contingency, asked: Answer) -> None:
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(EVENTS + 1), rng.permutation(DRUGS + 1)
    shuffled = table(
        planted.matrix()[np.ix_(rows, columns)],
        tuple(planted.drugs[k] for k in columns),
        tuple(planted.events[k] for k in rows),
    )
    again = table_signals(shuffled, name="planted")
    assert again.headline == asked.headline
    simulated = ("likelihood_ratio_p",)  # from other draws
    # The prior is found by a search whose sums are taken in another order.
    learnt = [name for name in asked.tables["pairs"].columns if name.startswith(("eb", "general"))]
    first, second = (a.tables["pairs"].drop(*simulated).sort("drug", "event") for a in (asked, again))
    assert_frame_equal(first.drop(learnt), second.drop(learnt), rel_tol=1e-9, abs_tol=1e-9)
    for name in learnt:
        np.testing.assert_allclose(first[name].to_numpy(), second[name].to_numpy(), rtol=2e-3, err_msg=name)


def test_the_same_table_gives_the_same_answer(planted: Contingency, asked: Answer) -> None:
    assert to_dict(table_signals(planted, name="planted")) == to_dict(asked)


def test_a_large_table_is_taken_as_a_list(monkeypatch: pytest.MonkeyPatch, planted: Contingency) -> None:
    whole = named_pairs(planted)
    monkeypatch.setattr(rooms, "WHOLE_CELLS", 100)
    listed = named_pairs(planted)
    assert (whole.least, listed.least) == (0, 1)
    seen = whole.counts.both > 0
    for name in ("both", "exposed", "event", "total"):
        np.testing.assert_array_equal(getattr(whole.counts, name)[seen], getattr(listed.counts, name))
    answer = table_signals(planted, name="list")
    assert "likelihood_ratio_p" not in answer.tables["pairs"].columns
    assert "general_gamma" not in answer.tables["pairs"].columns
    for words in ("likelihood-ratio", "General-gamma"):
        assert any(words in text for text in answer.cannot_tell)
    assert any("taken as never reported" in text for text in answer.caveats)
    assert any("truncated at 1" in check.message for check in answer.checks)


def test_a_sparse_list_of_few_pairs_is_not_said_to_have_too_few() -> None:
    k = np.arange(400)
    sparse = Contingency(
        tuple(f"d{i}" for i in k), tuple(f"e{i}" for i in k), k, (k * 7) % 400, np.ones(400) + k % 3
    )
    assert len(named_pairs(sparse)) == 400
    missing = [text for text in table_signals(sparse, name="t").cannot_tell if "General-gamma" in text]
    assert len(missing) == 1
    assert "160,000" in missing[0]


def test_pictures_hold_no_more_than_can_be_read() -> None:
    rng = np.random.default_rng(5)
    expected = np.outer(rng.gamma(2, 4, 50), np.append(np.full(20, 1.0), 100.0))
    expected[40:, 15] *= 12
    drugs = (*(f"d{k}" for k in range(20)), "Other")
    answer = table_signals(table(rng.poisson(expected), drugs, tuple(f"e{k}" for k in range(50))), name="big")
    shown = answer.tables["signal_map"]
    assert (shown["row"].n_unique(), shown["column"].n_unique()) == (30, 14)
    assert shown.height == 30 * 14
    assert answer.tables["pairs"].filter("signal")["drug"].unique().to_list() == ["d15"]
    assert shown["column"][0] == "d15"
    called = answer.tables["pairs"].filter("signal")["event"]
    assert set(called) == set(shown["row"].unique(maintain_order=True).head(len(called)))
    assert answer.tables["pair_volcano"].height == answer.tables["pairs"].filter(pl.col("reports") > 0).height


def test_of_too_many_pairs_all_signals_are_drawn_and_the_caption_says_so(
    planted: Contingency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_POINTS", 100)
    answer = table_signals(planted, name="t")
    drawn = answer.tables["pair_volcano"]
    assert len(PLANTED) <= drawn.filter("signal").height == answer.tables["pairs"]["signal"].sum()
    assert 80 <= drawn.height <= 100
    assert "one in 4 is drawn" in answer.figures[1].caption


def test_a_table_without_rare_pairs_is_told_to_lack_them(planted: Contingency) -> None:
    rare = planted.matrix()
    rare[rare < 5] = 0
    answer = table_signals(table(rare, planted.drugs, planted.events), name="t")
    check = next(check for check in answer.checks if check.name == "left_out")
    assert check.level == "warn"
    assert "fewer than 5 times" in check.message
    full = table_signals(table(planted.matrix() + 6, planted.drugs, planted.events), name="t")
    assert "left_out" not in {check.name for check in full.checks}  # no cell is empty


def test_only_settings_that_mean_something_are_told_and_they_hold(planted: Contingency) -> None:
    answer = table_signals(planted, HarmSettings(min_reports=40, fdr=0.01, level=0.9), name="t")
    assert dict(answer.settings) == {"seed": 1, "level": 0.9, "min_reports": 40, "fdr": 0.01}
    signals = answer.tables["pairs"].filter("signal")
    assert 0 < signals.height < len(PLANTED)
    assert (signals["reports"] >= 40).all()


def test_it_speaks_of_reporting_and_says_what_a_table_cannot_tell(asked: Answer) -> None:
    told = [asked.headline, *(figure.title + figure.caption for figure in asked.figures)]
    told += [check.message + check.remedy for check in asked.checks]
    assert not [text for text in told if re.search(r"\b(risk|incidence|caused|probability of)\b", text)]
    assert "never of incidence or risk" in asked.caveats[0]
    for words in ("begins", "fatal", "comparator", "duplicates"):
        assert any(words in text for text in asked.cannot_tell)


def test_a_drug_never_counted_and_too_few_pairs_are_told_as_missing() -> None:
    answer = table_signals(table([[0, 5, 90], [0, 0, 60]], ("A", "B", "Other"), ("x", "y")), name="tiny")
    assert any(text.startswith("EBGM") for text in answer.cannot_tell)
    assert "none is a signal" in answer.headline
    empty = answer.tables["pairs"].filter(pl.col("drug") == "A")
    assert empty.select("ror", "ic_low", "q").null_count().sum_horizontal().item() >= 4
    assert not answer.tables["pairs"]["signal"].any()


@pytest.mark.parametrize(
    ("matrix", "drugs", "told"),
    [
        ([[3, 1], [4, 2]], ("Other", "Other drugs"), "named drug with a named event"),
        ([[0, 1], [0, 2]], ("A", "Other"), "other drugs and other events"),
        ([[3, 0], [4, 0]], ("A", "Other"), "other drugs and other events"),
        ([[3, 5], [0, 0]], ("A", "B"), "other drugs and other events"),
        ([[0, 0], [0, 0]], ("A", "B"), "other drugs and other events"),
    ],
)
def test_a_table_without_anything_to_compare_is_refused(
    matrix: Any, drugs: tuple[str, ...], told: str
) -> None:
    with pytest.raises(MissingData, match=told):
        table_signals(table(matrix, drugs, ("x", "y")), name="refused")


@pytest.fixture(scope="module")
def ready(shared: Path) -> Any:
    """A real table by folder and file, asked."""

    def ask(path: str) -> Answer:
        return table_signals(read_contingency(shared / path), name=path)

    return ask


@pytest.mark.real
@pytest.mark.parametrize("name", ["rv", "rvyoung"])
def test_intussusception_after_rotavirus_vaccine_is_a_signal(ready: Any, name: str) -> None:
    told = ready(f"pvlrt_contingency_tables/{name}.csv").tables["pairs"]
    row = told.row(by_predicate=pl.col("event") == "Intussusception", named=True)
    assert row["signal"]
    assert row["likelihood_ratio_p"] <= 0.001
    assert min(row["ror_low"], row["eb05"], row["general_gamma_low"]) > 1
    assert told["event"].to_list().index("Intussusception") < 3


@pytest.mark.real
def test_the_six_pairs_that_mddc_names_are_signals_by_every_rule(ready: Any) -> None:
    told = ready("mddc_contingency_tables/statin49.csv").tables["pairs"]
    named = {
        ("Rhabdomyolysis", "Atorvastatin"),
        ("Rhabdomyolysis", "Pravastatin"),
        ("Muscle Rupture", "Pravastatin"),
        ("Rhabdomyolysis", "Rosuvastatin"),
        ("Muscle Disorder", "Rosuvastatin"),
        ("Rhabdomyolysis", "Simvastatin"),
    }
    firm = told.filter(
        pl.col("signal")
        & (pl.col("eb05") >= 2)
        & (pl.col("likelihood_ratio_p") <= 0.05)
        & (pl.col("prr") >= 2)
    )
    assert named <= set(firm.select("event", "drug").rows())


@pytest.mark.real
def test_gadolinium_deposition_is_a_signal_of_linear_agents(ready: Any) -> None:
    answer = ready("pvlrt_contingency_tables/gbca.csv.gz")
    told = answer.tables["drugs"]
    assert told["drug"].n_unique() == 9
    signals = set(answer.tables["pairs"].filter("signal").select("event", "drug").rows())
    for drug in ("Gadodiamide", "Gadopentetate", "Gadoversetamide"):
        assert ("Nephrogenic Systemic Fibrosis", drug) in signals
    assert any("General-gamma" in text for text in answer.cannot_tell)  # 15,363 pairs


@pytest.mark.real
@pytest.mark.parametrize("name", ["faers_opioid_mental", "vigi_opioid_mental"])
def test_dependence_is_a_signal_of_oxycodone_in_both_databases(ready: Any, name: str) -> None:
    told = ready(f"pvebayes_contingency_tables/{name}.csv").tables["pairs"]
    row = told.row(
        by_predicate=(pl.col("event") == "Drug Dependence") & (pl.col("drug") == "Oxycodone"), named=True
    )
    assert row["signal"]
    assert row["eb05"] > 2


@pytest.mark.real
def test_a_list_of_102_483_pairs_runs_whole(shared: Path) -> None:
    examined = examine(read_contingency(shared / "phvid_example" / "phvid_pairs.csv.gz"), HarmSettings())
    told = examined.told
    assert told.height == 102_483
    assert (examined.pairs.least, examined.tested, examined.general) == (1, None, None)
    assert examined.fit is not None
    assert examined.fit.converged
    raw = pl.read_csv(shared / "phvid_example" / "phvid_pairs.csv.gz")
    by_drug = dict(raw.group_by("Drug lab").agg(pl.col("n11").sum()).rows())
    assert told.select(pl.col("drug").replace_strict(by_drug) == pl.col("exposed")).to_series().all()
    assert told["of"].unique().to_list() == [raw["n11"].sum()]
