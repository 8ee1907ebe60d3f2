"""A simulated database against its own truth: closed forms against counts, dirt against what cleaning undoes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.toy.reports import (
    FILLER_DRUG,
    NO_DIRT,
    Confounding,
    Interaction,
    ReportDesign,
    Signal,
    SimulatedReports,
    drug_name,
    null_database,
    simulate_reports,
    term_name,
)
from coley.vigilance.schema import CLEAN, RAW

N = 60_000


@pytest.fixture(scope="module")
def toy() -> SimulatedReports:
    return simulate_reports(ReportDesign(n_cases=N, seed=11))


@pytest.fixture(scope="module")
def tidy() -> SimulatedReports:
    return simulate_reports(ReportDesign(n_cases=N, seed=12, dirt=NO_DIRT))


@pytest.fixture(scope="module")
def ill() -> SimulatedReports:
    """Many patients with an oncology regimen."""
    return simulate_reports(
        ReportDesign(n_cases=N, seed=13, dirt=NO_DIRT, cancer_share=0.5, regimen_share=0.5)
    )


def counted(clean: dict[str, pl.DataFrame], of: pl.DataFrame) -> pl.DataFrame:
    """Return rows of drug and term with counts, by joins: what any counting must find."""
    exposed, events = clean["exposures"], clean["events"]
    of = of.with_columns(pl.col("term").str.to_lowercase()).rename({"drug": "ingredient"})
    both = exposed.join(events, on="report_id").group_by("ingredient", "term").len("both")
    return (
        of.join(both, on=["ingredient", "term"], how="left")
        .join(exposed.group_by("ingredient").len("exposed"), on="ingredient", how="left")
        .join(events.group_by("term").len("event"), on="term", how="left")
        .fill_null(0)
    )


def z_of(observed: pl.Series, expected: pl.Series) -> np.ndarray:
    return ((observed - expected) / expected.sqrt()).to_numpy()


def null_pairs(toy: SimulatedReports) -> pl.DataFrame:
    drugs, terms = (
        pl.DataFrame({k: v[:-1]}) for k, v in (("drug", toy.world.drugs), ("term", toy.world.terms))
    )
    return drugs.join(terms, how="cross").join(toy.truth.ratios, on=["drug", "term"], how="anti")


def test_relations_have_exactly_the_columns_of_the_schema(toy: SimulatedReports) -> None:
    kinds = {"text": pl.String, "whole": pl.Int64, "date": pl.Int64, "number": pl.Float64, "flag": pl.Boolean}
    for frames, schema in ((toy.raw, RAW), (toy.clean, CLEAN)):
        assert list(frames) == list(schema)
        for name, relation in schema.items():
            assert frames[name].schema == {column.name: kinds[column.kind] for column in relation.columns}


def test_one_design_one_database() -> None:
    design = ReportDesign(n_cases=800, seed=4)
    one, two, other = (simulate_reports(d) for d in (design, design, replace(design, seed=5)))
    assert all(one.raw[name].equals(two.raw[name]) for name in RAW)
    assert not one.raw["reactions"].equals(other.raw["reactions"])


def test_planted_pairs_occur_as_often_as_the_closed_form_says(tidy: SimulatedReports) -> None:
    pairs = counted(tidy.clean, tidy.truth.ratios).filter(pl.col("share") * N > 5)
    z = z_of(pairs["both"], pairs["share"] * N)
    assert len(z) > 200
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert 0.85 < z.std() < 1.15


def test_null_pairs_are_independent(tidy: SimulatedReports) -> None:
    pairs = counted(tidy.clean, null_pairs(tidy)).with_columns(
        expected=pl.col("exposed") * pl.col("event") / N
    )
    z = z_of(*pairs.filter(pl.col("expected") > 5).select("both", "expected"))
    assert len(z) > 10_000
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert 0.95 < z.std() < 1.02  # hypergeometric: a little less than Poisson
    assert np.abs(z).max() < 6.5


def test_oncology_drugs_are_null_with_terms_that_no_oncology_drug_signals(tidy: SimulatedReports) -> None:
    assert tidy.truth.is_null("nivolumab", term_name(3))
    assert not tidy.truth.is_null(
        "carboplatin", "Myocarditis"
    )  # without a signal, yet regimens exclude one another
    assert not tidy.truth.is_null(FILLER_DRUG, term_name(3))
    frame = tidy.truth.ratios_of(term_name(3)).filter(pl.col("planted").is_null())
    for measure in ("ror", "prr", "rrr"):
        assert np.abs(frame[measure].to_numpy() - 1).max() < 1e-9


def test_a_drug_alone_with_a_rare_term_has_the_planted_ratio() -> None:
    signal = Signal(drug_name(40), term_name(200), 4.0)
    toy = simulate_reports(null_database(n_cases=10, signals=(signal,)))
    row = toy.truth.ratios_of(signal.term).row(by_predicate=pl.col("drug") == signal.drug, named=True)
    assert row["prr"] == pytest.approx(4, rel=0.01)
    assert row["planted"] == 4
    others = toy.truth.ratios_of(signal.term).filter(pl.col("drug") != signal.drug)
    assert np.abs(others["prr"].to_numpy() - 1).max() < 1e-9


def test_signals_of_popular_drugs_add_up_to_what_is_expected() -> None:
    signals = tuple(Signal(drug_name(i), term_name(20 + i), 10.0) for i in range(12))
    toy = simulate_reports(null_database(n_cases=N, seed=9, signals=signals, dirt=NO_DIRT))
    pairs = counted(toy.clean, toy.truth.ratios.drop_nulls("planted"))
    expected = (pairs["share"] * N).sum()
    assert expected > 4000
    assert abs(pairs["both"].sum() - expected) < 3.5 * np.sqrt(expected)


def test_a_late_signal_begins_in_its_quarter() -> None:
    late = Signal(drug_name(1), term_name(5), 12.0, from_quarter=20)
    toy = simulate_reports(null_database(n_cases=40_000, signals=(late,), dirt=NO_DIRT, seed=2))
    cases = toy.clean["cases"].with_columns(late=pl.col("quarter") - toy.world.design.start >= 20)
    taking = toy.clean["exposures"].filter(pl.col("ingredient") == late.drug).select("report_id")
    having = toy.clean["events"].filter(pl.col("term") == late.term.lower()).select("report_id", having=True)
    share = cases.join(taking, on="report_id").join(having, on="report_id", how="left").fill_null(False)
    early, after = (
        share.sort("late").group_by("late", maintain_order=True).agg(pl.mean("having"), n=pl.len()).rows()
    )
    rate = toy.world.term_rates.mean[toy.world.code_of_term(late.term)]
    for (_, observed, n), expected in ((early, -np.expm1(-rate)), (after, -np.expm1(-12 * rate))):
        assert abs(observed - expected) < 3.5 * np.sqrt(expected / n)
    assert toy.truth.ratios.filter(pl.col("planted") == 12)["from_quarter"].to_list() == [20]


@pytest.mark.parametrize(("baseline", "expected"), [("additive", 10.0), ("multiplicative", 18.0)])
def test_interactions_multiply_what_their_baseline_expects(baseline: str, expected: float) -> None:
    drugs, term = ("nivolumab", "ipilimumab"), term_name(60)
    planted = Interaction(drugs, term, 2.0, baseline)  # type: ignore[arg-type]
    design = null_database(
        n_cases=120_000,
        seed=6,
        regimen_share=0.25,
        signals=(Signal(drugs[0], term, 3.0), Signal(drugs[1], term, 3.0)),
        interactions=(planted,),
        dirt=NO_DIRT,
    )
    toy = simulate_reports(design)
    row = toy.truth.interactions.row(0, named=True)
    assert row["rate_both"] == expected
    assert row[baseline] == 2
    exposed, events = toy.clean["exposures"], toy.clean["events"]
    one, two = (set(exposed.filter(pl.col("ingredient") == name)["report_id"]) for name in drugs)
    having = set(events.filter(pl.col("term") == term.lower())["report_id"])
    rate = toy.world.term_rates.mean[toy.world.code_of_term(term)]
    for reports, ratio in ((one & two, expected), (one - two, 3.0), (two - one, 3.0)):
        chance = -np.expm1(-rate * ratio)
        assert abs(len(reports & having) - chance * len(reports)) < 3.5 * np.sqrt(chance * len(reports))


def test_a_masking_drug_hides_what_its_absence_shows(tidy: SimulatedReports) -> None:
    assert (tidy.truth.masked["ror_unmasked"] > 1.5 * tidy.truth.masked["ror"]).all()
    masker, term = tidy.world.design.all_maskings[0].masker, tidy.world.design.all_maskings[0].term
    gone = tidy.clean["exposures"].filter(pl.col("ingredient") == masker).select("report_id")
    bare = {name: tidy.clean[name].join(gone, on="report_id", how="anti") for name in ("exposures", "events")}
    having, both, of_term = tidy.truth.chances(term, without=masker)
    n = bare["exposures"]["report_id"].n_unique()
    events = bare["events"].filter(pl.col("term") == term.lower()).height
    assert abs(events - n * of_term) < 4 * np.sqrt(n * of_term)
    masked = tidy.world.code_of_drug(tidy.truth.masked["drug"][0])
    row = counted(bare, tidy.truth.masked.select("drug", "term").head(1)).row(0, named=True)
    assert abs(row["exposed"] - n * having[masked]) < 4 * np.sqrt(n * having[masked])
    assert abs(row["both"] - n * both[masked]) < 4 * np.sqrt(n * both[masked])


def test_confounding_moves_null_pairs_as_the_closed_form_says() -> None:
    design = null_database(
        n_cases=N, seed=3, confounding=Confounding(age=0.5, sex=0.8, year=0.5, indication=1.5), dirt=NO_DIRT
    )
    toy = simulate_reports(design)
    truth = pl.concat(toy.truth.ratios_of(term_name(rank)) for rank in range(40))
    pairs = counted(toy.clean, truth).filter(pl.col("share") * N > 5)
    z = z_of(pairs["both"], pairs["share"] * N)
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert 0.9 < z.std() < 1.1
    assert truth["ror"].log().std() > 0.2
    cells = toy.world.cells
    drug, term = (rates.by_cell(13) for rates in (toy.world.drug_rates, toy.world.term_rates))
    for rate, mean in ((drug, toy.world.drug_rates.mean[13]), (term, toy.world.term_rates.mean[13])):
        assert cells.weight @ rate == pytest.approx(mean, rel=1e-9)


def test_confounded_pairs_are_null_within_a_stratum_and_follow_the_closed_form_without_a_drug() -> None:
    design = null_database(n_cases=N, seed=4, confounding=Confounding(indication=2.0), dirt=NO_DIRT)
    toy = simulate_reports(design)
    ranks = range(3, 60, 10)  # those that belong to cancer
    pairs = pl.DataFrame({"drug": [drug_name(i) for i in ranks]}).join(
        pl.DataFrame({"term": [term_name(j) for j in ranks]}), how="cross"
    )
    cancer = toy.world.cells.cancer[toy.cases.cell[toy.reports.case]] == 1
    assert excess(counted(toy.clean, pairs), N) > 1.5
    for within in (cancer, ~cancer):
        ids = pl.DataFrame({"report_id": toy.reports.report_id[within]})
        part = {name: toy.clean[name].join(ids, on="report_id") for name in ("exposures", "events")}
        rows = counted(part, pairs)
        assert abs(excess(rows, ids.height) - 1) < 4 / np.sqrt(rows["both"].sum())

    gone = toy.clean["exposures"].filter(pl.col("ingredient") == drug_name(3)).select("report_id")
    left = toy.clean["cases"].join(gone, on="report_id", how="anti").select("report_id")
    terms = [term_name(j) for j in ranks]
    events = toy.clean["events"].join(left, on="report_id")
    seen = events.filter(pl.col("term").is_in([term.lower() for term in terms])).height
    expected = left.height * sum(toy.truth.chances(term, without=drug_name(3))[2] for term in terms)
    assert abs(seen - expected) < 3 * np.sqrt(expected)  # fewer than in the whole: cancer went with the drug


def excess(rows: pl.DataFrame, n: int) -> float:
    """Return observed over expected of some pairs together."""
    return float(rows["both"].sum() / (rows["exposed"] * rows["event"] / n).sum())


def test_the_dead_are_as_many_as_their_terms_say(ill: SimulatedReports) -> None:
    fatal = {term.lower(): share for term, share in ill.truth.onset.select("term", "fatal").iter_rows()}
    lethal = [term for term, share in fatal.items() if share > 0]
    alone = ill.clean["events"].filter(pl.col("term").is_in(lethal)).filter(pl.len().over("report_id") == 1)
    cancer = ill.reports.report_id[ill.world.cells.cancer[ill.cases.cell[ill.reports.case]] == 1]
    rows = alone.filter(pl.col("report_id").is_in(cancer)).join(ill.clean["cases"], on="report_id")
    by_term = rows.group_by("term", maintain_order=True).agg(dead=pl.sum("fatal"), n=pl.len())
    share = 1 - 0.85 * (1 - np.array([fatal[term] for term in by_term["term"]]))
    dead, n = by_term["dead"].to_numpy(), by_term["n"].to_numpy()
    z = ((dead - n * share) / np.sqrt(n * share * (1 - share)))[n >= 15]
    assert len(z) > 12
    assert np.abs(z).max() < 3.5
    for severe in (share > 0.25, share <= 0.25):
        sd = np.sqrt((n * share * (1 - share))[severe].sum())
        assert abs((dead - n * share)[severe].sum()) < 3 * sd


def test_every_case_is_there_and_what_is_added_adds_up(toy: SimulatedReports) -> None:
    reports, r = toy.raw["reports"], toy.reports
    copies = toy.duplicates
    withdrawn = set(toy.raw["deleted"]["case_id"])
    assert reports["report_id"].is_unique().all()
    assert reports["case_id"].n_unique() == N + copies.height
    assert reports.height == N + copies.height + int((r.version == 2).sum())
    assert toy.clean["cases"].height == N - len(withdrawn)
    assert copies.height / N == pytest.approx(0.10, abs=0.005)
    assert not set(copies["case_id"]) & (set(copies["duplicate_of"]) | withdrawn)
    follow_ups = reports["follow_up"].sum() / N
    assert 0.15 < follow_ups < 0.20  # those that would come after the last quarter are not there


def test_the_last_version_tells_what_the_clean_relations_hold(toy: SimulatedReports) -> None:
    last = toy.raw["reports"].sort("received_date", "report_id").unique("case_id", keep="last")
    kept = (
        last.join(toy.raw["deleted"], on="case_id", how="anti")
        .join(toy.duplicates, on="case_id", how="anti")
        .sort("report_id")
    )
    clean = toy.clean["cases"].sort("report_id")
    assert kept["report_id"].equals(clean["report_id"])
    for column in ("age_years", "sex", "country", "event_date"):
        assert kept[column].equals(clean[column])
    ids = clean.select("report_id")
    terms = toy.raw["reactions"].join(ids, on="report_id").with_columns(pl.col("term").str.to_lowercase())
    assert terms.sort("report_id", "term").equals(toy.clean["events"].sort("report_id", "term"))
    matched = toy.raw["drugs"].join(ids, on="report_id").join(toy.names.unique("name"), on="name")
    drugs = matched.select("report_id", "ingredient_right").rename({"ingredient_right": "ingredient"})
    wanted = toy.clean["exposures"].select("report_id", "ingredient")
    assert drugs.sort(drugs.columns).equals(wanted.sort(wanted.columns))
    fatal = toy.raw["outcomes"].filter(pl.col("outcome") == "DE").join(ids, on="report_id")
    assert set(fatal["report_id"]) == set(clean.filter("fatal")["report_id"])


def test_each_name_belongs_to_one_drug(toy: SimulatedReports) -> None:
    assert toy.names["name"].is_unique().all()
    rows = toy.raw["drugs"].join(toy.names, on="name", how="left")
    assert rows["misspelt"].null_count() == 0
    assert rows["misspelt"].mean() == pytest.approx(0.02, abs=0.004)
    told = rows.drop_nulls("ingredient")
    assert (told["ingredient"] == told["ingredient_right"].str.to_uppercase()).all()
    assert rows["ingredient"].null_count() / rows.height > 0.05


def test_a_copy_resembles_its_original(toy: SimulatedReports) -> None:
    copies = toy.duplicates
    last = toy.raw["reports"].sort("received_date", "report_id").unique("case_id", keep="last")
    pairs = copies.join(last, on="case_id").join(
        last, left_on="duplicate_of", right_on="case_id", suffix="_of"
    )
    assert pairs.height == copies.height
    assert ((pairs["age_years"] - pairs["age_years_of"]).drop_nulls().abs() <= 2).all()
    full = pairs.filter((pl.col("event_date") > 1e7) & (pl.col("event_date_of") > 1e7))
    same = (full["event_date"] == full["event_date_of"]).mean()
    assert isinstance(same, float)
    assert 0.75 < same < 0.95
    assert (pairs["received_date"] >= pairs["first_received_date_of"]).all()


@pytest.mark.parametrize("combined", [False, True])
def test_onset_times_follow_their_weibull_distribution(ill: SimulatedReports, combined: bool) -> None:
    scale = "scale_combined" if combined else "scale_single"
    onsets = ill.onsets.join(ill.truth.onset, on="term").filter(pl.col("combined") == combined)
    assert onsets.height > 200
    assert onsets["days"].min() >= 0  # type: ignore[operator]
    assert (
        onsets["regimen"].str.contains("ipilimumab|tremelimumab") & onsets["regimen"].str.contains(r"\+")
    ).all() == (combined)
    middle = onsets["days"].to_numpy() + 0.5
    u = -np.expm1(-((middle / onsets[scale].to_numpy()) ** onsets["shape"].to_numpy()))
    assert abs(u.mean() - 0.5) < 3.5 / np.sqrt(12 * len(u))
    assert np.var(u) == pytest.approx(1 / 12, rel=0.1)


def test_onsets_name_cases_that_report_the_term_and_take_the_regimen(ill: SimulatedReports) -> None:
    ids = ill.clean["cases"].select("case_id", "report_id")
    onsets = ill.onsets.join(ids, on="case_id").with_columns(pl.col("term").str.to_lowercase())
    assert onsets.height == ill.onsets.height
    assert onsets.join(ill.clean["events"], on=["report_id", "term"], how="anti").height == 0
    drugs = onsets.with_columns(ingredient=pl.col("regimen").str.split(" + ")).explode("ingredient")
    taken = drugs.join(ill.clean["exposures"], on=["report_id", "ingredient"], how="anti")
    assert taken.height == 0
    shown = drugs.join(ill.clean["onsets"], on=["report_id", "ingredient"])
    assert shown.height > 300
    assert (shown["days"] == shown["days_right"]).all()


def test_early_quarters_lack_what_their_layout_does_not_carry() -> None:
    toy = simulate_reports(ReportDesign(n_cases=3000, first_quarter="2011Q1", quarters=20))
    reports = toy.raw["reports"].with_columns(old=pl.col("quarter") < "2012Q4")
    assert reports.filter("old").select("version", "first_received_date").null_count().row(0) == (
        (reports["old"].sum(),) * 2
    )
    assert reports.filter(~pl.col("old"))["version"].null_count() == 0
    drugs = toy.raw["drugs"].join(reports.select("report_id", "quarter"), on="report_id")
    assert drugs.filter(pl.col("quarter") < "2014Q3")["ingredient"].null_count() == (
        drugs.filter(pl.col("quarter") < "2014Q3").height
    )
    assert reports["report_id"].is_unique().all()


def test_an_interaction_that_no_regimen_can_show_is_refused() -> None:
    planted = Interaction(("nivolumab", "atezolizumab"), "Colitis", 2.0)
    with pytest.raises(InvalidSetting, match="nivolumab and atezolizumab"):
        simulate_reports(null_database(n_cases=5, interactions=(planted,)))


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match="nivolumab"):
        simulate_reports(null_database(n_cases=5, signals=(Signal("nivolumap", "Colitis", 2.0),)))
