"""What Coley's own CSVs hold before a formula, taken off again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coley.model.csv_out import FORMULA_START

if TYPE_CHECKING:
    import polars as pl

_GUARDED = "^'(" + FORMULA_START.removeprefix("^") + ")"


def plain_text(text: str) -> str:
    """Return the text without the apostrophe that `coley.model.csv_out` put before a formula.

    Examples
    --------
    >>> plain_text("'=1+1"), plain_text("'tis")
    ('=1+1', "'tis")
    """
    return re.sub(_GUARDED, r"\1", text)


def plain_cells(texts: pl.Expr) -> pl.Expr:
    """Return the expression on text without those apostrophes."""
    return texts.str.replace(_GUARDED, "$1")
