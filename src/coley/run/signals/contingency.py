"""A ready table of counts in place of reports: recognised by what it says, answered, and written the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.csv_out import write_csv
from coley.run.folder import write_report
from coley.run.output import publish
from coley.run.pipeline import RunResult
from coley.run.signals.about import about, name_of
from coley.run.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coley.questions.harm.settings import HarmSettings
    from coley.run.steps import Progress
    from coley.vigilance.reading import Contingency

STEPS = 4  # read, ask, draw, write
HEAD = 1 << 16  # bytes by which a file is recognised
EVERY_PAIR = "tables/harm/every_pair.csv"


def ready_table(sources: Sequence[Path]) -> Path | None:
    """Return the one source if it is a file with a table of counts, by its header; None if it is anything else.

    A list has columns for drug, event and count, and none for a report or a date. A matrix has events in its first
    column, two or more of counts beside it, and is nothing that a format of reports claims.
    """
    from coley.vigilance.reading.contingency import EVENT_HEADS
    from coley.vigilance.reading.formats import FORMATS
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.rows import header_of
    from coley.vigilance.reading.sources import find
    from coley.vigilance.reading.tables import roles_of

    if len(sources) != 1 or not sources[0].is_file():
        return None
    entries = find(sources, sources[0] / "no store").entries
    if len(entries) != 1:
        return None
    head = entries[0].head(Limits(), HEAD)
    names = header_of(entries[0], head).names
    roles = set(roles_of(names))
    if {"drug", "event", "count"} <= roles and not {"report", "date"} & roles:
        return sources[0]
    matrix = len(names) > 2 and names[0] in EVENT_HEADS
    return sources[0] if matrix and not any(fmt.claim(entries[0], head) for fmt in FORMATS.values()) else None


def run_table(path: Path, target: Path, *, settings: HarmSettings, progress: Progress) -> RunResult:
    """Read a table of counts, ask what it signals and write the report.

    Where the page has no room for all pairs, a file beside it holds them.

    Parameters
    ----------
    path
        The table.
    target
        Folder of the report, as `coley.run.output.prepare` gave it.
    settings
        Of the question `harm`.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    ColeyError
        For a table that cannot be read or names no drug or no event.
    """
    from coley.questions.harm import QUESTION
    from coley.questions.harm.contingency.answer import answer
    from coley.questions.harm.contingency.examined import examine
    from coley.vigilance.reading import read_contingency

    steps = Steps(STEPS, progress=progress)
    with steps("Reading"):
        table = read_contingency(path)
    name = name_of([path])
    with steps(f"Asking: {QUESTION.title}"):
        examined = examine(table, settings)
        answered = answer(examined, name=name)
    study = about(name, [path], what="Table of counts")
    cut = examined.told.height > answered.tables["pairs"].height
    checks = (_read(table, path), *((_every_pair(examined.told.height),) if cut else ()))

    def fill(folder: Path) -> None:
        if cut:
            (folder / EVERY_PAIR).parent.mkdir(parents=True)
            write_csv(examined.told, folder / EVERY_PAIR)
        write_report(folder, study, [answered], checks=checks, steps=steps)

    return RunResult(publish(target, fill), study, checks, (answered,))


def _read(table: Contingency, path: Path) -> Check:
    return Check(
        "table_of_counts",
        "pass",
        f"{path.name} is a table of counts: {len(table.events):,} events by {len(table.drugs):,} drugs, "
        f"{len(table.count):,} pairs above zero, {table.count.sum():,.0f} in all. Every line was read.",
    )


def _every_pair(n: int) -> Check:
    return Check("every_pair", "pass", f"All {n:,} pairs with all measures are in {EVERY_PAIR}.")
