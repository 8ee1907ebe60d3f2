"""Files wherever they lie: in folders, ZIP archives or compressed alone; streamed, never unpacked to disk."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from coley.model.errors import UnreadableInput
from coley.vigilance.reading.guard import BROKEN, REFUSED, Guarded, damaged
from coley.vigilance.reading.log import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from coley.vigilance.reading.limits import Limits

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_DOCUMENT_PART = "[Content_Types].xml"  # every document of an office program is a ZIP archive that holds it
_MOST_MEMBERS = 10_000  # of an archive; a quarter of FAERS has about 15
_ENCRYPTED = 1  # bit of the flags of a member


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that can be read: a file of a folder, or a member of an archive.

    Attributes
    ----------
    name
        Path from the source that was named, archives as folders; the same on every machine.
    path, member
        The file on disk, and the member of it where it is an archive.
    stored
        Bytes it takes on disk.
    """

    name: str
    path: Path
    member: str = ""
    stored: int = 0

    @property
    def stem(self) -> str:
        """Name of the file alone, without suffixes, upper case: DEMO17Q2."""
        return PurePosixPath(self.name).name.split(".")[0].upper()

    @property
    def folder(self) -> str:
        """Path of the folder or archive it lies in."""
        return str(PurePosixPath(self.name).parent)

    @contextmanager
    def open(self, limits: Limits, passed: Callable[[int], None] | None = None) -> Iterator[BinaryIO]:
        """Open it as a stream of unpacked bytes that ends with an error once it is larger than it may be.

        Raises
        ------
        UnreadableInput
            Where the archive is damaged, protected or unpacks to more than `limits` allow.
        """
        with ExitStack() as stack:
            try:
                raw = self._raw(stack)
            except BROKEN as error:
                raise damaged(self.name, str(error)) from None
            yield io.BufferedReader(Guarded(raw, self, limits, passed), buffer_size=1 << 16)

    def _raw(self, stack: ExitStack) -> Any:
        if self.member:
            archive = stack.enter_context(zipfile.ZipFile(self.path))
            return stack.enter_context(archive.open(self.member))
        plain = stack.enter_context(self.path.open("rb"))
        packed = plain.read(2) == _GZIP
        plain.seek(0)
        return stack.enter_context(gzip.GzipFile(fileobj=plain)) if packed else plain

    def head(self, limits: Limits, size: int = 1 << 16) -> bytes:
        """Return its first bytes."""
        with self.open(limits) as stream:
            return stream.read(size)


@dataclass(slots=True)
class Found:
    """The files below what was named, and what was passed over."""

    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def find(sources: Iterable[Path], store: Path) -> Found:
    """Return the files in and below `sources`, sorted by name; what lies in `store` is not looked at.

    Raises
    ------
    UnreadableInput
        Where one of them does not exist.
    """
    found = Found()
    store = store.resolve()
    for source in sources:
        if not source.exists():
            raise UnreadableInput(
                f"There is no {source.name}.", where=str(source), remedy="Name a file or folder of reports."
            )
        paths = sorted(source.rglob("*")) if source.is_dir() else [source]
        for path in paths:
            name = path.relative_to(source.parent).as_posix()
            if path.is_file() and not _hidden(name) and store not in path.resolve().parents:
                _add(found, path, name)
    found.entries.sort(key=lambda entry: entry.name)
    return found


def _add(found: Found, path: Path, name: str) -> None:
    members: list[zipfile.ZipInfo] = []
    try:
        with path.open("rb") as stream:
            packed = stream.read(4) == _ZIP
        if packed:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        size = path.stat().st_size
    except BROKEN as error:
        broken = damaged(name, str(error))
        found.notes.append(Note("problem", name, broken.what, broken.cause, broken.remedy))
        return
    if not packed or any(member.filename == _DOCUMENT_PART for member in members):
        found.entries.append(Entry(name, path, "", size))
    elif len(members) > _MOST_MEMBERS:
        found.notes.append(
            Note(
                "problem",
                name,
                f"The archive lists {len(members):,} files.",
                "No archive of reports does.",
                REFUSED,
            )
        )
    else:
        _members(found, path, name, members)


def _members(found: Found, path: Path, name: str, members: list[zipfile.ZipInfo]) -> None:
    on_disk = path.stat().st_size
    for member in members:
        inner = member.filename.replace("\\", "/")
        where = f"{name}/{inner}"
        if member.is_dir() or _hidden(inner):
            continue
        if inner.startswith("/") or ".." in inner.split("/") or ":" in inner:
            note = Note("problem", where, "The archive names a file outside of itself; it was not read.")
        elif member.flag_bits & _ENCRYPTED:
            note = Note(
                "problem",
                where,
                "The file is protected by a password; it was not read.",
                "",
                "Unpack the archive with its password and name the folder.",
            )
        elif inner.lower().endswith(".zip"):
            note = Note(
                "problem", where, "An archive within an archive is not read.", "", "Unpack the outer one."
            )
        else:
            found.entries.append(Entry(where, path, member.filename, min(member.compress_size, on_disk)))
            continue
        found.notes.append(note)


def _hidden(name: str) -> bool:
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in name.split("/"))
