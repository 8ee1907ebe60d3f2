"""Planted duplicates are found, and hardly anything else is; what is listed can be reviewed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from coley.toy.reports import NO_DIRT, Confounding, Dirt, ReportDesign, SimulatedReports, simulate_reports
from coley.vigilance.cleaning import Cleaning, CleaningLog, clean
from coley.vigilance.cleaning.duplicates import Duplicates
from coley.vigilance.cleaning.matchers import as_written
from coley.vigilance.engine import connect
from coley.vigilance.store import from_frames, open_store

CASES = 12_000


@dataclass(frozen=True)
class Found:
    """What was found in a simulated database: pairs of case ids, and which are of one case."""

    log: CleaningLog
    pairs: pl.DataFrame
    copies: pl.DataFrame

    @property
    def duplicates(self) -> Duplicates:
        assert self.log.duplicates is not None
        return self.log.duplicates

    @property
    def taken(self) -> pl.DataFrame:
        return self.pairs.filter(pl.col("probability") >= Cleaning().duplicate_probability)

    @property
    def precision(self) -> float:
        return float(self.taken["true"].mean() or 0)  # type: ignore[arg-type]

    @property
    def sensitivity(self) -> float:
        return self.taken.filter("true").height / self.copies.height


def find(simulated: SimulatedReports, *, number: bool = True, settings: Cleaning | None = None) -> Found:
    frames = dict(simulated.raw)
    if not number:
        frames["reports"] = frames["reports"].drop("manufacturer_number")
    con = connect()
    _, log = clean(from_frames(frames, con), con, settings, matcher=as_written)
    assert log.duplicates is not None
    case = frames["reports"].select("report_id", "case_id").unique()
    copies = simulated.duplicates
    gone = pl.concat([simulated.raw["deleted"]["case_id"]]).implode()
    original = dict(copies.select("case_id", "duplicate_of").iter_rows())
    pairs = (
        log.duplicates.pairs.join(case.rename({"report_id": "a", "case_id": "one"}), on="a")
        .join(case.rename({"report_id": "b", "case_id": "two"}), on="b")
        .with_columns((pl.col("one").replace(original) == pl.col("two").replace(original)).alias("true"))
    )
    there = copies.filter(~pl.col("case_id").is_in(gone) & ~pl.col("duplicate_of").is_in(gone))
    return Found(log, pairs, there)


@pytest.fixture(scope="module")
def planted() -> SimulatedReports:
    """One case in ten is there twice: another age, date or name, a reaction more or fewer, fields missing."""
    return simulate_reports(ReportDesign(n_cases=CASES, seed=11))


@pytest.fixture(scope="module")
def found(planted: SimulatedReports) -> Found:
    return find(planted)


def test_planted_duplicates_are_found(found: Found) -> None:
    # A third of events has no date and a third of patients no age; those without either cannot be told apart
    # from two patients with the same drugs and reactions.
    assert found.sensitivity > 0.80
    assert found.precision > 0.99


def test_most_are_found_without_the_number_of_the_sender(planted: SimulatedReports) -> None:
    bare = find(planted, number=False)
    assert bare.sensitivity > 0.70
    assert bare.precision > 0.99


def test_few_pairs_suffice(planted: SimulatedReports, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of any size allows so many pairs for each case: what common keys no longer give, rare ones do."""
    monkeypatch.setattr("coley.vigilance.cleaning.duplicates.find.FEWEST_PAIRS", 0)
    bounded = find(planted, settings=Cleaning(pairs_per_case=0.5))
    compared, before = (sum(block.pairs for block in one.duplicates.blocks) for one in (bounded, found))
    assert compared <= 0.5 * CASES * 1.1 < before / 2  # copies are cases too, as long as they are not found
    assert bounded.sensitivity > found.sensitivity - 0.01
    assert bounded.precision > 0.99


def test_pairs_compared_in_parts_are_those_compared_at_once(
    planted: SimulatedReports, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coley.vigilance.cleaning.duplicates.evidence.AT_ONCE", 1000)
    again = find(planted).duplicates.pairs
    assert again.drop("probability").equals(found.duplicates.pairs.drop("probability"))
    assert again["probability"].to_list() == pytest.approx(
        found.duplicates.pairs["probability"].to_list(), abs=1e-9
    )


def test_probabilities_are_not_too_high(found: Found) -> None:
    doubtful = found.pairs.filter(pl.col("probability") < 0.9)
    assert doubtful["true"].mean() >= doubtful["probability"].mean()  # type: ignore[operator]
    assert found.duplicates.expected_false < 0.02


def test_hardly_anything_is_found_where_nothing_is_planted() -> None:
    once = simulate_reports(ReportDesign(n_cases=CASES, seed=12, dirt=Dirt(duplicates=0.0)))
    log = find(once).log
    assert len(log.duplicates.dropped) <= CASES / 1000  # type: ignore[union-attr]


def test_patients_of_one_indication_are_not_taken_for_one_patient() -> None:
    confounded = ReportDesign(
        n_cases=CASES, seed=13, confounding=Confounding(age=0.5, sex=0.5, year=0.5, indication=1.5)
    )
    assert find(simulate_reports(confounded)).precision > 0.99


def test_one_report_of_each_cluster_stays_and_the_log_adds_up(found: Found) -> None:
    duplicates = found.duplicates
    step = found.log.step("probable duplicates")
    assert step.dropped == {"probably a case that is there already": len(duplicates.dropped)}
    taken = found.taken
    members = pl.concat([taken["a"], taken["b"]]).unique()
    assert len(members) - duplicates.clusters == len(duplicates.dropped)
    assert set(taken["kept"]).isdisjoint(duplicates.dropped.tolist())
    assert set(members) == set(taken["kept"]) | set(duplicates.dropped.tolist())


def test_pairs_name_what_agrees_and_what_differs(planted: SimulatedReports, found: Found) -> None:
    last = planted.raw["reports"].sort("received_date", "report_id").unique("report_id", keep="last")
    row = {report["report_id"]: report for report in last.iter_rows(named=True)}
    for pair in found.taken.head(300).iter_rows(named=True):
        agree, differ = (set(pair[side].split(", ")) - {""} for side in ("agree", "differ"))
        assert not agree & differ
        for field, column in (("sex", "sex"), ("country", "country"), ("number", "manufacturer_number")):
            one, two = row[pair["a"]][column], row[pair["b"]][column]
            assert (field in agree) == (one is not None and one == two)


def test_how_often_copies_differ_is_estimated(planted: SimulatedReports, found: Found) -> None:
    model = found.duplicates.model
    assert model is not None
    ages = planted.raw["reports"].group_by("case_id").agg(pl.col("age_years").drop_nulls().last())
    both = planted.duplicates.join(ages, on="case_id").join(
        ages, left_on="duplicate_of", right_on="case_id", suffix="_original"
    )
    differs = (both["age_years"] != both["age_years_original"]).drop_nulls().mean()
    assert model.different["age"] + model.near["age"] == pytest.approx(differs, abs=0.03)  # type: ignore[arg-type]
    assert model.number == pytest.approx(1 - planted.duplicates["number_differs"].mean(), abs=0.06)  # type: ignore[operator]


def test_duplicates_may_be_listed_and_left_in(planted: SimulatedReports) -> None:
    small = simulate_reports(ReportDesign(n_cases=2000, seed=3, dirt=replace(NO_DIRT, duplicates=0.2)))
    con = connect()
    settings = Cleaning(remove_duplicates=False)
    cleaned, log = clean(from_frames(small.raw, con), con, settings, matcher=as_written)
    assert log.duplicates is not None
    assert log.duplicates.pairs.height > 300
    assert con.to_pyarrow(cleaned.cases.count()).as_py() == small.raw["reports"]["case_id"].n_unique()


@pytest.mark.real
def test_reports_taken_from_literature_are_found_with_their_article(shared: Path, tmp_path: Path) -> None:
    """The literature reference, which the model does not see, tells whether a pair can be of one patient."""
    from coley.vigilance.reading import read_reports

    source = shared / "ici_faers_bladder_dashboard" / "ici_faers_bladder.csv.gz"
    read_reports(source, tmp_path / "store")
    con = connect()
    _, log = clean(open_store(tmp_path / "store", con), con)
    assert log.duplicates is not None
    article = dict(
        pl.read_csv(source, infer_schema_length=0)
        .filter(pl.col("Literature Reference") != "-")
        .select(pl.col("Case ID").cast(pl.Int64), "Literature Reference")
        .iter_rows()
    )
    pairs = log.duplicates.pairs.select("a", "b").iter_rows()
    cited = [(article[a], article[b]) for a, b in pairs if a in article and b in article]
    assert len(cited) == 27
    # The first author of either is named by the other: one article has its authors in two orders.
    assert all(_first_author(one) in two or _first_author(two) in one for one, two in cited)
    # Most are one report that several companies, whose drugs the patient took, sent each in its own name.
    assert 100 < len(log.duplicates.dropped) < 150


def _first_author(reference: str) -> str:
    return reference.strip(": ").split()[0]
