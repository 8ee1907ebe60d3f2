"""The registry, the runner, and what a finding must carry."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.dictionary import table as dictionary_table
from coley.model.errors import UnknownName
from coley.model.study import Study
from coley.read.doctor import COMPARISONS, EXAMINATIONS, examine
from coley.read.doctor.thresholds import limit, rows, thresholds


def test_every_examination_that_runs_leaves_a_check(clean):
    study = Study("clean", {"patients": clean()})
    checks = examine(study)
    ran = [name for name, examination in EXAMINATIONS.items() if examination.applies(study)]
    assert [check.name for check in checks] == ran
    assert {check.level for check in checks} == {"pass"}


def test_an_examination_without_its_columns_leaves_none():
    checks = examine(Study("ids", {"patients": pl.DataFrame({"patient_id": ["a", "b"]})}))
    names = {check.name for check in checks}
    assert "event_code" not in names
    assert "time_unit" not in names
    assert "id_spelling" in names


def test_a_study_without_patients_is_examined_without_error():
    mutations = pl.DataFrame({"sample_id": ["a"], "gene": ["2-Sep"]})
    checks = examine(Study("tumours", {"mutations": mutations}))
    assert [c.level for c in checks if c.name == "mangled_genes"] == ["warn"]


@pytest.mark.parametrize("rows_kept", [0, 1, 2])
def test_tiny_and_empty_studies_are_examined_without_error(clean, rows_kept):
    assert [
        c for c in examine(Study("tiny", {"patients": clean(30).head(rows_kept)})) if c.level == "fail"
    ] == []


def test_columns_of_nulls_and_of_other_types_are_no_error(clean):
    patients = clean(60).with_columns(
        pl.lit(None).alias("nlr"),
        pl.lit("?").alias("os_months"),
        pl.lit(None, dtype=pl.Boolean).alias("os_event"),
        pl.col("pfs_event").cast(pl.String),
    )
    examine(Study("odd", {"patients": patients}))


def junk(kind, seed):
    rng = np.random.default_rng(seed)
    words = ["CR", "PD", "", "12", "1-Mar", "<b>", "2020-02-30", "13/13/2013", None]
    dates = [None, datetime.date(1900, 1, 1), datetime.date(2020, 2, 3)]
    return {
        "floats": lambda: [float("nan"), float("inf"), -1e300, 1e300, *rng.normal(3, 9, 36)],
        "integers": lambda: rng.integers(-(2**62), 2**62, 40).tolist(),
        "small": lambda: rng.integers(0, 3, 40).tolist(),
        "words": lambda: rng.choice(np.array(words, dtype=object), 40).tolist(),
        "flags": lambda: rng.choice(np.array([True, False, None], dtype=object), 40).tolist(),
        "dates": lambda: rng.choice(np.array(dates, dtype=object), 40).tolist(),
        "nothing": lambda: [None] * 40,
    }[kind]()


KINDS = st.sampled_from(["floats", "integers", "small", "words", "flags", "dates", "nothing"])
NAMES = st.sampled_from([*dictionary_table("patients").columns, "x", "Age (days)"])


@settings(max_examples=60, deadline=None)
@given(kinds=st.dictionaries(NAMES, st.tuples(KINDS, st.integers(0, 5)), max_size=12))
def test_whatever_the_columns_hold_the_doctor_does_not_stumble(kinds):
    columns = {name: junk(*kind) for name, kind in kinds.items()}
    frame = pl.DataFrame({"patient_id": [f"p{k}" for k in range(40)], **columns}, strict=False)
    for check in examine(
        Study("any", {"patients": frame}), others=[Study("other", {"patients": frame.reverse()})]
    ):
        assert check.level == "pass" or check.remedy


def test_events_as_numbers_are_judged_as_flags(clean):
    patients = clean(120).with_columns(pl.col("pfs_event", "os_event").cast(pl.Int64))
    assert {c.level for c in examine(Study("numbers", {"patients": patients}))} == {"pass"}


def test_a_file_and_its_line_are_named(clean, only):
    patients = clean(60).with_columns(
        pl.format("trial.csv:{}", pl.int_range(pl.len()) + 2).alias("_where"),
        pl.when(pl.int_range(pl.len()) == 7)
        .then(-3.0)
        .otherwise(pl.col("albumin_g_dl"))
        .alias("albumin_g_dl"),
    )
    check = only(patients, "impossible_value")
    assert (check.where.file, check.where.lines, check.where.column) == ("trial.csv", (9,), "albumin_g_dl")
    assert check.where.values == ("-3",)


def test_without_a_file_the_rows_are_numbered(clean, only):
    patients = clean(60).with_columns(
        pl.when(pl.int_range(pl.len()) == 7)
        .then(-3.0)
        .otherwise(pl.col("albumin_g_dl"))
        .alias("albumin_g_dl"),
    )
    assert (
        only(patients, "impossible_value").where.file,
        only(patients, "impossible_value").where.lines,
    ) == (
        "patients",
        (8,),
    )


def test_the_order_of_rows_changes_no_finding(clean, findings):
    patients = clean(200, cohorts=3).with_columns(
        (pl.col("os_months") * 30.4375).round(), ~pl.col("pfs_event"), pl.lit(3.8).alias("albumin_g_dl")
    )
    told = sorted((c.name, c.level, c.where.column) for c in findings(patients))
    assert told
    assert told == sorted(
        (c.name, c.level, c.where.column) for c in findings(patients.sample(fraction=1, shuffle=True, seed=4))
    )


def test_two_runs_agree(clean):
    study = Study("twice", {"patients": clean(200).with_columns(~pl.col("os_event"))})
    assert examine(study) == examine(study)


def test_every_threshold_has_a_reason_and_is_used():
    from importlib.resources import files

    source = "".join(
        part.read_text(encoding="utf-8")
        for part in files("coley.read.doctor").iterdir()
        if part.name.endswith(".py")
    )
    units = ("days", "weeks", "years")
    source += "".join(f'"time.clock_{end}_{unit}"' for end in ("low", "high") for unit in units)
    for name, threshold in thresholds().items():
        assert len(threshold.reason) > 20, name
        assert f'"{name}"' in source, f"{name} is not used"
    with pytest.raises(KeyError):
        limit("no.such")


@pytest.mark.parametrize(
    "file", ["alternative_units.csv", "header_units.csv", "conversions.csv", "doses.csv", "excel_genes.csv"]
)
def test_every_fact_says_why(file):
    for row in rows(file):
        assert all(row.values()), row


def test_registries_name_and_describe():
    assert len(EXAMINATIONS) >= 35
    assert list(COMPARISONS) == ["studies_share_patients"]
    for examination in (*EXAMINATIONS.values(), *COMPARISONS.values()):
        assert examination.title[0].isupper()
        assert not examination.looks_for.endswith(".")
    with pytest.raises(UnknownName, match="time_units"):
        EXAMINATIONS["time_units"]
