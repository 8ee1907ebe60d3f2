"""The cells of a column as stripped text, with every spelling of missing as null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.read.cells import plain_cells
from coley.read.facts import missing_spellings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

_EXACT = 2**53  # whole numbers up to here are exact in float64


def spellings(further: Iterable[str] = (), *, usual: bool = True) -> frozenset[str]:
    """Return the spellings of missing in lower case: the usual ones and further ones.

    Examples
    --------
    >>> "[not available]" in spellings(), "-9" in spellings(["-9"])
    (True, True)
    """
    known = missing_spellings() if usual else ()
    return frozenset((*known, *(text.strip().lower() for text in further)))


def words(series: pl.Series, blank: frozenset[str], *, column: str) -> pl.Series:
    """Return a column as stripped text, null where it is missing.

    Parameters
    ----------
    series
        Of any type; whole numbers that are stored as floating point lose their ".0".
    blank
        Spellings of missing in lower case.
    column
        Name in the dictionary: a best response of NE is a value, elsewhere NE is missing.

    Examples
    --------
    >>> import polars as pl
    >>> words(pl.Series([" NE ", "cr", "N/A"]), spellings(), column="response").to_list()
    ['NE', 'cr', None]
    >>> words(pl.Series([7.0, 40.0]), spellings(), column="patient_id").to_list()
    ['7', '40']
    """
    import polars as pl

    values = {text for text, where in missing_spellings().items() if where and where == column}
    texts = _as_text(series)
    return (
        texts.to_frame("text").select(_blanked(pl.col("text"), blank - values)).to_series().alias(series.name)
    )


def blank_out(frame: pl.DataFrame, blank: frozenset[str]) -> pl.DataFrame:
    """Return the frame with its columns of text stripped and missing as null; nested columns are left out."""
    import polars.selectors as cs

    plain = frame.drop(cs.nested() | cs.object() | cs.binary())
    return plain.with_columns(_blanked(cs.string(), blank))


def _blanked(texts: pl.Expr, blank: frozenset[str]) -> pl.Expr:
    import polars as pl

    text = plain_cells(texts).str.strip_chars()
    return pl.when(~text.str.to_lowercase().is_in(sorted(blank))).then(text).name.keep()


def _as_text(series: pl.Series) -> pl.Series:
    import polars as pl

    if series.dtype.is_float():
        held = series.fill_nan(None)
        finite = held.filter(held.is_finite())
        if (
            len(finite) == len(held.drop_nulls())
            and ((finite == finite.round()) & (finite.abs() < _EXACT)).all()
        ):
            held = held.cast(pl.Int64)
        return held.cast(pl.String)
    if series.dtype == pl.Boolean:
        return series.cast(pl.String).str.to_lowercase()
    if series.dtype.is_nested() or series.dtype in (pl.Object, pl.Binary):
        return pl.Series(series.name, [None if v is None else str(v) for v in series], dtype=pl.String)
    return series.cast(pl.String)
