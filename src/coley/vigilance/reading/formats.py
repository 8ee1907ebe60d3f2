"""The registry of formats: each says which files are its own, and how they are read in units that fall whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.log import FileLog, Note
    from coley.vigilance.reading.sources import Entry


class Write(Protocol):
    """Takes rows of a relation."""

    def __call__(self, relation: str, table: pa.Table) -> None:
        """Write them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that a format knows: the beginning of it, and what it is there."""

    entry: Entry
    head: bytes
    role: str


@dataclass(frozen=True, slots=True)
class Job:
    """One file to be read, as a function of where the rows go and of whom to tell of progress."""

    entry: Entry
    run: Callable[[Write, Callable[[int], None]], FileLog]


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that belong together, such as a quarter: if one cannot be read, none is kept."""

    name: str
    jobs: tuple[Job, ...]
    review: Callable[[Sequence[FileLog]], list[Note]] = lambda _: []


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read, and what is told before it is."""

    units: tuple[Unit, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A format of reports.

    Attributes
    ----------
    title
        Its name in sentences.
    claim
        From a file and its first bytes to what the file is in this format; empty where it is not of it.
    plan
        From the files that were claimed to what is to be read.
    """

    title: str
    claim: Callable[[Entry, bytes], str]
    plan: Callable[[Sequence[Claim], Limits], Plan]


ANY_TABLE = "table"  # the format that claims whatever names a drug and an event
FORMATS: Registry[Format] = Registry("format of reports")
