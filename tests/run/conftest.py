"""A small study on disk, and a question of the tests' own, so that a run is quick and its answer known."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import polars as pl
import pytest

from coley.model.answer import Answer, Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.question import Need, Question, Settings
from coley.model.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from coley.model.study import Study

PATIENTS = 60


class Counted(Settings):
    """Settings of the question `count`."""

    by: str = "arm"
    fail: bool = False
    refuse: bool = False


def count(study: Study, settings: Counted) -> Answer:
    if settings.refuse:
        raise NotEstimable("Nobody can be counted.", remedy="Supply patients.")
    groups = study.patients.group_by(settings.by, maintain_order=True).len("n")
    forest = groups.select(
        pl.col(settings.by).cast(pl.String).alias("label"), value=0.5, low=0.2, high=0.8, n="n"
    )
    return Answer(
        "count",
        "How many?",
        study.name,
        f"{study.patients.height} patients.",
        estimates=(Estimate("n", study.patients.height, None, None, study.patients.height, "patients", "m"),),
        checks=(Check("counted", "fail" if settings.fail else "pass", "Every patient was counted."),),
        tables={"by_group": groups, "shares": forest},
        figures=(Figure("forest", "shares", options={"scale": "linear"}),),
        settings=settings.model_dump(mode="json"),
    )


def recount(study: Study, settings: Counted) -> Answer:
    return count(study, settings).replace(question="recount")


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Registry[Question]:
    """The registry of questions, with two that count."""
    registry: Registry[Question] = Registry("question")
    needs = (Need("patients", ("patient_id",)),)
    for run in (count, recount):
        registry.add(run.__name__, Question(run.__name__, "How many?", "Counts.", needs, Counted, (), run))
    monkeypatch.setattr(import_module("coley.questions"), "QUESTIONS", registry)
    return registry


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A native study of two arms."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "study.toml").write_text(
        'title = "Tiny"\ntime_origin = "randomisation"\nrandomised = true\ncontrol_arm = "control"\n'
    )
    rows = [
        f"p{i:03},{'control' if i % 2 else 'treated'},{('CR', 'PR', 'SD', 'PD')[i * 7 % 4]},"
        f"{1.5 + i * 11 % 17},{int(i % 5 > 0)},{19 + i * 13 % 23},{int(i % 3 > 0)},{50 + i * 5 % 31}"
        for i in range(PATIENTS)
    ]
    header = "patient_id,arm,response,pfs_months,pfs_event,os_months,os_event,age_years"
    (folder / "patients.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder
