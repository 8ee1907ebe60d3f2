"""From files of reports to a report on disk: what is written, what a store is for, what a broken quarter costs."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput
from coley.run.pipeline import RunResult
from coley.run.signals import SignalsSettings, run_signals
from coley.toy.reports import ReportDesign, simulate_reports, write_faers

QUICK = {"screen": "false"}


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four quarters of FAERS in files, 4,000 cases."""
    folder = tmp_path_factory.mktemp("faers")
    write_faers(folder, simulate_reports(ReportDesign(n_cases=4_000, quarters=4)).raw)
    return folder


def answers(folder: Path) -> str:
    return (folder / "answers.json").read_text(encoding="utf-8")


def test_a_report_is_written_and_a_store_gives_it_again(quarters: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = run_signals([quarters], out=tmp_path / "one", settings=QUICK, how=SignalsSettings(store=store))
    again = run_signals([store], out=tmp_path / "two", settings=QUICK)
    assert {"report.html", "answers.json", "run.json"} <= {path.name for path in first.folder.iterdir()}
    one, two = (json.loads(answers(run.folder))[0] for run in (first, again))
    assert one["headline"] == two["headline"]
    assert [{**e} for e in one["estimates"]] == [{**e} for e in two["estimates"]]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]  # nothing is left beside


def test_what_was_dropped_stands_in_the_report(quarters: Path, tmp_path: Path) -> None:
    run = run_signals([quarters], out=tmp_path / "out", settings=QUICK)
    names = {check.name for check in run.checks}
    assert {"lines_add_up", "cleaning_case_versions", "cleaning_drugs"} <= names
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "superseded by a later version" in page
    assert "never of incidence or risk" in page


def test_a_quarter_without_drugs_is_named_and_the_others_are_read(quarters: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    for path in quarters.rglob("*.txt"):
        if path.name.upper().startswith("DRUG13Q2"):
            continue
        target = broken / path.relative_to(quarters)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    run = run_signals([broken], out=tmp_path / "out", settings=QUICK)
    failed = [check.message for check in run.failed]
    assert len(failed) == 1
    assert "2013Q2" in failed[0] or "13Q2" in failed[0]


def test_that_quarter_is_read_all_the_same_if_asked(quarters: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    for path in quarters.rglob("*.txt"):
        if not path.name.upper().startswith("DRUG13Q2"):
            target = broken / path.relative_to(quarters)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    told = [
        run_signals([broken], out=tmp_path / name, settings=QUICK, how=SignalsSettings(incomplete=asked))
        for name, asked in (("without", False), ("with", True))
    ]
    kept = [
        next(check.message for check in run.checks if check.name == "cleaning_case_versions") for run in told
    ]
    assert kept[0] != kept[1]


def test_duplicates_can_be_kept_and_are_listed_all_the_same(quarters: Path, tmp_path: Path) -> None:
    how = SignalsSettings(cleaning={"remove_duplicates": False})
    run = run_signals([quarters], out=tmp_path / "out", settings=QUICK, how=how)
    assert not [check for check in run.checks if check.name == "cleaning_probable_duplicates"]
    assert run.answers[0].tables["duplicate_pairs"].height > 0


def test_terms_are_counted_under_the_users_own_meddra(quarters: Path, tmp_path: Path) -> None:
    folder = tmp_path / "meddra"
    folder.mkdir()
    (folder / "llt.asc").write_text(
        "10000001$Inflamed bowel$10000002$$$$$$$Y$$\n10000002$Colitis$10000002$$$$$$$Y$$\n"
    )
    (folder / "pt.asc").write_text("10000002$Colitis$$10017947$$$$$$$$\n")
    (folder / "mdhier.asc").write_text(
        "10000002$10000003$10000004$10017947$Colitis$Bowel$Gut$Gastrointestinal disorders$Gastr$$10017947$Y$\n"
    )
    reports = tmp_path / "reports"
    for path in quarters.rglob("*.txt"):
        target = reports / path.relative_to(quarters)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes().replace(b"$Colitis", b"$Inflamed bowel"))
    plain, coded = (
        run_signals([reports], out=tmp_path / name, settings=QUICK, how=SignalsSettings(meddra=meddra))
        for name, meddra in (("plain", None), ("coded", folder))
    )

    (folder / "smq_list.asc").write_text("20000001$Made-up, bowel (SMQ)$1$d$s$n$0$A$N$\n")
    (folder / "smq_content.asc").write_text("20000001$10000001$5$2$A$0$A$0$0$\n")
    asked = QUICK | {"queries": "20000001", "meddra": str(folder)}
    queried = run_signals([reports], out=tmp_path / "queried", settings=asked)
    with pytest.raises(UnknownName, match="20000009"):
        run_signals([reports], out=tmp_path / "none", settings=asked | {"queries": "20000009"})
    assert not (tmp_path / "none").exists()

    def colitis(run: RunResult) -> int:
        table = run.answers[0].tables["harm_signals"]
        return int(table.filter(pl.col("event") == "Colitis")["reports"].max())

    assert colitis(plain) < colitis(coded)
    own = queried.answers[0].tables["query_signals"]
    assert set(own["event"]) == {"Made-up, bowel"}
    assert int(own["reports"].to_numpy().max()) > 0
    assert str(folder) not in answers(queried.folder)


def test_an_earlier_report_stays_where_reports_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableInput, match="no reports"):
        run_signals([tmp_path / "empty"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_misspelt_setting_is_told_before_anything_is_read(quarters: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="min_report"):
        run_signals([quarters], out=tmp_path / "out", settings={"min_report": "5"})


def test_a_report_does_not_replace_its_own_reports(quarters: Path) -> None:
    from coley.model.errors import UnwritableOutput

    with pytest.raises(UnwritableOutput):
        run_signals([quarters], out=quarters)
