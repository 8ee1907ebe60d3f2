"""A downloader for pooch that goes on where a broken download stopped."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coley.model.errors import DownloadFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response

CHUNK = 1 << 16  # bytes between two reports of progress
ATTEMPTS = 3  # a connection that breaks three times in a row is the user's to mend
PAUSE = 0.5  # seconds before the second attempt; doubled before each further one
TIMEOUT = (10, 60)  # seconds to connect, and between two bytes
BUSY = (429, 500, 502, 503, 504)  # answers of a server that may do better in a moment
NOT_THERE = (404, 410)
FULL = (errno.ENOSPC, errno.EDQUOT)


class Interrupted(DownloadFailed):
    """The connection was lost; what had arrived is kept, and another attempt goes on from there."""


class ResumableDownload:
    """Fetch one address into a file, by way of a part file that outlives a broken connection.

    Parameters
    ----------
    part
        Where what has arrived is kept until the file is whole.
    size
        Bytes of the original: more are refused, fewer are a broken connection.
    progress
        Called with the bytes that have arrived so far.
    """

    def __init__(self, part: Path, size: int, *, progress: Callable[[int], None] | None = None) -> None:
        self.part, self.size, self.progress = part, size, progress
        self.resumed = False

    def __call__(self, url: str, output_file: str | Path, pooch: object = None) -> None:
        """Bring `url` to `output_file`; the signature is that of a downloader of pooch.

        Raises
        ------
        Interrupted
            Where the connection is lost again and again.
        DownloadFailed
            Where the server refuses, what it sends is not the file, or the disk is full.
        """
        for attempt in range(ATTEMPTS):
            try:
                self._go_on(url)
                break
            except Interrupted:
                if attempt + 1 == ATTEMPTS:
                    raise
                time.sleep(PAUSE * 2**attempt)
        self.part.replace(output_file)

    def _go_on(self, url: str) -> None:
        from requests import get
        from requests.exceptions import RequestException

        done = self._arrived()
        if done == self.size:
            return
        # Without compression on the way, a range of the answer is a range of the file.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
        try:
            with get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                self._check(answer, url)
                follows = answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")
                goes_on = done > 0 and answer.status_code == 206 and follows
                self.resumed = self.resumed or goes_on
                self._write(answer, url, done if goes_on else 0)
        except RequestException as error:
            raise self._lost(url, _reason(error)) from None
        if self._arrived() < self.size:
            raise self._lost(url, f"The server sent {self._arrived():,} of {self.size:,} bytes.")

    def _write(self, answer: Response, url: str, done: int) -> None:
        try:
            with self.part.open("ab" if done else "wb") as out:
                for chunk in answer.iter_content(CHUNK):
                    done += len(chunk)
                    if done > self.size:
                        raise DownloadFailed(
                            "The file on the server is larger than the published one.",
                            where=url,
                            cause="The file was replaced, or the server sent a page of its own instead.",
                        )
                    out.write(chunk)
                    if self.progress is not None:
                        self.progress(done)
        except OSError as error:
            if error.errno in FULL:
                raise full_disk(self.part.parent, self.size) from None
            raise

    def _check(self, answer: Response, url: str) -> None:
        if answer.ok and answer.status_code in (200, 206):
            return
        status = f"The server answered {answer.status_code} {answer.reason}."
        if answer.status_code in BUSY:
            raise self._lost(url, status)
        if (
            answer.status_code == 416 and self.part.exists()
        ):  # what is here is not the beginning of what is there
            self.part.unlink()
            raise self._lost(url, status)
        cause = (
            "The repository was moved, renamed or made private." if answer.status_code in NOT_THERE else ""
        )
        raise DownloadFailed(
            "The file is not on the server any more." if cause else "The server refuses the file.",
            where=url,
            cause=f"{status} {cause}".rstrip(),
            remedy="Look for the data with the publication; the citation stands in `coley data list`.",
        )

    def _arrived(self) -> int:
        done = self.part.stat().st_size if self.part.exists() else 0
        if done > self.size:
            self.part.unlink()
            return 0
        return done

    def _lost(self, url: str, cause: str) -> Interrupted:
        done = self._arrived()
        return Interrupted(
            "The connection was lost." if done else "The server cannot be reached.",
            where=url,
            cause=cause,
            remedy=f"Try again: {done:,} of {self.size:,} bytes are here, and the rest will follow."
            if done
            else "Check the network (and the proxy, where one is used), then try again.",
        )


def full_disk(place: Path, size: int) -> DownloadFailed:
    """Return the error for a disk without room for `size` bytes at `place`."""
    return DownloadFailed(
        "The disk is full.",
        where=str(place),
        remedy=f"Make room for {size / 2**20:,.1f} MB, or name a folder on another disk.",
    )


def _reason(error: Any) -> str:
    """Return the innermost reason of an error of requests, which wraps those of urllib3 and the sockets."""
    seen = error
    while getattr(seen, "reason", None) is not None or (seen.args and isinstance(seen.args[0], Exception)):
        seen = getattr(seen, "reason", None) or seen.args[0]
        if isinstance(seen, str):
            return seen
    return str(seen)
