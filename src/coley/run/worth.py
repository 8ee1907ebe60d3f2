"""Read a model file, work it out, write the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from coley.model.study import About, Study
from coley.run.folder import write_report
from coley.run.output import prepare, publish
from coley.run.pipeline import RunResult, refuse_own_input
from coley.run.settings import distribute
from coley.run.steps import Progress, Steps, silent

if TYPE_CHECKING:
    from coley.questions.worth.settings import WorthSettings

STEPS = 4  # read, ask, draw, write


def run_worth(
    path: Path | str,
    *,
    out: Path | str,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> RunResult:
    """Read a model file, work it out and write the report.

    Parameters
    ----------
    path
        The model file.
    out
        Folder of the report; an earlier report there is replaced in one step.
    settings
        Settings of the question `worth`.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    ColeyError
        For a model that cannot be read or worked out, a setting that is unknown, or a folder that cannot be written;
        an earlier report is then as it was.
    """
    from coley.questions.worth import QUESTION
    from coley.questions.worth.answer import answer
    from coley.read.economic_model import read_economic_model

    asked = QUESTION.configure(**distribute(settings or {}, [QUESTION])[QUESTION.name])
    target, source = prepare(Path(out)), Path(path)
    refuse_own_input(source, target)
    steps = Steps(STEPS, progress=progress)
    with steps("Reading"):
        read = read_economic_model(source)
    whole = source.resolve()
    name = whole.stem if whole.stem != "model" else whole.parent.name  # "model.toml" says nothing
    with steps(f"Asking: {QUESTION.title}"):
        found = answer(
            read.model,
            read.followed,
            cast("WorthSettings", asked),
            study=name,
            table=read.table,
            others=read.indications,
        )
    about = About(title=read.model.title, currency=read.model.currency, price_year=read.model.price_year)
    study = Study(name, {}, about, read.sources)

    def fill(folder: Path) -> None:
        write_report(folder, study, [found], checks=(), steps=steps)

    return RunResult(publish(target, fill), study, (), (found,))
