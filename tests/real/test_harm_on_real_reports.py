"""harm on real reports: known harms are found where the data can show them, and named where they cannot."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import coley
from coley.biology.irae.labels import label_iraes
from coley.model.answer import Answer

pytestmark = pytest.mark.real
HERE = Path(__file__).parent
CLASS = "Any checkpoint inhibitor"


@pytest.fixture(scope="module")
def asked(shared: Path) -> dict[str, Answer]:
    """Each real database, asked once."""
    names = (
        "faers_2022q3_primary_suspect",
        "ici_faers_bladder_dashboard",
        "faers_ascii_mini",
        "diana_faers_sample",
    )
    return {name: coley.ask(coley.read(HERE / name), "harm", screen=False) for name in names}


def test_every_core_harm_of_the_label_is_found_or_named_as_unseen(asked: dict[str, Answer]) -> None:
    answer = asked["faers_2022q3_primary_suspect"]
    table = answer.tables["harm_signals"].filter(pl.col("exposure") == CLASS)
    found = set(table.filter("signal")["event"])
    core = {irae.title for irae in label_iraes().values() if irae.core}
    unseen = {title for title in core if any(text.startswith(f"{title}:") for text in answer.cannot_tell)}
    # Terms of one word only: these four have none that occurs.
    assert unseen == {
        "Myasthenia gravis",
        "Adrenal insufficiency",
        "Type 1 diabetes mellitus",
        "Stevens-Johnson syndrome or toxic epidermal necrolysis",
    }
    assert core - unseen <= found
    assert {"Arthritis", "Pericarditis"} & found == set()


def test_counts_of_2022q3_are_those_of_its_rows(asked: dict[str, Answer], shared: Path) -> None:
    rows = pl.read_csv(shared / "faers_2022q3_primary_suspect" / "faers22q3_ps.csv.gz")
    brands = {"nivolumab": ["opdivo", "nivolumab"], "pembrolizumab": ["keytruda", "pembrolizumab"]}
    table = asked["faers_2022q3_primary_suspect"].tables["harm_signals"]
    for agent, names in brands.items():
        own = rows.filter(pl.col("DRUG").str.to_lowercase().is_in(names))
        told = table.filter((pl.col("exposure") == agent.capitalize()) & (pl.col("event") == "Myocarditis"))
        assert told["reports"].item() == own.filter(pl.col("AE") == "Myocarditis")["CASEID"].n_unique()
        assert told["exposed"].item() >= own["CASEID"].n_unique()  # other spellings come on top


def test_reports_of_inhibitors_alone_are_compared_with_each_other(asked: dict[str, Answer]) -> None:
    answer = asked["ici_faers_bladder_dashboard"]
    assert any("every report here names one" in text for text in answer.cannot_tell)
    assert CLASS not in answer.tables["harm_signals"]["exposure"].to_list()
    both = answer.tables["harm_signals"].filter(pl.col("exposure") == "PD-(L)1 + CTLA-4")
    assert 130 <= both["exposed"].max() <= 151  # 151 rows name both, before probable duplicates are dropped
    assert any(
        text.startswith("When a reaction begins") for text in answer.cannot_tell
    )  # no start of therapy


def test_quarters_without_an_inhibitor_say_so(asked: dict[str, Answer]) -> None:
    answer = asked["faers_ascii_mini"]
    assert answer.headline == "None of 200 reports names a checkpoint inhibitor."
    assert not answer.estimates


def test_a_handful_of_reports_is_no_signal(asked: dict[str, Answer]) -> None:
    answer = asked["diana_faers_sample"]
    assert "none is a signal" in answer.headline
    assert answer.tables["harm_signals"].filter(pl.col("exposure") == CLASS)["reports"].max() < 3
