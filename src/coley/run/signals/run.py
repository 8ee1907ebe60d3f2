"""Read reports, clean them, ask what they signal, write the report."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from coley.model.errors import InvalidSetting
from coley.run.folder import write_report
from coley.run.output import prepare, publish
from coley.run.pipeline import RunResult, refuse_own_input
from coley.run.settings import distribute
from coley.run.signals.about import about, name_of
from coley.run.signals.checks import cleaning_checks, reading_checks
from coley.run.signals.contingency import ready_table, run_table
from coley.run.steps import Progress, Steps, silent

if TYPE_CHECKING:
    from coley.questions.harm.settings import HarmSettings
    from coley.vigilance.cleaning import Cleaning
    from coley.vigilance.reading import ReadingLog

LOG = "log.json"  # by which a store is told from a folder of files
STEPS = 5  # read, clean, ask, draw, write


@dataclass(frozen=True, slots=True)
class SignalsSettings:
    """How reports are read, cleaned and computed.

    Attributes
    ----------
    engine, memory, threads
        See `vigilance.engine.connect`.
    store
        Folder in which what was read is kept, so that the next run need not read it again; a folder that
        goes with the run where None.
    cleaning
        Settings of cleaning by name.
    meddra
        Folder of the user's own MedDRA (ASCII), above the setting of that name: terms of its lowest level are counted
        under their preferred terms.
    incomplete
        Whether a quarter without DEMO, DRUG or REAC is read all the same.
    """

    engine: str = "duckdb"
    memory: str = ""
    threads: int | None = None
    store: Path | None = None
    cleaning: Mapping[str, Any] = field(default_factory=dict)
    meddra: Path | None = None
    incomplete: bool = False


def run_signals(
    sources: Sequence[Path],
    *,
    out: Path | str,
    settings: Mapping[str, Any] | None = None,
    how: SignalsSettings | None = None,
    progress: Progress = silent,
) -> RunResult:
    """Read reports, clean them, ask which harms they signal and write the report.

    Parameters
    ----------
    sources
        Files, archives or folders of reports; or the store of an earlier run; or one file that is a ready table
        of counts, for which `how` has no meaning.
    out
        Folder of the report; an earlier report there is replaced in one step.
    settings
        Settings of the question `harm`.
    how
        How to read, clean and compute.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    ColeyError
        For reports that cannot be read, a setting that is unknown, or a folder that cannot be written; an
        earlier report is then as it was.
    """
    from coley.biology.irae.spelling import standard_term
    from coley.questions.harm import QUESTION, own_meddra, signals
    from coley.questions.harm.queries import chosen_queries
    from coley.vigilance.cleaning import clean
    from coley.vigilance.database import Database
    from coley.vigilance.engine import connect, release
    from coley.vigilance.store import open_store

    how = how or SignalsSettings()
    given = distribute(settings or {}, [QUESTION])[QUESTION.name]
    if how.meddra is not None:
        given["meddra"] = str(how.meddra)
    asked = cast("HarmSettings", QUESTION.configure(**given))
    cleaning, meddra = _cleaning(how.cleaning), own_meddra(asked)
    chosen_queries(asked, meddra)  # a misspelt query is told before anything is read
    target = prepare(Path(out))
    for source in sources:
        refuse_own_input(source, target)
    if (table := ready_table(sources)) is not None:
        return run_table(table, target, settings=asked, progress=progress)
    steps = Steps(STEPS, progress=progress)
    # Beside the report: what is read may be larger than the folder for temporary files.
    target.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scratch = tempfile.TemporaryDirectory(prefix=".coley-signals-", dir=target.parent)
        work = Path(stack.enter_context(scratch))
        con = connect(how.engine, memory=how.memory, threads=how.threads, scratch=work / "spill")
        stack.callback(release, con)
        with steps("Reading"):
            store, reading = _read(sources, how.store or work / "store", incomplete=how.incomplete)
        with steps("Cleaning"):
            raw, folder = open_store(store, con), work / "clean"
            terms = partial(standard_term, meddra=meddra)
            reports, log = clean(raw, con, cleaning, standard_term=terms, folder=folder)
            database = Database(name_of(sources), con, reports, log, reading)
        with steps(f"Asking: {QUESTION.title}"):
            answer = signals(database, asked, meddra)
        study = about(database.name, sources)
        checks = (*reading_checks(reading), *cleaning_checks(database.cleaning))

        def fill(folder: Path) -> None:
            write_report(folder, study, [answer], checks=checks, steps=steps)

        published = publish(target, fill)
    return RunResult(published, study, checks, (answer,))


def _cleaning(given: Mapping[str, Any]) -> Cleaning:
    from dataclasses import fields

    from coley.model.errors import nearest
    from coley.vigilance.cleaning import Cleaning

    known = [field.name for field in fields(Cleaning)]
    for name in given:
        if name not in known:
            close = nearest(name, known)
            raise InvalidSetting(
                f"Cleaning has no setting {name!r}.",
                remedy=f"Did you mean {close!r}?" if close else f"Its settings are: {', '.join(known)}.",
            )
    return Cleaning(**given)


def _read(sources: Sequence[Path], store: Path, *, incomplete: bool) -> tuple[Path, ReadingLog]:
    """Return the store and what was read into it; a store that is given is opened, not read again."""
    from coley.vigilance.reading import Limits, ReadingLog, read_reports

    if len(sources) == 1 and (sources[0] / LOG).is_file():
        return sources[0], ReadingLog.from_json((sources[0] / LOG).read_text(encoding="utf-8"))
    return store, read_reports(
        list(sources), store, limits=Limits(incomplete="read" if incomplete else "refuse")
    )
