"""Frames as rows of text for the page, and as files to take away from within it."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from coley.model.answer_json import to_dict
from coley.model.csv_out import write_csv
from coley.report.clean import clean
from coley.report.words import decimals_for, format_bytes, format_number, format_p, in_words, is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from coley.model.answer import Answer

EMBEDDED = (
    128 * 1024
)  # bytes of a table in the page itself; a larger one lies beside it, where there is a folder
SHOWN_ROWS = 25  # of a table in the page; a curve of 800 steps is read in the file, not on paper
P_COLUMN = re.compile(r"(.*_)?[pq](_adjusted|_value|_max_t)?")
KEYS = frozenset(
    {"quantity", "effect", "measure", "marker", "signature", "method", "endpoint"}
)  # hold names, not words
MISSING = "–"
SMALL, LEAST_DECIMALS, FINEST_SMALL = 10, 2, 10  # as ratios are written in text and figures


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page prints it: heads, which columns are numbers, cells, and how many rows it holds.

    `csv` is the whole of it as a link; `beside` is its size in words where the link leads to a file beside the page.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int
    csv: str
    file: str
    beside: str = ""

    @property
    def left_out(self) -> int:
        """Rows that are in the file alone."""
        return self.height - len(self.rows)


def shown(name: str, frame: pl.DataFrame, path: str = "") -> Shown:
    """Return the first rows of a frame in words, with the whole of it as a file.

    Parameters
    ----------
    name, frame
        The table.
    path
        The CSV beside the page that holds it, for a table that is too large to be in the page.
    """
    whole = csv_bytes(frame)
    beside = path and len(whole) > EMBEDDED
    numeric = tuple(dtype.is_numeric() for dtype in frame.dtypes)
    owners = _owners(frame.columns)
    rows = tuple(
        tuple(_cell(head, value, _digits(row, owners.get(head))) for head, value in row.items())
        for row in frame.head(SHOWN_ROWS).iter_rows(named=True)
    )
    return Shown(
        clean(name),
        in_words(clean(name), kind="table" if is_known(name, kind="table") else "name"),
        tuple(in_words(clean(head)) for head in frame.columns),
        numeric,
        rows,
        frame.height,
        quote(path) if beside else csv_uri(whole),
        file_name(name, "csv"),
        format_bytes(len(whole)) if beside else "",
    )


def _owners(heads: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Return column to the (estimate, low, high) that it is part of.

    >>> _owners(["n", "gain", "gain_low", "gain_high"])["gain_low"]
    ('gain', 'gain_low', 'gain_high')
    >>> _owners(["cohort", "ratio", "low", "high"])["ratio"]
    ('ratio', 'low', 'high')
    """
    found: dict[str, tuple[str, str, str]] = {}
    for i, head in enumerate(heads):
        stem, _, end = head.rpartition("low")
        high = f"{stem}high"
        if end or high not in heads or not (not stem or stem.endswith("_")):
            continue
        value = stem[:-1] if stem[:-1] in heads else heads[i - 1] if not stem and i else head
        found |= dict.fromkeys((value, head, high), (value, head, high))
    return found


def _digits(row: Mapping[str, Any], owner: tuple[str, str, str] | None) -> int | None:
    """Return how many decimals the interval of a cell deserves; None where it has none."""
    value, low, high = (row[name] for name in owner) if owner else (None, None, None)
    bounds = [n for n in (low, high) if isinstance(n, float) and math.isfinite(n)]
    if not bounds or not isinstance(value, float) or not math.isfinite(value):
        return None
    within = [n if n in bounds else None for n in (low, high)]
    if max(map(abs, (value, *bounds))) < SMALL:
        return max(LEAST_DECIMALS, decimals_for(within[0], within[1], value=value, finest=FINEST_SMALL))
    return decimals_for(within[0], within[1], value=value)


def _cell(head: str, value: Any, decimals: int | None = None) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and P_COLUMN.fullmatch(head):
        return format_p(value)
    if isinstance(value, (int, float)):
        return format_number(value, decimals=decimals if isinstance(value, float) else None)
    return key_in_words(head, clean(value)) if head in KEYS else clean(value)


def key_in_words(head: str, key: str) -> str:
    """Return the words of a key that stands in a column of keys.

    >>> key_in_words("quantity", "uno_c"), key_in_words("endpoint", "pfs")
    ("Uno's C", 'Progression-free survival')
    """
    kind = head if is_known(key, kind=head) else "name"
    return in_words(key, kind=kind)


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV."""
    buffer = BytesIO()
    write_csv(frame, buffer)
    return buffer.getvalue()


def csv_uri(whole: bytes) -> str:
    """Return CSV as a link that saves it, without network or script."""
    return f"data:text/csv;charset=utf-8,{quote(whole, safe=',;:/()+*')}"


def json_uri(answers: Iterable[Answer], beside: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return answers, tables and all, as a link that saves them as JSON.

    Tables that are too large for the page are named by their path, where `beside` (question to table to path) has one.
    """
    made = [_finite(_slim(answer, (beside or {}).get(answer.question, {}))) for answer in answers]
    text = json.dumps(made, ensure_ascii=True, allow_nan=False, default=str)
    return f"data:application/json;base64,{base64.b64encode(text.encode()).decode()}"


def _slim(answer: Answer, paths: Mapping[str, str]) -> dict[str, Any]:
    large = {name: path for name, path in paths.items() if len(csv_bytes(answer.tables[name])) > EMBEDDED}
    value = to_dict(answer)
    return {**value, "tables": {**value["tables"], **large}}


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
