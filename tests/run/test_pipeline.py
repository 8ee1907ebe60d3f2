"""A run reads, examines, asks and writes; what it writes is whole, repeatable and safe to open."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from coley.model.answer_json import from_dict
from coley.model.csv_out import harmless
from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput, UnwritableOutput
from coley.run.manifest import verify
from coley.run.pipeline import run

pytestmark = pytest.mark.usefixtures("counting")


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_a_report_holds(study_folder: Path, tmp_path: Path) -> None:
    result = run(study_folder, out=tmp_path / "report")
    assert verify(result.folder) == ()
    assert listing(result.folder) == [
        "answers.json",
        "figures/count/01-forest.svg",
        "figures/recount/01-forest.svg",
        "report.html",
        "run.json",
        "tables/count/by_group.csv",
        "tables/count/shares.csv",
        "tables/recount/by_group.csv",
        "tables/recount/shares.csv",
    ]
    assert (result.folder / "figures/count/01-forest.svg").read_text().startswith("<svg")
    page = (result.folder / "report.html").read_text()
    assert page.count("60 patients.") >= 2


def test_answers_can_be_read_back_with_their_tables(study_folder: Path, tmp_path: Path) -> None:
    result = run(study_folder, ["count"], out=tmp_path / "report")
    (read,) = (from_dict(v, result.folder) for v in json.loads((result.folder / "answers.json").read_text()))
    (answer,) = result.answers
    assert read.estimates == answer.estimates
    assert read.settings == answer.settings
    assert read.tables["by_group"].equals(answer.tables["by_group"].cast({"n": pl.Int64}))


def test_the_record_names_the_input_by_its_hash(study_folder: Path, tmp_path: Path) -> None:
    import hashlib

    result = run(study_folder, ["count"], out=tmp_path / "report", settings={"seed": "9"})
    record = json.loads((result.folder / "run.json").read_text())
    hashes = {one["file"]: one["sha256"] for one in record["inputs"]}
    assert hashes["patients.csv"] == hashlib.sha256((study_folder / "patients.csv").read_bytes()).hexdigest()
    assert record["settings"]["count"]["seed"] == 9
    assert {"Reading", "Examining", "Asking: How many?", "Drawing", "Writing"} <= set(record["seconds"])
    assert record["checks"]


def test_progress_tells_every_step_in_order(study_folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run(
        study_folder,
        ["count"],
        out=tmp_path / "r",
        progress=lambda step, done, total: seen.append((done, total)),
    )
    assert seen == [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5)]


def test_the_doctors_failures_and_the_questions_count(study_folder: Path, tmp_path: Path) -> None:
    assert not [c for c in run(study_folder, out=tmp_path / "r").answers[0].checks if c.level == "fail"]
    result = run(study_folder, ["count"], out=tmp_path / "r", settings={"fail": "true"})
    assert "counted" in {check.name for check in result.failed}
    rows = (study_folder / "patients.csv").read_text().replace("p003,control", "p003,control", 1).splitlines()
    rows[4] = ",".join([*rows[4].split(",")[:-1], "-40"])
    (study_folder / "patients.csv").write_text("\n".join(rows) + "\n")
    result = run(study_folder, ["count"], out=tmp_path / "r")
    found = next(check for check in result.checks if check.level != "pass" and "age" in check.message)
    page = (result.folder / "report.html").read_text()
    assert found.where is not None
    assert "age_years" in page
    assert page.index("age_years") < page.index("Every patient was counted.")


def test_one_question_that_cannot_be_estimated_leaves_the_others_their_say(
    study_folder: Path, tmp_path: Path
) -> None:
    result = run(study_folder, out=tmp_path / "r", settings={"recount.refuse": "true"})
    assert result.answers[0].headline == "60 patients."
    assert result.answers[1].headline == "Cannot be answered: Nobody can be counted."
    assert [check.remedy for check in result.failed if check.name == "answerable"] == ["Supply patients."]


@pytest.mark.parametrize(
    ("questions", "settings", "error"),
    [
        (["cuont"], {}, UnknownName),
        (["count"], {"sede": 1}, InvalidSetting),
        (["count"], {"refuse": True}, NotEstimable),
        (["count"], {"by": "no such column"}, Exception),
    ],
)
def test_a_run_that_fails_leaves_the_earlier_report(
    study_folder: Path,
    tmp_path: Path,
    questions: list[str],
    settings: dict[str, object],
    error: type[Exception],
) -> None:
    folder = run(study_folder, ["count"], out=tmp_path / "r").folder
    before = (folder / "run.json").read_bytes()
    with pytest.raises(error):
        run(study_folder, questions, out=folder, settings=settings)
    assert verify(folder) == ()
    assert (folder / "run.json").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r", "tiny"]


def test_misspelt_names_are_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no question named 'cont'"):
        run(tmp_path / "no study here", ["cont"], out=tmp_path / "r")
    with pytest.raises(InvalidSetting):
        run(tmp_path / "no study here", ["count"], out=tmp_path / "r", settings={"sede": 1})
    with pytest.raises(UnreadableInput):
        run(tmp_path / "no study here", ["count"], out=tmp_path / "r")


def test_the_study_is_not_replaced_by_its_own_report(study_folder: Path, tmp_path: Path) -> None:
    outer = run(study_folder, ["count"], out=tmp_path / "r", enclose=lambda f: (f / "study").mkdir()).folder
    (outer / "study" / "patients.csv").write_bytes((study_folder / "patients.csv").read_bytes())
    with pytest.raises(UnwritableOutput, match="the study it reads"):
        run(outer / "study", ["count"], out=outer)
    with pytest.raises(UnwritableOutput, match="not a report that Coley wrote"):
        run(study_folder, ["count"], out=study_folder)
    assert (study_folder / "patients.csv").exists()


HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"onmouseover=alert(1) x="',
    "javascript:alert(1)",
    "@SUM(1+1)",
    "{{ 7*7 }}",
)


class Alarm(HTMLParser):
    """Reads a page as a browser would and notes whatever the hostile names brought to life in it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    @classmethod
    def sounded_by(cls, page: str) -> list[str]:
        alarm = cls()
        alarm.feed(page)
        alarm.close()
        return alarm.heard

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
        ]
        self.heard += ["img src=x"] if ("src", "x") in attrs else []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "alert" in data:
            self.heard.append(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_alarm_sounds(name: str) -> None:
    """The test below would notice: raw, each piece of markup sounds the alarm."""
    raw = f'<p title=" {name}">{name}</p><a href="{name}">x</a>'
    assert bool(Alarm.sounded_by(raw)) == ("alert" in name)


def test_hostile_names_end_up_as_text(study_folder: Path, tmp_path: Path) -> None:
    header, *rows = (study_folder / "patients.csv").read_text().splitlines()
    with (study_folder / "patients.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        for i, row in enumerate(rows):
            cells = row.split(",")
            cells[1] = HOSTILE[i % len(HOSTILE)]
            writer.writerow(cells)
    (study_folder / "study.toml").write_text('title = "<script>alert(2)</script>"\nname = "=1+1"\n')
    folder = run(study_folder, ["count"], out=tmp_path / "r").folder
    for file in ("report.html", "figures/count/01-forest.svg"):
        assert not Alarm.sounded_by((folder / file).read_text()), file
    for path in folder.rglob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert all(cell == harmless(cell) or cell.lstrip("-").replace(".", "").isdigit() for cell in cells)
    assert harmless(HOSTILE[0]) in (folder / "tables/count/by_group.csv").read_text()
