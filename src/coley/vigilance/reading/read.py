"""Reports from files to a store: find, recognise, read, log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from coley.model.errors import ColeyError, UnreadableInput
from coley.vigilance.reading.formats import ANY_TABLE, FORMATS, Claim, Unit
from coley.vigilance.reading.limits import Limits
from coley.vigilance.reading.log import FileLog, Note, ReadingLog
from coley.vigilance.reading.sources import find
from coley.vigilance.reading.storing import NewStore
from coley.vigilance.schema import RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coley.vigilance.reading.formats import Job
    from coley.vigilance.reading.sources import Entry
    from coley.vigilance.reading.storing import Sink

_HEAD = 1 << 16  # bytes by which a file is recognised; the longest header of any format has 2,000


def read_reports(
    source: Path | Sequence[Path],
    store: Path,
    *,
    progress: Callable[[int], None] | None = None,
    limits: Limits | None = None,
) -> ReadingLog:
    r"""Read files of spontaneous reports into a store of the relations of `schema.RAW`.

    Parameters
    ----------
    source
        Files, folders or archives, or several of them. Each file is recognised by its header.
    store
        Folder to be made: one sub-folder of Parquet files a relation, and log.json. A store that is there is
        replaced once the new one is whole.
    progress
        Told the number of unpacked bytes, each time some have been read; from several threads.
    limits
        Bounds of memory and of trust.

    Returns
    -------
    What was read, mended and dropped, line by line.

    Raises
    ------
    UnreadableInput
        Where nothing could be read at all; what is wrong with single quarters is in the notes of the log.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     for table, lines in {
    ...         "DEMO": "primaryid$caseid$fda_dt$rept_cod\n1001$100$20170401$EXP\n",
    ...         "DRUG": "primaryid$drug_seq$role_cod$drugname\n1001$1$PS$OPDIVO\n",
    ...         "REAC": "primaryid$pt\n1001$Colitis\n1001\n",
    ...     }.items():
    ...         _ = (folder / f"{table}17Q2.txt").write_text(lines)
    ...     log = read_reports(folder, folder / "store")
    >>> log.rows["reactions"], log.dropped
    (1, {'fewer fields than the header': 1})
    """
    limits = limits or Limits()
    found = find([source] if isinstance(source, Path) else source, store)
    notes, units = list(found.notes), list[Unit]()
    for name, claims in _claims(found.entries, limits, notes).items():
        plan = FORMATS[name].plan(claims, limits)
        notes += plan.notes
        units += plan.units
    if not units:
        raise _nothing(notes, found.entries)
    with NewStore(store) as place:
        files, rows = _read(units, place, limits, progress or (lambda _: None), notes)
        if not any(file.used for file in files):
            raise _nothing(notes, found.entries)
        log = ReadingLog(tuple(files), tuple(notes), rows)
        place.finish(log)
    return log


def _claims(entries: Sequence[Entry], limits: Limits, notes: list[Note]) -> dict[str, list[Claim]]:
    claims: dict[str, list[Claim]] = {}
    for entry in entries:
        try:
            head = entry.head(limits, _HEAD)
            roles = ((name, fmt.claim(entry, head)) for name, fmt in FORMATS.items())
            name, role = next(((name, role) for name, role in roles if role), ("", ""))
        except ColeyError as error:
            notes.append(_note(error, entry.name))
            continue
        if role:
            claims.setdefault(name, []).append(Claim(entry, head, role))
        else:
            notes.append(Note("note", entry.name, "No table of reports; it was left alone."))
    return _one_database(claims, notes)


def _one_database(claims: dict[str, list[Claim]], notes: list[Note]) -> dict[str, list[Claim]]:
    """Return the claims of one format: numbers of reports of two databases may be the same and mean two reports."""
    if len(claims) > 1:
        told = "A table beside a database of reports; it was left alone."
        notes += [Note("note", one.entry.name, told) for one in claims.pop(ANY_TABLE, [])]
    if len(claims) > 1:
        raise UnreadableInput(
            "There are several databases of reports: "
            + "; ".join(FORMATS[name].title for name in claims)
            + ".",
            where=", ".join(found[0].entry.name for found in claims.values()),
            cause="Numbers of reports of two databases may be the same and mean two reports.",
            remedy="Read each by itself.",
        )
    return claims


def _read(
    units: Sequence[Unit],
    place: NewStore,
    limits: Limits,
    progress: Callable[[int], None],
    notes: list[Note],
) -> tuple[list[FileLog], dict[str, int]]:
    lock = Lock()

    def passed(got: int) -> None:
        with lock:
            progress(got)

    def run(task: tuple[Job, Sink]) -> FileLog | ColeyError:
        job, sink = task
        try:
            return job.run(sink, passed)
        except ColeyError as error:
            return error
        finally:
            sink.close()

    tasks = [
        [(job, place.sink(f"{number:04d}-{at:02d}")) for at, job in enumerate(unit.jobs)]
        for number, unit in enumerate(units)
    ]
    files: list[FileLog] = []
    rows = dict.fromkeys(RAW, 0)
    with ThreadPoolExecutor(limits.workers) as pool:
        results = pool.map(run, [task for of_unit in tasks for task in of_unit])
        for unit, of_unit in zip(units, tasks, strict=True):
            logs, told = _settle(unit, [next(results) for _ in of_unit], [sink for _, sink in of_unit])
            files += logs
            notes += told
            for _, sink in of_unit:
                for relation, count in sink.rows.items():
                    rows[relation] += count
    return files, rows


def _settle(
    unit: Unit, outcomes: Sequence[FileLog | ColeyError], sinks: Sequence[Sink]
) -> tuple[list[FileLog], list[Note]]:
    """Return the logs of a unit and what is to be told of it; where one file failed, none of its rows stay."""
    logs = [outcome for outcome in outcomes if isinstance(outcome, FileLog)]
    if len(logs) == len(outcomes):
        return logs, unit.review(logs)
    for sink in sinks:
        sink.discard()
    notes = [
        _note(outcome, job.entry.name, f" {unit.name} was not read.")
        for job, outcome in zip(unit.jobs, outcomes, strict=True)
        if isinstance(outcome, ColeyError)
    ]
    return [replace(log, used=False) for log in logs], notes


def _note(error: ColeyError, name: str, consequence: str = "") -> Note:
    return Note("problem", error.where or name, error.what + consequence, error.cause, error.remedy)


def _nothing(notes: Sequence[Note], entries: Sequence[Entry]) -> UnreadableInput:
    problems = [note for note in notes if note.level == "problem"]
    if problems:
        first = problems[0]
        more = f" ({len(problems) - 1} more files or quarters have problems.)" if len(problems) > 1 else ""
        return UnreadableInput(first.what + more, where=first.where, cause=first.cause, remedy=first.remedy)
    return UnreadableInput(
        "There are no reports here.",
        where=", ".join(entry.name for entry in entries[:3]) or "an empty folder",
        remedy=f"Known formats: {'; '.join(fmt.title for fmt in FORMATS.values())}.",
    )
