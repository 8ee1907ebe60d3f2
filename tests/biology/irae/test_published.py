"""Published figures: whole, sourced, consistent with themselves and with the papers' own arithmetic."""

from __future__ import annotations

import csv
import math

import polars as pl
import pytest

from coley.biology.drugs import drugs, regimens
from coley.biology.irae import label_iraes, organ_classes, published
from coley.biology.irae.published import TABLES
from coley.model.errors import UnknownName


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_whole_and_keys_are_known(table: str) -> None:
    frame = published(table)
    assert frame["source"].null_count() == 0
    assert not frame["source"].str.contains("(?i)memory|unverified").any()
    if "irae" in frame.columns:
        assert set(frame["irae"].drop_nulls()) <= set(label_iraes())
    assert set(frame["organ_class"].drop_nulls()) <= set(organ_classes())
    column = "regimen" if "regimen" in frame.columns else "ingredients"
    words = {"monotherapy", "combination", "placebo"}
    for regimen in frame[column]:
        assert regimen in {*regimens(), *words} or set(regimen.split(";")) <= set(drugs()), regimen
    for low, high in [(c, c.replace("low", "high")) for c in frame.columns if c.endswith("low")]:
        assert frame.filter(pl.col(low) > pl.col(high)).is_empty()


def test_fatalities_add_up_to_their_percentages() -> None:
    """Wang 2018, table 1: percent is deaths of the regimen."""
    rows = published("fatality").filter(
        pl.col("measure").str.starts_with("deaths") & pl.col("percent").is_not_null()
    )
    assert rows.height == 37
    assert (rows["value"] / rows["n"] * 100 - rows["percent"]).abs().max() <= 0.1


def test_trials_give_percentages_of_their_patients() -> None:
    rows = published("incidence").filter(pl.col("n").is_not_null())
    assert rows.height == 46
    assert (rows["patients"] / rows["n"] * 100 - rows["percent"]).abs().max() < 0.05


def test_signals_have_the_intervals_of_their_own_counts() -> None:
    """PRR and its interval are symmetrical on the log scale in what Chen et al. printed, to their two decimals."""
    rows = published("signals")
    assert rows.height == 65
    for value, low, high in rows.select("prr", "prr_low", "prr_high").iter_rows():
        assert math.sqrt(low * high) == pytest.approx(value, rel=0.02)


def test_an_unknown_table_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="onset"):
        published("onsets")


@pytest.mark.real
def test_figures_are_those_of_the_collected_facts(shared) -> None:
    facts = shared.parent / "facts"
    with (facts / "irae_faers_signals_chen2021.csv").open(encoding="utf-8") as file:
        theirs = [tuple(float(r[c]) for c in ("N", "PRR", "ROR")) for r in csv.DictReader(file)]
    assert published("signals").select("n", "prr", "ror").rows() == theirs
    with (facts / "irae_onset.csv").open(encoding="utf-8") as file:
        weeks = [r for r in csv.DictReader(file) if r["source"].startswith("Tang")]
    ours = published("onset").filter(pl.col("source").str.starts_with("Tang"))
    assert ours["median_days"].drop_nulls().to_list() == [
        pytest.approx(7 * float(r["value"])) for r in weeks if "-" not in r["value"]
    ]
