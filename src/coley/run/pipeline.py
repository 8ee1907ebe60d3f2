"""From a study on disk to a report on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coley.model.answer import Answer, Check, Level
from coley.model.errors import MissingData, NotEstimable, UnwritableOutput
from coley.run.folder import write_report
from coley.run.output import prepare, publish
from coley.run.settings import distribute
from coley.run.steps import Progress, Steps, silent

if TYPE_CHECKING:
    from coley.model.question import Question
    from coley.model.study import Study


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run found and where it wrote it.

    Attributes
    ----------
    folder
        The report's folder, absolute.
    study, checks, answers
        The study, what its reader noted and the doctor found, and the answers.
    """

    folder: Path
    study: Study
    checks: tuple[Check, ...]
    answers: tuple[Answer, ...]

    def found(self, level: Level) -> tuple[Check, ...]:
        """Return the checks of one level, the doctor's before the answers'."""
        checks = [*self.checks, *(check for answer in self.answers for check in answer.checks)]
        return tuple(check for check in checks if check.level == level)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return self.found("fail")


def run(
    source: Path | str,
    questions: Sequence[str] | None = None,
    *,
    out: Path | str,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = silent,
    enclose: Callable[[Path], None] | None = None,
) -> RunResult:
    """Read a study, examine it, ask the questions and write the report.

    Parameters
    ----------
    source
        Folder or file of the study.
    questions
        Names of questions; all of them where None or empty.
    out
        Folder of the report; an earlier report there is replaced in one step.
    settings
        "name" or "question.name" to value.
    progress
        Called with the step, the steps done and their number.
    enclose
        Writes further files into the report's folder, which then belong to it.

    Raises
    ------
    ColeyError
        For a misspelt question or setting, an unusable study, or a folder that cannot be written;
        an earlier report is then as it was.
    """
    from coley.questions import QUESTIONS
    from coley.read import read
    from coley.read.doctor import examine

    asked = [QUESTIONS[name] for name in dict.fromkeys(questions or QUESTIONS)]
    given = distribute(settings or {}, asked)
    target = prepare(Path(out))
    refuse_own_input(Path(source), target)
    steps = Steps(len(asked) + 4, progress=progress)  # read, examine, draw, write
    with steps("Reading"):
        study = read(source)
    with steps("Examining"):
        checks = (*study.notes, *examine(study))
    answers = _ask_all(study, asked, given, steps)

    def fill(folder: Path) -> None:
        if enclose is not None:
            enclose(folder)
        write_report(folder, study, answers, checks=checks, steps=steps)

    return RunResult(publish(target, fill), study, checks, answers)


def _ask_all(
    study: Study, asked: Sequence[Question], given: Mapping[str, Mapping[str, Any]], steps: Steps
) -> tuple[Answer, ...]:
    """Ask every question; one that the data do not determine leaves the others their say."""
    from coley.questions import ask

    answers, refusals = [], []
    for question in asked:
        with steps(f"Asking: {question.title}"):
            try:
                answers.append(ask(study, question.name, **given[question.name]))
            except (MissingData, NotEstimable) as error:
                refusals.append(error)
                answers.append(_refused(question, study, error, given[question.name]))
    if refusals and len(refusals) == len(asked):
        raise refusals[0]
    return tuple(answers)


def _refused(
    question: Question, study: Study, error: MissingData | NotEstimable, given: Mapping[str, Any]
) -> Answer:
    return Answer(
        question=question.name,
        title=question.title,
        study=study.name,
        headline=f"Cannot be answered: {error.what}",
        checks=(Check("answerable", "fail", error.what, error.remedy, error.cause),),
        cannot_tell=(error.what,),
        settings=question.configure(**given).model_dump(mode="json"),
    )


def refuse_own_input(source: Path, target: Path) -> None:
    """Make sure that a report does not replace the folder that holds what it is made from.

    Raises
    ------
    UnwritableOutput
        Where it would.
    """
    if source.exists() and source.resolve().is_relative_to(target):
        raise UnwritableOutput(
            "The report would replace the folder that holds the study it reads.",
            where=str(target),
            remedy="Choose another folder with --out.",
        )
