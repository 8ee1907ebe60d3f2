"""A header line to a layout: which table this is, of which vintage, and where its columns lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coley.vigilance.reading.facts import Wanted

# How a delimiter is called when another than the expected one is met.
_DELIMITERS = {"$": "$", ",": "comma", "|": "|", "\t": "tab", ";": "semicolon"}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the relation and the fields that hold it and its unit, as slots of the layout."""

    wanted: Wanted
    slots: tuple[int, ...]
    unit_slots: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the columns of one file lie.

    Attributes
    ----------
    relation, vintage
        The relation it gives; AERS, FAERS 2012Q4, FAERS 2014Q3 or FAERS (where the table tells no more).
    slot_of_field
        (fields,) int16, the slot of each field of a line, -1 for fields that are not read; the key has slot 0.
    fields
        The columns that this file can give, the key first.
    """

    relation: str
    vintage: str
    slot_of_field: NDArray[np.int16]
    fields: tuple[Field, ...]

    @property
    def n_slots(self) -> int:
        """Number of fields of each line that are read."""
        return int(self.slot_of_field.max()) + 1


def names_of(line: str, delimiter: str) -> tuple[str, ...]:
    r"""Return the names in a header line, lower case, without a byte order mark, quotes and an empty last one.

    Examples
    --------
    >>> names_of('\ufeffISR$"OUTC_COD"$\r\n', "$")
    ('isr', 'outc_cod')
    """
    names = [
        name.strip().strip('"').strip().lower()
        for name in line.lstrip("\ufeff").rstrip("\r\n").split(delimiter)
    ]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def relation_of(names: Sequence[str], fmt: str = "faers") -> str:
    """Return the relation that a table with these headers gives, or an empty text.

    Examples
    --------
    >>> relation_of(["isr", "pt"]), relation_of(["patient", "response"])
    ('reactions', '')
    """
    here = set(names)
    if not here.intersection(facts.wanted(fmt, "reports")[0].headers):
        return ""
    return next((t.relation for t in facts.tables(fmt) if any(mark <= here for mark in t.marks)), "")


def delimiter_of(line: str) -> str:
    """Return the delimiter under which a header line is that of a FAERS table, or an empty text."""
    return next((mark for mark in _DELIMITERS if relation_of(names_of(line, mark))), "")


def layout_of(names: Sequence[str], where: str) -> Layout:
    """Return the layout of a FAERS or AERS table.

    Raises
    ------
    UnreadableInput
        Where a name that is needed stands in the header twice.
    """
    relation = relation_of(names)
    fields, used = [], []

    def place(headers: tuple[str, ...]) -> tuple[int, ...]:
        present = [header for header in headers if header in names]
        for header in present:
            if names.count(header) > 1:
                raise UnreadableInput(
                    f"The header names {header} {names.count(header)} times.",
                    where=f"{where}, line 1",
                    cause="Tables pasted side by side, or a header that was edited.",
                    remedy="Take the file as the FDA publishes it.",
                )
            if header not in used:
                used.append(header)
        return tuple(used.index(header) for header in present)

    for column in facts.wanted("faers", relation):
        slots = place(column.headers)
        if slots:
            fields.append(Field(column, slots, place(column.unit_headers)))
    slot_of_field = np.array([used.index(name) if name in used else -1 for name in names], np.int16)
    return Layout(relation, _vintage(names), slot_of_field, tuple(fields))


def _vintage(names: Sequence[str]) -> str:
    if "isr" in names:
        return "AERS"
    if "gndr_cod" in names or ("drugname" in names and "prod_ai" not in names):
        return "FAERS 2012Q4"
    if "sex" in names or "prod_ai" in names:
        return "FAERS 2014Q3"
    return "FAERS"


def wrong_delimiter(line: str, where: str) -> UnreadableInput:
    """Return the error of a FAERS table whose fields are not separated by a dollar sign."""
    seen = delimiter_of(line)
    return UnreadableInput(
        f"The fields are separated by {_DELIMITERS.get(seen, seen)!r}, not by '$'.",
        where=f"{where}, line 1",
        cause="The file was saved again by a spreadsheet or another program.",
        remedy="Take the file as the FDA publishes it; what a spreadsheet did to dates and long numbers is lost.",
    )
