"""Tables that are too large for the page: they are linked where files hold them, and nowhere else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.report.signals import signals_answer
from tests.report.test_page import Page

from coley.model.answer import Answer
from coley.model.answer_json import from_dict
from coley.model.csv_out import write_csv
from coley.report import render_page
from coley.report.tables import EMBEDDED, csv_bytes

PATHS = {"large": "tables/harm/large.csv", "small": "tables/harm/small.csv"}


@pytest.fixture(scope="module")
def answer() -> Answer:
    large = pl.DataFrame({"term": [f"term {i}" for i in range(30_000)], "n": np.arange(30_000)})
    assert len(csv_bytes(large)) > EMBEDDED
    return Answer("harm", "Harm?", "toy", "One.", tables={"large": large, "small": large.head(3)})


def page_of(answer: Answer, paths: dict[str, str] | None) -> str:
    beside = None if paths is None else {"harm": paths}
    return render_page([answer], title="toy", about={}, provenance={}, beside=beside)


def test_a_large_table_is_a_file_beside_the_page_and_a_small_one_is_in_it(
    answer: Answer, tmp_path: Path
) -> None:
    html = page_of(answer, PATHS)
    assert len(html) < 2 * EMBEDDED
    found = [a for a in Page(html).all("a") if a.get("class") == "csv"]
    assert [a["href"] for a in found if not a.get("download")] == [PATHS["large"]]
    assert [a["download"] for a in found if a.get("download")] == ["small.csv"]
    write_csv(answer.tables["large"], tmp_path / "large.csv")
    size = (tmp_path / "large.csv").stat().st_size
    assert f"CSV beside this page, {size / 1e3:.0f} kB" in html
    assert "The largest tables are in files beside this page" in html


def test_a_page_by_itself_holds_every_table(answer: Answer) -> None:
    html = page_of(answer, None)
    assert {a["download"] for a in Page(html).all("a") if a.get("class") == "csv"} == {
        "large.csv",
        "small.csv",
    }
    assert "beside this page" not in html


def test_the_json_of_the_page_names_the_files_and_reads_back_with_them(
    answer: Answer, tmp_path: Path
) -> None:
    address = next(
        str(a["href"]) for a in Page(page_of(answer, PATHS)).all("a") if a.get("download") == "answers.json"
    )
    values = json.loads(base64.b64decode(address.partition("base64,")[2]))
    assert values[0]["tables"]["large"] == PATHS["large"]
    (tmp_path / "tables" / "harm").mkdir(parents=True)
    write_csv(answer.tables["large"], tmp_path / PATHS["large"])
    assert from_dict(values[0], tmp_path) == answer


def test_tables_behind_figures_and_cells_are_linked_too() -> None:
    answer = signals_answer()
    name = str(next(f for f in answer.figures if f.options.get("reports_table")).options["reports_table"])
    reports = answer.tables[name]
    many = pl.concat([reports] * (1 + EMBEDDED // len(csv_bytes(reports))))
    answer = replace(answer, tables={**answer.tables, name: many})
    html = render_page(
        [answer], title="t", about={}, provenance={}, beside={answer.question: {name: "tables/a b.csv"}}
    )
    assert [a["href"] for a in Page(html).all("a") if a.get("class") == "csv" and not a.get("download")] == [
        "tables/a%20b.csv"
    ]
