"""What the standard library lacks: exchanging two folders in one step, locking a folder, flushing a tree."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_FDCWD = -100  # paths relative to the working directory (linux/fcntl.h)
RENAME_EXCHANGE = 2  # linux/fs.h
STALE_SECONDS = 24 * 3600  # where folders cannot be locked: longer than any run takes


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders of one file system in a single step; False where the system cannot.

    Linux alone has the call (`renameat2`, kernel 3.15, glibc 2.28), and not on every file system.
    """
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    status: int = rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    return status == 0


@contextlib.contextmanager
def locked(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock on `folder` that dies with the process; give whether it was got.

    Where folders cannot be locked, a folder counts as free when nobody has touched it for a day.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield _old(folder)
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            got = False
        except OSError:
            got = _old(folder)
        else:
            got = True
        yield got
    finally:
        os.close(handle)


def flush(path: Path) -> None:
    """Bring a file, or a folder with all it holds, to the disk: a power cut must not leave empty files."""
    if path.is_symlink():
        return
    if path.is_dir():
        for inner in path.iterdir():
            flush(inner)
    if path.is_dir() or path.is_file():
        flush_entry(path)


def flush_entry(path: Path) -> None:
    """Bring one file, or the list of names in one folder, to the disk."""
    posix = os.name == "posix"
    if path.is_dir() and not posix:
        return
    handle = os.open(path, os.O_RDONLY if posix else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > STALE_SECONDS
    except OSError:
        return False
