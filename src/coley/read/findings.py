"""Findings about rows of a table that is being read: file, lines, column, values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coley.model.answer import Check, Level, Where
from coley.read.facts import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.read.raw import RawTable

LONGEST_VALUE = 60  # letters of a value that are shown


@dataclass(frozen=True, slots=True)
class Place:
    """A column of a file, for findings about its rows."""

    raw: RawTable
    column: str

    def rows(self, mask: pl.Series, texts: pl.Series) -> Where:
        """Return the first lines in which `mask` holds, with the different values seen there."""
        most = limits()["lines_named"]
        rows = mask.fill_null(value=False).arg_true()
        values = texts.gather(rows).drop_nulls().unique(maintain_order=True).head(most)
        return Where(
            self.raw.file,
            tuple(self.raw.line(row) for row in rows.head(most).to_list()),
            self.column,
            tuple(str(value)[:LONGEST_VALUE] for value in values),
        )

    def check(
        self,
        name: str,
        level: Level,
        message: str,
        *,
        remedy: str = "",
        cause: str = "",
        where: Where | None = None,
    ) -> Check:
        """Return a finding at this place."""
        return Check(name, level, message, remedy, cause, where or Where(self.raw.file, (), self.column))


def merged(checks: Sequence[Check]) -> list[Check]:
    """Return findings that say the same of several files as one, in the order of their first.

    The lines are those of the first file, since a finding names one place.

    Examples
    --------
    >>> same = [Check("a", "warn", "Sex is coded.", where=Where(f"w.xlsx[{i}]", (2,))) for i in "xyz"]
    >>> found = merged(same)
    >>> len(found), found[0].message
    (1, 'Sex is coded. (The same in w.xlsx[y], w.xlsx[z].)')
    """
    groups: dict[tuple[str, str, str, str], list[Check]] = {}
    for check in checks:
        groups.setdefault((check.name, check.level, check.message, check.remedy), []).append(check)
    found = []
    for first, *others in groups.values():
        files = [other.where.file for other in others if other.where]
        again = f" (The same in {', '.join(files)}.)" if files else ""
        found.append(replace(first, message=first.message + again))
    return found
