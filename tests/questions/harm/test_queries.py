"""Standardised queries: counted as groups of terms, refused without the user's own MedDRA. The one here is invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pytest

import coley
from coley.biology.drugs.table import checkpoint_inhibitors
from coley.biology.irae.meddra import MedDRA, Query
from coley.model.answer import Answer
from coley.model.errors import InvalidSetting, UnknownName
from coley.model.part import Part
from coley.questions.harm import signals
from coley.questions.harm.evidence import evidence
from coley.questions.harm.queries import chosen_queries, query_part
from coley.questions.harm.settings import HarmSettings
from coley.toy.reports import ReportDesign, SimulatedReports, simulate_reports
from coley.vigilance.database import Database

Make = Callable[..., Database]
NARROW, BROAD = frozenset({"colitis", "no such term"}), frozenset({"hepatitis"})
QUERIES = {
    "made-up bowel": Query("20000001", "Made-up bowel", NARROW, BROAD),
    "made-up void": Query("20000002", "Made-up void", frozenset({"nothing of this kind"}), frozenset()),
}
MEDDRA = MedDRA(MappingProxyType({}), MappingProxyType({}), MappingProxyType(QUERIES))


NAMED = ("20000001", "Made-up void (SMQ)")


@pytest.fixture(scope="module")
def parts(simulated: SimulatedReports, database: Make) -> dict[str, Part]:
    own = database(simulated.clean)
    made = {}
    for scope in ("narrow", "broad"):
        settings = HarmSettings(queries=NAMED, query_scope=scope)
        queries = chosen_queries(settings, MEDDRA)
        made[scope] = query_part(evidence(own, settings, queries), queries)
    return made


@pytest.mark.parametrize("scope", ["narrow", "broad"])
def test_a_query_counts_reports_with_any_of_its_terms_once(
    scope: str, parts: dict[str, Part], simulated: SimulatedReports
) -> None:
    clean = simulated.clean
    terms = NARROW if scope == "narrow" else NARROW | BROAD
    inhibitors = [drug.ingredient for drug in checkpoint_inhibitors()]
    suspect = clean["exposures"].filter(pl.col("ingredient").is_in(inhibitors) & (pl.col("role") != "C"))
    happened = clean["events"].filter(pl.col("term").is_in(list(terms)))["report_id"].unique()
    expected = suspect.filter(pl.col("report_id").is_in(happened.implode()))["report_id"].n_unique()
    row = (
        parts[scope]
        .tables["query_signals"]
        .row(
            by_predicate=(pl.col("exposure") == "Any checkpoint inhibitor")
            & (pl.col("event") == "Made-up bowel"),
            named=True,
        )
    )
    assert expected > 20
    assert row["reports"] == expected
    assert row["with_event"] == happened.len()
    assert row["signal"]


def test_cells_lead_down_to_reports_and_terms_that_are_not_there_are_told(parts: dict[str, Part]) -> None:
    part = parts["narrow"]
    listed = part.tables["query_reports"]
    assert listed.height > 10
    assert all("colitis" in row["reactions"].split(", ") for row in listed.iter_rows(named=True))
    found = dict(part.tables["query_terms"].select("query", "terms_found").rows())
    assert found == {"Made-up bowel": "colitis", "Made-up void": ""}
    assert "Made-up void: none of its 1 narrow terms is in any report." in part.cannot_tell
    assert [figure.title for figure in part.figures] == ["Standardised MedDRA queries by regimen"]


def test_the_record_says_that_meddra_was_used_and_not_where_it_lies(database: Make) -> None:
    small = database(simulate_reports(ReportDesign(n_cases=2_000, seed=3)).clean)
    answer = signals(small, HarmSettings(screen=False, queries=NAMED, meddra="/home/me/meddra"), MEDDRA)
    assert answer.settings["meddra"] == "the user's own"
    assert answer.settings["queries"] == list(NAMED)
    assert "query_map" in answer.tables


def test_without_meddra_or_with_a_misspelt_query_nothing_is_counted() -> None:
    with pytest.raises(InvalidSetting, match="needs your own MedDRA"):
        chosen_queries(HarmSettings(queries=("Made-up bowel",)), None)
    with pytest.raises(UnknownName, match="made-up bowl"):
        chosen_queries(HarmSettings(queries=("Made-up bowl",)), MEDDRA)


def test_no_query_no_table(whole: Answer) -> None:
    assert not [name for name in whole.tables if name.startswith("query")]
    assert whole.settings["meddra"] == ""


def test_a_study_of_reports_is_coded_and_queried_with_the_users_own_meddra(tmp_path: Path) -> None:
    files = {
        "pt.asc": "1$Made-up colitis$$90$\n",
        "llt.asc": "11$Bowel on fire$1$$$$$$$Y$$\n",
        "mdhier.asc": "1$5$6$90$Made-up colitis$h$g$Invented gut$Gut$$90$Y$\n",
        "smq_list.asc": "71$Whole (SMQ)$1$d$s$n$0$A$N$\n",
        "smq_content.asc": "71$1$4$2$A$0$A$0$0$\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    terms = ["Bowel on fire", "Nausea"] * 10 + ["Nausea", "Nausea"] * 10
    rows = [f"{i},{('Opdivo', 'Aspirin')[i % 2]},{term}" for i, term in enumerate(terms)]
    table = tmp_path / "rows.csv"
    table.write_text("\n".join(["CASEID,DRUG,AE", *rows]) + "\n")
    study = coley.read(table)
    answer = coley.ask(study, "harm", screen=False, meddra=str(tmp_path), queries=("whole",))
    row = answer.tables["query_signals"].row(
        by_predicate=(pl.col("exposure") == "Any checkpoint inhibitor") & (pl.col("event") == "Whole"),
        named=True,
    )
    assert (row["reports"], row["exposed"]) == (10, 20)
