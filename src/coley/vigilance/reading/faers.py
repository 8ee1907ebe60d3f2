"""FAERS and AERS quarterly ASCII: which files make a quarter, and what a quarter must have."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coley.vigilance.reading import facts
from coley.vigilance.reading.ascii import AsciiReader
from coley.vigilance.reading.formats import FORMATS, Format, Job, Plan, Unit
from coley.vigilance.reading.layout import Field, Layout, delimiter_of, names_of, relation_of
from coley.vigilance.reading.log import FileLog, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from coley.vigilance.reading.formats import Claim, Write
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

_NAMES = {table.file: table.relation for table in facts.tables("faers")}
_FILES = {table.relation: table.file for table in facts.tables("faers")}
_STEM = re.compile(rf"({'|'.join(_NAMES)})_?\d\dQ[1-4]")
_QUARTER = re.compile(r"(?<!\d)(?:20)?(\d\d)Q([1-4])(?!\d)")
_WHOLE = ("reports", "drugs", "reactions")  # a report without drugs or reactions counts for nothing
# Folders within a quarter, which are not another place.
_INNER = {"ascii", "asc", "deleted"}


def claim(entry: Entry, head: bytes) -> str:
    """Return the relation that a file gives, told by its header; by its name only if its header is unknown."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
    seen = delimiter_of(first)
    if seen:
        return relation_of(names_of(first, seen))
    if "DELET" in entry.name.upper() and _lists_ids(head):
        return "deleted"
    named = _STEM.match(entry.stem)
    return _NAMES[named[1]] if named else ""


def _lists_ids(head: bytes) -> bool:
    """Return whether most lines are a number alone; there may be a header."""
    lines = [line.strip(b'"$ \t\r') for line in head.split(b"\n", 100)[:100]]
    return 2 * sum(line.isdigit() for line in lines) >= sum(bool(line) for line in lines) - 1


def quarter_of(name: str) -> str:
    """Return the quarter in the name of a file, else of its folder or archive, else an empty text.

    Examples
    --------
    >>> quarter_of("faers/ascii/DEMO17Q2.txt"), quarter_of("faers_ascii_2017q2.zip/demo.txt"), quarter_of("demo.txt")
    ('2017Q2', '2017Q2', '')
    """
    for part in reversed(name.upper().split("/")):
        found = _QUARTER.search(part)
        if found:
            return f"20{found[1]}Q{found[2]}"
    return ""


def plan(claims: Sequence[Claim], limits: Limits) -> Plan:
    """Return the quarters among the files, each file once."""
    groups: dict[str, dict[str, list[Entry]]] = {}
    units: list[Unit] = []
    notes: list[Note] = []
    for one in claims:
        if not one.head.strip():
            notes.append(Note("problem", one.entry.name, "The file is empty."))
            continue
        quarter = quarter_of(one.entry.name)
        group = groups.setdefault(quarter or _place(one.entry), {})
        group.setdefault(one.role, []).append(one.entry)
    for name in sorted(groups):
        chosen, told = _once(name, groups[name], limits)
        notes += told
        roles = {role for role, _ in chosen}
        missing = [_FILES[relation] for relation in _WHOLE if relation not in roles]
        only_deleted = roles == {"deleted"}
        if missing and not only_deleted:
            refused = limits.incomplete == "refuse"
            notes.append(_incomplete(name, missing, refused=refused))
            if refused:
                continue
        label = quarter_of(name)
        jobs = tuple(Job(entry, partial(_read, entry, role, label, limits)) for role, entry in chosen)
        units.append(Unit(name, jobs, _review))
    return Plan(tuple(units), tuple(notes))


def _place(entry: Entry) -> str:
    parts = entry.folder.split("/")
    while parts and parts[-1].lower() in _INNER:
        parts.pop()
    return "/".join(parts) or "."


def _once(
    name: str, group: dict[str, list[Entry]], limits: Limits
) -> tuple[list[tuple[str, Entry]], list[Note]]:
    """Return each file once; of tables that differ, the first by name; lists of deleted cases may be several."""
    chosen: list[tuple[str, Entry]] = []
    notes: list[Note] = []
    for role, entries in sorted(group.items()):
        kept = [entries[0]]
        for other in entries[1:]:
            digest = _digest(other, limits)
            same = next((entry for entry in kept if _digest(entry, limits) == digest), None)
            if same is not None:
                notes.append(Note("note", other.name, f"The same as {same.name}; it was read once."))
            elif role == "deleted":
                kept.append(other)
            else:
                notes.append(
                    Note(
                        "problem",
                        other.name,
                        f"{name} is there twice and the two differ; only {kept[0].name} was read.",
                        "A quarter that was published again, or files of two quarters under one name.",
                        "Keep the one that you want.",
                    )
                )
        chosen += [(role, entry) for entry in kept]
    return chosen, notes


def _digest(entry: Entry, limits: Limits) -> bytes:
    state = hashlib.sha256()
    with entry.open(limits) as stream:
        while piece := stream.read(1 << 20):
            state.update(piece)
    return state.digest()


def _incomplete(name: str, missing: Iterable[str], *, refused: bool) -> Note:
    done = "was not read" if refused else "was read without"
    return Note(
        "problem",
        name,
        f"{name} has no readable {' and no '.join(missing)}; it {done}.",
        "The archive was not fetched or unpacked whole.",
        "Fetch the quarter again, or allow incomplete quarters.",
    )


def _read(
    entry: Entry, role: str, quarter: str, limits: Limits, write: Write, passed: Callable[[int], None]
) -> FileLog:
    import pyarrow as pa

    reader = AsciiReader(entry.name, limits, _DELETED if role == "deleted" else None)
    with entry.open(limits, passed) as stream:
        for table in reader.tables(stream):
            if role == "reports" and quarter:
                at = table.schema.get_field_index("quarter")
                table = table.set_column(at, "quarter", pa.repeat(pa.scalar(quarter), len(table)))
            write(role, table)
    layout = reader.layout
    return FileLog(
        name=entry.name,
        format="faers",
        relation=role,
        quarter=quarter,
        vintage=layout.vintage if layout else "",
        lines=reader.lines,
        header=reader.header,
        kept=reader.kept,
        joined=reader.joined,
        split=reader.split,
        dropped=reader.dropped.tallies(),
        altered=reader.altered.tallies(),
    )


def _review(logs: Sequence[FileLog]) -> list[Note]:
    """Return what is odd about the files of a quarter."""
    notes = [
        Note("problem", log.name, "The file has a header and no row.")
        for log in logs
        if not log.kept and log.relation in _WHOLE
    ]
    vintages = {log.vintage for log in logs if log.vintage != "FAERS"} - {""}
    keys = {log.vintage.split()[0] for log in logs if log.vintage}
    if len(vintages) > 1 or len(keys) > 1:
        names = "; ".join(f"{log.name} ({log.vintage})" for log in logs if log.vintage)
        notes.append(
            Note(
                "problem" if len(keys) > 1 else "note",
                logs[0].quarter or logs[0].name,
                f"Files of two vintages are mixed, each read by its own header: {names}.",
                "Files of several quarters in one folder, or a file under a wrong name.",
                "AERS and FAERS name reports differently (ISR, primaryid): rows of one find no report in the other."
                if len(keys) > 1
                else "",
            )
        )
    return notes


_DELETED = Layout(
    "deleted", "", np.array([0], np.int16), (Field(facts.wanted("faers", "deleted")[0], (0,), ()),)
)

FORMATS.add("faers", Format("FAERS or AERS quarterly ASCII", claim, plan))
