"""What a file is, by its first bytes and not by its name."""

from __future__ import annotations

import mimetypes
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.read.facts import limits, signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_NAMED = 80  # letters of each of many names
LONGEST_PATH = 300  # letters of a path that are shown
HEAD = 4096  # bytes: more than any signature needs, and one disk block
TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".maf")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, ".parquet", ".xpt", ".sas7bdat")


def kind_of(head: bytes) -> tuple[str, str]:
    """Return kind and title of a file that begins with `head`; kind "text" where nothing else is known.

    Examples
    --------
    >>> kind_of(b"%PDF-1.7")
    ('pdf', 'a PDF document')
    >>> kind_of(b"patient_id,response")
    ('text', 'text')
    """
    for known in signatures():
        if head[known.offset : known.offset + len(known.magic)] == known.magic:
            return known.kind, known.title
    return "text", "text"


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    UnreadableInput
        Where there is no such file, it is a folder or a device, it may not be read, or it is a link that
        leads nowhere or to itself.
    """
    check_exists(path)
    if path.is_dir():
        raise UnreadableInput(f"{path.name} is a folder, not a file.", where=str(path))
    if not path.is_file():
        raise UnreadableInput(f"{path.name} is neither a file nor a folder.", where=str(path))
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise UnreadableInput(f"{path.name} cannot be read.", where=str(path), cause=str(error)) from None


def check_exists(path: Path) -> None:
    """Make sure that something is at `path`.

    Raises
    ------
    UnreadableInput
        Where nothing is, a link leads nowhere or in a circle, or a pipe would be waited for.
    """
    try:
        path.stat()
    except (OSError, ValueError) as error:
        link = is_link(path)
        shown = str(path)[:LONGEST_PATH]
        raise UnreadableInput(
            f"{shown} is a link that leads nowhere or in a circle."
            if link
            else f"There is no file or folder {shown!r}.",
            where=shown,
            cause=error.strerror or "" if isinstance(error, OSError) and link else "",
            remedy="Put the file itself in its place." if link else "Check the spelling and the folder.",
        ) from None
    if not (path.is_file() or path.is_dir()):
        raise UnreadableInput(
            f"{path.name or path} is neither a file nor a folder, but a pipe or a device.",
            where=str(path),
            remedy="Save its content to a file first.",
        )


def is_link(path: Path) -> bool:
    """Say whether there is a link at `path`, whatever it leads to; a name no system accepts is none."""
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False


def suffix_of(path: Path) -> str:
    """Return the suffix in lower case, looking through ".gz".

    Examples
    --------
    >>> suffix_of(Path("clinical.tsv.gz"))
    '.tsv'
    """
    stem = path.name.lower().removesuffix(".gz")
    return Path(stem).suffix


def stem_of(path: Path) -> str:
    """Return the name without ".gz" and the suffix.

    Examples
    --------
    >>> stem_of(Path("patients.csv.gz"))
    'patients'
    """
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    return Path(name).stem


def files_in(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder and of the folders below it, sorted, within the limits.

    Links to folders are not followed, hidden entries are left out.

    Raises
    ------
    UnreadableInput
        Where the folder may not be read.
    """
    found: list[Path] = []
    entries, level = 0, [folder]
    for _ in range(limits()["folder_depth"]):
        below: list[Path] = []
        for place in level:
            try:
                with os.scandir(place) as listing:
                    for entry in listing:
                        entries += 1
                        if entries > limits()["folder_entries"]:
                            return tuple(sorted(found))
                        if entry.name.startswith("."):
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            below.append(Path(entry.path))
                        elif _is_file(entry):
                            found.append(Path(entry.path))
            except OSError as error:
                if place == folder:
                    raise UnreadableInput(
                        f"The folder {folder.name} cannot be read.", where=str(folder), cause=str(error)
                    ) from None
        level = sorted(below)
    return tuple(sorted(found))


def describe(files: Sequence[Path]) -> str:
    """Say what a folder holds, counted by kind.

    Examples
    --------
    >>> describe([Path("a.jpg"), Path("b.JPG"), Path("notes.rdata")])
    '2 JPEG images, 1 file .rdata'
    """
    counts = Counter(_label(path) for path in files)
    return ", ".join(_counted(n, *label) for label, n in counts.most_common(8)) or "nothing"


def naming(items: Iterable[str]) -> str:
    """Return the first few of many names, and how many more there are."""
    names = [item[:LONGEST_NAMED] for item in items]
    shown = names[: limits()["lines_named"]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _label(path: Path) -> tuple[str, str]:
    """Return what a file is by its name: "JPEG image", or "file" and its suffix."""
    suffix = suffix_of(path)
    family, _, member = (mimetypes.guess_type(f"a{suffix}")[0] or "").partition("/")
    if family in ("image", "video", "audio"):
        return f"{member.upper()} {family}", ""
    return "file", suffix or "without a suffix"


def _counted(n: int, noun: str, suffix: str) -> str:
    return f"{n} {noun}{'s' if n > 1 else ''} {suffix}".rstrip()


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link in a circle
        return False
