"""Tables to CSV that a spreadsheet may open: no cell that Coley writes is a live formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    import polars as pl

# A text cell that starts so is run as a formula by Excel, LibreOffice or Google Sheets (OWASP, "CSV
# injection"; the full-width forms are what East Asian versions of Excel accept as well).
FORMULA_START = r"^[=+\-@\t\r\n＝＋－＠]"


def harmless(text: str) -> str:
    """Return `text` with a leading apostrophe where a spreadsheet would take it for a formula.

    Examples
    --------
    >>> harmless("=cmd|' /C calc'!A0"), harmless("PD-L1")
    ("'=cmd|' /C calc'!A0", 'PD-L1')
    """
    return f"'{text}" if re.match(FORMULA_START, text) else text


def write_csv(frame: pl.DataFrame, path: Path | IO[bytes]) -> None:
    """Write a frame as UTF-8 CSV with text that no spreadsheet executes; numbers stay numbers.

    Parameters
    ----------
    frame
        One row per fact. Missing is written as an empty cell.
    path
        The file, whose folder must exist, or an open binary one.

    Examples
    --------
    >>> import polars as pl, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_csv(pl.DataFrame({"arm": ["=1+1", None], "change": [-2.5, 1.0]}), path)
    >>> path.read_text().splitlines()
    ['arm,change', "'=1+1,-2.5", ',1.0']
    """
    import polars as pl
    import polars.selectors as cs

    text = frame.with_columns(cs.categorical().cast(pl.String), cs.enum().cast(pl.String))
    guarded = text.with_columns(
        pl.when(column.str.contains(FORMULA_START))
        .then(pl.concat_str(pl.lit("'"), column))
        .otherwise(column)
        .alias(column.name)
        for column in text.select(cs.string()).iter_columns()
    )
    guarded.rename({name: harmless(name) for name in guarded.columns}).write_csv(path)
