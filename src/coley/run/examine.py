"""Studies read and examined, one after the other; several of them also against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.study import WHERE_COLUMN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coley.model.answer import Check
    from coley.model.study import Study
    from coley.run.steps import Progress


@dataclass(frozen=True, eq=False)
class Examined:
    """A study and what the doctor found in it."""

    study: Study
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.level == "fail")

    @property
    def shapes(self) -> tuple[tuple[str, int, int], ...]:
        """Name, rows and columns of each table."""
        return tuple(
            (name, frame.height, len([c for c in frame.columns if c != WHERE_COLUMN]))
            for name, frame in self.study.tables.items()
        )


def examine_all(sources: Sequence[Path | str], *, progress: Progress) -> tuple[Examined, ...]:
    """Read each source and examine it; what two of them share is told with the first of the two.

    Parameters
    ----------
    sources
        Folders or files.
    progress
        Called with the step, the steps done and their number.

    Raises
    ------
    UnreadableInput
        Where one of them is not a study.
    """
    from coley.read import read
    from coley.read.doctor import examine

    steps = 2 * len(sources)
    studies = []
    for i, source in enumerate(sources):
        progress(f"Reading {source}", i, steps)
        studies.append(read(source))
    examined = []
    for i, study in enumerate(studies):
        progress(f"Examining {study.name}", len(studies) + i, steps)
        examined.append(Examined(study, (*study.notes, *examine(study, others=studies[i + 1 :]))))
    return tuple(examined)
