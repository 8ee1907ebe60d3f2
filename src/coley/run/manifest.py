"""`run.json` as the mark of a report: which files Coley wrote into the folder, and their checksums."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "run.json"
WRITER = "coley"
LARGEST_MANIFEST = 64 * 2**20  # bytes; a report of ten thousand files needs less than 2 MB


def checksums(folder: Path) -> dict[str, dict[str, Any]]:
    """Return path, SHA-256 and bytes of every file in `folder` but the manifest, sorted by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        if name != MANIFEST:
            with path.open("rb") as file:
                found[name] = {
                    "bytes": path.stat().st_size,
                    "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
                }
    return found


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the run record in `folder`, or None where the folder is not a report of Coley's."""
    path = folder / MANIFEST
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_MANIFEST:
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(record, dict) and record.get("written_by") == WRITER
    return record if ours and isinstance(record.get("files"), dict) else None


def verify(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with the report in `folder`; empty where it is whole.

    Parameters
    ----------
    folder
        The folder that `coley ask` or `coley demo` wrote.

    Examples
    --------
    >>> verify(Path("no/such/folder"))
    ('run.json is missing or is not a run record of Coley',)
    """
    record = read_manifest(folder)
    if record is None:
        return (f"{MANIFEST} is missing or is not a run record of Coley",)
    expected, found = record["files"], checksums(folder)
    return tuple(
        [f"{name} is missing" for name in expected if name not in found]
        + [f"{name} was changed" for name in expected if name in found and found[name] != expected[name]]
    )
