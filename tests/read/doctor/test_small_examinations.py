"""Words among numbers, dates, genes, adverse events, lesions and doses."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from coley.model.study import Study
from coley.read.doctor.genes import likely_gene


def test_words_among_numbers(clean, only, findings):
    purity = (
        pl.when(pl.int_range(pl.len()) % 9 == 0)
        .then(pl.lit("default"))
        .otherwise(pl.col("purity").cast(pl.String))
    )
    check = only(clean(100).with_columns(purity.alias("purity")), "text_among_numbers")
    assert (check.level, check.where.values) == ("warn", ("default",))
    codes = pl.Series("batch", [f"{k % 3}" if k % 2 else "AB"[k % 4 // 2] for k in range(100)])
    assert findings(clean(100).with_columns(codes, pl.lit("12a").alias("arm_code"))) == []


def dated(clean, values):
    return clean(len(values) * 10).with_columns(pl.Series("visit", values * 10))


@pytest.mark.parametrize("bad", ["2187-01-01", "1887-05-06", "1900-01-01", "1970-01-01"])
def test_impossible_dates(clean, only, bad):
    good = ["2019-03-04", "2020-11-30", "2021-07-01"]
    check = only(dated(clean, [*good, bad]), "impossible_date")
    assert (check.level, check.where.values, check.where.lines[0]) == ("fail", (bad,), 4)


def test_dates_as_dates(clean, only, findings):
    good = [datetime.date(2019, 3, k) for k in range(1, 6)]
    assert findings(dated(clean, good)) == []
    only(dated(clean, [*good, datetime.date(2190, 1, 1)]), "impossible_date")


def test_two_orders_of_day_and_month(clean, only, findings):
    assert findings(dated(clean, ["13/02/2019", "04/05/2019", "28/12/2020"])) == []
    check = only(dated(clean, ["13/02/2019", "04/05/2019", "02/28/2020"]), "date_order")
    assert check.level == "fail"
    assert "10 dates must be day/month/year, 10 month/day/year" in check.message


@pytest.mark.parametrize(
    ("name", "gene"),
    [
        ("1-Mar", "MARCH1 (MARCHF1)"),
        ("2-Sep", "SEPT2 (SEPTIN2)"),
        ("Sep-02", "SEPT2 (SEPTIN2)"),
        ("2017-09-06 00:00:00", "SEPT6 (SEPTIN6)"),
        ("1-Dec", "DEC1 (DELEC1)"),
    ],
)
@pytest.mark.parametrize("table", ["mutations", "expression"])
def test_dates_among_genes(clean, only, name, gene, table):
    patients = clean(30)
    genes = ["TP53", name, "HLA-A", "KRTAP10-8"]
    frame = pl.DataFrame({"gene": genes, "sample_id": patients["patient_id"].head(4)})
    if table == "expression":
        frame = frame.drop("sample_id").with_columns(pl.lit(1.0).alias(patients["patient_id"][0]))
    check = only(Study("s", {"patients": patients, table: frame}), "mangled_genes")
    assert (check.level, check.where.lines) == ("warn", (2,))
    assert gene in check.message


@pytest.mark.parametrize("name", ["43160", "2.31E+13"])
def test_numbers_among_genes(clean, only, name):
    frame = pl.DataFrame({"gene": ["TP53", name], "x": [1.0, 2.0]})
    only(Study("s", {"patients": clean(30), "expression": frame}), "mangled_genes")


@pytest.mark.parametrize(
    "name",
    [
        "HLA-A",
        "NKX2-1",
        "SEPTIN2",
        "MARCHF1",
        "SEPT2",
        "1060P11.3",
        "7SK",
        "DEC1",
        "H1-2",
        "C1orf112",
        "A1BG",
    ],
)
def test_true_genes(clean, findings, name):
    frame = pl.DataFrame({"gene": ["TP53", name], "x": [1.0, 2.0]})
    assert findings(Study("s", {"patients": clean(30), "expression": frame})) == []
    assert likely_gene(name) is None


def events(patients, **columns):
    n = max(len(values) for values in columns.values())
    return pl.DataFrame({"patient_id": patients["patient_id"].head(n), "term": "colitis", **columns})


def test_events_that_end_before_they_begin(clean, only):
    patients = clean(60).filter(pl.col("os_months") > 6)
    table = events(patients, start_day=[10.0] * 20, end_day=[20.0] * 19 + [5.0])
    check = only(Study("s", {"patients": patients, "adverse_events": table}), "event_ends_first")
    assert (check.level, check.where.lines, check.where.values) == ("warn", (20,), ("10 to 5",))
    table = table.rename({"start_day": "end_day", "end_day": "start_day"})
    assert (
        only(Study("s", {"patients": patients, "adverse_events": table}), "event_ends_first").level == "fail"
    )


def test_events_after_death(clean, only):
    patients = clean(60).filter(pl.col("os_event")).sort("os_months")
    days = [float(m) * 30 for m in patients["os_months"].head(11)]
    days[10] += 400
    table = events(patients, start_day=days)
    study = Study("s", {"patients": patients.head(29), "adverse_events": table})
    check = only(study, "event_after_death")
    assert (check.level, check.where.lines) == ("warn", (11,))


def test_fatal_events_of_the_living(clean, only):
    patients = clean(60).sort("os_event")
    table = events(patients, grade=[5, 2, 3])
    check = only(Study("s", {"patients": patients, "adverse_events": table}), "event_after_death")
    assert check.where.lines == (1,)
    assert "grade 5" in check.message


def test_events_entered_twice(clean, only):
    patients = clean(30).filter(pl.col("os_months") > 2)
    table = events(patients, start_day=[10.0, 20.0, 30.0])
    check = only(
        Study("s", {"patients": patients, "adverse_events": pl.concat([table, table.head(1)])}), "event_twice"
    )
    assert check.where.lines == (4,)


def scans(patients, first=40.0, best=20.0):
    rows = [
        {"patient_id": p, "lesion_id": lesion, "day": day, "diameter_mm": size, "role": "target"}
        for p in patients["patient_id"]
        for lesion in ("T1", "T2")
        for day, size in ((0.0, first), (60.0, best))
    ]
    return pl.DataFrame(rows)


def test_centimetres(clean, findings, only):
    patients = clean(30)
    assert findings(Study("s", {"patients": patients, "lesions": scans(patients)})) == []
    check = only(Study("s", {"patients": patients, "lesions": scans(patients, 4.0, 2.0)}), "lesion_unit")
    assert check.level == "fail"
    assert 'unit = "cm"' in check.remedy


def test_two_diameters_of_one_lesion(clean, only):
    patients = clean(30)
    extra = scans(patients).head(1).with_columns(pl.lit(55.0).alias("diameter_mm"))
    check = only(
        Study("s", {"patients": patients, "lesions": pl.concat([scans(patients), extra])}), "lesion_twice"
    )
    assert sorted(check.where.lines) == [1, 121]


def test_response_while_the_lesions_grow(clean, only):
    patients = clean(60)
    responder = patients.filter(pl.col("response") == "PR")["patient_id"][0]
    grow = (
        pl.when((pl.col("patient_id") == responder) & (pl.col("day") > 0))
        .then(50.0)
        .otherwise(pl.col("diameter_mm"))
    )
    table = scans(patients).with_columns(grow.alias("diameter_mm"))
    check = only(Study("s", {"patients": patients, "lesions": table}), "response_without_shrinkage")
    assert check.where.values == ("125% of first",)
    assert patients["patient_id"][check.where.lines[0] - 1] == responder


@pytest.mark.parametrize(("mg", "unit"), [(0.24, "g"), (240_000.0, "ug"), (3.0, "mg per kg")])
def test_doses_in_another_unit(clean, findings, mg, unit):
    patients = clean(30)
    doses = pl.DataFrame({"patient_id": patients["patient_id"], "day": 0, "drug": "Nivolumab 240", "mg": mg})
    told = [c for c in findings(Study("s", {"patients": patients, "doses": doses})) if c.name == "dose_unit"]
    assert [(c.level, c.cause) for c in told] == [("fail", f"The file holds {unit}.")]
