"""Write a whole folder aside, then swap it in: whoever looks sees the earlier report or the new one.

Why and how: docs/decisions/atomic-output.md.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import ColeyError, UnwritableOutput
from coley.run.disk import exchange, flush, flush_entry, locked
from coley.run.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def publish(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write a report aside, then put it in the place of `folder` in one step.

    Parameters
    ----------
    folder
        Where the report shall be: absent, empty, or an earlier report of Coley's. Files in it that Coley
        did not write stay.
    fill
        Writes everything, the manifest included, into the folder it is given.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    UnwritableOutput
        Where the folder holds something else, cannot be written, or the disk is full. The earlier
        report is then whole and nothing is left beside it.
    """
    target = prepare(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _aside(target) as aside:
            fill(aside)
            _keep_strangers(target, aside)
            flush(aside)
            _swap(aside, target)
    except OSError as error:
        if isinstance(error, ColeyError):
            raise
        raise _unwritable(target, error) from error
    return target


def prepare(folder: Path) -> Path:
    """Return `folder` as an absolute path, having made sure that a report may be written there.

    Raises
    ------
    UnwritableOutput
        Where it is a file, a mount point, or a folder with something other than a report of Coley's.
    """
    target = Path(os.path.realpath(folder.expanduser()))
    _recover(target)
    try:
        taken = target.is_dir() and any(target.iterdir())
        in_the_way = next(
            (p for p in (target, *target.parents) if os.path.lexists(p) and not p.is_dir()), None
        )
    except OSError as error:
        raise _unwritable(target, error) from error
    if in_the_way is not None:
        raise UnwritableOutput(
            "The report needs a folder, and there is a file in its place.",
            where=str(in_the_way),
            remedy="Choose another folder with --out.",
        )
    if taken and read_manifest(target) is None:
        raise UnwritableOutput(
            "The folder holds files, and it is not a report that Coley wrote; nothing was touched.",
            where=f"{target} (no {MANIFEST} of Coley's)",
            remedy="Choose an empty or new folder with --out.",
        )
    if target.is_mount():
        raise UnwritableOutput(
            "The folder is the root of a file system, which cannot be swapped in one step.",
            where=str(target),
            remedy=f"Choose a folder inside it: --out {target / 'report'}",
        )
    return target


def _unwritable(target: Path, error: OSError) -> UnwritableOutput:
    remedies = {
        errno.ENOSPC: "Free some space, or choose a folder on another disk with --out.",
        errno.EDQUOT: "Your quota is used up: free some space, or choose another disk with --out.",
    }
    reason = error.strerror or type(error).__name__
    return UnwritableOutput(
        f"The report could not be written: {reason}. An earlier report, if there was one, is whole.",
        where=str(target),
        remedy=remedies.get(error.errno or 0, "Choose a folder that you may write to with --out."),
    )


def _stem(target: Path) -> str:
    # Short whatever the folder is called: a name of 255 bytes leaves no room for a suffix.
    return f".coley-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:8]}-"


def _earlier(target: Path) -> Path:
    return target.parent / f"{_stem(target)}earlier"


def _recover(target: Path) -> None:
    """Finish a two-step swap that was killed between its steps (see `_swap`)."""
    earlier = _earlier(target)
    with contextlib.suppress(OSError):
        if earlier.is_dir():
            if os.path.lexists(target):
                shutil.rmtree(earlier)
            else:
                earlier.rename(target)


@contextlib.contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Give a new folder beside `target`; remove it afterwards, with those that killed runs left."""
    for stale in target.parent.glob(f"{_stem(target)}*.aside"):
        with locked(stale, wait=False) as free:
            if free:
                shutil.rmtree(stale, ignore_errors=True)
    while True:
        path = target.parent / f"{_stem(target)}{secrets.token_hex(6)}.aside"
        path.mkdir()
        with locked(path, wait=True):
            if not path.is_dir():  # another run took it for stale before it was locked
                continue
            try:
                yield path
            finally:
                shutil.rmtree(path, ignore_errors=True)  # after an exchange this is the earlier report
            return


def _keep_strangers(target: Path, aside: Path) -> None:
    """Bring files that Coley did not write into the new report (by a second link, where the disk can)."""
    ours = {MANIFEST, *(read_manifest(target) or {"files": {}})["files"]}
    for name in _files(target):
        if name in ours:
            continue
        kept = aside / name
        if os.path.lexists(kept) or not all(p.is_dir() for p in kept.parents if os.path.lexists(p)):
            raise UnwritableOutput(
                "The new report would overwrite a file that Coley did not write.",
                where=str(target / name),
                remedy="Move it elsewhere, or choose another folder with --out.",
            )
        kept.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(target / name, kept, follow_symlinks=False)
        except OSError:
            shutil.copy2(target / name, kept, follow_symlinks=False)


def _files(folder: Path) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in (*files, *links):
            yield (Path(here) / name).relative_to(folder).as_posix()


def _swap(aside: Path, target: Path) -> None:
    """Put `aside` in the place of `target`: by rename, by exchange, or else in two steps with recovery."""
    if target.is_dir():
        shutil.copymode(target, aside)
    try:
        aside.rename(target)  # POSIX: also over an empty folder
    except OSError:
        if not target.is_dir():
            raise
        if not exchange(aside, target):
            earlier = _earlier(target)
            target.rename(earlier)
            try:
                aside.rename(target)
            except OSError:
                earlier.rename(target)
                raise
            shutil.rmtree(earlier, ignore_errors=True)
    flush_entry(target.parent)
