import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.biology.pdl1 import (
    Range,
    assay_named,
    assays,
    comparable,
    cut_points,
    parse_pdl1,
    read_pdl1,
)
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("35", Range(35, 35)),
        ("0", Range(0, 0)),
        ("100%", Range(100, 100)),
        ("2,5 %", Range(2.5, 2.5)),
        ("<1%", Range(0, 1, open=True)),
        ("< 1 %", Range(0, 1, open=True)),
        ("<=1", Range(0, 1)),
        ("≤1", Range(0, 1)),
        (">=50%", Range(50, 100)),
        ("≥50", Range(50, 100)),
        ("> 49", Range(49, 100)),
        ("1-49", Range(1, 49)),
        ("1% – 49%", Range(1, 49)),
        ("1 to 49%", Range(1, 49)),
        ("TC0", Range(0, 1, open=True)),
        ("TC2", Range(5, 50, open=True)),
        ("TC3", Range(50, 100)),
        ("ic1", Range(1, 5, open=True)),
        ("IC2/3", Range(5, 100)),
        ("IC2+", Range(5, 100)),
        ("IC0/1", Range(0, 5, open=True)),
        ("TC1/2/3", Range(1, 100)),
        ("TPS 60%", Range(60, 60)),
        ("CPS >= 10", Range(10, 100)),
    ],
)
def test_what_a_text_says(text, expected):
    assert parse_pdl1(text) == expected


@pytest.mark.parametrize(
    "text", ["positive", "negative", "", "NE", "150", "50-10", "-3", "H-score 120", "TC4", "TC1/3", "1-49-60"]
)
def test_what_is_not_read(text):
    assert parse_pdl1(text) is None


def test_a_text_of_another_score_is_not_read():
    assert parse_pdl1("IC2", "TPS") is None
    assert parse_pdl1("CPS 10", "TPS") is None
    assert parse_pdl1("TC3", "TC") == Range(50, 100)


def test_ranges_never_become_numbers():
    found = read_pdl1([30, "1-49", "<1", None, float("nan")], score="TPS", assay="22C3")
    np.testing.assert_array_equal(found.exact, [30, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(found.low, [30, 1, 0, np.nan, np.nan])
    assert "1 numbers and 2 ranges" in found.checks[0].message


def test_a_cut_is_told_only_where_the_range_tells_it():
    found = read_pdl1(["<1", "1-49", ">=50", "50", "49.9", None, ">=1"], score="TPS", assay="22C3")
    assert found.at_least(50) == (False, False, True, True, False, None, None)
    assert found.at_least(1) == (False, True, True, True, True, None, True)
    assert found.at_least(20) == (False, None, True, True, True, None, None)


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from([1, 10, 20, 50]))
def test_a_told_cut_holds_for_every_value_in_the_range(a, b, cut):
    low, high = sorted((a, b))
    told = read_pdl1([f"{low}-{high}"], score="TPS", assay="22C3").at_least(cut)[0]
    values = {value >= cut for value in range(low, high + 1)}
    assert told == (values.pop() if len(values) == 1 else None)


def test_levels_are_ordered_and_overlaps_refused():
    np.testing.assert_array_equal(
        read_pdl1(["IC0", "IC2+", None, "IC1"], score="IC", assay="SP142").levels(), [0, 2, np.nan, 1]
    )
    np.testing.assert_array_equal(read_pdl1([5, 70, 5], score="TPS", assay="22C3").levels(), [0, 1, 0])
    with pytest.raises(NotEstimable, match="overlap"):
        read_pdl1([30, "1-49"], score="TPS", assay="22C3").levels()


def test_unread_texts_are_named_and_a_wrong_column_is_refused():
    found = read_pdl1([10, 20, "see note"], score="TPS", assay="22C3")
    assert "see note" in {c.name: c for c in found.checks}["pdl1_unread"].message
    with pytest.raises(UnreadableInput, match="something else"):
        read_pdl1(["positive", "negative", 10], score="TPS")
    with pytest.raises(InvalidSetting, match="no score"):
        read_pdl1([10], score="H")


@pytest.mark.parametrize(
    ("text", "name"),
    [("22C3", "22C3"), ("PD-L1 IHC 22C3 pharmDx", "22C3"), ("28-8", "28-8"), ("Ventana SP142", "SP142")],
)
def test_assays_by_other_names(text, name):
    assert assay_named(text).name == name


def test_an_assay_that_nobody_named_raises_a_warning():
    names = {c.name for c in read_pdl1([10], score="TPS").checks}
    assert "pdl1_assay" in names
    assert "pdl1_assay" not in {c.name for c in read_pdl1([10], score="TPS", assay="sp263").checks}
    assert assay_named("E1L3N") is None


@pytest.mark.parametrize(
    ("made", "level"),
    [
        ([("22C3", "TPS")], "pass"),
        ([("22C3", "TPS"), ("SP263", "TPS")], "pass"),
        ([("22C3", "TPS"), ("SP142", "TPS")], "warn"),
        ([("22C3", "CPS"), ("28-8", "CPS")], "warn"),
        ([("22C3", "TPS"), ("22C3", "CPS")], "warn"),
        ([("22C3", "TPS"), ("", "TPS")], "warn"),
    ],
)
def test_which_assays_can_be_compared(made, level):
    assert comparable(made)[0].level == level


def test_every_fact_has_a_source_and_every_cut_an_assay():
    names = {assay.name for assay in assays()}
    for point in cut_points():
        assert point.source
        assert point.assay in names
        assert 0 < point.cut <= 100
    assert {p.cut for p in cut_points() if p.score == "TPS"} == {1, 50}
    assert all(assay.source for assay in assays())


@pytest.mark.real
def test_levels_of_imvigor210(shared):
    table = pl.read_csv(
        shared / "imvigor210_fmone" / "fmone_patients.tsv.gz", separator="\t", infer_schema_length=0
    )
    immune = read_pdl1(table["IC Level"], score="IC", assay="SP142")
    tumour = read_pdl1(table["TC Level"], score="TC", assay="SP142")
    assert {c.name for c in immune.checks} == {c.name for c in tumour.checks} == {"pdl1_read"}
    high = np.array([level == "IC2+" for level in table["IC Level"]])
    assert [bool(x) for x in immune.at_least(5)] == high.tolist()
    assert set(immune.levels()[np.isfinite(immune.levels())]) == {0, 1, 2}


@pytest.mark.real
def test_tps_of_loris_is_all_numbers(shared):
    frame = pl.read_excel(shared / "loris2024" / "AllData.xlsx", sheet_name="Vanguri_NSCLC")
    found = read_pdl1(frame["PDL1_TPS(%)"], score="TPS", assay="22C3")
    assert np.isfinite(found.exact).sum() == 201
    assert (found.low[np.isfinite(found.low)] == found.high[np.isfinite(found.high)]).all()
