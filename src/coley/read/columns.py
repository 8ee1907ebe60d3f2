"""Which column of a file is which column of the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coley.model.dictionary import normalise
from coley.model.errors import UnreadableInput, nearest
from coley.read.kinds import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.model.dictionary import Table

LONGEST_NAME = 200  # letters; a longer header is prose
MISSPELT = 0.8  # likeness above which an unknown name is a misspelt name of the dictionary, not a covariate


class ColumnMap(BaseModel):
    """How a column of the dictionary is found in a file: a column with its unit or codes, or one value.

    Examples
    --------
    >>> ColumnMap.model_validate("PFS").column
    'PFS'
    >>> ColumnMap(column="PFS.CNSR", codes={"0": True, "1": False}).coding
    {'0': 'true', '1': 'false'}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str | None = Field(None, description="name of the column in the file")
    unit: str = Field("", description="unit of its values, where it is not that of the dictionary")
    codes: dict[str, bool | int | float | str] = Field(
        default_factory=dict, description="values of the file = values of the dictionary"
    )
    missing: list[str] = Field(
        default_factory=list, description="further spellings of missing in this column"
    )
    value: bool | int | float | str | None = Field(None, description="one value for all rows")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, given: object) -> object:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_of(self) -> ColumnMap:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either column (its name in the file) or value (one value for all rows)")
        return self

    @property
    def coding(self) -> dict[str, str]:
        """The codes as text, the form in which values are read."""
        return {key: as_word(value) for key, value in self.codes.items()}


@dataclass(frozen=True, slots=True)
class Match:
    """A column of the dictionary (or a covariate) and where its values come from."""

    name: str
    map: ColumnMap
    guessed: bool


def as_word(value: bool | float | str) -> str:
    """Return a value of a manifest as it would stand in a file.

    Examples
    --------
    >>> as_word(True), as_word(3), as_word("NSCLC")
    ('true', '3', 'NSCLC')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def named(
    columns: Mapping[str, ColumnMap], table: Table, present: Sequence[str], file: str
) -> dict[str, Match]:
    """Return the matches that a manifest names.

    Raises
    ------
    UnreadableInput
        For a name that misspells one of the dictionary, and for a column that the file does not have.
    """
    for name, given in columns.items():
        close = get_close_matches(name, table.columns, n=1, cutoff=MISSPELT)
        if name not in table.columns and (close or given.unit):
            raise UnreadableInput(
                f"Table {table.name!r} of the data dictionary has no column {name!r}.",
                where=f"[tables.{table.name}.columns]",
                remedy=f"Did you mean {close[0]!r}?" if close else "A covariate of your own has no unit.",
            )
        if given.column is not None and given.column not in present:
            like = nearest(given.column, present)
            raise UnreadableInput(
                f"{file} has no column {given.column!r}, which {table.name}.{name} is to be read from.",
                where=f"{file}; its columns: {naming(present)}",
                remedy=f"Did you mean {like!r}?" if like else "Name one of its columns.",
            )
    return {
        name: Match(name, _declared(given, table, name), guessed=False) for name, given in columns.items()
    }


def candidates(table: Table, present: Sequence[str]) -> dict[str, list[Match]]:
    """Return, for each column of the dictionary, the columns of the file that bear a name of it."""
    by_name: dict[str, list[str]] = {}
    for column in present:
        if len(column) <= LONGEST_NAME:
            by_name.setdefault(_key(column), []).append(column)
    found: dict[str, list[Match]] = {}
    for name, known in table.columns.items():
        matches = [
            Match(name, ColumnMap(column=column, unit=unit), guessed=True)
            for synonym, unit in known.synonyms.items()
            for column in by_name.get(synonym, [])
        ]
        if matches:
            found[name] = matches
    return found


@lru_cache(maxsize=1 << 16)  # a header is compared with every table of the dictionary
def _key(name: str) -> str:
    return normalise(name)


def _declared(given: ColumnMap, table: Table, name: str) -> ColumnMap:
    """Add the unit that the column's own name declares (PFS_CNSR: censored), where nothing else was said."""
    if given.unit or given.codes or given.column is None or name not in table.columns:
        return given
    unit = table.columns[name].synonyms.get(normalise(given.column), "")
    return given.model_copy(update={"unit": unit}) if unit else given
