"""A study written to a folder is read back as it was, and no cell of it is a live formula."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import coley
from coley.model.study import About, Study
from coley.read.write import write_study

STUDY = Study(
    "toy",
    {
        "patients": pl.DataFrame(
            {
                "patient_id": ["0040", "=1+1", "@b", "-3"],
                "cohort": ["a", "+b", None, "=HYPERLINK(1)"],
                "age_years": [61.25, 70.0, None, 1e-3],
                "ecog": [1, None, 0, 2],
                "response": ["CR", "NE", None, "PD"],
                "responder": [True, False, None, False],
                "os_months": [1 / 3, 2.0, 10.5, 1.0],
                "os_event": [True, None, False, True],
                "=cmd|' /C calc'!A0": ["x", "<b>bold</b>", 'a,b\n"c"', None],
                "_where": ["t:1", "t:2", "t:3", "t:4"],
            }
        ),
        "lesions": pl.DataFrame(
            {
                "patient_id": ["0040"],
                "lesion_id": ["1"],
                "day": [-3.0],
                "diameter_mm": [12.5],
                "role": ["target"],
            }
        ),
    },
    About(
        title='A "toy"\\ with\nlines \x7f',
        time_origin="randomisation",
        randomised=False,
        panel_megabases=1.1,
        price_year=2024,
    ),
)


def test_round_trip(tmp_path: Path) -> None:
    write_study(STUDY, tmp_path / "toy")
    back = coley.read(tmp_path / "toy")
    assert back.name == STUDY.name
    assert back.about == STUDY.about
    for name, frame in STUDY.tables.items():
        assert_frame_equal(back.tables[name].drop("_where"), frame.drop("_where", strict=False))
    assert not [note for note in back.notes if note.level != "pass"]


@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6), min_size=1, max_size=6
    )
)
def test_no_cell_begins_a_formula(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("study")
    ids = [f"P{i}" for i in range(len(texts))]
    write_study(Study("s", {"patients": pl.DataFrame({"patient_id": ids, "note": texts})}), folder)
    with (folder / "patients.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
