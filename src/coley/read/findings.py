"""Findings about rows of a table that is being read: file, lines, column, values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.answer import Check, Level, Where
from coley.read.facts import limits

if TYPE_CHECKING:
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
