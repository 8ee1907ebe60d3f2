"""Dataframes of any library to a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coley.model.dictionary import tables as dictionary_tables
from coley.model.errors import UnknownName, UnreadableInput
from coley.model.study import About, Study
from coley.read.mapping import canonical
from coley.read.raw import RawTable

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check


def study_of(source: Any, *, name: str, about: About) -> Study:
    """Return the study in a dataframe of patients, or in dataframes by name of table.

    Parameters
    ----------
    source
        Any eager or lazy frame that narwhals accepts (polars, pandas, pyarrow, modin ...), or a mapping from
        the name of a table to such a frame. Columns are recognised by their names; rows are counted from 0.

    Raises
    ------
    UnknownName
        For a table that the dictionary does not have.
    UnreadableInput
        For something that is no frame, and as `canonical`.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"patient_id": ["a"], "os_days": [61], "os_status": ["1:DECEASED"]})
    >>> study_of(frame, name="tiny", about=About()).patients["os_event"].to_list()
    [True]
    """
    given = source if isinstance(source, Mapping) else {"patients": source}
    frames: dict[str, pl.DataFrame] = {}
    notes: list[Check] = []
    for table, frame in given.items():
        if table not in dictionary_tables():
            raise UnknownName("table", str(table), dictionary_tables())
        frames[table], found = canonical(
            RawTable(to_polars(frame), table, 0), table, panel_megabases=about.panel_megabases
        )
        notes += found
    return Study(name, frames, about, (), tuple(notes))


def to_polars(frame: Any) -> pl.DataFrame:
    """Return any dataframe as a polars frame.

    Raises
    ------
    UnreadableInput
        For something that is no dataframe.
    """
    import narwhals as nw
    import polars as pl

    try:
        known = nw.from_native(frame)
    except TypeError:
        raise UnreadableInput(
            f"A study cannot be read from a {type(frame).__name__}.",
            remedy="Give a path, a dataframe of patients, or a mapping from table name to dataframe.",
        ) from None
    eager = known.collect() if isinstance(known, nw.LazyFrame) else known
    if len(set(eager.columns)) < len(eager.columns):
        raise UnreadableInput("The dataframe uses a column name twice.", remedy="Rename the columns.")
    try:
        return eager.to_polars()
    except (ImportError, TypeError, ValueError, pl.exceptions.PolarsError):
        # a pandas column of mixed Python objects, or pandas without pyarrow
        return pl.DataFrame({str(name): _series(eager[name].to_list()) for name in eager.columns})


def _series(values: list[Any]) -> pl.Series:
    import polars as pl

    try:
        return pl.Series(values=values)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series(
            values=[None if value is None or value != value else str(value) for value in values],
            dtype=pl.String,
        )
