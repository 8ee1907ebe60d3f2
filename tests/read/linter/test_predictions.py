"""Reading predictions: which column is what, and files that are none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.errors import UnreadableInput
from coley.read.linter import lint, read_predictions
from coley.read.linter.predictions import is_probability, recognise

FRAME = pl.DataFrame(
    {
        "Sample_ID": ["p1", "p2", "p3"],
        "CV_fold": [1, 2, 3],
        "Set": ["train", "test", "test"],
        "y_true": ["R", "NR", "R"],
        "age_years": [61, 70, 55],
        "LORIS": [0.2, 0.4, 0.9],
        "prob_response": [0.1, 0.5, 0.8],
        "predicted_class": [0, 0, 1],
    }
)


def test_columns_are_recognised_by_their_names() -> None:
    made = recognise(FRAME)
    assert made.roles == {"patient_id": "Sample_ID", "fold": "CV_fold", "split": "Set", "label": "y_true"}
    assert made.scores == ("prob_response", "LORIS")
    assert made.calls == ("predicted_class",)


def test_scores_can_be_named() -> None:
    assert recognise(FRAME, scores=["age_years"]).scores == ("age_years",)
    with pytest.raises(UnreadableInput, match="no column 'LORS'") as error:
        recognise(FRAME, scores=["LORS"])
    assert "Did you mean 'LORIS'?" in str(error.value)


def test_a_marker_alone_is_a_score() -> None:
    assert recognise(FRAME.select("Sample_ID", pl.col("age_years").alias("tmb_per_mb"))).scores == (
        "tmb_per_mb",
    )


def test_ids_that_a_frame_turned_into_numbers() -> None:
    made = recognise(pl.DataFrame({"id": [1.0, 2.0, None], "score": [0.1, 0.2, 0.3]}))
    assert made.frame["id"].to_list() == ["1", "2", None]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "xlsx"])
def test_every_format_gives_the_same(tmp_path, suffix: str) -> None:
    path = tmp_path / f"predictions.{suffix}"
    if suffix == "parquet":
        FRAME.write_parquet(path)
    elif suffix == "xlsx":
        FRAME.write_excel(path)
    else:
        FRAME.write_csv(path, separator="\t" if suffix == "tsv" else ",")
    made = read_predictions(path)
    assert made.scores == ("prob_response", "LORIS")
    assert made.frame["LORIS"].to_list() == pytest.approx([0.2, 0.4, 0.9])
    assert made.frame["Sample_ID"].to_list() == ["p1", "p2", "p3"]
    assert made.frame["_where"][0].startswith("predictions.")


def test_what_is_no_number_is_told_with_its_line(tmp_path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("patient_id,score\na,0.1\nb,inf\nc,n.d.\nd,NA\ne,0.3\nf,0.4\n")
    made = read_predictions(path)
    [note] = made.notes
    assert (note.name, note.where.lines, note.where.values) == ("not_a_number", (3, 4), ("inf", "n.d."))
    assert made.frame["score"].to_list() == [0.1, None, None, None, 0.3, 0.4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"patient_id,score\n", "no row"),
        (b"patient_id,score\na,high\nb,low\n", "no column of predictions"),
        (b"patient_id,score\na,\nb,NA\n", "no column of predictions"),
        (b'patient_id,score\na,"0,41"\nb,"0,52"\n', "no column of predictions"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x00\x01\x02" * 100, "p.csv"),
    ],
)
def test_hostile_files_end_in_one_message(tmp_path, content: bytes, message: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=message):
        read_predictions(path)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(UnreadableInput, match="There is no file"):
        read_predictions(tmp_path / "nothing.csv")


def test_names_of_our_own_in_the_file_do_no_harm(simulate, given) -> None:
    patients = simulate(60, 3)
    frame = patients.select(
        "patient_id", pl.col("_score").alias("score"), pl.lit(1).alias("_row"), pl.lit("x").alias("_table")
    )
    assert given(frame, patients.drop("_score", "_p", "_y")).findings == []


def test_frames_of_numbers_only_and_of_nothing(simulate) -> None:
    from coley.model.study import Study

    study = Study("s", {"patients": simulate(30, 1).drop("_score", "_p", "_y")})
    names = {c.name for c in lint(pl.DataFrame({"score": np.arange(30.0)}), study) if c.level == "fail"}
    assert names == {"ids", "monotone_in_row_order"}
    with pytest.raises(UnreadableInput):
        lint(pl.DataFrame(), study)


def test_names_that_claim_a_probability() -> None:
    assert [n for n in ("p_prob", "Probability.R", "improbable", "probe", "LORIS") if is_probability(n)] == [
        "p_prob",
        "Probability.R",
    ]
