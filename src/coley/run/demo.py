"""The demo: a study whose truth is known, saved as a newcomer would hold it, and asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from coley.run.pipeline import RunResult, run
from coley.run.steps import Progress, silent

if TYPE_CHECKING:
    from coley.toy import Toy

STUDY, TRUTH = "study", "truth"  # folders of the demo within its report
REPORTS = "reports"  # folder of spontaneous reports within the study
MODEL, MODEL_SOURCE = "model.toml", "economic_model.toml"  # within the study; where it comes from
CASES, QUARTERS = 15_000, 12  # enough for the commoner harms, few enough for a demo


def run_demo(patients: int, *, seed: int, out: Path, progress: Progress = silent) -> RunResult:
    """Simulate a study, save it with its truth, and ask it every question as `coley ask` would.

    Parameters
    ----------
    patients
        How many to simulate.
    seed
        Of the simulation and of every question.
    out
        Folder of the report; the study and its truth lie in it, in folders of their own.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    ColeyError
        Where the folder cannot be written, or the numbers cannot be.
    """
    from coley.run.output import prepare
    from coley.toy import simulate

    prepare(out)
    progress(f"Simulating {patients:,} patients", 0, 1)
    with TemporaryDirectory(prefix="coley-demo-") as place:
        saved = Path(place)
        _save(simulate(patients, seed=seed), saved)
        _save_reports(seed, saved)
        _save_model(saved)

        def enclose(folder: Path) -> None:
            for name in (STUDY, TRUTH):
                shutil.copytree(saved / name, folder / name)

        # Read from the disk again, so that `coley ask` on the saved study gives the same answers.
        return run(saved / STUDY, out=out, settings={"seed": seed}, progress=progress, enclose=enclose)


def _save(toy: Toy, folder: Path) -> None:
    from coley.model.csv_out import write_csv
    from coley.read.write import write_study

    write_study(toy.study, folder / STUDY)
    (folder / TRUTH).mkdir()
    for name, table in toy.truth.tables().items():
        write_csv(table, folder / TRUTH / f"{name}.csv")


def _save_reports(seed: int, folder: Path) -> None:
    """Write spontaneous reports beside the tables, as an authority would publish them, and what is true of them."""
    from coley.model.csv_out import write_csv
    from coley.toy.reports import ReportDesign, simulate_reports, write_faers

    simulated = simulate_reports(ReportDesign(n_cases=CASES, quarters=QUARTERS, seed=seed))
    write_faers(folder / STUDY / REPORTS, simulated.raw, zipped=True)
    _declare(folder, "reports", REPORTS)
    write_csv(simulated.truth.ratios, folder / TRUTH / "report_ratios.csv")


def _save_model(folder: Path) -> None:
    """Write the economic model of the simulated study beside its tables."""
    from importlib.resources import files

    text = files("coley.toy").joinpath("resources", MODEL_SOURCE).read_text("utf-8")
    (folder / STUDY / MODEL).write_text(text, encoding="utf-8")
    _declare(folder, "economic_model", MODEL)


def _declare(folder: Path, key: str, value: str) -> None:
    """Put a line at the head of the study's manifest."""
    from coley.read.manifest import MANIFEST

    manifest = folder / STUDY / MANIFEST
    manifest.write_text(f'{key} = "{value}"\n{manifest.read_text(encoding="utf-8")}', encoding="utf-8")
