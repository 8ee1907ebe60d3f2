"""What was read, mended and dropped: every line of every file is accounted for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_EXAMPLE = 80  # letters of a value that are shown


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines or values met one fate, the numbers of the first lines, and the first value where one tells."""

    reason: str
    count: int
    lines: tuple[int, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class FileLog:
    """One file: where it belongs, and what became of its lines.

    Attributes
    ----------
    name, format, relation, quarter, vintage
        Which file, and what it was taken for.
    lines, header, kept, joined, split
        Lines in the file; lines of header; rows that were kept; lines that continue the row before them; rows
        that shared a line with another.
    dropped
        Lines that were not kept, by reason. `lines` and `split` are the sum of header, kept, joined and dropped.
    altered
        Values or lines that were kept in another form: re-encoded, or null because they could not be read.
    used
        False where the quarter was refused, so that none of the rows is in the store.
    """

    name: str
    format: str
    relation: str
    quarter: str = ""
    vintage: str = ""
    lines: int = 0
    header: int = 0
    kept: int = 0
    joined: int = 0
    split: int = 0
    dropped: tuple[Tally, ...] = ()
    altered: tuple[Tally, ...] = ()
    used: bool = True

    @property
    def adds_up(self) -> bool:
        """Whether every line is accounted for."""
        lost = sum(tally.count for tally in self.dropped)
        return self.lines + self.split == self.header + self.kept + self.joined + lost


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a user should know: a `problem` cost data, a `note` did not."""

    level: Literal["problem", "note"]
    where: str
    what: str
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ReadingLog:
    """The whole of a reading: its files, its notes and the rows of each relation.

    Examples
    --------
    >>> log = ReadingLog(files=(FileLog("DEMO17Q2.txt", "faers", "reports", lines=3, header=1, kept=2),))
    >>> log.adds_up, ReadingLog.from_json(log.to_json()) == log
    (True, True)
    """

    files: tuple[FileLog, ...] = ()
    notes: tuple[Note, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every line of every file is accounted for."""
        return all(file.adds_up for file in self.files)

    @property
    def problems(self) -> tuple[Note, ...]:
        """The notes of things that cost data."""
        return tuple(note for note in self.notes if note.level == "problem")

    @property
    def dropped(self) -> dict[str, int]:
        """Lines dropped from files that were used, by reason."""
        return _total(tally for file in self.files if file.used for tally in file.dropped)

    @property
    def altered(self) -> dict[str, int]:
        """Values and lines kept in another form in files that were used, by reason."""
        return _total(tally for file in self.files if file.used for tally in file.altered)

    def to_json(self) -> str:
        """Return the log as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> ReadingLog:
        """Return a log from the text of `to_json`."""
        raw: dict[str, Any] = json.loads(text)
        return cls(
            files=tuple(_file(entry) for entry in raw["files"]),
            notes=tuple(Note(**entry) for entry in raw["notes"]),
            rows=raw["rows"],
        )


class Counter:
    """Tallies in the making, for one file."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._found: dict[str, tuple[int, list[int], str]] = {}

    def add(self, reason: str, lines: Iterable[int], *, count: int | None = None, example: str = "") -> None:
        """Count lines under a reason; `lines` may be the first of `count`."""
        lines = list(lines)
        seen, first, shown = self._found.get(reason, (0, [], ""))
        room = self._examples - len(first)
        self._found[reason] = (
            seen + (len(lines) if count is None else count),
            first + lines[: max(room, 0)],
            shown or example[:LONGEST_EXAMPLE],
        )

    def tallies(self) -> tuple[Tally, ...]:
        """Return the tallies, sorted by reason."""
        return tuple(
            Tally(reason, count, tuple(sorted(lines)), example)
            for reason, (count, lines, example) in sorted(self._found.items())
            if count
        )


def _total(tallies: Iterable[Tally]) -> dict[str, int]:
    total: dict[str, int] = {}
    for tally in tallies:
        total[tally.reason] = total.get(tally.reason, 0) + tally.count
    return dict(sorted(total.items()))


def _file(entry: dict[str, Any]) -> FileLog:
    for key in ("dropped", "altered"):
        entry[key] = tuple(Tally(**{**tally, "lines": tuple(tally["lines"])}) for tally in entry[key])
    return FileLog(**entry)
