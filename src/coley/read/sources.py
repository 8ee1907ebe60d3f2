"""The files of a study: found inside their folder, and recorded with size and SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput, nearest
from coley.model.study import Source
from coley.read.kinds import LONGEST_PATH, check_exists, files_in, is_link

if TYPE_CHECKING:
    from collections.abc import Iterable


def inside(root: Path, file: str, *, manifest: str = "study.toml") -> Path:
    """Return the path of a file that a manifest names, having made sure that it lies in the folder.

    Parameters
    ----------
    root, file
        The folder, and the name.
    manifest
        Name of the file that named it, for messages.

    Raises
    ------
    UnreadableInput
        Where it would leave the folder, or is not there.
    """
    path = root / file
    try:
        leaves = Path(file).is_absolute() or not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a link in a circle, a zero byte in the name
        leaves = False
    if leaves:
        raise UnreadableInput(
            f"{file!r} lies outside the folder of the study.",
            where=str(root),
            remedy=f"Name the folder in {manifest} (root = ...), and files within it.",
        )
    try:
        check_exists(path)
    except UnreadableInput:
        if is_link(path) or not root.is_dir():
            raise
        close = nearest(file[:LONGEST_PATH], [entry.name for entry in files_in(root)])
        raise UnreadableInput(
            f"{manifest} names the file {file[:LONGEST_PATH]!r}, which is not there.",
            where=str(root),
            remedy=f"Did you mean {close!r}?" if close else f"Check the name, and root in {manifest}.",
        ) from None
    return path


def sources(read: Iterable[tuple[Path, str]], root: Path) -> tuple[Source, ...]:
    """Return one record for each file that was read, with the tables that it gave.

    Parameters
    ----------
    read
        Path and table of each reading.
    root
        Folder that the recorded names start from.
    """
    given: dict[Path, list[str]] = {}
    for path, table in read:
        given.setdefault(path, []).append(table)
    return tuple(
        Source(_name(path, root), tuple(dict.fromkeys(tables)), path.stat().st_size, sha256(path))
        for path, tables in given.items()
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
