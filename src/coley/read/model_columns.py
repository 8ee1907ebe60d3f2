"""Columns of the files that a model file names: there, in the unit that is said, and numbers throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.errors import UnreadableInput, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from coley.read.raw import RawTable

UNITS_OF_TIME = ("days", "weeks", "months", "years")


def numbers(
    raw: RawTable, names: Sequence[str], place: str, *, gaps: bool = False
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return columns of numbers, (rows, columns).

    Parameters
    ----------
    raw
        The file.
    names
        Of the columns.
    place
        Which curve asks, for messages.
    gaps
        Whether a cell may be empty; its row is then left out.

    Raises
    ------
    UnreadableInput
        For a column that is not there, a word that is no number, and an empty cell.
    """
    import polars as pl

    for name in names:
        there(raw, name, place)
        made = raw.frame[name].cast(pl.Float64, strict=False)
        odd = made.is_null() & raw.frame[name].is_not_null()
        if not gaps:
            odd = odd | made.is_null()
        if odd.any():
            row = int(odd.arg_true()[0])
            word = raw.frame[name][row]
            held = f"holds {word!r}, which is no number" if word is not None else "is empty in a row"
            raise UnreadableInput(
                f"{name} of {raw.file} {held}.",
                where=f"{raw.file}:{raw.line(row)}",
                remedy="Write numbers with a decimal point and without units"
                + ("; leave a cell empty where there is none." if gaps else "."),
            )
    frame = raw.frame.select(pl.col(name).cast(pl.Float64).alias(str(i)) for i, name in enumerate(names))
    return frame.drop_nulls().to_numpy()


def there(raw: RawTable, name: str, place: str) -> None:
    """Refuse a column that the file does not have, with the nearest that it has."""
    if name not in raw.frame.columns:
        close = nearest(name, raw.frame.columns)
        raise UnreadableInput(
            f"{raw.file} has no column {name!r}, which {place} names.",
            where=f"columns: {', '.join(raw.frame.columns)}",
            remedy=f"Did you mean {close!r}?" if close else "Name one of its columns.",
        )


def alike(column: str, unit: str, place: str) -> None:
    """Refuse a column whose name tells another unit of time than the model file does."""
    told = column.lower().rsplit("_", 1)[-1]
    if told in UNITS_OF_TIME and told != unit:
        raise UnreadableInput(
            f"{place} reads the column {column!r} in {unit}.",
            cause="its name says otherwise",
            remedy=f'Write time_unit = "{told}", or name the column by what it holds.',
        )
