"""From a model file to a report on disk: whole, the same twice, and never half."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from tests.economics.conftest import TEXT

from coley.model.answer_json import to_dict
from coley.model.errors import ColeyError, InvalidSetting, UnreadableInput, UnwritableOutput
from coley.run.manifest import verify
from coley.run.worth import run_worth

QUICK = {"draws": "300"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "two arms.toml"
    path.write_text(TEXT)
    return path


def test_the_report_is_whole(model: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    result = run_worth(
        model, out=tmp_path / "out", settings=QUICK, progress=lambda step, *_: steps.append(step)
    )
    assert verify(result.folder) == (), "every file is there, with the checksum that run.json gives"
    (written,) = json.loads((result.folder / "answers.json").read_text())
    assert written["question"] == "worth"
    assert written["study"] == "two arms"
    assert written["settings"]["draws"] == 300
    assert {"Reading", "Drawing", "Writing"} <= set(steps)
    (answer,) = result.answers
    for name, frame in answer.tables.items():
        table = pl.read_csv(result.folder / written["tables"][name], infer_schema_length=None)
        assert table.height == frame.height
    figures = sorted((result.folder / "figures" / "worth").glob("*.svg"))
    assert len(figures) == len(answer.figures)
    assert all("<svg" in figure.read_text() for figure in figures)
    page = unescape(re.sub("<[^>]+>", "", (result.folder / "report.html").read_text()))
    assert answer.headline in page
    record = json.loads((result.folder / "run.json").read_text())
    assert record["inputs"][0]["file"] == "two arms.toml"


def test_the_model_can_be_run_again_from_the_answer(model: Path, tmp_path: Path) -> None:
    from coley.economics.model_file.parse import model_of
    from coley.questions.worth.answer import answer
    from coley.questions.worth.settings import WorthSettings

    (first,) = run_worth(model, out=tmp_path / "out", settings=QUICK).answers
    (written,) = json.loads((tmp_path / "out" / "answers.json").read_text())
    words = dict(written["settings"])
    again = answer(model_of(words.pop("model")), {}, WorthSettings(**words), study="two arms")
    assert [to_dict(again)["estimates"]] == [to_dict(first)["estimates"]]


def test_two_runs_write_the_same_answers_to_the_byte(model: Path, tmp_path: Path) -> None:
    one, two = (run_worth(model, out=tmp_path / name, settings=QUICK).folder for name in ("one", "two"))
    assert (one / "answers.json").read_bytes() == (two / "answers.json").read_bytes()
    for table in (one / "tables").rglob("*.csv"):
        assert table.read_bytes() == (two / table.relative_to(one)).read_bytes()


def test_the_seed_of_the_settings_goes_before_that_of_the_file(model: Path, tmp_path: Path) -> None:
    def plane(name: str, **settings: str) -> bytes:
        folder = run_worth(model, out=tmp_path / name, settings=QUICK | settings).folder
        return (folder / "tables" / "worth" / "plane.csv").read_bytes()

    plain = plane("a")
    assert plane("b", seed="1") == plain
    assert plane("c", seed="2") != plain
    model.write_text("seed = 2\n" + TEXT)
    assert plane("d") == plane("c")


def test_a_run_that_fails_leaves_the_earlier_report(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run_worth(model, out=out, settings=QUICK)
    before = (out / "answers.json").read_bytes()
    model.write_text(TEXT.replace("at_death = 8000", "at_death = -8000"))
    with pytest.raises(UnreadableInput, match="A cost is 0 or more"):
        run_worth(model, out=out, settings=QUICK)
    model.write_text(TEXT)

    def broken(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("coley.report.render_page", broken)
    with pytest.raises(KeyboardInterrupt):
        run_worth(model, out=out, settings=QUICK)
    assert (out / "answers.json").read_bytes() == before
    assert verify(out) == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "two arms.toml"], "nothing lies beside"


def test_settings_and_folders_that_cannot_be_are_refused_before_anything_is_read(
    model: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSetting, match="has no setting 'drawz'"):
        run_worth(model, out=tmp_path / "out", settings={"drawz": "3"})
    with pytest.raises(InvalidSetting, match="'highest_threshold'"):
        run_worth(model, out=tmp_path / "out", settings={"highest_threshold": "0.5"})
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Sir")
    with pytest.raises(UnwritableOutput):
        run_worth(model, out=folder, settings=QUICK)
    with pytest.raises(ColeyError):
        run_worth(model, out=model.parent, settings=QUICK)
    assert (folder / "letter.txt").read_text() == "Dear Sir"
    assert model.read_text() == TEXT
