"""Frames as rows of text for the page, and as files to take away from within it."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from coley.model.answer_json import to_dict
from coley.model.csv_out import write_csv
from coley.report.clean import clean
from coley.report.words import format_number, format_p, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from coley.model.answer import Answer

SHOWN_ROWS = 25  # of a table in the page; a curve of 800 steps is read in the file, not on paper
P_COLUMNS = frozenset({"p", "p_adjusted", "p_value"})
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page prints it: heads, which columns are numbers, cells, and how many rows it holds."""

    name: str
    title: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int
    csv: str
    file: str

    @property
    def left_out(self) -> int:
        """Rows that are in the file alone."""
        return self.height - len(self.rows)


def shown(name: str, frame: pl.DataFrame) -> Shown:
    """Return the first rows of a frame in words, with the whole of it as a file."""
    numeric = tuple(dtype.is_numeric() for dtype in frame.dtypes)
    rows = tuple(
        tuple(_cell(head, value) for head, value in zip(frame.columns, row, strict=True))
        for row in frame.head(SHOWN_ROWS).iter_rows()
    )
    return Shown(
        clean(name),
        in_words(clean(name)),
        tuple(in_words(clean(head)) for head in frame.columns),
        numeric,
        rows,
        frame.height,
        csv_uri(frame),
        file_name(name, "csv"),
    )


def _cell(head: str, value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if head in P_COLUMNS and isinstance(value, float):
        return format_p(value)
    return format_number(value) if isinstance(value, (int, float)) else clean(value)


def csv_uri(frame: pl.DataFrame) -> str:
    """Return a frame as a link that saves it as CSV, without network or script."""
    buffer = BytesIO()
    write_csv(frame, buffer)
    return f"data:text/csv;charset=utf-8,{quote(buffer.getvalue(), safe=',;:/()+*')}"


def json_uri(answers: Iterable[Answer]) -> str:
    """Return answers, tables and all, as a link that saves them as JSON."""
    text = json.dumps(
        [_finite(to_dict(answer)) for answer in answers], ensure_ascii=True, allow_nan=False, default=str
    )
    return f"data:application/json;base64,{base64.b64encode(text.encode()).decode()}"


def _finite(value: Any) -> Any:
    """JSON has neither NaN nor infinity: they become null."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def file_name(name: str, suffix: str) -> str:
    """Return a name that is a safe file name everywhere.

    Examples
    --------
    >>> file_name("../survival os", "csv")
    'survival_os.csv'
    """
    kept = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "_" for letter in name
    )
    return f"{kept.strip('_')[:80] or 'table'}.{suffix}"


def columns_used(rows: Sequence[Any], names: Sequence[str]) -> dict[str, bool]:
    """Say of each attribute whether any row has it."""
    return {name: any(getattr(row, name) not in (None, "") for row in rows) for name in names}
