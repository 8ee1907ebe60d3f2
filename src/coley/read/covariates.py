"""The further columns of a table: kept under their own names, with the type that all their values have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_LEADING_ZERO = r"^[+-]?0\d"  # an identifier such as 0040, not a number
_LONG = r"^\d{16,}$"  # digits that a float64 cannot hold


def infer_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with each column of text turned into numbers or flags where every value is one.

    Parameters
    ----------
    frame
        Missing is null. Columns that are typed already stay as they are, but NaN and infinity become null.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"site": ["0040", "0041"], "ki67": ["12.5", None], "fish": ["TRUE", "false"]})
    >>> [str(dtype) for dtype in infer_types(frame).dtypes]
    ['String', 'Float64', 'Boolean']
    """
    import polars as pl
    import polars.selectors as cs

    frame = frame.with_columns(pl.when(cs.float().is_finite()).then(cs.float()).name.keep())
    text = frame.select(cs.string())
    text = text.select(name for name in text.columns if text[name].null_count() < text.height)
    numbers = text.select(pl.all().cast(pl.Float64, strict=False))
    label = text.select(pl.all().str.contains(f"{_LEADING_ZERO}|{_LONG}").any())
    numeric = [
        name
        for name in text.columns
        if numbers[name].null_count() == text[name].null_count() and not label[name][0]
    ]
    whole = text.select(pl.col(numeric).cast(pl.Int64, strict=False))
    numbers = numbers.select(pl.when(cs.by_name(numeric).is_finite()).then(cs.by_name(numeric)).name.keep())
    typed = [
        whole[name] if whole[name].null_count() == text[name].null_count() else numbers[name]
        for name in numeric
    ]
    flags = _flags(text.drop(numeric))
    return frame.with_columns(*typed, *(pl.col(name).str.to_lowercase() == "true" for name in flags))


def _flags(text: pl.DataFrame) -> list[str]:
    import polars as pl

    if not text.width:
        return []
    flags = text.select(pl.all().str.to_lowercase().is_in(["true", "false"]).all())
    return [name for name in text.columns if flags[name][0]]
