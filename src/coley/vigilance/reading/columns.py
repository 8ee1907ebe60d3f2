"""Fields of many lines to columns of a relation, in the kinds and units of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coley.vigilance.reading import facts, kernels
from coley.vigilance.schema import RAW

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coley.vigilance.reading.layout import Field, Layout
    from coley.vigilance.reading.log import Counter

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "date": pa.int32(),
    "flag": pa.bool_(),
}
_PARSERS: dict[str, Callable[..., Any]] = {
    "whole": kernels.whole,
    "date": kernels.date,
    "number": kernels.number,
}


def schema_of(relation: str) -> pa.Schema:
    """Return the columns of a relation of `schema.RAW` as Arrow types.

    Examples
    --------
    >>> schema_of("outcomes").types
    [DataType(int64), DataType(string)]
    """
    return pa.schema([(column.name, ARROW[column.kind]) for column in RAW[relation].columns])


class Columns:
    """The columns of a block of lines: each is asked for by name, and what could not be read is counted.

    Parameters
    ----------
    block
        (bytes,) uint8, the text.
    starts, stops
        (slots, n) int32, where the fields lie in it.
    lines
        (n,) number of the line of each row, for messages.
    """

    def __init__(
        self,
        block: NDArray[np.uint8],
        bounds: tuple[NDArray[np.int32], NDArray[np.int32]],
        lines: NDArray[np.int64],
        altered: Counter,
    ) -> None:
        self._block, self._bounds, self._lines, self._altered = block, bounds, lines, altered

    def table(self, layout: Layout) -> pa.Table:
        """Return the rows as a table of the whole relation; columns that the file lacks are null."""
        schema, n = schema_of(layout.relation), len(self._lines)
        read = {field.wanted.column.name: self._column(field, layout.relation) for field in layout.fields}
        return pa.table(
            [read.get(name, pa.nulls(n, schema.field(name).type)) for name in schema.names], schema=schema
        )

    def _column(self, field: Field, relation: str) -> pa.Array:
        column = field.wanted.column
        known = facts.codes("faers", relation, column.name)
        if known:
            return self._coded(field, known)
        if column.kind in _PARSERS:
            array = self._parsed(field)
        else:
            texts = [self.text(slot) for slot in field.slots]
            if column.name == "country":
                texts = [_countries(text) for text in texts]
            array = pc.coalesce(*texts)
        return array

    def _trimmed(self, slot: int) -> Any:
        starts, stops = self._bounds
        return kernels.trim(self._block, starts[slot], stops[slot])

    def text(self, slot: int) -> pa.Array:
        """Return the text of a slot, trimmed, null where empty."""
        data, offsets, valid = kernels.gather(self._block, *self._trimmed(slot))
        buffers = [pa.py_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.string(), len(self._lines), buffers)

    def _parsed(self, field: Field) -> pa.Array:
        column = field.wanted.column
        first, last, _ = self._trimmed(field.slots[0])
        values, state = _PARSERS[column.kind](self._block, first, last)
        wrong = np.flatnonzero(state == kernels.WRONG)
        if len(wrong):
            row = wrong[0]
            shown = self._block[first[row] : last[row]].tobytes().decode(errors="replace")
            word = {"date": "no date", "whole": "no whole number", "number": "no number"}[column.kind]
            self._count(f"{column.name}: {word}, null", wrong, shown)
        missing = state != kernels.READ
        if field.wanted.quantity:
            values, missing = self._scaled(field, values, missing)
        return pa.array(values, ARROW[column.kind], mask=missing)

    def _scaled(
        self, field: Field, values: NDArray[np.float64], missing: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return numbers in the unit of the schema; without a known unit a number means nothing."""
        name, known = field.wanted.column.name, facts.factors(field.wanted.quantity)
        factor = np.full(len(values), np.nan)
        if field.unit_slots:
            words, codes = _words(self.text(field.unit_slots[0]))
            factor = np.array([*(known.get(word, np.nan) for word in words), np.nan])[codes]
            unknown = np.array([*(word not in known for word in words), False])[codes] & ~missing
            rows = np.flatnonzero(unknown)
            if len(rows):
                self._count(f"{name}: unknown unit, null", rows, words[codes[rows[0]]])
            without = np.flatnonzero((codes == len(words)) & ~missing)
        else:
            without = np.flatnonzero(~missing)
        self._count(f"{name}: no unit, null", without)
        return values * np.nan_to_num(factor), missing | np.isnan(factor)

    def _coded(self, field: Field, known: dict[str, str | None]) -> pa.Array:
        """Return a column whose words are few and known; other words are null and counted."""
        column = field.wanted.column
        words, codes = _words(self.text(field.slots[0]))
        rows = np.flatnonzero(np.array([*(word not in known for word in words), False])[codes])
        if len(rows):
            self._count(f"{column.name}: unknown code, null", rows, words[codes[rows[0]]])
        meanings: list[Any] = [known.get(word) for word in words]
        if column.kind == "flag":
            meanings = [None if value is None else value == "true" for value in meanings]
        return pa.array([*meanings, None], ARROW[column.kind]).take(pa.array(codes))

    def _count(self, reason: str, rows: NDArray[np.int64], example: str = "") -> None:
        if len(rows):
            self._altered.add(reason, self._lines[rows[:10]].tolist(), count=len(rows), example=example)


def _words(array: pa.Array) -> tuple[list[str], NDArray[np.int64]]:
    """Return the distinct words, upper case, and the number of each row's word; the last number means none."""
    encoded = array.dictionary_encode()
    words = [word.upper() for word in encoded.dictionary.to_pylist()]
    return words, encoded.indices.fill_null(len(words)).to_numpy().astype(np.int64)


def _countries(array: pa.Array) -> pa.Array:
    """Return codes for the names of countries; what is no known name, such as a code, stands as written."""
    encoded = array.dictionary_encode()
    known = facts.countries()
    words = [known.get(word.upper(), word) for word in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)
