"""Model files and the patients that they name; every slip ends in one message that says where and what to do."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.economics.conftest import TEXT

from coley.economics.population.life_tables import life_table
from coley.model.errors import MissingData, UnreadableInput
from coley.model.study import Study
from coley.read.economic_model import (
    EconomicModel,
    follow_up_of_study,
    model_of_study,
    read_economic_model,
)

ENDPOINTS = ("pfs", "os")
Change = Callable[[dict[str, Any]], None]


def patients(n: int = 60, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    pfs = np.round(rng.exponential(8, n) + 0.1, 2)
    os = np.round(pfs + rng.exponential(9, n), 2)
    return pl.DataFrame(
        {
            "arm": np.where(np.arange(n) % 2 == 0, "old", "new"),
            "pfs_months": np.minimum(pfs, 30),
            "pfs_event": (pfs < 30).astype(int),
            "os_months": np.minimum(os, 30),
            "os_event": (os < 30).astype(int),
        }
    )


def model_words(**data: Any) -> dict[str, Any]:
    """Return the model with curves fitted to patients.csv."""
    words = tomllib.loads(TEXT)
    for name, strategy in words["strategies"].items():
        for endpoint in ENDPOINTS:
            chosen = {
                "file": "patients.csv",
                "time": f"{endpoint}_months",
                "event": f"{endpoint}_event",
                "time_unit": "months",
                "where": {"arm": name},
            }
            strategy[endpoint] = {"data": chosen | data, "families": ["exponential"]}
    return words


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _key(name: str) -> str:
    return f'"{name}"'


def write(folder: Path, words: dict[str, Any], table: pl.DataFrame | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if table is not None:
        table.write_csv(folder / "patients.csv")
    path = folder / "model.toml"
    path.write_text("".join(f"{_key(name)} = {_toml(value)}\n" for name, value in words.items()))
    return path


def read(folder: Path, change: Change | None = None, table: pl.DataFrame | None = None) -> EconomicModel:
    words = model_words()
    if change is not None:
        change(words)
    return read_economic_model(write(folder, words, patients() if table is None else table))


def refused(folder: Path, change: Change | None = None, table: pl.DataFrame | None = None) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read(folder, change, table)
    return str(caught.value)


def changed(**data: Any) -> Change:
    """Change what is said of the data of one curve."""

    def change(words: dict[str, Any]) -> None:
        words["strategies"]["new"]["os"]["data"] |= data

    return change


def test_patients_are_read_in_years_by_strategy_and_endpoint(tmp_path: Path) -> None:
    found = read(tmp_path)
    table = patients()
    assert set(found.followed) == {f"{name}.{endpoint}" for name in ("old", "new") for endpoint in ENDPOINTS}
    for place, one in found.followed.items():
        name, endpoint = place.split(".")
        rows = table.filter(pl.col("arm") == name)
        assert one.time_years == pytest.approx(rows[f"{endpoint}_months"].to_numpy() / 12, rel=1e-12)
        assert one.event.tolist() == rows[f"{endpoint}_event"].cast(pl.Boolean).to_list()
    assert found.followed["new.pfs"].patients == found.followed["new.os"].patients
    assert found.followed["new.pfs"].patients != found.followed["old.pfs"].patients
    assert [source.file for source in found.sources] == ["model.toml", "patients.csv"]


def test_files_of_one_name_in_two_folders_hold_other_patients(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        patients().write_csv(tmp_path / name / "patients.csv")

    def change(words: dict[str, Any]) -> None:
        words["strategies"]["new"]["pfs"]["data"]["file"] = "a/patients.csv"
        words["strategies"]["new"]["os"]["data"]["file"] = "b/patients.csv"

    found = read(tmp_path, change)
    assert found.followed["new.pfs"].patients != found.followed["new.os"].patients


def test_root_is_a_folder_from_that_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    patients().write_csv(tmp_path / "data" / "patients.csv")
    words = model_words() | {"root": "../data"}
    found = read_economic_model(write(tmp_path / "models", words))
    assert found.followed["new.os"].time_years.max() <= 2.5
    assert refused(tmp_path / "models", lambda words: words.update(root="../nowhere"))


def test_unit_and_order_of_rows_do_not_matter(tmp_path: Path) -> None:
    from coley.economics.analysis.evaluate import evaluate, prepare
    from coley.economics.analysis.inputs import base_case

    def qalys(found: EconomicModel) -> np.ndarray:
        prepared = prepare(found.model, found.followed)
        return evaluate(prepared, base_case(found.model, prepared.fitted)).effects[0]

    straight = qalys(read(tmp_path / "a"))
    assert qalys(
        read(tmp_path / "b", table=patients().sample(fraction=1, shuffle=True, seed=3))
    ) == pytest.approx(straight, rel=1e-7)
    days = patients().with_columns(
        (pl.col(f"{endpoint}_months") * 30.4375).alias(f"{endpoint}_days") for endpoint in ENDPOINTS
    )

    def change(words: dict[str, Any]) -> None:
        for strategy in words["strategies"].values():
            for endpoint in ENDPOINTS:
                strategy[endpoint]["data"] |= {"time": f"{endpoint}_days", "time_unit": "days"}

    assert qalys(read(tmp_path / "c", change, days)) == pytest.approx(straight, rel=1e-7)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed(file="patient.csv"), ["names the file 'patient.csv'", "Did you mean 'patients.csv'?"]),
        (changed(file="../patients.csv"), ["lies outside the folder", "Name the folder in model.toml"]),
        (changed(file="/etc/hosts"), ["lies outside the folder"]),
        (changed(file=""), ["new.os names no file of patients", "Give data.file"]),
        (changed(time="os_month"), ["has no column 'os_month'", "Did you mean 'os_months'?"]),
        (changed(event="os_evnt"), ["has no column 'os_evnt'", "Did you mean 'os_event'?"]),
        (changed(where={"arms": "new"}), ["has no column 'arms'", "Did you mean 'arm'?"]),
        (changed(where={"arm": "placebo"}), ["No row of patients.csv has arm = placebo", "new, old"]),
        (changed(time_unit="days"), ["reads the column 'os_months' in days", 'time_unit = "months"']),
        (changed(time_unit="month"), ["new.os.data.time_unit", "Of the column of times"]),
        (changed(times="os"), ["no word 'times' here", "Did you mean 'time'?"]),
    ],
)
def test_what_the_model_says_of_a_file_must_be_so(tmp_path: Path, change: Change, told: list[str]) -> None:
    message = refused(tmp_path, change)
    for words in told:
        assert words in message


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("os_event", "2", ["os_event of patients.csv holds '2'", "patients.csv:3"]),
        ("os_event", None, ["os_event of patients.csv is empty in a row", "patients.csv:3"]),
        ("os_months", "12 mo", ["holds '12 mo', which is no time", "patients.csv:3"]),
        ("os_months", None, ["os_months of patients.csv is empty in a row"]),
        ("os_months", "-3.5", ["holds '-3.5', which is no time", "patients.csv:3"]),
    ],
)
def test_what_no_patient_can_have_is_named_with_its_line(
    tmp_path: Path, column: str, value: str | None, told: list[str]
) -> None:
    texts = patients()[column].cast(pl.String).to_list()
    texts[1] = value  # the first patient of the new arm, in line 3
    message = refused(tmp_path, table=patients().with_columns(pl.Series(column, texts, dtype=pl.String)))
    for words in told:
        assert words in message


def test_days_read_as_months_are_found_by_their_size(tmp_path: Path) -> None:
    days = patients().select(
        "arm",
        "pfs_event",
        "os_event",
        pfs=pl.col("pfs_months") * 30.4375,
        os=pl.col("os_months") * 30.4375,
    )

    def change(words: dict[str, Any]) -> None:
        for strategy in words["strategies"].values():
            for endpoint in ENDPOINTS:
                strategy[endpoint]["data"]["time"] = endpoint

    message = refused(tmp_path, change, days.with_columns(pl.col("pfs", "os") + 200))
    assert "median follow-up of old.pfs would be" in message
    assert "days read as months" in message


def test_a_published_figure_becomes_patients(tmp_path: Path) -> None:
    times = np.arange(0, 31)
    pl.DataFrame({"time_months": times, "survival": 100 * np.exp(-0.05 * times)}).write_csv(
        tmp_path / "points.csv"
    )
    pl.DataFrame({"time_months": [0, 12, 24], "new": [100, 50, 20], "old": [90, 40, None]}).write_csv(
        tmp_path / "risk.csv"
    )
    figure = {"points": "points.csv", "at_risk": "risk.csv", "at_risk_number": "new", "time_unit": "months"}

    def change(words: dict[str, Any], **more: str) -> None:
        words["strategies"]["new"]["os"] = {"digitised": figure | more, "families": ["exponential"]}
        words["strategies"]["old"]["os"] = {
            "digitised": figure | {"at_risk_number": "old"},
            "families": ["exponential"],
        }

    found = read(tmp_path, change)
    one = found.followed["new.os"]
    assert len(one.time_years) == 100
    assert "within 0.0" in one.source
    assert one.event.sum() / one.time_years.sum() == pytest.approx(0.6, rel=0.05)
    assert len(found.followed["old.os"].time_years) == 90, "a number that is not printed is left out"
    assert one.patients != found.followed["new.pfs"].patients
    message = refused(tmp_path, lambda words: change(words, at_risk_number="nwe"))
    assert "risk.csv has no column 'nwe', which new.os names" in message
    message = refused(tmp_path, lambda words: change(words, time_unit="years"))
    assert "reads the column 'time_months' in years" in message
    (tmp_path / "points.csv").write_text('time_months,survival\n0,"1,0"\n3,"0,9"\n')
    assert "holds '1,0', which is no number" in refused(tmp_path, change)


def _life_table(folder: Path, table: pl.DataFrame) -> Change:
    folder.mkdir(parents=True, exist_ok=True)
    table.write_csv(folder / "deaths.csv")
    return lambda words: words["population"].update(life_table="deaths.csv")


def _mortality() -> pl.DataFrame:
    known = life_table("usa-2015").hazards
    ages = np.arange(known.first_age, known.last_age + 1)
    return pl.DataFrame({"age": ages, "female_rate": known.values[0], "male_rate": known.values[1]})


def test_a_life_table_of_ones_own_is_that_table(tmp_path: Path) -> None:
    table = read(tmp_path, _life_table(tmp_path, _mortality())).table
    assert table is not None
    ages = np.array([60.0, 75.5])
    assert table.hazard(ages, True) == pytest.approx(life_table("usa-2015").hazard(ages, True))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda t: t.filter(~pl.col("age").is_in([70, 71])),
            ["ages 70, 71 are missing", "single year of age"],
        ),
        (lambda t: pl.concat([t, t.filter(pl.col("age") == 80)]), ["age 80 is given more than once"]),
        (lambda t: t.with_columns(pl.col("male_rate") * 1000), ["deaths per 1,000"]),
        (lambda t: t.rename({"male_rate": "men"}), ["is no life table that Coley knows", "male_rate"]),
        (
            lambda t: t.with_columns(female_rate=pl.when(pl.col("age") != 65).then(pl.col("female_rate"))),
            ["age 65 is without a value"],
        ),
    ],
)
def test_a_life_table_with_gaps_is_refused(tmp_path: Path, spoil: Callable, told: list[str]) -> None:
    message = refused(tmp_path, _life_table(tmp_path, spoil(_mortality())))
    for words in told:
        assert words in message


def _study(table: pl.DataFrame, words: dict[str, Any]) -> Study:
    frame = table.with_columns(
        pl.Series("patient_id", [f"p{i}" for i in range(table.height)]),
        pl.col("pfs_event", "os_event").cast(pl.Boolean),
    )
    return Study("trial", {"patients": frame}, economic_model=words)


def _of_study() -> dict[str, Any]:
    words = model_words()
    for strategy in words["strategies"].values():
        for endpoint in ENDPOINTS:
            del strategy[endpoint]["data"]["file"]
    return words


def test_a_study_lends_its_patients_to_its_model(tmp_path: Path) -> None:
    study = _study(patients(), _of_study())
    model = model_of_study(study)
    assert model is not None
    found, of_file = follow_up_of_study(study, model), read(tmp_path).followed
    for place, one in found.items():
        assert one.time_years == pytest.approx(of_file[place].time_years)
        assert (one.event == of_file[place].event).all()
    assert found["new.pfs"].patients == found["new.os"].patients
    assert model_of_study(Study("none", {})) is None


def test_patients_without_a_time_are_left_out_and_then_no_longer_the_same(tmp_path: Path) -> None:
    table = patients().with_columns(
        pfs_months=pl.when(pl.int_range(pl.len()) != 1).then(pl.col("pfs_months"))
    )
    study = _study(table, _of_study())
    model = model_of_study(study)
    found = follow_up_of_study(study, model)
    assert len(found["new.pfs"].time_years) == len(found["new.os"].time_years) - 1
    assert found["new.pfs"].patients != found["new.os"].patients


def test_what_a_study_cannot_lend_is_said() -> None:
    def told(words: dict[str, Any], table: pl.DataFrame | None = None) -> str:
        study = _study(patients() if table is None else table, words)
        model = model_of_study(study)
        with pytest.raises((UnreadableInput, MissingData)) as caught:
            follow_up_of_study(study, model)
        return str(caught.value)

    assert "the model of a study fits the study's own patients" in told(model_words())
    words = _of_study()
    words["strategies"]["new"]["os"]["data"]["where"] = {"arm": "placebo"}
    assert "No patient of trial is left for new.os (arm = placebo)" in told(words)
    assert "has no column 'os_months'" in told(_of_study(), patients().drop("os_months"))
    words = copy.deepcopy(_of_study())
    figure = {"points": "a.csv", "at_risk": "b.csv", "at_risk_number": "n", "time_unit": "months"}
    words["strategies"]["new"]["os"] = {"digitised": figure}
    assert "new.os comes from a figure" in told(words)
    words = _of_study()
    words["population"]["life_table"] = "deaths.csv"
    assert "cannot bring a life table of its own (deaths.csv)" in told(words)


def test_a_manifest_names_the_model(tmp_path: Path) -> None:
    import coley

    write(tmp_path, _of_study())
    patients().with_columns(pl.Series("patient_id", [f"p{i}" for i in range(60)])).write_csv(
        tmp_path / "patients.csv"
    )
    (tmp_path / "study.toml").write_text(
        'title = "Trial"\nname = "trial"\neconomic_model = "model.toml"\n[tables.patients]\nfile = "patients.csv"\n'
    )
    answer = coley.ask(coley.read(tmp_path), "worth", draws=200)
    assert answer.study == "trial"
    assert answer.estimate("added_qalys", group="Immunotherapy vs Chemotherapy").value is not None
    (tmp_path / "study.toml").write_text('title = "Trial"\n[tables.patients]\nfile = "patients.csv"\n')
    without = coley.ask(coley.read(tmp_path), "worth")
    assert without.headline.startswith("Cannot be answered")
    assert 'economic_model = "model.toml"' in without.checks[0].remedy
