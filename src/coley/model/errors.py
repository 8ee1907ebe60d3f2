"""The errors of Coley: what is wrong, where, the likely cause and the remedy, on one screen."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ColeyError(Exception):
    """Base of every error a user can meet; its text is written to be read by that user.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    where
        File, line, column or setting in which it was found.
    cause
        The likely cause.
    remedy
        What to do about it.

    Examples
    --------
    >>> print(ColeyError("Column os_months is missing.", where="patients.csv", remedy="Map it."))
    Column os_months is missing.
      where:  patients.csv
      remedy: Map it.
    """

    def __init__(self, what: str, *, where: str = "", cause: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.cause, self.remedy = what, where, cause, remedy

    def __str__(self) -> str:
        parts = (("where:  ", self.where), ("cause:  ", self.cause), ("remedy: ", self.remedy))
        return "\n".join([self.what, *(f"  {label}{text}" for label, text in parts if text)])


class UnreadableInput(ColeyError, ValueError):
    """A file, folder or frame that cannot be understood."""


class MissingData(ColeyError, ValueError):
    """The study lacks what was asked of it."""


class InvalidSetting(ColeyError, ValueError):
    """A setting that is unknown or out of range."""


class NotEstimable(ColeyError, ArithmeticError):
    """The data do not determine the number that was asked for."""


class DownloadFailed(ColeyError, OSError):
    """A published cohort could not be brought here whole."""


class UnwritableOutput(ColeyError, OSError):
    """A report cannot be written where it was asked for."""


class UnknownName(ColeyError, KeyError):
    """A name that no registry knows, with the nearest ones that it does know."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        close = nearest(name, known)
        super().__init__(
            f"There is no {kind} named {name!r}.",
            remedy=f"Did you mean {close!r}?" if close else f"Known: {', '.join(known) or 'none'}.",
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely misspells, or None.

    Examples
    --------
    >>> nearest("respnd", ["respond", "harm"])
    'respond'
    """
    by_lower = {word.lower(): word for word in known}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None
