"""Streams that are not trusted: counted while they are unpacked, and damage told in one sentence."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.sources import Entry

# What unpacking raises for archives that are damaged or packed in a way that is not known.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
REFUSED = "Fetch the archive again from where it was published."


class Guarded(io.RawIOBase):
    """Passes bytes on and counts them, because the sizes that an archive declares may be false."""

    def __init__(self, raw: Any, entry: Entry, limits: Limits, passed: Callable[[int], None] | None) -> None:
        self._raw, self._entry, self._passed = raw, entry, passed
        self._size = 0
        packed = bool(entry.member) or isinstance(raw, gzip.GzipFile)
        by_ratio = max(int(entry.stored * limits.archive_ratio), limits.archive_ratio_from)
        self._most = min(limits.member_bytes, by_ratio) if packed else limits.member_bytes

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, and refuse to go on once more came out than may."""
        try:
            got = int(self._raw.readinto(buffer))
        except BROKEN as error:
            raise damaged(self._entry.name, str(error)) from None
        self._size += got
        if self._size > self._most:
            raise UnreadableInput(
                f"The file unpacks to more than {self._most / 2**20:,.0f} MiB, from {self._entry.stored:,} bytes.",
                where=self._entry.name,
                cause="An archive made to fill memory or disk.",
                remedy="Fetch it again; if it is meant, unpack it yourself and name the folder.",
            )
        if self._passed is not None:
            self._passed(got)
        return got


def damaged(name: str, cause: str) -> UnreadableInput:
    """Return the error of a file that cannot be read to its end."""
    return UnreadableInput(
        f"{PurePosixPath(name).name} is damaged and cannot be read to its end.",
        where=name,
        cause=f"{cause or 'It ends too early.'} The download may have been cut off.",
        remedy=REFUSED,
    )
