"""A cohort written as a reference, in one step and never over a file that is something else."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting, UnreadableInput, UnwritableOutput
from coley.run.disk import flush_entry

if TYPE_CHECKING:
    from coley.biology.scoring import Reference


def read_reference(path: Path) -> Reference:
    """Read a reference.

    Raises
    ------
    UnreadableInput
        Where the file is not one that `write_reference` wrote.
    """
    from coley.biology.scoring.reference_file import load

    try:
        return load(path.expanduser())
    except UnreadableInput as error:
        remedy = "Make it again: coley score COHORT --freeze FILE."
        raise UnreadableInput(error.what, where=error.where, cause=error.cause, remedy=remedy) from None


def check_place(path: Path, used: Path | None) -> None:
    """Make sure that a reference may be written to `path`.

    Parameters
    ----------
    path
        Where to.
    used
        The reference that samples are scored against, if any.

    Raises
    ------
    UnwritableOutput
        Where there is a folder, or a file that is no reference.
    InvalidSetting
        Where it is the reference that is being used.
    """
    from coley.biology.scoring.reference_file import load

    place = path.expanduser()
    if used is not None and place.resolve() == used.expanduser().resolve():
        raise InvalidSetting(
            "The reference would be replaced by the cohort that is scored against it.",
            where=str(place),
            remedy="Give --freeze another file.",
        )
    if not place.exists():
        return
    if place.is_file():
        with contextlib.suppress(UnreadableInput):
            load(place)
            return
    raise UnwritableOutput(
        "What lies there is no reference of Coley's; nothing was touched.",
        where=str(place),
        remedy="Give --freeze another file.",
    )


def write_reference(reference: Reference, path: Path) -> Path:
    """Write a reference aside, then put it in its place.

    Returns
    -------
    Path
        The file, absolute.

    Raises
    ------
    UnwritableOutput
        Where it cannot be written; an earlier reference is then whole.
    """
    from coley.biology.scoring.reference_file import save

    place = path.expanduser().resolve()
    aside = place.parent / f".coley-{secrets.token_hex(6)}.aside"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        save(reference, aside)
        flush_entry(aside)
        aside.replace(place)
    except OSError as error:
        raise UnwritableOutput(
            f"The scores were written, but the reference could not be: {error.strerror or type(error).__name__}.",
            where=str(place),
            remedy="Give --freeze a file in a folder that you may write to.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
    return place
